"""Organizations, observers and contributions."""

import datetime as dt
from typing import Self

from django.core.validators import MinValueValidator, RegexValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from almaty_portal.common.instants import almaty_today
from membership.models.people import User
from membership.models.rules import annulled, ends_after_start, said, state_or_organization
from membership.models.states import State


class Organization(models.Model):
    """An organization that takes part in the work: international, regional, civil society."""

    class Kind(models.TextChoices):
        REGIONAL = "regional", _("regional organization")
        INTERGOVERNMENTAL = "intergovernmental", _("intergovernmental organization")
        UN_AGENCY = "un_agency", _("UN agency")
        OTHER = "other", _("other entity")
        CIVIL_SOCIETY = "civil_society", _("civil society")

    slug = models.SlugField(_("address"), unique=True, max_length=80)
    kind = models.CharField(_("kind"), max_length=20, choices=Kind.choices)
    acronym = models.CharField(_("acronym"), max_length=30, blank=True)
    name = models.CharField(_("name"), max_length=250)
    country = models.ForeignKey(
        State,
        verbose_name=_("country"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="organizations",
    )

    class Meta:
        verbose_name = _("organization")
        verbose_name_plural = _("organizations")
        ordering = ["name"]

    def __str__(self) -> str:
        return f"{self.name} ({self.acronym})" if self.acronym else self.name or self.slug


class ObserverQuerySet(models.QuerySet["Observer"]):
    def in_force(self, on: dt.date | None = None) -> Self:
        """Observers of a day, today without one; an unknown first day counts since the entry."""
        day = on or almaty_today()
        return self.filter(
            Q(from_on__lte=day) | Q(from_on__isnull=True, entered_on__lte=day),
            annulled_at__isnull=True,
        ).filter(Q(until_on__isnull=True) | Q(until_on__gt=day))


class Observer(models.Model):
    """A State or organization admitted to all sessions by consensus (OM 3.iv, rule M4)."""

    state = models.ForeignKey(
        State, verbose_name=_("State"), null=True, blank=True, on_delete=models.PROTECT
    )
    organization = models.ForeignKey(
        Organization,
        verbose_name=_("organization"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
    )
    from_on = models.DateField(_("from"), null=True, blank=True)
    until_on = models.DateField(
        _("until"), null=True, blank=True, help_text=_("The first day it no longer holds.")
    )
    decision = models.CharField(
        _("decision"),
        max_length=200,
        blank=True,
        help_text=_("The reference of the decision of the Member States that admits it."),
    )
    source = models.TextField(
        _("source"),
        blank=True,
        help_text=_("For history only: where it was published, when the decision is not known."),
    )
    annulled_at = annulled()
    focal_points = models.ManyToManyField(
        User, verbose_name=_("focal points"), blank=True, related_name="observers"
    )
    entered_on = models.DateField(_("entered on"), default=almaty_today, editable=False)

    objects = ObserverQuerySet.as_manager()

    class Meta:
        verbose_name = _("observer")
        verbose_name_plural = _("observers")
        ordering = ["from_on", "pk"]
        constraints = [
            state_or_organization("observer_is_state_or_organization"),
            ends_after_start("observer_ends_after_start"),
            models.CheckConstraint(
                name="observer_rests_on_a_decision",
                condition=said("decision") | said("source_en"),
                violation_error_message=_(
                    "An observer is admitted by a decision: name it, or for history its source."
                ),
            ),
        ]

    def __str__(self) -> str:
        return str(self.state or self.organization)


class Contribution(models.Model):
    """What a State or donor pledged and paid in a year; voluntary, never a debt (rule M5)."""

    class Form(models.TextChoices):
        MONEY = "money", _("money")
        IN_KIND = "in_kind", _("in kind")

    class Purpose(models.TextChoices):
        SUPPORT_UNIT = "support_unit", _("administrative costs of the Support Unit")
        MEETING = "meeting", _("a meeting")
        PROJECT = "project", _("a project")

    state = models.ForeignKey(
        State, verbose_name=_("State"), null=True, blank=True, on_delete=models.PROTECT
    )
    organization = models.ForeignKey(
        Organization,
        verbose_name=_("organization"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
    )
    year = models.PositiveSmallIntegerField(_("year"), validators=[MinValueValidator(2011)])
    form = models.CharField(_("form"), max_length=8, choices=Form.choices, default=Form.MONEY)
    purpose = models.CharField(_("purpose"), max_length=20, choices=Purpose.choices)
    currency = models.CharField(
        _("currency"),
        max_length=3,
        blank=True,
        validators=[RegexValidator(r"^[A-Z]{3}$", _("Three capital letters, as in USD."))],
    )
    pledged = models.DecimalField(
        _("pledged"), max_digits=14, decimal_places=2, default=0, validators=[MinValueValidator(0)]
    )
    received = models.DecimalField(
        _("received"), max_digits=14, decimal_places=2, default=0, validators=[MinValueValidator(0)]
    )
    description = models.CharField(_("description"), max_length=250, blank=True)
    source = models.CharField(_("source"), max_length=250, blank=True)

    class Meta:
        verbose_name = _("contribution")
        verbose_name_plural = _("contributions")
        ordering = ["-year", "pk"]
        constraints = [
            state_or_organization("contribution_of_state_or_organization"),
            models.CheckConstraint(
                name="contribution_not_negative", condition=Q(pledged__gte=0, received__gte=0)
            ),
            models.CheckConstraint(
                name="money_has_a_currency",
                condition=Q(form="in_kind") | ~Q(currency=""),
                violation_error_message=_("Name the currency of the money, as in USD."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.state or self.organization}, {self.year}"
