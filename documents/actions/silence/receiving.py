"""How an act of a State is received: the clock, the lock, who may, and its record (S3, S6, S15)."""

import datetime as dt
import logging
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.db import DatabaseError, IntegrityError, OperationalError, connection, transaction
from django.utils.translation import gettext as _
from psycopg.errors import CheckViolation, DeadlockDetected, LockNotAvailable, QueryCanceled

from almaty_portal.common import audit, files
from almaty_portal.common.errors import DomainError, TooLate
from almaty_portal.common.instants import database_now
from documents import permissions, uploads
from documents.actions.ledger import instant, record_step, told_points
from documents.models import (
    ObjectionPoint,
    Paragraph,
    SilenceProcedure,
    SilenceResponse,
    UnstoredAct,
)
from membership.models import State, User

logger = logging.getLogger(__name__)
# What triggers refuse by the database's clock, though it was in time as the act began to wait.
OVERTAKEN = {
    *("extended_before_it_expires", "corrected_while_it_runs"),
    *("paper_came_in_time", "confirmed_just_now", "received_just_now"),
}

# A paragraph objected to, with the wording proposed in English and in Russian (empty for none).
Point = tuple[Paragraph, str, str]


class NotStored(DomainError):
    """What the act waited for did not come free in time; nothing of it is stored."""


@dataclass(frozen=True)
class Attempt:
    """What a State is about to say: on record where it could not be stored."""

    procedure: SilenceProcedure
    state: State
    kind: str
    text: str
    by: User
    points: Sequence[Point] = ()


@contextmanager
def act(attempt: Attempt | None = None) -> Iterator[dt.datetime]:
    """A transaction in which a State or the Chair acts; gives the moment of receipt.

    The database's clock is read first (rule S6). No lock is waited for longer than a request may
    last, so that a timely act is committed before the sweep's grace ends (S11), or refused with a
    DomainError while its sender can still send it again; what a State said is put on record then,
    as an `attempt`. A file that was stored goes with a transaction that fails.
    """
    received_at = None
    try:
        with files.taken_back_on_failure(), asked_again_where_busy(), transaction.atomic():
            received_at = database_now()
            with connection.cursor() as cursor:
                wait = settings.REQUEST_TIMEOUT_SECONDS - 5
                cursor.execute(f"SET LOCAL lock_timeout = '{wait}s'")
            yield received_at
    except NotStored as error:
        if attempt is None or received_at is None or keep_attempt(attempt, received_at) is None:
            raise
        raise NotStored(
            _(
                "The portal is busy recording other acts, and yours, received at %(received)s UTC, "
                "was not stored: it has no effect. That it came is on record. Send it again at "
                "once; where the deadline has passed, write to the Support Unit."
            )
            % {"received": clock(received_at)}
        ) from error


@contextmanager
def asked_again_where_busy() -> Iterator[None]:
    """A lock that was not had in time is a DomainError that asks to send the act again."""
    try:
        yield
    except OperationalError as error:
        if isinstance(error.__cause__, LockNotAvailable | QueryCanceled | DeadlockDetected):
            raise NotStored(
                _(
                    "The portal is busy recording other acts, and yours was not stored. Send it "
                    "again at once."
                )
            ) from error
        raise
    except IntegrityError as error:
        cause = error.__cause__
        if isinstance(cause, CheckViolation) and cause.diag.constraint_name in OVERTAKEN:
            raise NotStored(
                _(
                    "What you did waited for other acts until its time had passed, and nothing of "
                    "it was stored. Open the page anew: it tells what can be done now."
                )
            ) from error
        raise


def keep_attempt(attempt: Attempt, received_at: dt.datetime) -> UnstoredAct | None:
    """Put on record, in a transaction of its own, an act that could not be stored (rule S6).

    It waits for nobody: what locks a procedure changes no key of it. None for whoever does not act
    for the State, and where not even this could be stored.
    """
    if permissions.responding_state(attempt.by, attempt.procedure) != attempt.state:
        return None
    try:
        with transaction.atomic():
            kept = UnstoredAct.objects.create(
                procedure=attempt.procedure,
                state=attempt.state,
                kind=attempt.kind,
                text=attempt.text,
                points=told_points(attempt.points),
                received_at=received_at,
                by=attempt.by,
            )
            audit.record(
                by=attempt.by,
                action="act_not_stored",
                target=attempt.procedure,
                detail={"state": attempt.state.code, "received_at": instant(received_at)},
            )
            return kept
    except DatabaseError:
        logger.exception(
            "That %s acted in %s at %s could not be put on record",
            attempt.state.code,
            attempt.procedure.slug,
            instant(received_at),
        )
        return None


def locked(procedure: SilenceProcedure) -> SilenceProcedure:
    """The procedure under its row lock."""
    return (
        SilenceProcedure.objects.select_for_update(of=("self",), no_key=True)
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


def sent_before(
    submission: UUID | None,
    *,
    procedure: SilenceProcedure,
    state: State,
    kinds: Iterable[str],
    by: User,
) -> SilenceResponse | None:
    """What the same form did when it was sent before (P7); call it under the procedure's lock.

    Raises DomainError where the number of the form was used for anything else.
    """
    if submission is None:
        return None
    earlier = SilenceResponse.objects.filter(submission=submission).first()
    if earlier is None:
        return None
    same = (procedure.pk, state.pk, by.pk) == (
        earlier.procedure_id,
        earlier.state_id,
        earlier.by_id,
    )
    if not same or earlier.kind not in kinds:
        raise DomainError(
            _("This form was used for another act already. Open the page anew and fill it in.")
        )
    return earlier


def said_already(
    procedure: SilenceProcedure, state: State, kinds: Iterable[str]
) -> SilenceResponse | None:
    """What a State said in time of these kinds, where it did."""
    return (
        procedure.responses.filter(state=state, kind__in=list(kinds), late=False)
        .select_related("by", "state")
        .first()
    )


def already_answered(procedure: SilenceProcedure, state: State, kinds: Iterable[str]) -> bool:
    return said_already(procedure, state, kinds) is not None


def who_and_when(response: SilenceResponse) -> dict[str, Any]:
    """State, person and moment of an answer, for a sentence that refuses another one."""
    return {
        "state": response.state,
        "who": _("a Note Verbale on paper") if response.paper_note_id else response.by,
        "when": clock(response.received_at),
    }


def checked_points(procedure: SilenceProcedure, points: Iterable[Point]) -> list[Point]:
    """The paragraphs objected to in the order of the text, with their wording without white space
    round it; DomainError where one is of another text or named twice."""
    # A technical correction keeps the addresses of paragraphs and restarts nothing (S10): who wrote
    # upon the text as it stood before objects to the same paragraphs.
    present = {one.anchor: one for one in procedure.text_edition().paragraphs.all()}
    texts = {procedure.edition_id, *(one.edition_id for one in procedure.corrections.all())}
    points = list(points)
    if any(one.edition_id not in texts or one.anchor not in present for one, _en, _ru in points):
        raise DomainError(
            _("A paragraph is not of this text: open the page anew."), fields=["points"]
        )
    checked = sorted(
        ((present[paragraph.anchor], en.strip(), ru.strip()) for paragraph, en, ru in points),
        key=lambda point: point[0].position,
    )
    if len({paragraph.pk for paragraph, _en, _ru in checked}) < len(checked):
        raise DomainError(_("A paragraph is named twice: name it once."), fields=["points"])
    return checked


def check_note(file: UploadedFile | None) -> None:
    """Raise DomainError where a Note Verbale is no PDF, office text or scan that may be kept.

    It takes seconds: call it after the moment of receipt is taken, and before anything is locked.
    """
    if file is not None:
        uploads.check_file(file, uploads.NOTE_SUFFIXES)


def keep_note(file: UploadedFile) -> dict[str, Any]:
    """The fields of a `NoteVerbale` for a file that was sent and checked (`check_note`).

    Raises DomainError where it cannot be kept.
    """
    digest = uploads.sha256(file)
    try:
        kept = files.store(f"notes/{digest[:2]}/{digest}", file)
    except OSError as error:
        logger.exception("A Note Verbale could not be kept")
        raise uploads.refused(
            _(
                "The file could not be kept, and nothing was stored. Send it again at once, or "
                "without the file."
            )
        ) from error
    return {
        "note_file": kept,
        "note_name": uploads.name_of(file),
        "note_size": file.size or 0,
        "note_sha256": digest,
    }


def store_response(
    *,
    procedure: SilenceProcedure,
    state: State,
    kind: str,
    received_at: dt.datetime,
    by: User,
    reason: str = "",
    points: Sequence[Point] = (),
    note: UploadedFile | None = None,
    submission: UUID | None = None,
) -> SilenceResponse:
    """Store what a State says, with its ledger entry and audit record; late at the deadline (S6).

    A withdrawal is never late: it may come at any time (S14).
    """
    kept = keep_note(note) if note else {}
    late = kind != SilenceResponse.Kind.WITHDRAWAL and received_at >= procedure.deadline_at
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
                submission=submission,
                **kept,
            )
    except IntegrityError as error:
        if "received" in str(error):
            raise NotStored(
                _("Your act waited too long to be stored, and was not. Send it again at once.")
            ) from error
        raise
    ObjectionPoint.objects.bulk_create(
        ObjectionPoint(response=response, paragraph=paragraph, proposed_en=en, proposed_ru=ru)
        for paragraph, en, ru in points
    )
    told: dict[str, Any] = {}
    if points:
        told["points"] = told_points(points)
    if response.note_sha256:
        told["note_sha256"] = response.note_sha256
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
            **told,
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
    """An instant in UTC to the second, as a sentence about an act tells it."""
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
