"""What other apps' pages show of the Chairmanship."""

import datetime as dt

from django import template

from chairmanship.models import Chairmanship

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
