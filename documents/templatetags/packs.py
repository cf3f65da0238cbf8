"""Packs of documents on the pages of meetings and of the portal."""

from collections.abc import Iterable

from django import template
from django.template import RequestContext

from documents.models import Pack
from documents.packfiles import reason
from meetings.models import Meeting

register = template.Library()
register.simple_tag(reason, name="left_out_because")


@register.simple_tag(takes_context=True)
def packs_of(context: RequestContext, meeting: Meeting) -> Iterable[Pack]:
    """The packs of a meeting that were sent and the reader may see."""
    return (
        Pack.objects.visible_to(context["request"].user)
        .filter(meeting=meeting, sent_at__isnull=False)
        .select_related("meeting")
        .order_by("kind", "-number")
    )


@register.simple_tag(takes_context=True)
def packs_to_confirm(context: RequestContext) -> Iterable[Pack]:
    """The packs that were sent to the reader and whose receipt they have not confirmed."""
    user = context["request"].user
    return (
        Pack.objects.visible_to(user)
        .filter(receipts__user=user, receipts__confirmed_at__isnull=True)
        .select_related("meeting")
    )
