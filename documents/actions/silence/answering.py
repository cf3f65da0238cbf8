"""What a State says in a procedure, judged by the database's clock under a row lock (S6–S8, S14).

Each act takes the number of the form that was sent (`submission`): the same one sent twice acts
once, and gives what it did the first time (P7).
"""

import datetime as dt
from collections.abc import Iterable
from uuid import UUID

from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext as _

from almaty_portal.common.errors import DomainError
from documents import transitions
from documents.actions.outcomes import record_outcome
from documents.actions.silence.receiving import (
    Attempt,
    Point,
    act,
    check_note,
    checked_points,
    locked,
    refuse_late,
    require_entitled,
    said_already,
    sent_before,
    store_response,
    who_and_when,
)
from documents.mail import tell_more_time, tell_objection_withdrawn
from documents.models import SilenceOutcome, SilenceProcedure, SilenceResponse
from membership.models import State, User

Kind = SilenceProcedure.Kind
Response = SilenceResponse.Kind
# Who has said the one does not say the other (rule S8); to object remains open to either.
CONTRARY = {Response.JOINS: [Response.DISSOCIATION], Response.DISSOCIATION: [Response.JOINS]}


def require_in_time(
    kind: str, procedure: SilenceProcedure, received_at: dt.datetime, by: User
) -> None:
    """Raise DomainError where a step may not be taken now. What comes at the deadline or after it
    passes: it is stored as late (rule S6)."""
    withdrawn = procedure.status(received_at) == SilenceProcedure.Status.WITHDRAWN
    if withdrawn or received_at < procedure.deadline_at:
        transitions.require(kind, procedure, received_at, by)


def acknowledge(
    *, procedure: SilenceProcedure, state: State, by: User, submission: UUID | None = None
) -> SilenceResponse:
    """Acknowledge receipt for a State; it does not break silence (rule S8).

    Acknowledging twice changes nothing. Raises DomainError for a State not entitled, and where the
    procedure has ended.
    """
    kind = Response.ACKNOWLEDGEMENT
    with act(Attempt(procedure, state, kind, "", by)) as received_at:
        procedure = locked(procedure)
        require_entitled(procedure, state, by)
        earlier = said_already(procedure, state, [kind])
        if earlier is not None:
            return earlier
        sent_before(submission, procedure=procedure, state=state, kinds=[kind], by=by)
        transitions.require(kind, procedure, received_at, by)
        return store_response(
            procedure=procedure,
            state=state,
            kind=kind,
            received_at=received_at,
            by=by,
            submission=submission,
        )


def take_position(
    *,
    procedure: SilenceProcedure,
    state: State,
    kind: str,
    text: str,
    by: User,
    submission: UUID | None = None,
) -> SilenceResponse:
    """Say something for a State that does not break silence (rule S8, `SilenceResponse.POSITIONS`).

    Joining the consensus needs no words, everything else does. Asking for more time is told to all
    at once. Raises DomainError without words, for a second one of the kind, for a State not
    entitled, and where the procedure has ended.
    """
    with act(Attempt(procedure, state, kind, text, by)) as received_at:
        procedure = locked(procedure)
        require_entitled(procedure, state, by)
        window = procedure.kind == Kind.WINDOW
        if kind not in (
            SilenceResponse.POSITIONS_IN_A_WINDOW if window else SilenceResponse.POSITIONS
        ):
            raise DomainError(_("Choose what your State wants to say."), fields=["kind"])
        earlier = sent_before(submission, procedure=procedure, state=state, kinds=[kind], by=by)
        if earlier is not None:
            return earlier
        transitions.require(kind, procedure, received_at, by)
        if kind != Response.JOINS and not text.strip():
            raise DomainError(_("Write the words that go on record."), fields=["text"])
        if spoken := said_already(procedure, state, [kind]):
            raise DomainError(
                _(
                    "%(state)s has said this already: %(who)s put it on record for it at "
                    "%(when)s UTC."
                )
                % who_and_when(spoken),
                fields=["kind"],
            )
        if spoken := said_already(procedure, state, CONTRARY.get(Response(kind), [])):
            raise DomainError(
                _(
                    "%(state)s cannot both join the consensus and dissociate itself from it: "
                    "%(who)s put the other on record for it at %(when)s UTC."
                )
                % who_and_when(spoken),
                fields=["kind"],
            )
        response = store_response(
            procedure=procedure,
            state=state,
            kind=kind,
            received_at=received_at,
            by=by,
            reason=text.strip(),
            submission=submission,
        )
        if kind == Response.MORE_TIME:
            tell_more_time(procedure, response)
        return response


def break_silence(
    *,
    procedure: SilenceProcedure,
    state: State,
    reason: str,
    by: User,
    points: Iterable[Point] = (),
    note: UploadedFile | None = None,
    submission: UUID | None = None,
) -> SilenceResponse:
    """Object for a State: one objection received before the deadline breaks an adoption (S6, S7).

    `points` are the paragraphs of the text it objects to, each once, with the wording that it
    proposes in English and in Russian; `note` is its Note Verbale. The moment of receipt is the
    database's clock as the act begins. An objection at or after the deadline is stored as late,
    has no effect, and raises TooLate. A timely one that follows another State's is on record too
    and changes no outcome. Raises DomainError, storing nothing, without a reason, for a second
    objection of the State, for a paragraph of another text, for a file that is not kept, for a
    State not entitled, and in a participation window.
    """
    named = list(points)
    attempt = Attempt(procedure, state, Response.OBJECTION, reason, by, named)
    with act(attempt) as received_at:
        check_note(note)
        procedure = locked(procedure)
        require_entitled(procedure, state, by)
        if procedure.kind != Kind.ADOPTION:
            raise DomainError(
                _(
                    "A participation window is answered, not broken: say whether your State "
                    "formalises its participation."
                )
            )
        kinds = [Response.OBJECTION]
        response = sent_before(submission, procedure=procedure, state=state, kinds=kinds, by=by)
        if response is None:
            if not reason.strip():
                raise DomainError(
                    _("Give the reason of the objection: it is told to all States."),
                    fields=["reason"],
                )
            if spoken := said_already(procedure, state, kinds):
                raise DomainError(
                    _(
                        "%(state)s has objected already: %(who)s did so for it at %(when)s UTC. "
                        "The objection is on record and silence is broken."
                    )
                    % who_and_when(spoken)
                )
            require_in_time(Response.OBJECTION, procedure, received_at, by)
            response = store_response(
                procedure=procedure,
                state=state,
                kind=Response.OBJECTION,
                received_at=received_at,
                by=by,
                reason=reason.strip(),
                points=checked_points(procedure, named),
                note=note,
                submission=submission,
            )
            decided = SilenceOutcome.objects.filter(procedure=procedure).exists()
            if not (response.late or decided):
                record_outcome(
                    procedure=procedure,
                    result=SilenceOutcome.Result.BROKEN,
                    effective_at=received_at,
                    broken_by=response,
                )
    refuse_late(response)
    return response


def answer_window(
    *,
    procedure: SilenceProcedure,
    state: State,
    participates: bool,
    by: User,
    reason: str = "",
    submission: UUID | None = None,
) -> SilenceResponse:
    """Answer a participation window for a State: it formalises its participation or does not (S2).

    Judged by the database's clock as an objection is. Raises TooLate for a late answer, which is
    stored without effect, and DomainError for a second answer or a State not entitled.
    """
    kind = Response.PARTICIPATES if participates else Response.DECLINES
    with act(Attempt(procedure, state, kind, reason, by)) as received_at:
        procedure = locked(procedure)
        require_entitled(procedure, state, by)
        if procedure.kind != Kind.WINDOW:
            raise DomainError(_("This is no participation window: acknowledge it or object."))
        response = sent_before(submission, procedure=procedure, state=state, kinds=[kind], by=by)
        if response is None:
            answers = [Response.PARTICIPATES, Response.DECLINES]
            if spoken := said_already(procedure, state, answers):
                raise DomainError(
                    _(
                        "%(state)s has answered already: %(who)s did so for it at %(when)s UTC, "
                        "and its answer is on record."
                    )
                    % who_and_when(spoken)
                )
            require_in_time(kind, procedure, received_at, by)
            response = store_response(
                procedure=procedure,
                state=state,
                kind=kind,
                received_at=received_at,
                by=by,
                reason=reason.strip(),
                submission=submission,
            )
    refuse_late(response)
    return response


def withdraw_objection(
    *,
    procedure: SilenceProcedure,
    state: State,
    reason: str,
    by: User,
    submission: UUID | None = None,
) -> SilenceResponse:
    """Withdraw a State's objection: visible to all, told to all, and it revives nothing (S14).

    The text stays not adopted; the way back is a reissue, a referral or abandonment. Raises
    DomainError where the State has no objection in force, or has withdrawn it already.
    """
    kind = Response.WITHDRAWAL
    with act(Attempt(procedure, state, kind, reason, by)) as received_at:
        procedure = locked(procedure)
        require_entitled(procedure, state, by)
        earlier = sent_before(submission, procedure=procedure, state=state, kinds=[kind], by=by)
        if earlier is not None:
            return earlier
        if said_already(procedure, state, [Response.OBJECTION]) is None:
            raise DomainError(_("%(state)s has no objection to withdraw.") % {"state": state})
        if spoken := said_already(procedure, state, [kind]):
            raise DomainError(
                _(
                    "%(state)s has withdrawn its objection already: %(who)s did so for it at "
                    "%(when)s UTC."
                )
                % who_and_when(spoken)
            )
        transitions.require(kind, procedure, received_at, by)
        response = store_response(
            procedure=procedure,
            state=state,
            kind=kind,
            received_at=received_at,
            by=by,
            reason=reason.strip(),
            submission=submission,
        )
        tell_objection_withdrawn(procedure, response)
        return response
