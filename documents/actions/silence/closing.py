"""Recording what the deadlines and the answers have decided (rule S11)."""

import logging
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from celery.exceptions import SoftTimeLimitExceeded
from django.db import connection, transaction

from almaty_portal.common.instants import database_now
from documents.actions.outcomes import Finding, apply_effects, record_outcomes
from documents.mail import tell_effects
from documents.models import (
    SilenceOutcome,
    SilenceProcedure,
    SilenceResponse,
)

logger = logging.getLogger(__name__)

Kind = SilenceProcedure.Kind
Response = SilenceResponse.Kind
Result = SilenceOutcome.Result

# Procedures closed in one transaction. A State that acts meanwhile waits for the ledger until it
# ends, which is about as many hundredths of a second.
TOGETHER = 50
# Any fixed number: the advisory lock of the one sweep that is at work.
SWEEP_LOCK = 72_2013


def close_procedure(*, procedure_id: int) -> SilenceOutcome | None:
    """Record the outcome of one procedure (rule S11); None where nothing is due."""
    return next(iter(close_procedures([procedure_id])), None)


@transaction.atomic
def close_procedures(procedure_ids: Sequence[int]) -> list[SilenceOutcome]:
    """Record what the deadlines and the answers have decided (rule S11), of those that are due.

    Effective at the deadline, whenever it runs; exactly once, since the outcome is unique and the
    row is locked: a sweep that meets another one at work passes by. All in one transaction: all of
    them are closed, or none.
    """
    procedures = list(
        SilenceProcedure.objects.select_for_update(of=("self",), no_key=True, skip_locked=True)
        .due(database_now())
        .filter(pk__in=procedure_ids)
        .order_by("deadline_at", "pk")
        .select_related("edition__document")
        .prefetch_related(
            "edition__paragraphs",
            "edition__language_versions",
            "corrections__edition__paragraphs",
            "corrections__edition__language_versions",
            "electorate",
            "responses__state",
        )
    )
    closed = set(
        SilenceOutcome.objects.filter(procedure__in=procedures).values_list("procedure", flat=True)
    )
    findings = [find(one) for one in procedures if one.pk not in closed]
    return record_outcomes(findings) if findings else []


def find(procedure: SilenceProcedure) -> Finding:
    """What the deadline and the answers have decided in a procedure that is due."""
    if procedure.kind == Kind.WINDOW:
        return Finding(procedure, Result.WINDOW_CLOSED, procedure.deadline_at)
    for one in procedure.responses.all():
        if one.kind == Response.OBJECTION and not one.late:
            return Finding(procedure, Result.BROKEN, one.received_at, broken_by=one)
    return Finding(procedure, Result.ADOPTED, procedure.deadline_at)


def close_due() -> int:
    """Close every procedure that is due; the number closed. Nothing while another sweep is at work.

    One that fails is logged and left for the next sweep; the others are closed all the same. Then
    the effects that an outcome still owes are applied.
    """
    with the_only_sweep() as alone:
        if not alone:
            return 0
        due = list(
            SilenceProcedure.objects.due(database_now())
            .order_by("deadline_at", "pk")
            .values_list("pk", flat=True)
        )
        parts = [due[start : start + TOGETHER] for start in range(0, len(due), TOGETHER)]
        closed = sum(close_together(part) for part in parts)
        for outcome in SilenceOutcome.objects.without_effects():
            try:
                with transaction.atomic():
                    tell_effects(apply_effects(outcome))
            except SoftTimeLimitExceeded:
                raise
            except Exception:
                logger.exception("The effects of outcome %s are still owed", outcome.pk)
        return closed


@contextmanager
def the_only_sweep() -> Iterator[bool]:
    """Whether this is the only sweep at work; it stays so until it ends, or its connection does."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s)", [SWEEP_LOCK])
        if not cursor.fetchone()[0]:
            yield False
            return
        try:
            yield True
        finally:
            cursor.execute("SELECT pg_advisory_unlock(%s)", [SWEEP_LOCK])


def close_together(procedure_ids: Sequence[int]) -> int:
    """Close procedures in one transaction, or where that fails in two halves, down to the one that
    fails alone; the number closed."""
    try:
        return len(close_procedures(procedure_ids))
    except SoftTimeLimitExceeded:
        raise
    except Exception:
        if len(procedure_ids) == 1:
            logger.exception("Procedure %s could not be closed", procedure_ids[0])
            return 0
        logger.info("Of %s procedures one fails: each half alone", len(procedure_ids))
    half = len(procedure_ids) // 2
    return close_together(procedure_ids[:half]) + close_together(procedure_ids[half:])
