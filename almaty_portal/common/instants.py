"""Instants and days: the legal clock is PostgreSQL's, every instant is aware and UTC inside.

Here is also how each language writes them; pages do so by the tags of `templatetags.instants`.
"""

import datetime as dt
from zoneinfo import ZoneInfo

from django.db import connection, models
from django.utils import dateformat
from django.utils.translation import get_language, gettext, ngettext
from django.utils.translation import gettext_lazy as _

ALMATY = ZoneInfo("Asia/Almaty")
# Django's date format characters; a Russian date ends in the word for year.
FORMATS = {
    "en": {"day": "j F Y", "month": "F Y", "year": "Y", "day_month": "j F", "time": "H:i"},
    "ru": {
        "day": "j E Y года",
        "month": "F Y года",
        "year": "Y год",
        "day_month": "j E",
        "time": "H:i",
    },
}
# The clock of each capital, named for its reader.
CAPITALS = {
    "Asia/Almaty": _("Almaty"),
    "Asia/Ashgabat": _("Ashgabat"),
    "Asia/Baku": _("Baku"),
    "Asia/Bishkek": _("Bishkek"),
    "Asia/Dushanbe": _("Dushanbe"),
    "Asia/Kabul": _("Kabul"),
    "Asia/Karachi": _("Islamabad"),
    "Asia/Tashkent": _("Tashkent"),
    "Asia/Tehran": _("Tehran"),
    "Europe/Istanbul": _("Ankara"),
}


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


def write_day(value: dt.date, precision: str = Precision.DAY) -> str:
    """A day, a month or a year in the words of the active language."""
    return write_date(value, str(precision))


def time_left(left: dt.timedelta) -> str:
    """The time left in its two greatest units: "2 days 3 hours left"."""
    seconds = int(left.total_seconds())
    if seconds <= 0:
        return gettext("The time has passed")
    if seconds < 60:
        return gettext("less than a minute left")
    days, hours, minutes = seconds // 86400, seconds // 3600 % 24, seconds // 60 % 60
    words = [
        (days, ngettext("%(count)d day", "%(count)d days", days)),
        (hours, ngettext("%(count)d hour", "%(count)d hours", hours)),
        (minutes, ngettext("%(count)d minute", "%(count)d minutes", minutes)),
    ]
    first = next(index for index, (count, _words) in enumerate(words) if count)
    amount = " ".join(
        phrase % {"count": count} for count, phrase in words[first : first + 2] if count
    )
    return gettext("%(amount)s left") % {"amount": amount}


def write_date(value: dt.date, form: str) -> str:
    """A date in one of the forms of `FORMATS`, in the active language."""
    formats = FORMATS.get((get_language() or "en").split("-")[0], FORMATS["en"])
    text = dateformat.format(value, formats[form])
    return text.lower() if form == "month" and formats is FORMATS["ru"] else text
