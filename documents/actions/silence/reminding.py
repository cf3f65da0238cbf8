"""Reminders before a deadline, to those who have not answered (`settings.SILENCE_REMINDER_HOURS`).

Only marks that lie after the opening count, and of those reached only the nearest to the deadline;
each is recorded once for a deadline, so that an extension reminds anew.
"""

import datetime as dt
import logging
from collections.abc import Sequence

from django.conf import settings

from almaty_portal.common import audit
from almaty_portal.common.instants import database_now
from documents import mail
from documents.actions.ledger import instant, record_step
from documents.actions.silence.receiving import act
from documents.models import SilenceProcedure, SilenceResponse
from membership.models import NationalCoordinator, State

logger = logging.getLogger(__name__)

Kind = SilenceProcedure.Kind
Response = SilenceResponse.Kind


def remind() -> int:
    """Remind in every procedure whose mark is reached; the number of procedures."""
    reminded = 0
    now = database_now()
    for procedure in SilenceProcedure.objects.open().filter(historic=False, deadline_at__gt=now):
        if mark_due(procedure, now) is None:
            continue
        try:
            reminded += remind_of(procedure)
        except Exception:
            logger.exception("The reminder of %s could not be written", procedure.slug)
    return reminded


def mark_due(procedure: SilenceProcedure, now: dt.datetime) -> int | None:
    """The mark reached at an aware instant, in hours before the deadline: the nearest to it."""
    reached = [
        hours
        for hours in settings.SILENCE_REMINDER_HOURS
        if procedure.opened_at < procedure.deadline_at - dt.timedelta(hours=hours) <= now
    ]
    return min(reached, default=None)


def remind_of(procedure: SilenceProcedure) -> bool:
    """Remind in one procedure, once for a mark and deadline; whether it did.

    A procedure that another process has locked is left to the next run.
    """
    with act() as now:
        locked = (
            SilenceProcedure.objects.select_for_update(of=("self",), skip_locked=True)
            .select_related("edition__document")
            .filter(pk=procedure.pk)
            .first()
        )
        if locked is None or not locked.is_running(now):
            return False
        hours = mark_due(locked, now)
        if hours is None or is_recorded(locked, hours):
            return False
        states = silent_states(locked)
        if not states:
            return False
        record_step(
            step="reminded",
            procedure=locked,
            at=now,
            entry={
                "hours": hours,
                "before_deadline": instant(locked.deadline_at),
                "states": [state.code for state in states],
            },
        )
        mail.remind(locked, hours, states)
        audit.record(by=None, action="remind", target=locked, detail={"hours": hours})
        return True


def is_recorded(procedure: SilenceProcedure, hours: int) -> bool:
    """Whether the reminder of a mark before the present deadline is on record."""
    return procedure.ledger.filter(
        step="reminded", entry__hours=hours, entry__before_deadline=instant(procedure.deadline_at)
    ).exists()


def silent_states(procedure: SilenceProcedure) -> Sequence[State]:
    """The States to remind, in the order of protocol: in an adoption those that said nothing, in a
    window those that have not answered it; of those only who has somebody in office."""
    said = procedure.responses.filter(late=False)
    if procedure.kind == Kind.WINDOW:
        said = said.filter(kind__in=[Response.PARTICIPATES, Response.DECLINES])
    served = NationalCoordinator.objects.in_office().filter(user__is_active=True)
    return list(
        procedure.electorate.exclude(pk__in=said.values("state"))
        .filter(pk__in=served.values("state"))
        .order_by("protocol_key")
    )
