"""How a procedure looks: its status, its effect in words, wording that was proposed."""

import datetime as dt
from typing import Any

from django import template
from django.template.context import RequestContext
from django.template.loader import render_to_string
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from almaty_portal.common.instants import write_day
from documents import redline
from documents.models import Effect, FollowUp, ObjectionPoint, SilenceProcedure
from documents.text import effect_in_short
from documents.transitions import label_of
from meetings.models import Meeting

register = template.Library()
register.filter(effect_in_short)

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
    """By the id of each agenda item to which a text was referred, the procedures that the reader
    may see; where there are none, the item is none for that reader (rule T6)."""
    items = FollowUp.objects.filter(agenda_item__meeting=meeting).values_list("agenda_item_id")
    found: dict[int, list[SilenceProcedure]] = {pk: [] for (pk,) in items if pk}
    for one in (
        SilenceProcedure.objects.visible_to(context["request"].user)
        .filter(follow_up__agenda_item__meeting=meeting)
        .select_related("follow_up")
    ):
        found.setdefault(one.follow_up.agenda_item_id, []).append(one)
    return found


@register.filter
def any_open(agenda: list[dict[str, Any]], referred: dict[int, list[SilenceProcedure]]) -> bool:
    """Whether the reader may see an item of an agenda: an empty table tells of hidden ones (T6)."""
    items = [item for day in agenda for item in day["items"]]
    return any(item.pk not in referred or referred[item.pk] for item in items)


@register.simple_tag
def ledger_step(step: str) -> str:
    """A ledger step as a reader says it."""
    return label_of(step)


@register.filter
def redlined(runs: list[redline.Run]) -> SafeString:
    """Words that were removed and added, marked (`documents.redline`)."""
    return redline.html(runs)


@register.filter
def proposal(point: ObjectionPoint, code: str) -> SafeString | str:
    """The wording that an objection proposes in a language against that of the text; empty where
    it proposes none."""
    proposed = point.proposed_en if code == "en" else point.proposed_ru
    if not proposed:
        return ""
    return redline.html(redline.redline(redline.words_of(point.paragraph, code), proposed))


@register.simple_tag
def effect_words(effect: Effect) -> str:
    """What an adoption does besides giving force to its text, in a sentence (rule S2)."""
    who = str(effect.state or effect.organization or "")
    match effect.kind:
        case Effect.Kind.OBSERVER:
            sentence = _("Once the text is adopted, an observer is admitted: %(who)s.")
        case Effect.Kind.INVITATION:
            sentence = _("Once the text is adopted, %(who)s is invited to: %(meeting)s.")
        case Effect.Kind.CHAIR:
            sentence = _("Once the text is adopted, a Chair is elected: %(who)s.")
        case _:
            sentence = _("Once the text is adopted, the term of the Chair is extended.")
    words = [sentence % {"who": who, "meeting": effect.meeting or ""}]
    if effect.from_on:
        words.append(_("From: %(day)s.") % {"day": write_day(effect.from_on)})
    if effect.until_on:  # the first day it no longer holds
        last = effect.until_on - dt.timedelta(days=1)
        words.append(_("Up to and including: %(day)s.") % {"day": write_day(last)})
    return " ".join(words)
