"""The head of each day in Almaty: sealed, mailed to every Coordinator, time-stamped (rule S15)."""

import datetime as dt
import logging
import time

from django.conf import settings
from django.db import IntegrityError, transaction

from almaty_portal.common.instants import ALMATY, database_now
from documents.evidence import timestamps
from documents.mail import tell_head
from documents.models import DailyHead, LedgerEntry

logger = logging.getLogger(__name__)
# An act received before midnight is committed within this time (fault F3: a request ends sooner).
SETTLED_AFTER = dt.timedelta(minutes=5)
BEGIN_SECONDS = 20
STAMPED_FOR = dt.timedelta(days=30)


def seal_heads(*, now: dt.datetime | None = None) -> list[DailyHead]:
    """Seal every day that has ended since the last sealed one; the new heads.

    The head of a day is the last entry by its end. The first run seals yesterday alone; later ones
    catch up on what was missed. Only the newest head is mailed, once. `now` is aware.
    """
    now = now or database_now()
    yesterday = (now - SETTLED_AFTER).astimezone(ALMATY).date() - dt.timedelta(days=1)
    last = DailyHead.objects.order_by("-day").first()
    day = last.day + dt.timedelta(days=1) if last else yesterday
    sealed = []
    while day <= yesterday:
        if (head := seal(day)) is not None:
            sealed.append(head)
        day += dt.timedelta(days=1)
    newest = DailyHead.objects.filter(day=yesterday).first()
    if newest is not None:
        tell_head(newest)
    return sealed


def seal(day: dt.date) -> DailyHead | None:
    """The head of a day; None where nothing was on record by its end, or it is sealed already."""
    end = dt.datetime.combine(day + dt.timedelta(days=1), dt.time.min, tzinfo=ALMATY)
    entry = LedgerEntry.objects.filter(recorded_at__lt=end).order_by("-number").first()
    if entry is None:
        return None
    try:
        with transaction.atomic():
            return DailyHead.objects.create(
                day=day,
                number=entry.number,
                entry_hash=entry.entry_hash,
                sealed_at=database_now(),
            )
    except IntegrityError:
        return None  # another run was first


def stamp_heads() -> int:
    """Ask the authority, where one is configured, for the time stamps still missing; how many came.

    One that does not answer is asked again by a later run.
    """
    if not settings.TIMESTAMP_URL:
        return 0
    begun, stamped = time.monotonic(), 0
    since = database_now().date() - STAMPED_FOR
    for head in DailyHead.objects.filter(token__isnull=True, day__gte=since).order_by("-day"):
        if time.monotonic() - begun > BEGIN_SECONDS:
            break
        try:
            token = timestamps.stamp(head.entry_hash)
        except timestamps.TimestampError as error:
            logger.warning("The head of %s has no time stamp yet: %s", head.day, error)
            break
        stamped += DailyHead.objects.filter(pk=head.pk, token__isnull=True).update(
            token=token, token_at=database_now()
        )
    return stamped
