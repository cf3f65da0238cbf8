"""Every step of a silence procedure in one table: from where to where, by whom, told how.

An action asks `require` first; the step's name is that of its ledger entry, `notice` that of its
mail (`templates/emails/silence_<notice>.txt`). What the table forbids is told in a sentence.
"""

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from almaty_portal.common.errors import DomainError
from documents import permissions
from documents.models import SilenceProcedure, SilenceResponse
from documents.models.archive import Reader

Status = SilenceProcedure.Status
Answer = SilenceResponse.Kind
May = Callable[[Reader, SilenceProcedure], bool]

RUNNING = (Status.RUNNING,)
ENDED = (Status.ADOPTED, Status.BROKEN, Status.WINDOW_CLOSED, Status.WITHDRAWN, Status.ANNULLED)
NOT_ADOPTED = SilenceProcedure.NOT_ADOPTED


def states_entitled(user: Reader, procedure: SilenceProcedure) -> bool:
    """The National Coordinator or deputy in office of a State entitled (rules S3, M3)."""
    return permissions.responding_state(user, procedure) is not None


def the_portal(user: Reader, procedure: SilenceProcedure) -> bool:
    """Nobody: it follows from the deadline and the answers (rule S11)."""
    return False


WHO: dict[May, Any] = {
    states_entitled: _("Only the National Coordinators in office of the States entitled do this."),
    permissions.can_direct_silence: _(
        "Only the Support Unit does this, on a decision of the Chair, and not in history."
    ),
    permissions.can_enter_paper: _("Only the Support Unit enters and confirms Notes Verbales."),
    the_portal: _("Nobody does this: it follows from the deadline and the answers."),
}


@dataclass(frozen=True)
class Transition:
    """One step: `label` names it on record; `sources` are the statuses in which it is allowed,
    `target` the one that it leads to (None: the status stays)."""

    label: Any
    sources: tuple[Status, ...]
    may: May
    target: Status | None = None
    notice: str = ""


# The acts of States. An answer at or after the deadline is stored as late (rule S6).
TABLE: dict[str, Transition] = {
    Answer.ACKNOWLEDGEMENT: Transition(_("receipt acknowledged"), RUNNING, states_entitled),
    Answer.OBJECTION: Transition(
        _("objection received"),
        (Status.RUNNING, Status.BROKEN),
        states_entitled,
        Status.BROKEN,
        "broken",
    ),
    Answer.PARTICIPATES: Transition(
        _("participation formalised by a State"), RUNNING, states_entitled
    ),
    Answer.DECLINES: Transition(_("participation declined by a State"), RUNNING, states_entitled),
    Answer.JOINS: Transition(_("consensus joined expressly by a State"), RUNNING, states_entitled),
    Answer.MORE_TIME: Transition(
        _("more time asked for"), RUNNING, states_entitled, notice="more_time"
    ),
    Answer.STATEMENT: Transition(_("interpretative statement made"), RUNNING, states_entitled),
    Answer.RESERVATION: Transition(_("reservation made"), RUNNING, states_entitled),
    Answer.DISSOCIATION: Transition(_("dissociation from the decision"), RUNNING, states_entitled),
    Answer.WITHDRAWAL: Transition(
        _("objection withdrawn"),
        NOT_ADOPTED,
        states_entitled,
        notice="objection_withdrawn",
    ),
    # The acts of the Chair, entered by the Support Unit.
    "extended": Transition(
        _("deadline extended"), RUNNING, permissions.can_direct_silence, notice="extended"
    ),
    "corrected": Transition(
        _("technical correction made"), RUNNING, permissions.can_direct_silence, notice="corrected"
    ),
    "withdrawn": Transition(
        _("withdrawn by the Chair"),
        RUNNING,
        permissions.can_direct_silence,
        Status.WITHDRAWN,
        "withdrawn",
    ),
    "settled": Transition(
        _("settled by the Chair for a State"),
        (Status.WINDOW_CLOSED,),
        permissions.can_direct_silence,
        notice="settled",
    ),
    "result_corrected": Transition(
        _("result for a State corrected by a Note Verbale on paper"),
        (Status.WINDOW_CLOSED,),
        the_portal,
        notice="settled",
    ),
    "reissue_prepared": Transition(
        _("revision prepared for a reissue"),
        NOT_ADOPTED,
        permissions.can_direct_silence,
        notice="followed_up",
    ),
    "referred": Transition(
        _("referred to a meeting"),
        NOT_ADOPTED,
        permissions.can_direct_silence,
        notice="followed_up",
    ),
    "abandoned": Transition(
        _("abandoned"), NOT_ADOPTED, permissions.can_direct_silence, notice="followed_up"
    ),
    # Notes Verbales on paper: entered by one person, confirmed or refused by another (S13).
    "paper_entered": Transition(
        _("Note Verbale on paper entered"),
        (Status.RUNNING, Status.DEADLINE_PASSED, *ENDED),
        permissions.can_enter_paper,
        notice="paper_entered",
    ),
    "paper_confirmed": Transition(
        _("Note Verbale on paper confirmed"),
        (Status.RUNNING, Status.DEADLINE_PASSED, *ENDED),
        permissions.can_enter_paper,
        notice="paper_confirmed",
    ),
    "paper_refused": Transition(
        _("Note Verbale on paper refused"),
        (Status.RUNNING, Status.DEADLINE_PASSED, *ENDED),
        permissions.can_enter_paper,
        notice="paper_refused",
    ),
    "paper_lapsed": Transition(
        _("Note Verbale on paper not confirmed in time"),
        (Status.RUNNING, Status.DEADLINE_PASSED, *ENDED),
        the_portal,
        notice="paper_refused",
    ),
    # What follows by itself.
    "annulled": Transition(
        _("adoption annulled"), (Status.ADOPTED,), the_portal, Status.ANNULLED, "annulled"
    ),
    "outcome_adopted": Transition(
        _("outcome: adopted under silence"),
        (Status.DEADLINE_PASSED,),
        the_portal,
        Status.ADOPTED,
        "closed",
    ),
    "outcome_broken": Transition(
        _("outcome: silence broken"),
        (Status.RUNNING, Status.DEADLINE_PASSED),
        the_portal,
        Status.BROKEN,
        "broken",
    ),
    "outcome_window_closed": Transition(
        _("outcome: window closed"),
        (Status.DEADLINE_PASSED,),
        the_portal,
        Status.WINDOW_CLOSED,
        "closed",
    ),
}

# Entries of the ledger that are no step from one status to another.
RECORDED = {
    "opened": _("opened"),
    "late_refused": _("late act refused"),
    "reminded": _("reminder sent"),
    "effects_applied": _("what follows from the outcome applied"),
    "brackets_fell": _("brackets settled meanwhile have fallen"),
    "notified": _("notices written to all"),
    "delivered": _("delivery of notices recorded"),
    "text_printed": _("PDF files of the text recorded"),
    "certificate_issued": _("certificate issued"),
    "bundle_issued": _("evidence bundle issued"),
    "history_entered": _("entered as history"),
    "history_corrected": _("history corrected"),
}


def label_of(step: str) -> str:
    """A ledger step as a reader says it."""
    return str(TABLE[step].label if step in TABLE else RECORDED.get(step, step))


def allowed(name: str, procedure: SilenceProcedure, at: dt.datetime, by: Reader) -> bool:
    """Whether a person may take a step at an aware instant: for buttons and pages."""
    step = TABLE[name]
    return step.may(by, procedure) and procedure.status(at) in step.sources


def require(name: str, procedure: SilenceProcedure, at: dt.datetime, by: Reader) -> Transition:
    """The step, where it may be taken at an aware instant; else DomainError with a sentence."""
    step = TABLE[name]
    if not step.may(by, procedure):
        raise DomainError(str(WHO[step.may]))
    status = procedure.status(at)
    if status in step.sources:
        return step
    if status == Status.RUNNING:
        sentence = gettext(
            "The procedure is still running: this can be done only when it has ended. Nothing was "
            "stored."
        )
    elif step.sources == RUNNING:
        sentence = gettext(
            "The procedure has ended (%(status)s): this could be done only while it ran. Nothing "
            "was stored."
        )
    else:
        sentence = gettext(
            "The procedure has ended otherwise (%(status)s): this can be done only at: %(sources)s"
            ". Nothing was stored."
        )
    sources = ", ".join(str(one.label) for one in step.sources)
    raise DomainError(sentence % {"status": status.label, "sources": sources})
