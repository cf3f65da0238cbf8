"""States, with names and standing that have dates."""

import datetime as dt
import unicodedata
from typing import Self

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import RangeOperators
from django.core.validators import RegexValidator
from django.db import models
from django.db.models import F, Q
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from almaty_portal.common.instants import Precision, almaty_today
from membership.models.rules import annulled, days, ends_after_start, said


class StateQuerySet(models.QuerySet["State"]):
    def in_protocol_order(self) -> Self:
        """English alphabetical order over short names, in both languages (rule M2)."""
        return self.order_by("protocol_key")

    def members(self, on: dt.date | None = None) -> Self:
        """The Member States of a day, today's without one (rule M1)."""
        return self.with_standing(Standing.Kind.MEMBER, on=on)

    def with_standing(self, *kinds: "Standing.Kind", on: dt.date | None = None) -> Self:
        """The States that had one of these standings on a day, today without one."""
        return self.filter(
            pk__in=Standing.objects.in_force(on=on).filter(kind__in=kinds).values("state")
        )

    def with_names(self) -> Self:
        return self.prefetch_related("names")


class State(models.Model):
    """A State, whatever its standing; its names and standing have dates."""

    code = models.CharField(
        _("ISO 3166 code"),
        max_length=2,
        unique=True,
        validators=[RegexValidator(r"^[A-Z]{2}$", _("Two capital letters, as in KZ."))],
    )
    iso3 = models.CharField(_("ISO 3166 code of three letters"), max_length=3, unique=True)
    slug = models.SlugField(_("address"), unique=True)
    time_zone = models.CharField(_("time zone of the capital"), max_length=40, blank=True)
    protocol_key = models.CharField(
        _("key of the order of protocol"),
        max_length=100,
        editable=False,
        db_index=True,
        help_text=_("The present English short name without accents: Türkiye before Turkmenistan."),
    )
    note = models.TextField(_("note"), blank=True)

    objects = StateQuerySet.as_manager()

    class Meta:
        verbose_name = _("State")
        verbose_name_plural = _("States")
        ordering = ["protocol_key"]
        permissions = [("act_for_state", _("Can act for the State as its National Coordinator"))]

    def __str__(self) -> str:
        return self.name()

    def name(self, on: dt.date | None = None, *, formal: bool = False) -> str:
        """The short or formal name in force on a day (the present one without), in the language
        of the moment (rule M2)."""
        name = self.name_record(on)
        if name is None:
            return self.code
        kind = "formal" if formal else "short"
        return getattr(name, f"{kind}_{(get_language() or 'en')[:2]}")

    def name_record(self, on: dt.date | None = None) -> "StateName | None":
        """The names in force on a day; reads what `with_names()` fetched."""
        for name in sorted(
            self.names.all(), key=lambda one: one.from_on or dt.date.min, reverse=True
        ):
            if on is None or (
                (name.from_on is None or name.from_on <= on)
                and (name.until_on is None or on < name.until_on)
            ):
                return name
        return None

    def formal_name(self) -> str:
        return self.name(formal=True)


def protocol_key(short_name: str) -> str:
    """The key that sorts a short English name as English does: without accents, in lower case.

    The embedded PostgreSQL has no ICU, so the key is computed here and stored.
    """
    plain = unicodedata.normalize("NFKD", short_name)
    return "".join(one for one in plain if not unicodedata.combining(one)).casefold()


class StateName(models.Model):
    """The short and formal names that a State bore in a period, in both languages (rule M2)."""

    state = models.ForeignKey(
        State, verbose_name=_("State"), on_delete=models.CASCADE, related_name="names"
    )
    short = models.CharField(_("short name"), max_length=100)
    short_en: str  # modeltranslation's column
    formal = models.CharField(_("formal name"), max_length=150)
    from_on = models.DateField(_("from"), null=True, blank=True)
    until_on = models.DateField(
        _("until"), null=True, blank=True, help_text=_("The first day it no longer holds.")
    )
    precision = models.CharField(
        _("how precisely"), max_length=8, choices=Precision.choices, default=Precision.DAY
    )
    source = models.TextField(_("source"), blank=True)

    class Meta:
        verbose_name = _("name of a State")
        verbose_name_plural = _("names of States")
        ordering = ["state", "from_on"]
        constraints = [
            ends_after_start("name_ends_after_start"),
            ExclusionConstraint(
                name="names_of_a_state_do_not_overlap",
                expressions=[("state", RangeOperators.EQUAL), (days(), RangeOperators.OVERLAPS)],
                violation_error_message=_(
                    "The State already has a name in that period: end the other one first."
                ),
            ),
        ]

    def __str__(self) -> str:
        return self.short


class StandingQuerySet(models.QuerySet["Standing"]):
    def in_force(self, on: dt.date | None = None) -> Self:
        """What held on a day, today without one.

        Where a source tells that a standing began or ended but not when, the record speaks only
        for the days since it was entered: it is never read back into years it does not cover.
        """
        day = on or almaty_today()
        started = Q(from_on__lte=day) | Q(from_on__isnull=True, entered_on__lte=day)
        goes_on = (
            Q(until_on__gt=day)
            | (Q(until_on__isnull=True) & ~Q(until_precision=Precision.UNKNOWN))
            | Q(until_on__isnull=True, until_precision=Precision.UNKNOWN, entered_on__gt=day)
        )
        return self.filter(started & goes_on, annulled_at__isnull=True)


class Standing(models.Model):
    """What a State was to the Process in a period, and what that rests on (rule M1)."""

    class Kind(models.TextChoices):
        MEMBER = "member", _("Member State")
        REVIEW = "participating_under_review", _("participating, under review")
        BRACKETS = "in_brackets", _("in brackets")
        OBSERVER = "observer", _("observer")

    state = models.ForeignKey(
        State, verbose_name=_("State"), on_delete=models.PROTECT, related_name="standings"
    )
    kind = models.CharField(_("standing"), max_length=30, choices=Kind.choices)
    from_on = models.DateField(_("from"), null=True, blank=True)
    from_precision = models.CharField(
        _("how precisely"), max_length=8, choices=Precision.choices, default=Precision.DAY
    )
    until_on = models.DateField(
        _("until"), null=True, blank=True, help_text=_("The first day it no longer holds.")
    )
    until_precision = models.CharField(
        _("how precisely"),
        max_length=8,
        choices=Precision.choices,
        default=Precision.DAY,
        help_text=_("“Not known” with an empty day: it ended, the source does not say when."),
    )
    basis = models.TextField(_("document or decision it rests on"))
    source = models.TextField(_("source"))
    entered_on = models.DateField(_("entered on"), default=almaty_today, editable=False)
    annulled_at = annulled()

    objects = StandingQuerySet.as_manager()

    class Meta:
        verbose_name = _("standing")
        verbose_name_plural = _("standings")
        ordering = ["state", F("from_on").asc(nulls_last=True)]
        constraints = [
            ends_after_start("standing_ends_after_start"),
            models.CheckConstraint(
                name="standing_start_known_or_said_unknown",
                condition=Q(from_on__isnull=False) | Q(from_precision=Precision.UNKNOWN),
                violation_error_message=_("Give the first day, or say that it is not known."),
            ),
            models.CheckConstraint(
                name="standing_rests_on_something",
                condition=said("basis_en") & said("source_en"),
                violation_error_message=_("Name the document or decision, and the source."),
            ),
            ExclusionConstraint(
                name="one_standing_at_a_time",
                expressions=[("state", RangeOperators.EQUAL), (days(), RangeOperators.OVERLAPS)],
                condition=Q(annulled_at__isnull=True)
                & ~Q(from_precision=Precision.UNKNOWN)
                & ~Q(until_precision=Precision.UNKNOWN),
                violation_error_message=_(
                    "The State already has a standing in that period: end the other one first."
                ),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.state}: {self.get_kind_display()}"
