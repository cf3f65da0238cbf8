"""Instants and days: the legal clock is PostgreSQL's, every instant is aware and UTC inside."""

import datetime as dt
from zoneinfo import ZoneInfo

from django.db import connection, models
from django.utils.translation import gettext_lazy as _

ALMATY = ZoneInfo("Asia/Almaty")


class Precision(models.TextChoices):
    """How precisely a source tells a day (rule S16: as precisely as its source says)."""

    DAY = "day", _("day")
    MONTH = "month", _("month")
    YEAR = "year", _("year")
    UNKNOWN = "unknown", _("not known")


def database_now() -> dt.datetime:
    """The reading of PostgreSQL's clock at this moment, aware, UTC (rule S6).

    `clock_timestamp()`, not `now()`: inside a transaction `now()` stands still at its start.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        return cursor.fetchone()[0].astimezone(dt.UTC)


def almaty_today() -> dt.date:
    """Today's date in Almaty, where the Support Unit sits (OM 3.iii), by the database's clock."""
    return database_now().astimezone(ALMATY).date()
