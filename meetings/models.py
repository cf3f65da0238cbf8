"""Meetings with their agendas, delegations and lists of participants."""

import datetime as dt
from typing import Self

from django.contrib.postgres.fields import ArrayField
from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from almaty_portal.common.instants import Precision, almaty_today
from membership.models import Organization, State, annulled, said, state_or_organization


class MeetingQuerySet(models.QuerySet["Meeting"]):
    def past(self, on: dt.date | None = None) -> Self:
        """Meetings that ended before a day, today without one; the latest first."""
        return self.filter(last_on__lt=on or almaty_today()).order_by("-from_on")

    def coming(self, on: dt.date | None = None) -> Self:
        """Meetings that end on a day or after it, today without one; the next first."""
        return self.filter(last_on__gte=on or almaty_today()).order_by("from_on")


class Meeting(models.Model):
    """A meeting of the Process or on the way to it (rules G1, S16)."""

    class Type(models.TextChoices):
        MINISTERIAL = "ministerial_conference", _("Ministerial Conference")
        SOM = "senior_officials_meeting", _("Senior Officials Meeting")
        NATIONAL_CONSULTATIVE = (
            "national_consultative_meeting",
            _("National Consultative Meeting"),
        )
        COORDINATORS = "national_coordinators_meeting", _("National Coordinators Meeting")
        COORDINATION = "coordination_meeting", _("coordination meeting")
        REGIONAL_CONFERENCE = "regional_conference", _("regional conference")
        WORKSHOP = "workshop", _("workshop")
        SEMINAR = "seminar", _("seminar")

    slug = models.SlugField(_("address"), unique=True, max_length=80)
    type = models.CharField(_("type"), max_length=40, choices=Type.choices)
    number = models.PositiveSmallIntegerField(_("ordinal number"), null=True, blank=True)
    title = models.CharField(_("title"), max_length=250)
    from_on = models.DateField(_("first day"))
    last_on = models.DateField(_("last day"))
    precision = models.CharField(
        _("how precisely"), max_length=8, choices=Precision.choices, default=Precision.DAY
    )
    time_zone = models.CharField(_("time zone"), max_length=40, default="Asia/Almaty")
    city = models.CharField(_("city"), max_length=100, blank=True)
    venue = models.CharField(_("venue"), max_length=200, blank=True)
    country = models.ForeignKey(
        State,
        verbose_name=_("country"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="meetings_in",
    )
    host = models.ForeignKey(
        State,
        verbose_name=_("host"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="meetings_hosted",
    )
    online = models.BooleanField(_("online"), default=False)
    languages = ArrayField(
        models.CharField(max_length=2, choices=[("en", "English"), ("ru", "Русский")]),
        verbose_name=_("languages of the meeting"),
        default=list,
        blank=True,
        help_text=_("Codes with a comma: en,ru. Empty where no source tells."),
    )
    summary = models.TextField(_("summary"), blank=True)
    source = models.TextField(_("source"), blank=True)
    is_demonstration = models.BooleanField(_("demonstration"), default=False, editable=False)

    objects = MeetingQuerySet.as_manager()

    class Meta:
        verbose_name = _("meeting")
        verbose_name_plural = _("meetings")
        ordering = ["-from_on", "slug"]
        constraints = [
            models.CheckConstraint(
                name="meeting_ends_after_it_starts",
                condition=Q(last_on__gte=F("from_on")),
                violation_error_message=_("The meeting ends before it starts: correct a date."),
            )
        ]

    def __str__(self) -> str:
        return self.title or self.slug

    def get_absolute_url(self) -> str:
        return reverse("meeting_detail", args=[self.slug])

    @property
    def title_names_the_type(self) -> bool:
        """Whether the title in the reader's language says what type of meeting it is."""
        return str(self.get_type_display()).casefold() in (self.title or "").casefold()


class AgendaItem(models.Model):
    """A timed item of a meeting's agenda, in local time of the meeting (rule G4)."""

    meeting = models.ForeignKey(
        Meeting, verbose_name=_("meeting"), on_delete=models.CASCADE, related_name="agenda"
    )
    position = models.PositiveSmallIntegerField(_("position"))
    on = models.DateField(_("day"), null=True, blank=True)
    starts_at = models.TimeField(_("from"), null=True, blank=True)
    ends_at = models.TimeField(_("until"), null=True, blank=True)
    title = models.CharField(_("title"), max_length=300)
    details = models.TextField(_("details"), blank=True)
    format = models.CharField(_("format"), max_length=100, blank=True)
    moderator = models.CharField(_("moderator"), max_length=200, blank=True)
    room = models.CharField(_("room"), max_length=100, blank=True)
    speakers = models.TextField(_("speakers"), blank=True, help_text=_("One on each line."))

    class Meta:
        verbose_name = _("agenda item")
        verbose_name_plural = _("agenda items")
        ordering = ["meeting", "position"]
        constraints = [
            models.UniqueConstraint(
                fields=["meeting", "position"], name="one_agenda_item_per_position"
            ),
            models.CheckConstraint(
                name="agenda_item_ends_after_it_starts",
                condition=Q(ends_at__isnull=True)
                | Q(starts_at__isnull=True)
                | Q(ends_at__gt=F("starts_at")),
                violation_error_message=_("The item ends before it starts: correct a time."),
            ),
        ]

    def __str__(self) -> str:
        return self.title

    def speaker_list(self) -> list[str]:
        return [line for line in (self.speakers or "").splitlines() if line.strip()]


class Delegation(models.Model):
    """What one State or organization sent to a meeting; it is one participant (rule G6)."""

    meeting = models.ForeignKey(
        Meeting, verbose_name=_("meeting"), on_delete=models.CASCADE, related_name="delegations"
    )
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
    note = models.TextField(_("note"), blank=True)

    class Meta:
        verbose_name = _("delegation")
        verbose_name_plural = _("delegations")
        ordering = ["meeting", "pk"]
        constraints = [
            state_or_organization("delegation_of_state_or_organization"),
            models.UniqueConstraint(
                fields=["meeting", "state"], name="one_delegation_per_meeting_and_state"
            ),
            models.UniqueConstraint(
                fields=["meeting", "organization"],
                name="one_delegation_per_meeting_and_organization",
            ),
        ]

    def __str__(self) -> str:
        return str(self.state or self.organization)


class InvitationQuerySet(models.QuerySet["Invitation"]):
    def in_force(self) -> Self:
        """Invitations whose decision stands."""
        return self.filter(annulled_at__isnull=True)


class Invitation(models.Model):
    """A civil-society organization invited to one meeting, upon consensus (OM 3.iv, rule M4)."""

    meeting = models.ForeignKey(
        Meeting, verbose_name=_("meeting"), on_delete=models.PROTECT, related_name="invitations"
    )
    organization = models.ForeignKey(
        Organization,
        verbose_name=_("organization"),
        on_delete=models.PROTECT,
        related_name="invitations",
    )
    decision = models.CharField(
        _("decision"),
        max_length=200,
        help_text=_("The reference of the decision of the Member States that invites it."),
    )
    annulled_at = annulled()

    objects = InvitationQuerySet.as_manager()

    class Meta:
        verbose_name = _("invitation")
        verbose_name_plural = _("invitations")
        ordering = ["meeting", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["meeting", "organization"],
                condition=Q(annulled_at__isnull=True),
                name="one_invitation_per_meeting_and_organization",
                violation_error_message=_("The organization is invited to this meeting already."),
            ),
            models.CheckConstraint(
                name="invitation_rests_on_a_decision",
                condition=said("decision"),
                violation_error_message=_("Name the decision of the Member States that invites."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.organization}, {self.meeting}"


class ListEntry(models.Model):
    """A numbered line of the List of Participants as it was printed (rule G6).

    Two entries may name one delegation: the European Union stands twice in the list of 2013.
    """

    class Group(models.TextChoices):
        STATES = "participating_states", _("Participating States")
        OBSERVERS = "observers", _("Observers")
        INTERGOVERNMENTAL = (
            "intergovernmental_organizations",
            _("Intergovernmental Organizations"),
        )
        OTHER = "other_entities", _("Other Entities")
        UN_AGENCIES = "un_agencies", _("UN Agencies")
        CIVIL_SOCIETY = "civil_society", _("Civil Society and Non-Governmental Organizations")

    meeting = models.ForeignKey(
        Meeting, verbose_name=_("meeting"), on_delete=models.CASCADE, related_name="list_entries"
    )
    number = models.PositiveSmallIntegerField(_("number"), validators=[MinValueValidator(1)])
    group = models.CharField(_("group"), max_length=40, choices=Group.choices)
    delegation = models.ForeignKey(
        Delegation,
        verbose_name=_("delegation"),
        on_delete=models.CASCADE,
        related_name="list_entries",
    )
    printed = models.CharField(_("as printed"), max_length=250)

    class Meta:
        verbose_name = _("entry of the List of Participants")
        verbose_name_plural = _("List of Participants")
        ordering = ["meeting", "number"]
        constraints = [
            models.UniqueConstraint(
                fields=["meeting", "number"],
                name="one_entry_per_meeting_and_number",
                violation_error_message=_("The list already has an entry with this number."),
            )
        ]

    def __str__(self) -> str:
        return f"{self.number}. {self.printed}"


class Participant(models.Model):
    """A person who took part in a meeting in a stated capacity."""

    class Role(models.TextChoices):
        OPENING = "chair_opening", _("opened the meeting")
        HEAD = "head_of_delegation", _("Head of Delegation")
        OBSERVER_HEAD = "head_of_observer_delegation", _("Head of Observer Delegation")
        SPEAKER = "speaker", _("speaker")
        RAPPORTEUR = "rapporteur", _("Rapporteur")
        CLOSING = "closing", _("closing remarks")
        MEMBER = "member", _("member of the delegation")

    meeting = models.ForeignKey(
        Meeting, verbose_name=_("meeting"), on_delete=models.CASCADE, related_name="participants"
    )
    delegation = models.ForeignKey(
        Delegation,
        verbose_name=_("delegation"),
        null=True,
        blank=True,
        on_delete=models.CASCADE,
        related_name="people",
    )
    position = models.PositiveSmallIntegerField(_("position"), default=0)
    name = models.CharField(_("name"), max_length=150)
    title = models.CharField(_("post"), max_length=250, blank=True)
    role = models.CharField(_("role"), max_length=30, choices=Role.choices)
    source = models.TextField(_("source"), blank=True)

    class Meta:
        verbose_name = _("participant")
        verbose_name_plural = _("participants")
        ordering = ["meeting", "position", "pk"]

    def __str__(self) -> str:
        return self.name
