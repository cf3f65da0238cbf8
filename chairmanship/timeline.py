"""The picture of the terms in the Chair: its bars and years, in units of the drawing."""

import datetime as dt
from dataclasses import dataclass
from typing import Any

from chairmanship.models import Chairmanship

WIDTH = 960
ROW = 34
TOP = 30
NAMES = 190  # width of the column of names


@dataclass
class Bar:
    """One term: the bar's place in the drawing and the term it stands for."""

    term: Chairmanship
    x: float
    y: float
    width: float
    open: bool


def timeline(terms: list[Chairmanship], today: dt.date) -> dict[str, Any] | None:
    """The drawing of terms in their order, one row each; None without a term."""
    if not terms:
        return None
    first = dt.date(terms[0].from_on.year, 1, 1)
    end = max([today, *(one.until_on or today for one in terms)])
    last = dt.date(end.year + 1, 1, 1)
    scale = (WIDTH - NAMES) / (last - first).days

    def place(day: dt.date) -> float:
        return round(NAMES + (day - first).days * scale, 1)

    bars = [
        Bar(
            term=one,
            x=place(one.from_on),
            y=TOP + number * ROW,
            width=round(
                max(3, place(one.until_on or max(today, one.from_on)) - place(one.from_on)), 1
            ),
            open=one.until_on is None,
        )
        for number, one in enumerate(terms)
    ]
    return {
        "bars": bars,
        "years": [
            {"year": year, "x": place(dt.date(year, 1, 1)), "label": (year - first.year) % 2 == 0}
            for year in range(first.year, last.year)
        ],
        "today": place(today),
        "width": WIDTH,
        "height": TOP + len(bars) * ROW + 8,
        "bottom": TOP + len(bars) * ROW,
    }
