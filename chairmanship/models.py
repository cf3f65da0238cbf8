"""Who chairs the Process, who volunteered, and whose turn it is next."""

import datetime as dt
from typing import Self

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import RangeOperators
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from almaty_portal.common.instants import Precision, almaty_today
from membership.models import State, User, annulled, days, ends_after_start

TERM_YEARS = 2  # OM 3.ii


class ChairmanshipQuerySet(models.QuerySet["Chairmanship"]):
    def standing(self) -> Self:
        """The terms whose decision stands, past, present and to come."""
        return self.filter(annulled_at__isnull=True)

    def in_force(self, on: dt.date | None = None) -> Self:
        """The term running on a day, today without one."""
        day = on or almaty_today()
        return (
            self.standing()
            .filter(from_on__lte=day)
            .filter(Q(until_on__isnull=True) | Q(until_on__gt=day))
        )


class Chairmanship(models.Model):
    """A State's term in the Chair, from the day it took it until the day it handed it over.

    Terms never overlap (rule C2). A term without an end goes on until somebody enters its end:
    the portal warns of an overrun and never ends a term by itself.
    """

    state = models.ForeignKey(
        State, verbose_name=_("State"), on_delete=models.PROTECT, related_name="chairmanships"
    )
    from_on = models.DateField(_("from"))
    from_precision = models.CharField(
        _("how precisely"), max_length=8, choices=Precision.choices, default=Precision.DAY
    )
    until_on = models.DateField(
        _("until"), null=True, blank=True, help_text=_("The first day no longer in the Chair.")
    )
    until_precision = models.CharField(
        _("how precisely"), max_length=8, choices=Precision.choices, default=Precision.DAY
    )
    published = models.CharField(
        _("term as published"), max_length=200, blank=True, help_text=_("For history.")
    )
    note = models.TextField(_("note"), blank=True)
    source = models.TextField(_("source"), blank=True)
    decision = models.CharField(
        _("decision"),
        max_length=200,
        blank=True,
        help_text=_("The reference of the decision that elected the Chair (rule C5)."),
    )
    annulled_at = annulled()
    representative = models.ForeignKey(
        User,
        verbose_name=_("representative of the Chair"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="chairs",
    )

    objects = ChairmanshipQuerySet.as_manager()

    class Meta:
        verbose_name = _("Chairmanship")
        verbose_name_plural = _("Chairmanships")
        ordering = ["from_on"]
        constraints = [
            ends_after_start("chairmanship_ends_after_start"),
            ExclusionConstraint(
                name="chairmanships_do_not_overlap",
                expressions=[(days(), RangeOperators.OVERLAPS)],
                condition=Q(annulled_at__isnull=True),
                violation_error_message=_(
                    "Another State is in the Chair in that period: end its term first."
                ),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.state}, {self.from_on.year}"


class Volunteer(models.Model):
    """A State's declaration that it is ready to take the Chair (rule C1)."""

    state = models.ForeignKey(
        State, verbose_name=_("State"), on_delete=models.PROTECT, related_name="volunteered"
    )
    declared_on = models.DateField(_("declared on"))
    note_verbale = models.CharField(_("Note Verbale"), max_length=200)
    withdrawn_on = models.DateField(_("withdrawn on"), null=True, blank=True)

    class Meta:
        verbose_name = _("declaration of readiness to chair")
        verbose_name_plural = _("declarations of readiness to chair")
        ordering = ["-declared_on"]
        constraints = [
            models.UniqueConstraint(
                fields=["state"],
                condition=Q(withdrawn_on__isnull=True),
                name="one_standing_declaration_per_state",
                violation_error_message=_("The State has declared its readiness already."),
            ),
            models.CheckConstraint(
                name="declaration_withdrawn_after_it_was_made",
                condition=Q(withdrawn_on__isnull=True)
                | Q(withdrawn_on__gte=models.F("declared_on")),
                violation_error_message=_("It was withdrawn before it was made: correct a date."),
            ),
        ]

    def __str__(self) -> str:
        return str(self.state)
