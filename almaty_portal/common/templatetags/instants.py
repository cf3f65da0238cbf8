"""Instants and days as each language writes them."""

import datetime as dt
from zoneinfo import ZoneInfo

from django import template
from django.utils import dateformat, timezone
from django.utils.translation import gettext as _

from almaty_portal.common.instants import (
    ALMATY,
    CAPITALS,
    Precision,
    time_left,
    write_date,
    write_day,
)

register = template.Library()


@register.inclusion_tag("components/instant.html", takes_context=True)
def instant(
    context: template.Context,
    value: dt.datetime,
    zone: str = "",
    *,
    deadline: bool = False,
    now: dt.datetime | None = None,
) -> dict[str, object]:
    """An aware datetime in UTC, in Almaty, and in the reader's capital where that differs.

    `zone` names another clock than the reader's own. With `deadline` the time left until `value`
    stands beside it, counted from `now` (the server's clock unless given) and kept current by
    `instant.js` where that runs.
    """
    if timezone.is_naive(value):
        raise ValueError("An instant is aware: this datetime has no time zone.")
    utc = value.astimezone(dt.UTC)
    user = getattr(context.get("request"), "user", None)
    own = zone or (getattr(user, "time_zone", "") if user and user.is_authenticated else "")
    clocks = [("Asia/Almaty", ALMATY)]
    if own and str(own) not in {"UTC", "Asia/Almaty"}:
        clocks.append((str(own), ZoneInfo(str(own))))
    parts = {
        "value": utc,
        "datetime": in_utc(utc),
        "text": f"{write_day(utc.date())}, {_clock(utc)} UTC",
        "zones": [_in_zone(utc, name, clock) for name, clock in clocks],
        "deadline": deadline,
    }
    if deadline:
        now = now or timezone.now()
        parts["now"] = in_utc(now)
        parts["is_over"] = utc <= now
        parts["left"] = time_left(utc - now)
    return parts


@register.filter
def in_utc(value: dt.datetime) -> str:
    """An aware datetime as the scripts of a page read it: `2026-11-26T10:00:00Z`."""
    return value.astimezone(dt.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


@register.simple_tag
def partial_date(
    value: dt.date | None,
    precision: str = Precision.DAY,
    until: dt.date | None = None,
    until_precision: str = "",
) -> str:
    """A date as precisely as its source tells it: day, month, year or unknown.

    With `until` a period: "15–16 March 2011", "November 2016 – November 2018".
    """
    until_precision = until_precision or precision
    if value is None or precision == Precision.UNKNOWN:
        return _("date not known")
    begin = write_day(value, precision)
    if until is None or until_precision == Precision.UNKNOWN:
        return begin
    end = write_day(until, until_precision)
    if begin == end:
        return begin
    if precision == until_precision == Precision.DAY and value.year == until.year:
        if value.month == until.month:
            return f"{value.day}–{end}"
        return f"{write_date(value, 'day_month')} – {end}"
    return f"{begin} – {end}"


def _clock(value: dt.datetime) -> str:
    return dateformat.time_format(value.time(), "H:i")


def _in_zone(utc: dt.datetime, name: str, clock: ZoneInfo) -> dict[str, str]:
    local = utc.astimezone(clock)
    place = CAPITALS.get(name) or name.rsplit("/", 1)[-1].replace("_", " ")
    time = _("%(time)s in %(place)s") % {"time": _clock(local), "place": place}
    if local.date() == utc.date():
        return {"text": time}
    form = "day_month" if local.year == utc.year else "day"
    return {"text": f"{write_date(local.date(), form)}, {time}"}


@register.simple_tag
def plain_instant(value: dt.datetime, zone: str = "") -> str:
    """An aware datetime as one line of a mail: in UTC, in Almaty, and in the reader's `zone`."""
    utc = value.astimezone(dt.UTC)
    zones = ["Asia/Almaty", *([zone] if zone not in {"", "UTC", "Asia/Almaty"} else [])]
    own = "; ".join(_in_zone(utc, name, ZoneInfo(name))["text"] for name in zones)
    return f"{write_day(utc.date())}, {_clock(utc)} UTC ({own})"
