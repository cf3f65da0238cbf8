"""Weekends and public holidays in the capitals of States, for the warning of rule S5."""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from zoneinfo import ZoneInfo

import holidays
from django.utils import dateformat
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from almaty_portal.common.instants import write_day
from membership.models import State


@dataclass(frozen=True)
class DayOff:
    """A State in whose capital an instant falls on a day off, and what day that is there."""

    state: State
    day: dt.date
    what: str


@dataclass(frozen=True)
class Clock:
    """What the clock and the calendar of a State's capital show at an instant."""

    state: State
    local: dt.datetime
    off: DayOff | None
    known: bool  # whether the portal knows the State's weekends and holidays

    @property
    def day(self) -> str:
        """The day of the week and the date, in the reader's language."""
        return f"{dateformat.format(self.local, 'l')}, {write_day(self.local.date())}"

    @property
    def time(self) -> str:
        return f"{self.local:%H:%M}"


def clocks(at: dt.datetime, states: Iterable[State]) -> list[Clock]:
    """An aware instant by the clock of each capital, with the day off it falls on there."""
    found = []
    for state in states:
        local = at.astimezone(ZoneInfo(state.time_zone or "Asia/Almaty"))
        day = local.date()
        calendar = calendar_of(state.code, day.year)
        off = None
        if calendar is not None and day in calendar:
            name = str(calendar[day]) if named_in(state.code) else _("public holiday")
            off = DayOff(state, day, name)
        elif calendar is not None and calendar.is_weekend(day):
            off = DayOff(state, day, _("weekend"))
        found.append(Clock(state, local, off, calendar is not None))
    return found


def days_off(at: dt.datetime, states: Iterable[State]) -> tuple[list[DayOff], list[State]]:
    """Where an aware instant falls on a weekend or public holiday, by the clock of each capital.

    Second, the States whose calendar is not known here: nothing is claimed about them.
    """
    read = clocks(at, states)
    return [one.off for one in read if one.off], [one.state for one in read if not one.known]


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
