"""What the Chair may do while a procedure runs (rule S9)."""

import datetime as dt

from django.utils.translation import gettext as _

from almaty_portal.common import audit
from almaty_portal.common.errors import DomainError
from documents.actions.ledger import instant, record_step
from documents.actions.silence.checks import check_not_far, require_zone
from documents.actions.silence.directing import chairs_decision
from documents.actions.silence.receiving import act, locked
from documents.mail import tell_extended
from documents.models import SilenceProcedure
from documents.transitions import require
from membership.models import User


def extend(
    *,
    procedure: SilenceProcedure,
    deadline_at: dt.datetime,
    deadline_zone: str,
    reason_en: str,
    reason_ru: str,
    by: User,
) -> SilenceProcedure:
    """Set a later deadline on the Chair's decision, before the present one expires (rule S9).

    `deadline_at` is aware, set in the named zone `deadline_zone`; `reason` names the Chair's
    decision in both languages. Every entitled State is told. Raises DomainError, storing nothing,
    where the procedure has ended, the deadline would not be later, or the reason is missing.
    """
    with act() as now:
        procedure = locked(procedure)
        require("extended", procedure, now, by)
        require_zone(deadline_zone)
        if deadline_at <= procedure.deadline_at:
            raise DomainError(
                _("A deadline is extended and never shortened: choose one after the present one."),
                fields=["deadline_at"],
            )
        check_not_far(deadline_at, now)
        reason = chairs_decision(reason_en, reason_ru)
        before = procedure.deadline_at
        procedure.deadline_at, procedure.deadline_zone = deadline_at, deadline_zone
        procedure.save(update_fields=["deadline_at", "deadline_zone"])
        record_step(
            step="extended",
            procedure=procedure,
            at=now,
            entry={
                "deadline_before": instant(before),
                "deadline_at": instant(deadline_at),
                "deadline_zone": deadline_zone,
                "reason": reason,
                "by": by.email,
            },
        )
        tell_extended(procedure, reason, before)
        audit.record(
            by=by,
            action="extend",
            target=procedure,
            detail={"before": instant(before), "after": instant(deadline_at)},
        )
        return procedure
