"""Constraints that several models share: periods, texts that say something, one of two names."""

from django.contrib.postgres.fields import DateRangeField
from django.db import models
from django.db.models import F, Func, Q, Value
from django.utils.translation import gettext_lazy as _


def days(start: str = "from_on", end: str = "until_on") -> Func:
    """The SQL range of days from `start` up to, not including, `end`; an empty end is open."""
    return Func(F(start), F(end), Value("[)"), function="daterange", output_field=DateRangeField())


def annulled() -> models.DateTimeField:
    """When a record was annulled with the decision that it rests on: it never held (rule S13)."""
    return models.DateTimeField(
        _("annulled at"),
        null=True,
        blank=True,
        editable=False,
        help_text=_("The decision it rests on was annulled; the record stays."),
    )


def ends_after_start(name: str) -> models.CheckConstraint:
    """A period ends after it starts."""
    return models.CheckConstraint(
        name=name,
        condition=Q(until_on__isnull=True) | Q(from_on__isnull=True) | Q(until_on__gt=F("from_on")),
        violation_error_message=_("The period ends before it starts: correct one of its dates."),
    )


def said(field: str) -> Q:
    """The text is neither empty nor NULL, which a check constraint would let pass."""
    return Q(**{f"{field}__isnull": False}) & ~Q(**{field: ""})


def state_or_organization(name: str) -> models.CheckConstraint:
    """Exactly one of `state` and `organization` is named."""
    return models.CheckConstraint(
        name=name,
        condition=Q(state__isnull=True, organization__isnull=False)
        | Q(state__isnull=False, organization__isnull=True),
        violation_error_message=_("Name either a State or an organization."),
    )
