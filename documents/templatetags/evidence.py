"""What proves a procedure to others: its certificate and its evidence bundle."""

from django import template

from documents.models import SilenceProcedure

register = template.Library()


@register.simple_tag
def evidence(procedure: SilenceProcedure) -> str:
    """The links to what proves a procedure; nothing where nothing is issued."""
    return ""
