"""People with an account, and the designations under which they act for a State."""

import datetime as dt
from typing import Self

from django.contrib.auth.models import AbstractBaseUser, BaseUserManager, PermissionsMixin
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import RangeOperators
from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _

from almaty_portal.common.instants import almaty_today
from membership.models.rules import days, ends_after_start
from membership.models.states import State


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
