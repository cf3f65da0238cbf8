"""What became of the notices of silence procedures, put on the ledger (rules S12, S15)."""

import logging
import re
from collections import defaultdict
from typing import Any

from django.db import transaction
from django.db.models import Q, QuerySet
from post_office.models import STATUS

from almaty_portal.common.instants import database_now
from almaty_portal.common.models import Notice
from documents.ledger import instant, record_step
from documents.models import SilenceProcedure

logger = logging.getLogger(__name__)
EVENT = re.compile(r"^silence-(\d+)-")
AT_A_TIME = 500


def undecided() -> "QuerySet[Notice]":
    """Notices of procedures whose mail was sent, or finally was not, and that are not on record.

    One without a mail could not be written at all (fault F10): it never went out.
    """
    decided = Q(email__isnull=True) | Q(email__status__in=[STATUS.sent, STATUS.failed])
    return Notice.objects.filter(
        decided, event__regex=r"^silence-[0-9]+-", delivered__isnull=True
    ).order_by("pk")


def record_deliveries() -> int:
    """Write one entry for each procedure that has news of its mails; the number of notices.

    Exactly once: the notices are locked, and a run that meets another at work passes them by.
    """
    by_procedure: dict[int, list[int]] = defaultdict(list)
    for pk, event in undecided().values_list("pk", "event")[:AT_A_TIME]:
        if found := EVENT.match(event):
            by_procedure[int(found[1])].append(pk)
    recorded = 0
    for procedure_id, notices in by_procedure.items():
        try:
            recorded += record_of_procedure(procedure_id, notices)
        except Exception:
            logger.exception("The delivery of notices of %s is not on record yet", procedure_id)
    return recorded


@transaction.atomic
def record_of_procedure(procedure_id: int, notices: list[int]) -> int:
    procedure = SilenceProcedure.objects.filter(pk=procedure_id).first()
    rows = list(
        undecided()
        .filter(pk__in=notices)
        .select_for_update(of=("self",), skip_locked=True)
        .select_related("email", "recipient")
    )
    if procedure is None or not rows:
        return 0
    told: list[dict[str, Any]] = []
    for notice in rows:
        email = notice.email
        notice.delivered = email is not None and email.status == STATUS.sent
        told.append(
            {
                "event": notice.event,
                "to": ", ".join(email.to) if email else notice.recipient.email,
                "delivered": notice.delivered,
                "at": instant(email.last_updated if email else notice.created_at),
            }
        )
    Notice.objects.bulk_update(rows, ["delivered"])
    record_step(
        step="delivered", procedure=procedure, at=database_now(), entry={"deliveries": told}
    )
    return len(rows)
