"""States with their names and standing, the people who act for them, observers, contributions."""

import datetime as dt
import unicodedata
from typing import Self

from django.contrib.auth.models import AbstractBaseUser, BaseUserManager, PermissionsMixin
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateRangeField, RangeOperators
from django.core.validators import MinValueValidator, RegexValidator
from django.db import models
from django.db.models import F, Func, Q, Value
from django.db.models.functions import Lower
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from almaty_portal.common.instants import Precision, almaty_today


def days(start: str = "from_on", end: str = "until_on") -> Func:
    """The SQL range of days from `start` up to, not including, `end`; an empty end is open."""
    return Func(F(start), F(end), Value("[)"), function="daterange", output_field=DateRangeField())


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


class UserManager(BaseUserManager["User"]):
    def create_user(self, email: str, password: str | None = None, **fields: object) -> "User":
        user = self.model(email=self.normalize_email(email).lower(), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, email: str, password: str | None = None, **fields: object) -> "User":
        return self.create_user(email, password, is_staff=True, is_superuser=True, **fields)

    def get_by_natural_key(self, username: str | None) -> "User":
        return self.get(email=(username or "").lower())


class User(AbstractBaseUser, PermissionsMixin):
    """A person with an account: the e-mail address is the name they sign in with."""

    email = models.EmailField(_("e-mail address"), unique=True)
    name = models.CharField(_("full name"), max_length=150)
    language = models.CharField(
        _("language"),
        max_length=2,
        choices=[("en", "English"), ("ru", "Русский")],
        default="ru",
        help_text=_("Notices are written in this language."),
    )
    time_zone = models.CharField(
        _("time zone"),
        max_length=40,
        default="Asia/Almaty",
        help_text=_("The reader's capital, as in Asia/Dushanbe: deadlines are also shown in it."),
    )
    is_staff = models.BooleanField(
        _("Support Unit"), default=False, help_text=_("May open the Support Unit's pages.")
    )
    is_active = models.BooleanField(_("may sign in"), default=True)
    is_demonstration = models.BooleanField(_("demonstration"), default=False, editable=False)
    date_joined = models.DateTimeField(_("entered at"), auto_now_add=True)

    objects = UserManager()
    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS = ["name"]

    class Meta:
        verbose_name = _("person")
        verbose_name_plural = _("people")
        ordering = ["name", "email"]
        constraints = [
            models.UniqueConstraint(
                Lower("email"),
                name="one_account_per_address",
                violation_error_message=_("Somebody has an account with this address already."),
            )
        ]

    def __str__(self) -> str:
        return self.name or self.email

    def get_full_name(self) -> str:
        return self.name

    def get_short_name(self) -> str:
        return self.name


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
        return self.filter(started & goes_on)


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
                condition=~Q(from_precision=Precision.UNKNOWN)
                & ~Q(until_precision=Precision.UNKNOWN),
                violation_error_message=_(
                    "The State already has a standing in that period: end the other one first."
                ),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.state}: {self.get_kind_display()}"


class CoordinatorQuerySet(models.QuerySet["NationalCoordinator"]):
    def in_office(self, on: dt.date | None = None) -> Self:
        """Designations in force on a day, today without one."""
        day = on or almaty_today()
        return self.filter(from_on__lte=day).filter(Q(until_on__isnull=True) | Q(until_on__gt=day))


class NationalCoordinator(models.Model):
    """A designation: who acts for a State, from when until when (rule M3)."""

    class Role(models.TextChoices):
        COORDINATOR = "coordinator", _("National Coordinator")
        DEPUTY = "deputy", _("Deputy National Coordinator")

    state = models.ForeignKey(
        State, verbose_name=_("State"), on_delete=models.PROTECT, related_name="coordinators"
    )
    user = models.ForeignKey(
        User, verbose_name=_("person"), on_delete=models.PROTECT, related_name="designations"
    )
    role = models.CharField(
        _("role"), max_length=12, choices=Role.choices, default=Role.COORDINATOR
    )
    office = models.CharField(
        _("office"), max_length=200, blank=True, help_text=_("Ministry and post, for the public.")
    )
    public_contact = models.CharField(
        _("public contact"), max_length=200, blank=True, help_text=_("Shown to everybody.")
    )
    note_verbale = models.CharField(_("Note Verbale of the designation"), max_length=200)
    from_on = models.DateField(_("in office from"))
    until_on = models.DateField(
        _("in office until"),
        null=True,
        blank=True,
        help_text=_("The first day no longer in office: the rights end with it."),
    )

    objects = CoordinatorQuerySet.as_manager()

    class Meta:
        verbose_name = _("National Coordinator")
        verbose_name_plural = _("National Coordinators")
        ordering = ["state", "role", "from_on"]
        constraints = [
            ends_after_start("designation_ends_after_start"),
            ExclusionConstraint(
                name="one_coordinator_in_office_per_state",
                expressions=[("state", RangeOperators.EQUAL), (days(), RangeOperators.OVERLAPS)],
                condition=Q(role="coordinator"),
                violation_error_message=_(
                    "The State has a National Coordinator in office in that period: "
                    "end that designation first."
                ),
            ),
            ExclusionConstraint(
                name="a_person_acts_for_one_state",
                expressions=[("user", RangeOperators.EQUAL), (days(), RangeOperators.OVERLAPS)],
                violation_error_message=_(
                    "This person is already designated in that period: a Coordinator acts for "
                    "one State alone."
                ),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user} ({self.state})"


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


def state_or_organization(name: str) -> models.CheckConstraint:
    """Exactly one of `state` and `organization` is named."""
    return models.CheckConstraint(
        name=name,
        condition=Q(state__isnull=True, organization__isnull=False)
        | Q(state__isnull=False, organization__isnull=True),
        violation_error_message=_("Name either a State or an organization."),
    )


class ObserverQuerySet(models.QuerySet["Observer"]):
    def in_force(self, on: dt.date | None = None) -> Self:
        """Observers of a day, today without one; an unknown first day counts since the entry."""
        day = on or almaty_today()
        return self.filter(
            Q(from_on__lte=day) | Q(from_on__isnull=True, entered_on__lte=day)
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
