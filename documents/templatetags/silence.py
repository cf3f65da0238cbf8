"""How a procedure's status looks."""

from django import template
from django.template.loader import render_to_string
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from documents.models import SilenceProcedure

register = template.Library()

Status = SilenceProcedure.Status
TONES = {
    Status.RUNNING: "running",
    Status.DEADLINE_PASSED: "warning",
    Status.ADOPTED: "adopted",
    Status.BROKEN: "broken",
    Status.WINDOW_CLOSED: "neutral",
}


@register.simple_tag
def silence_badge(status: str) -> SafeString:
    """The badge of a procedure's status."""
    status = Status(status)
    return render_to_string(
        "components/status_badge.html", {"label": status.label, "tone": TONES[status]}
    )


STEPS = {
    "opened": _("opened"),
    "acknowledgement": _("receipt acknowledged"),
    "objection": _("objection received"),
    "participates": _("participation formalised by a State"),
    "declines": _("participation declined by a State"),
    "joins": _("consensus joined expressly by a State"),
    "more_time": _("more time asked for"),
    "statement": _("interpretative statement made"),
    "reservation": _("reservation made"),
    "dissociation": _("dissociation from the decision"),
    "late_refused": _("late act refused"),
    "extended": _("deadline extended"),
    "outcome_adopted": _("outcome: adopted under silence"),
    "outcome_broken": _("outcome: silence broken"),
    "outcome_window_closed": _("outcome: window closed"),
    "effects_applied": _("reference assigned, edition issued"),
    "history_entered": _("entered as history"),
    "history_corrected": _("history corrected"),
}


@register.simple_tag
def ledger_step(step: str) -> str:
    """A ledger step as a reader says it."""
    return str(STEPS.get(step, step))
