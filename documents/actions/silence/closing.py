"""Recording what the deadline and the answers have decided (rule S11)."""

import logging

from django.db import transaction

from almaty_portal.common.instants import database_now
from documents.actions.outcomes import apply_effects, record_outcome
from documents.mail import tell_effects
from documents.models import (
    SilenceOutcome,
    SilenceProcedure,
    SilenceResponse,
)

logger = logging.getLogger(__name__)

Kind = SilenceProcedure.Kind
Response = SilenceResponse.Kind


@transaction.atomic
def close_procedure(*, procedure_id: int) -> SilenceOutcome | None:
    """Record what the deadline and the answers have decided (rule S11); None where nothing is due.

    Effective at the deadline, whenever it runs; exactly once, since the outcome is unique and the
    row is locked: a sweep that meets another one at work passes by.
    """
    procedure = (
        SilenceProcedure.objects.select_for_update(of=("self",), skip_locked=True)
        .due(database_now())
        .select_related("edition__document")
        .filter(pk=procedure_id)
        .first()
    )
    if procedure is None or SilenceOutcome.objects.filter(procedure=procedure).exists():
        return None
    if procedure.kind == Kind.WINDOW:
        return record_outcome(
            procedure=procedure,
            result=SilenceOutcome.Result.WINDOW_CLOSED,
            effective_at=procedure.deadline_at,
        )
    objection = procedure.responses.filter(kind=Response.OBJECTION, late=False).first()
    if objection is not None:
        return record_outcome(
            procedure=procedure,
            result=SilenceOutcome.Result.BROKEN,
            effective_at=objection.received_at,
            broken_by=objection,
        )
    return record_outcome(
        procedure=procedure,
        result=SilenceOutcome.Result.ADOPTED,
        effective_at=procedure.deadline_at,
    )


def close_due() -> int:
    """Close every procedure that is due, each in a transaction of its own; the number closed.

    One that fails is logged and left for the next sweep; the others are closed all the same. Then
    the effects that an outcome still owes are applied.
    """
    closed = 0
    for procedure_id in (
        SilenceProcedure.objects.due(database_now())
        .order_by("deadline_at")
        .values_list("pk", flat=True)
    ):
        try:
            closed += close_procedure(procedure_id=procedure_id) is not None
        except Exception:
            logger.exception("Procedure %s could not be closed", procedure_id)
    for outcome in SilenceOutcome.objects.without_effects():
        try:
            apply_effects(outcome)
            tell_effects(outcome)
        except Exception:
            logger.exception("The effects of outcome %s are still owed", outcome.pk)
    return closed
