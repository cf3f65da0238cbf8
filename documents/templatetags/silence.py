"""How a procedure's status looks."""

from django import template
from django.template.context import RequestContext
from django.template.loader import render_to_string
from django.utils.safestring import SafeString

from documents.models import SilenceProcedure
from documents.transitions import label_of
from meetings.models import Meeting

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


@register.simple_tag(takes_context=True)
def referred_to(context: RequestContext, meeting: Meeting) -> dict[int, list[SilenceProcedure]]:
    """The procedures whose texts were referred to a meeting and that the reader may see, by the
    id of their agenda item."""
    found: dict[int, list[SilenceProcedure]] = {}
    for one in (
        SilenceProcedure.objects.visible_to(context["request"].user)
        .filter(follow_up__agenda_item__meeting=meeting)
        .select_related("follow_up")
    ):
        found.setdefault(one.follow_up.agenda_item_id, []).append(one)
    return found


@register.simple_tag
def ledger_step(step: str) -> str:
    """A ledger step as a reader says it."""
    return label_of(step)
