"""What other apps' pages show of the Chairmanship."""

import datetime as dt

from django import template
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from almaty_portal.common.instants import Precision
from almaty_portal.common.templatetags.instants import partial_date
from chairmanship.models import Chairmanship
from documents.templatetags.texts import last_day

register = template.Library()


@register.simple_tag
def chair_on(day: dt.date | None = None) -> Chairmanship | None:
    """The term running on a day, today without one."""
    return (
        Chairmanship.objects.in_force(day)
        .select_related("state")
        .prefetch_related("state__names")
        .first()
    )


@register.simple_tag
def term_period(term: Chairmanship, *, goes_on: bool = False) -> str:
    """A term from its beginning to its end, each as precisely as its source tells (rule S16)."""
    begin = partial_date(term.from_on, term.from_precision)
    if term.until_on:
        return f"{begin} – {last_day(term.until_on, term.until_precision)}"
    if not goes_on:
        return f"{begin} –"
    if term.from_precision == Precision.DAY:
        return _("%(day)s – today") % {"day": begin}
    return f"{begin} – {pgettext('end of a term', 'today')}"


@register.filter
def may_begin_after(term: Chairmanship, day: dt.date) -> bool:
    """Whether the source leaves open that the term began after a day on record as within it."""
    match term.from_precision:
        case Precision.DAY:
            return False
        case Precision.MONTH:
            return (day.year, day.month) == (term.from_on.year, term.from_on.month)
        case Precision.YEAR:
            return day.year == term.from_on.year
        case _:
            return True
