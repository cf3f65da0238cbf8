"""Notes Verbales on paper: entered by one person, confirmed by another (rule S13)."""

import datetime as dt
import logging
from collections.abc import Iterable
from typing import Any

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.db.models import Exists, Func, JSONField, OuterRef
from django.utils.translation import gettext as _

from almaty_portal.common import audit
from almaty_portal.common.errors import DomainError
from almaty_portal.common.instants import database_now
from documents import permissions
from documents.actions import outcomes
from documents.actions.ledger import instant, record_step, told_points
from documents.actions.silence.receiving import (
    Point,
    act,
    already_answered,
    check_note,
    checked_points,
    clock,
    keep_note,
    locked,
)
from documents.mail import tell
from documents.models import (
    Annulment,
    LedgerEntry,
    ObjectionPoint,
    PaperNote,
    SilenceOutcome,
    SilenceProcedure,
    SilenceResponse,
    StateOutcome,
)
from documents.transitions import require
from membership.models import State, User

logger = logging.getLogger(__name__)
Kind = PaperNote.Kind
RESULT = {
    Kind.PARTICIPATES: StateOutcome.Result.FORMALISED,
    Kind.DECLINES: StateOutcome.Result.DECLINED,
}


def enter_paper_note(
    *,
    procedure: SilenceProcedure,
    state: State,
    kind: str,
    reason: str,
    received_at: dt.datetime,
    received_how: str,
    file: UploadedFile | None,
    by: User,
    points: Iterable[Point] = (),
) -> PaperNote:
    """Enter a Note Verbale that the Support Unit received on paper before the deadline (S13).

    `received_at` is aware: the moment that its stamp shows; `points` are the paragraphs that it
    names, with the wording that it proposes, as in `break_silence`. It has no effect until another
    person confirms it, within `PAPER_NOTE_CONFIRM_HOURS`. Raises DomainError, storing nothing,
    where it came late or before the opening, is entered more than `PAPER_NOTE_ENTRY_DAYS` after the
    deadline, the State is not entitled or has answered, a paragraph is of another text, or the
    scan, the reason or the way it was received is missing.
    """
    with act() as now:
        check_note(file)
        procedure = locked(procedure)
        require("paper_entered", procedure, now, by)
        check_answer(procedure, state, kind)
        check_receipt(procedure, received_at, now)
        if kind == Kind.OBJECTION and not reason.strip():
            raise DomainError(
                _("Enter the reason that the Note Verbale gives: it is told to all States."),
                fields=["reason"],
            )
        if not received_how.strip():
            raise DomainError(
                _("Say how it was received: by whom, where, with what stamp."),
                fields=["received_how"],
            )
        if file is None:
            raise DomainError(_("Add the scan of the Note Verbale."), fields=["file"])
        if procedure.paper_notes.waiting(now).filter(state=state).exists():
            raise DomainError(
                _("A Note Verbale of %(state)s waits for its confirmation already.")
                % {"state": state}
            )
        told = [
            {"paragraph": paragraph.pk, "anchor": paragraph.anchor, "en": en, "ru": ru}
            for paragraph, en, ru in checked_points(procedure, points)
        ]
        note = PaperNote.objects.create(
            procedure=procedure,
            state=state,
            kind=kind,
            reason=reason.strip(),
            points=told,
            received_at=received_at,
            received_how=received_how.strip(),
            entered_by=by,
            entered_at=now,
            confirm_before=now + dt.timedelta(hours=settings.PAPER_NOTE_CONFIRM_HOURS),
            **keep_note(file),
        )
        record_step(
            step="paper_entered",
            procedure=procedure,
            at=now,
            entry={
                "state": state.code,
                "paper": kind,
                "note": note.pk,
                "note_sha256": note.note_sha256,
                "paper_received_at": instant(received_at),
                "received_how": note.received_how,
                "confirm_before": instant(note.confirm_before),
                "by": by.email,
            },
        )
        tell(procedure, "paper_entered", event=f"paper-entered-{note.pk}", note=note)
        audit.record(by=by, action="enter_paper_note", target=note)
        return note


def check_answer(procedure: SilenceProcedure, state: State, kind: str) -> None:
    """Raise DomainError where the State cannot give this answer here, or has given it."""
    window = procedure.kind == SilenceProcedure.Kind.WINDOW
    if kind not in Kind.values or window != (kind != Kind.OBJECTION):
        raise DomainError(
            _("A participation window is answered: the State participates or does not.")
            if window
            else _("An adoption is objected to: choose “breaks silence”."),
            fields=["kind"],
        )
    if not procedure.electorate.filter(pk=state.pk).exists():
        raise DomainError(
            _("%(state)s is not among the States entitled to act in this procedure.")
            % {"state": state},
            fields=["state"],
        )
    answers = [Kind.OBJECTION] if kind == Kind.OBJECTION else [Kind.PARTICIPATES, Kind.DECLINES]
    if already_answered(procedure, state, answers):
        raise DomainError(
            _("%(state)s has answered already: its answer is on record.") % {"state": state},
            fields=["state"],
        )


def check_receipt(procedure: SilenceProcedure, received_at: dt.datetime, now: dt.datetime) -> None:
    """Raise DomainError where a note did not come in time, or is entered too late (S6, S13)."""
    if received_at >= procedure.deadline_at:
        raise DomainError(
            _(
                "It was received at %(received)s UTC, at or after the deadline of %(deadline)s "
                "UTC: it is late and cannot be entered."
            )
            % {"received": clock(received_at), "deadline": clock(procedure.deadline_at)},
            fields=["received_at"],
        )
    if not procedure.opened_at <= received_at <= now:
        raise DomainError(
            _("It was received between the opening of the procedure and now: correct the moment."),
            fields=["received_at"],
        )
    if now >= procedure.deadline_at + dt.timedelta(days=settings.PAPER_NOTE_ENTRY_DAYS):
        raise DomainError(
            _(
                "The deadline passed more than %(days)s days ago: a Note Verbale on paper can no "
                "longer be entered. Ask the Chair for a reissue or a referral to a meeting."
            )
            % {"days": settings.PAPER_NOTE_ENTRY_DAYS}
        )


def confirm_paper_note(*, note: PaperNote, by: User) -> SilenceResponse:
    """Confirm a Note Verbale that another person entered: it counts as received on paper (S13).

    An objection breaks silence, or annuls the adoption that was recorded meanwhile; an answer to a
    window counts, or corrects the result that was recorded. Raises DomainError for the person who
    entered it, after the time to confirm, and where it was confirmed or refused already.
    """
    with act() as now:
        procedure = locked(note.procedure)
        note = waiting_note(note, procedure, now, by)
        check_answer(procedure, note.state, note.kind)
        require_another_person(note, by)
        note.confirmed_by, note.confirmed_at = by, now
        note.save(update_fields=["confirmed_by", "confirmed_at"])
        response = SilenceResponse.objects.create(
            procedure=procedure,
            state=note.state,
            kind=note.kind,
            reason=note.reason,
            late=False,
            received_at=note.received_at,
            paper_note=note,
            by=note.entered_by,
            note_file=note.note_file.name,
            note_name=note.note_name,
            note_size=note.note_size,
            note_sha256=note.note_sha256,
        )
        points = note.named_points()
        ObjectionPoint.objects.bulk_create(
            ObjectionPoint(response=response, paragraph=paragraph, proposed_en=en, proposed_ru=ru)
            for paragraph, en, ru in points
        )
        record_step(
            step="paper_confirmed",
            procedure=procedure,
            at=now,
            entry={
                "state": note.state.code,
                "answer": note.kind,
                "reason": note.reason,
                "received_at": instant(note.received_at),
                "deadline_at": instant(procedure.deadline_at),
                "late": False,
                "paper": True,
                "note": note.pk,
                "note_sha256": note.note_sha256,
                "points": told_points(points),
                "entered_by": note.entered_by.email,
                "by": by.email,
            },
        )
        audit.record(by=by, action="confirm_paper_note", target=note)
        take_effect(procedure, response, by)
        return response


def waiting_note(
    note: PaperNote, procedure: SilenceProcedure, now: dt.datetime, by: User
) -> PaperNote:
    """The note under its row lock, while it waits; DomainError where it no longer does."""
    require("paper_confirmed", procedure, now, by)
    note = (
        PaperNote.objects.select_for_update(of=("self",))
        .select_related("state", "entered_by", "procedure")
        .get(pk=note.pk)
    )
    require_waiting(note, procedure, now)
    return note


def require_waiting(note: PaperNote, procedure: SilenceProcedure, now: dt.datetime) -> None:
    """Raise DomainError where a note was settled, or the time to confirm it is over."""
    if note.confirmed_at is not None or note.refused_at is not None:
        raise DomainError(_("This Note Verbale was confirmed or refused already."))
    if now >= note.confirm_before or has_lapsed(note, procedure):
        raise DomainError(
            _(
                "The time to confirm it ended at %(until)s UTC. Where the procedure still allows "
                "it, enter the Note Verbale anew."
            )
            % {"until": clock(note.confirm_before)}
        )


def require_another_person(note: PaperNote, by: User) -> None:
    """Raise DomainError for whoever entered the note, and for whoever confirms none (S13)."""
    if not permissions.can_confirm_paper(by, note):
        raise DomainError(
            _(
                "You entered this Note Verbale yourself: another member of the Support Unit "
                "compares it with the paper and confirms it."
            )
        )


def take_effect(procedure: SilenceProcedure, response: SilenceResponse, by: User) -> None:
    """What a confirmed answer on paper does, by what has been recorded so far."""
    outcome = SilenceOutcome.objects.filter(procedure=procedure).first()
    if response.kind == Kind.OBJECTION:
        if outcome is None:
            outcomes.record_outcome(
                procedure=procedure,
                result=SilenceOutcome.Result.BROKEN,
                effective_at=response.received_at,
                broken_by=response,
            )
            return
        adopted = outcome.result == SilenceOutcome.Result.ADOPTED
        if adopted and not Annulment.objects.filter(outcome=outcome).exists():
            outcomes.annul(outcome=outcome, objection=response)
            return
    elif outcome is not None:
        outcomes.correct_state_outcome(
            outcome=outcome,
            state=response.state,
            result=RESULT[Kind(response.kind)],
            step="result_corrected",
            response=response,
            by=by,
        )
        return
    tell(procedure, "paper_confirmed", event=f"paper-confirmed-{response.pk}", response=response)


def refuse_paper_note(*, note: PaperNote, reason: str, by: User) -> PaperNote:
    """Refuse a Note Verbale that does not agree with the paper, or take back one's own entry."""
    with act() as now:
        procedure = locked(note.procedure)
        note = waiting_note(note, procedure, now, by)
        if not reason.strip():
            raise DomainError(_("Say why it is refused: it stays on record."), fields=["reason"])
        note.refused_by, note.refused_at, note.refused_reason = by, now, reason.strip()
        note.save(update_fields=["refused_by", "refused_at", "refused_reason"])
        entry: dict[str, Any] = {
            "state": note.state.code,
            "note": note.pk,
            "refused": note.refused_reason,
            "by": by.email,
        }
        record_step(step="paper_refused", procedure=procedure, at=now, entry=entry)
        tell(procedure, "paper_refused", event=f"paper-refused-{note.pk}", note=note)
        audit.record(by=by, action="refuse_paper_note", target=note, detail=entry)
        return note


def lapse_paper_notes() -> int:
    """Put on record, and tell all, which notes nobody confirmed in time (S13); the number of them.

    Each once: its ledger entry is looked for under the procedure's lock. It waits as long as the
    sweep does, so that a confirmation in time that is still on its way is committed first. One
    that fails is logged, tried again by the next run, and in the way of none.
    """
    lapsed = 0
    until = database_now() - dt.timedelta(seconds=settings.SILENCE_GRACE_SECONDS)
    number = Func(OuterRef("pk"), function="to_jsonb", output_field=JSONField())
    entered = LedgerEntry.objects.filter(
        step="paper_lapsed", procedure=OuterRef("procedure"), entry__note=number
    )
    unsettled = PaperNote.objects.filter(
        ~Exists(entered), confirmed_at__isnull=True, refused_at__isnull=True
    )
    for note in unsettled.filter(confirm_before__lte=until).select_related("procedure", "state"):
        try:
            lapsed += lapse(note)
        except Exception:
            logger.exception("The paper note %s could not be recorded as lapsed", note.pk)
    return lapsed


@transaction.atomic
def lapse(note: PaperNote) -> bool:
    """Put on record that a note lapsed; False where it was settled or told meanwhile."""
    procedure = locked(note.procedure)
    note.refresh_from_db(fields=["confirmed_at", "refused_at"])
    if note.confirmed_at or note.refused_at or has_lapsed(note, procedure):
        return False
    record_step(
        step="paper_lapsed",
        procedure=procedure,
        at=database_now(),
        entry={"state": note.state.code, "note": note.pk},
    )
    tell(procedure, "paper_refused", event=f"paper-lapsed-{note.pk}", note=note)
    return True


def has_lapsed(note: PaperNote, procedure: SilenceProcedure) -> bool:
    return procedure.ledger.filter(step="paper_lapsed", entry__note=note.pk).exists()
