"""Whose turn it is: the rotation of the Chair (OM 3.ii, rules C1, C2)."""

import datetime as dt
from dataclasses import dataclass, field

from almaty_portal.common.instants import almaty_today
from chairmanship.models import TERM_YEARS, Chairmanship, Volunteer
from membership.models import State


@dataclass
class Rotation:
    """The present term, the State whose turn is next, and those the turn passes over.

    Those passed over have not volunteered; nothing says that they refused (rule C1).
    """

    present: Chairmanship | None
    next: State | None = None
    passed_over: list[State] = field(default_factory=list)
    due_on: dt.date | None = None  # when the present term has lasted its two years
    overrun: bool = False
    vacant: bool = False


def rotation(on: dt.date | None = None) -> Rotation:
    """The rotation as it stands on a day, today in Almaty without one.

    The next Chair is the first Member State after the present Chair in English alphabetical
    order, wrapping round, that has volunteered. While the Chair is vacant the order is counted
    from the last Chair. It only tells; an election is a decision (rule C5).
    """
    day = on or almaty_today()
    terms = Chairmanship.objects.standing().select_related("state").prefetch_related("state__names")
    present = terms.in_force(day).first()
    last = present or terms.filter(from_on__lte=day).order_by("-from_on").first()
    result = Rotation(present, vacant=present is None)
    if present is not None:
        result.due_on = years_later(present.from_on, TERM_YEARS)
        result.overrun = day >= result.due_on and (
            present.until_on is None or present.until_on > result.due_on
        )
    ready = set(
        Volunteer.objects.filter(declared_on__lte=day)
        .exclude(withdrawn_on__lte=day)
        .values_list("state", flat=True)
    )
    for state in in_turn(last.state if last else None, day):
        if state.pk in ready:
            result.next = state
            return result
        result.passed_over.append(state)
    return result


def in_turn(after: State | None, day: dt.date) -> list[State]:
    """The Member States of a day in English alphabetical order, from the one after a State on,
    wrapping round; that State itself is not among them."""
    members = list(State.objects.members(on=day).in_protocol_order().with_names())
    if after is None:
        return members
    later = [one for one in members if one.protocol_key > after.protocol_key]
    earlier = [one for one in members if one.protocol_key < after.protocol_key]
    return later + earlier


def years_later(day: dt.date, years: int) -> dt.date:
    """The same day some years later; the first of March for a 29 February."""
    try:
        return day.replace(year=day.year + years)
    except ValueError:
        return dt.date(day.year + years, 3, 1)
