"""What happens next after a procedure has ended, in a sentence or two (rules S10–S14)."""

from dataclasses import dataclass

from django.utils.translation import gettext as _

from documents.models import (
    FollowUp,
    PaperNote,
    SilenceOutcome,
    SilenceProcedure,
    SilenceResponse,
    StateOutcome,
)

Status = SilenceProcedure.Status


@dataclass(frozen=True)
class Onward:
    """What happens next, and where it happens; `link` names the address `url`."""

    text: str
    url: str = ""
    link: str = ""


def onward(
    procedure: SilenceProcedure, status: Status, outcome: SilenceOutcome, *, waits: bool
) -> Onward:
    """What happens after an outcome that is recorded; `waits` where a Note Verbale on paper may
    still change it (S13)."""
    if procedure.historic:
        return Onward(
            _("Nothing is asked of anybody any more: this is told as its source tells it.")
        )
    if status in SilenceProcedure.NOT_ADOPTED:
        return way_back(procedure)
    if waits:
        return Onward(
            _(
                "Nothing is asked of the States. What is recorded here may still change, until the "
                "Note Verbale on paper is confirmed, refused or out of time; all will be told."
            )
        )
    if outcome.effects_at is None:
        return Onward(
            _(
                "Nothing more is asked of the States. The portal is entering the outcome in the "
                "register of decisions, and all will be told."
            )
        )
    decision = getattr(procedure, "decision", None)
    url = decision.get_absolute_url() if decision else ""
    link = _("See it in the register of decisions")
    if status == Status.ADOPTED:
        text = _(
            "Nothing more is asked of the States. The text is in force as decided, and stands in "
            "the register of decisions with the statements of States."
        )
    elif open_results(outcome):
        text = _("The Chair settles what the silence of a State has left open; all will be told.")
    else:
        text = _("Nothing more is asked of the States: the result for each of them stands below.")
    return Onward(text, url, link)


def open_results(outcome: SilenceOutcome) -> bool:
    """Whether the Chair has a State's participation still to settle (rule S2)."""
    left = StateOutcome.objects.filter(outcome=outcome, result=StateOutcome.Result.CHAIR)
    return left.standing().exists()


def way_back(procedure: SilenceProcedure) -> Onward:
    """What becomes of a text that was not adopted (rule S14)."""
    follow_up: FollowUp | None = getattr(procedure, "follow_up", None)
    if follow_up is None:
        return Onward(
            _(
                "The Chair decides the way back: a revision under a new period, referral to a "
                "meeting, or abandonment. Nothing is asked of the States until then, and all will "
                "be told."
            )
        )
    match follow_up.kind:
        case FollowUp.Kind.REISSUE if follow_up.edition is not None:
            label = {"edition": follow_up.edition.label}
            reissue = next(iter(procedure.reissues.all()), None)
            if reissue is None:
                return Onward(
                    _(
                        "The text is being reissued as %(edition)s. It will be put under silence "
                        "for a new period, and all will be told."
                    )
                    % label
                )
            return Onward(
                _("The text was reissued as %(edition)s and put under silence for a new period.")
                % label,
                reissue.get_absolute_url(),
                _("Go to the procedure on it"),
            )
        case FollowUp.Kind.REFERRAL if follow_up.agenda_item is not None:
            meeting = follow_up.agenda_item.meeting
            return Onward(
                _("The text was referred to a meeting, and is on its agenda."),
                meeting.get_absolute_url(),
                str(meeting),
            )
    return Onward(_("The text is not pursued any further; all of it stays on record."))


def withdrawn_objections(responses: list[SilenceResponse]) -> list[SilenceResponse]:
    """The withdrawals of objections, each of which revives nothing (rule S14)."""
    return [one for one in responses if one.kind == SilenceResponse.Kind.WITHDRAWAL]


def would_do(note: PaperNote, status: Status) -> str:
    """What a Note Verbale on paper does if a second person confirms it (rule S13)."""
    if note.kind != PaperNote.Kind.OBJECTION:
        if status == Status.WINDOW_CLOSED:
            return _("If it is confirmed, the result for this State is corrected by it.")
        return _("If it is confirmed, it counts as the answer of this State.")
    if status == Status.ADOPTED:
        return _("If it is confirmed, the adoption is annulled: the text is then not adopted.")
    if status in SilenceProcedure.NOT_ADOPTED:
        return _("If it is confirmed, it goes on record; the text is not adopted either way.")
    return _(
        "If it is confirmed, silence is broken as of its receipt: the text is then not adopted."
    )
