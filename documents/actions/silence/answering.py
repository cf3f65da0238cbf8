"""What a State says in a procedure, judged by the database's clock under a row lock (S6–S8)."""

import datetime as dt
import logging
from collections.abc import Iterable

from django.conf import settings
from django.db import IntegrityError, OperationalError, connection, transaction
from django.utils.translation import gettext as _

from almaty_portal.common import audit
from almaty_portal.common.errors import DomainError, TooLate
from almaty_portal.common.instants import database_now
from documents import permissions
from documents.actions.ledger import instant, record_step
from documents.actions.outcomes import record_outcome
from documents.mail import tell_broken
from documents.models import (
    SilenceOutcome,
    SilenceProcedure,
    SilenceResponse,
)
from membership.models import State, User

logger = logging.getLogger(__name__)

Kind = SilenceProcedure.Kind
Response = SilenceResponse.Kind


def locked(procedure: SilenceProcedure) -> SilenceProcedure:
    """The procedure under its row lock. Raises DomainError where the lock is not to be had in time.

    It waits less than a request may last, so that a timely act is committed before the sweep's
    grace ends (rule S11), or refused with a sentence while its sender can still send it again.
    """
    with connection.cursor() as cursor:
        cursor.execute(f"SET LOCAL lock_timeout = '{settings.REQUEST_TIMEOUT_SECONDS - 5}s'")
    try:
        return (
            SilenceProcedure.objects.select_for_update(of=("self",))
            .select_related("edition__document")
            .get(pk=procedure.pk)
        )
    except OperationalError as error:
        raise DomainError(
            _(
                "The portal is busy recording other acts, and yours was not stored. Send it again "
                "at once."
            )
        ) from error


def require_entitled(procedure: SilenceProcedure, state: State, by: User) -> None:
    """Raise DomainError unless `by` acts for `state`, and it is entitled here (rules S3, M3)."""
    if procedure.historic:
        raise DomainError(_("This procedure is history: nobody can act in it any more."))
    if not procedure.electorate.filter(pk=state.pk).exists():
        raise DomainError(
            _("%(state)s is not among the States entitled to act in this procedure.")
            % {"state": state}
        )
    if permissions.responding_state(by, procedure) != state:
        raise DomainError(
            _("Only the National Coordinator in office, or the deputy, acts for %(state)s.")
            % {"state": state}
        )


def already_answered(procedure: SilenceProcedure, state: State, kinds: Iterable[str]) -> bool:
    return procedure.responses.filter(state=state, kind__in=list(kinds), late=False).exists()


def store_response(
    *,
    procedure: SilenceProcedure,
    state: State,
    kind: str,
    received_at: dt.datetime,
    by: User,
    reason: str = "",
) -> SilenceResponse:
    late = received_at >= procedure.deadline_at
    try:
        with transaction.atomic():
            response = SilenceResponse.objects.create(
                procedure=procedure,
                state=state,
                kind=kind,
                reason=reason,
                late=late,
                received_at=received_at,
                by=by,
            )
    except IntegrityError as error:
        if "received" in str(error):
            raise DomainError(
                _("Your act waited too long to be stored, and was not. Send it again at once.")
            ) from error
        raise
    record_step(
        step="late_refused" if late else kind,
        procedure=procedure,
        at=received_at,
        entry={
            "state": state.code,
            "answer": kind,
            "reason": reason,
            "received_at": instant(received_at),
            "deadline_at": instant(procedure.deadline_at),
            "late": late,
            "by": by.email,
        },
    )
    audit.record(
        by=by,
        action=f"respond_{kind}",
        target=procedure,
        detail={"state": state.code, "late": late, "received_at": instant(received_at)},
    )
    return response


def clock(value: dt.datetime) -> str:
    """An instant in UTC to the second, as the sentence about a late act tells it."""
    return f"{value.astimezone(dt.UTC):%d.%m.%Y %H:%M:%S}"


def refuse_late(response: SilenceResponse) -> None:
    """Raise TooLate for an act that is stored as late; call it after the transaction."""
    if response.late:
        raise TooLate(
            _(
                "Your act reached the portal at %(received)s UTC, at or after the deadline of "
                "%(deadline)s UTC. It is late and has no effect; that it came is on record."
            )
            % {
                "received": clock(response.received_at),
                "deadline": clock(response.procedure.deadline_at),
            }
        )


@transaction.atomic
def acknowledge(*, procedure: SilenceProcedure, state: State, by: User) -> SilenceResponse:
    """Acknowledge receipt for a State; it does not break silence (rule S8).

    Acknowledging twice changes nothing. Raises DomainError for a State not entitled, and where the
    procedure has ended.
    """
    received_at = database_now()
    procedure = locked(procedure)
    require_entitled(procedure, state, by)
    earlier = procedure.responses.filter(state=state, kind=Response.ACKNOWLEDGEMENT).first()
    if earlier is not None:
        return earlier
    if not procedure.is_running(received_at):
        raise DomainError(
            _("The procedure has ended (%(status)s): there is nothing to acknowledge any more.")
            % {"status": procedure.status(received_at).label}
        )
    return store_response(
        procedure=procedure,
        state=state,
        kind=Response.ACKNOWLEDGEMENT,
        received_at=received_at,
        by=by,
    )


def break_silence(
    *, procedure: SilenceProcedure, state: State, reason: str, by: User
) -> SilenceResponse:
    """Object for a State: one objection received before the deadline breaks an adoption (S6, S7).

    The moment of receipt is the database's clock as the act begins. An objection at or after the
    deadline is stored as late, has no effect, and raises TooLate. A timely one that follows
    another State's is on record too and changes no outcome. Raises DomainError, storing nothing,
    without a reason, for a second objection of the State, for a State not entitled, and in a
    participation window.
    """
    with transaction.atomic():
        received_at = database_now()
        procedure = locked(procedure)
        require_entitled(procedure, state, by)
        if procedure.kind != Kind.ADOPTION:
            raise DomainError(
                _(
                    "A participation window is answered, not broken: say whether your State "
                    "formalises its participation."
                )
            )
        if not reason.strip():
            raise DomainError(
                _("Give the reason of the objection: it is told to all States."), fields=["reason"]
            )
        if already_answered(procedure, state, [Response.OBJECTION]):
            raise DomainError(
                _(
                    "%(state)s has objected already: the objection is on record and silence is "
                    "broken."
                )
                % {"state": state}
            )
        response = store_response(
            procedure=procedure,
            state=state,
            kind=Response.OBJECTION,
            received_at=received_at,
            by=by,
            reason=reason.strip(),
        )
        if not response.late and not SilenceOutcome.objects.filter(procedure=procedure).exists():
            record_outcome(
                procedure=procedure,
                result=SilenceOutcome.Result.BROKEN,
                effective_at=received_at,
                broken_by=response,
            )
            tell_broken(procedure, response)
    refuse_late(response)
    return response


def answer_window(
    *, procedure: SilenceProcedure, state: State, participates: bool, by: User, reason: str = ""
) -> SilenceResponse:
    """Answer a participation window for a State: it formalises its participation or does not (S2).

    Judged by the database's clock as an objection is. Raises TooLate for a late answer, which is
    stored without effect, and DomainError for a second answer or a State not entitled.
    """
    with transaction.atomic():
        received_at = database_now()
        procedure = locked(procedure)
        require_entitled(procedure, state, by)
        if procedure.kind != Kind.WINDOW:
            raise DomainError(_("This is no participation window: acknowledge it or object."))
        if already_answered(procedure, state, [Response.PARTICIPATES, Response.DECLINES]):
            raise DomainError(
                _("%(state)s has answered already: its answer is on record.") % {"state": state}
            )
        response = store_response(
            procedure=procedure,
            state=state,
            kind=Response.PARTICIPATES if participates else Response.DECLINES,
            received_at=received_at,
            by=by,
            reason=reason.strip(),
        )
    refuse_late(response)
    return response
