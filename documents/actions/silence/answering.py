"""What a State says in a procedure, judged by the database's clock under a row lock (S6–S8)."""

import datetime as dt
import logging
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import PurePath
from typing import Any

from django.conf import settings
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import UploadedFile
from django.db import IntegrityError, OperationalError, connection, transaction
from django.utils.translation import gettext as _
from psycopg.errors import LockNotAvailable, QueryCanceled

from almaty_portal.common import audit
from almaty_portal.common.errors import DomainError, TooLate
from almaty_portal.common.instants import database_now
from documents import permissions
from documents.actions import attachments
from documents.actions.ledger import instant, record_step
from documents.actions.outcomes import record_outcome
from documents.models import (
    SilenceOutcome,
    SilenceProcedure,
    SilenceResponse,
)
from membership.models import State, User

logger = logging.getLogger(__name__)

Kind = SilenceProcedure.Kind
Response = SilenceResponse.Kind


@contextmanager
def act() -> Iterator[dt.datetime]:
    """A transaction in which a State or the Chair acts; gives the moment of receipt.

    The database's clock is read first (rule S6). No lock is waited for longer than a request may
    last, so that a timely act is committed before the sweep's grace ends (S11), or refused with a
    DomainError while its sender can still send it again.
    """
    try:
        with transaction.atomic():
            received_at = database_now()
            with connection.cursor() as cursor:
                wait = settings.REQUEST_TIMEOUT_SECONDS - 5
                cursor.execute(f"SET LOCAL lock_timeout = '{wait}s'")
            yield received_at
    except OperationalError as error:
        if isinstance(error.__cause__, LockNotAvailable | QueryCanceled):
            raise DomainError(
                _(
                    "The portal is busy recording other acts, and yours was not stored. Send it "
                    "again at once."
                )
            ) from error
        raise


def locked(procedure: SilenceProcedure) -> SilenceProcedure:
    """The procedure under its row lock."""
    return (
        SilenceProcedure.objects.select_for_update(of=("self",))
        .select_related("edition__document")
        .get(pk=procedure.pk)
    )


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


def keep_note(file: UploadedFile) -> dict[str, Any]:
    """The fields of `NoteVerbale` for a file that was judged; DomainError as `add_attachment`."""
    suffix = PurePath(file.name or "").suffix.lstrip(".").lower()
    attachments.check_size(file)
    attachments.check_kind(file, suffix)
    digest = attachments.sha256(file)
    file.seek(0)
    return {
        "note_file": default_storage.save(f"notes/{digest[:2]}/{digest}", file),
        "note_name": PurePath(file.name or "").name[-200:],
        "note_size": file.size or 0,
        "note_sha256": digest,
    }


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


def acknowledge(*, procedure: SilenceProcedure, state: State, by: User) -> SilenceResponse:
    """Acknowledge receipt for a State; it does not break silence (rule S8).

    Acknowledging twice changes nothing. Raises DomainError for a State not entitled, and where the
    procedure has ended.
    """
    with act() as received_at:
        procedure = locked(procedure)
        require_entitled(procedure, state, by)
        kind = Response.ACKNOWLEDGEMENT
        earlier = procedure.responses.filter(state=state, kind=kind).first()
        if earlier is not None:
            return earlier
        require_running(procedure, received_at)
        return store_response(
            procedure=procedure, state=state, kind=kind, received_at=received_at, by=by
        )


def take_position(
    *, procedure: SilenceProcedure, state: State, kind: str, text: str, by: User
) -> SilenceResponse:
    """Say something for a State that does not break silence (rule S8, `SilenceResponse.POSITIONS`).

    Joining the consensus needs no words, everything else does. Raises DomainError without them,
    for a second one of the kind, for a State not entitled, and where the procedure has ended.
    """
    with act() as received_at:
        procedure = locked(procedure)
        require_entitled(procedure, state, by)
        require_running(procedure, received_at)
        if kind not in SilenceResponse.POSITIONS:
            raise DomainError(_("Choose what your State wants to say."), fields=["kind"])
        if kind != Response.JOINS and not text.strip():
            raise DomainError(_("Write the words that go on record."), fields=["text"])
        if already_answered(procedure, state, [kind]):
            raise DomainError(
                _("%(state)s has said this already: it is on record.") % {"state": state},
                fields=["kind"],
            )
        return store_response(
            procedure=procedure,
            state=state,
            kind=kind,
            received_at=received_at,
            by=by,
            reason=text.strip(),
        )


def require_running(procedure: SilenceProcedure, at: dt.datetime) -> None:
    """Raise DomainError where the procedure has ended at an aware instant."""
    if not procedure.is_running(at):
        raise DomainError(
            _("The procedure has ended (%(status)s): nothing can be said in it any more.")
            % {"status": procedure.status(at).label}
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
    with act() as received_at:
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
    refuse_late(response)
    return response


def answer_window(
    *, procedure: SilenceProcedure, state: State, participates: bool, by: User, reason: str = ""
) -> SilenceResponse:
    """Answer a participation window for a State: it formalises its participation or does not (S2).

    Judged by the database's clock as an objection is. Raises TooLate for a late answer, which is
    stored without effect, and DomainError for a second answer or a State not entitled.
    """
    with act() as received_at:
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
