"""How a procedure's status looks."""

from django import template
from django.template.loader import render_to_string
from django.utils.safestring import SafeString

from documents.models import SilenceProcedure
from documents.transitions import label_of

register = template.Library()

Status = SilenceProcedure.Status
TONES = {
    Status.RUNNING: "running",
    Status.DEADLINE_PASSED: "warning",
    Status.ADOPTED: "adopted",
    Status.BROKEN: "broken",
    Status.WINDOW_CLOSED: "neutral",
    Status.WITHDRAWN: "neutral",
    Status.ANNULLED: "broken",
}


@register.simple_tag
def silence_badge(status: str) -> SafeString:
    """The badge of a procedure's status."""
    status = Status(status)
    return render_to_string(
        "components/status_badge.html", {"label": status.label, "tone": TONES[status]}
    )


@register.simple_tag
def ledger_step(step: str) -> str:
    """A ledger step as a reader says it."""
    return label_of(step)
