"""Weekends and public holidays in the capitals of States, for the warning of rule S5."""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from zoneinfo import ZoneInfo

import holidays
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from membership.models import State


@dataclass(frozen=True)
class DayOff:
    """A State in whose capital an instant falls on a day off, and what day that is there."""

    state: State
    day: dt.date
    what: str


def days_off(at: dt.datetime, states: Iterable[State]) -> tuple[list[DayOff], list[State]]:
    """Where an aware instant falls on a weekend or public holiday, by the clock of each capital.

    Second, the States whose calendar is not known here: nothing is claimed about them.
    """
    found, unknown = [], []
    for state in states:
        zone = ZoneInfo(state.time_zone or "Asia/Almaty")
        day = at.astimezone(zone).date()
        calendar = calendar_of(state.code, day.year)
        if calendar is None:
            unknown.append(state)
        elif day in calendar:
            name = str(calendar[day]) if named_in(state.code) else _("public holiday")
            found.append(DayOff(state, day, name))
        elif calendar.is_weekend(day):
            found.append(DayOff(state, day, _("weekend")))
    return found, unknown


def calendar_of(code: str, year: int) -> holidays.HolidayBase | None:
    """The public holidays of a State in a year; None where the library does not know them."""
    try:
        return holidays.country_holidays(code, years=year, language=named_in(code))
    except NotImplementedError:
        return None


def named_in(code: str) -> str | None:
    """The library's form of the reader's language for a State; None where it has no such names."""
    wanted = "ru" if (get_language() or "").startswith("ru") else "en"
    known = holidays.list_localized_countries().get(code, [])
    return next((one for one in known if one.startswith(wanted)), None)
