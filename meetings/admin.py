"""The Support Unit's pages of meetings."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display
from unfold.widgets import UnfoldAdminSelectWidget, UnfoldAdminTextInputWidget

from almaty_portal.common.admin import AuditedAdmin
from almaty_portal.common.instants import almaty_today
from meetings.models import AgendaItem, Delegation, Invitation, ListEntry, Meeting, Participant
from membership.admin import OfStateOrOrganizationAdmin, time_zones


class WhenFilter(admin.SimpleListFilter):
    title = _("when")
    parameter_name = "when"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("coming", _("coming")), ("past", _("past"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        if self.value() == "coming":
            return queryset.filter(last_on__gte=almaty_today())
        if self.value() == "past":
            return queryset.filter(last_on__lt=almaty_today())
        return queryset


@admin.register(Meeting)
class MeetingAdmin(AuditedAdmin):
    refusals = {
        "relations_keep_the_modalities": _(
            "A document of this meeting amends or replaces the Operating Modalities, which "
            "Ministerial meetings alone do (OM 3.vii): the meeting keeps its type."
        ),
    }
    list_display = ["title_en", "title_ru", "type", "from_on", "last_on", "city"]
    list_display_links = ["title_en", "title_ru"]
    list_filter = [WhenFilter, "type", "precision", "online"]
    search_fields = ["title_en", "title_ru", "city_en", "city_ru", "slug"]
    date_hierarchy = "from_on"
    autocomplete_fields = ["country", "host"]
    prepopulated_fields = {"slug": ["title_en"]}
    permanent_fields = ["slug"]
    readonly_fields = ["related_lists"]
    related = [
        ("meetings.AgendaItem", "meeting"),
        ("meetings.Delegation", "meeting"),
        ("meetings.ListEntry", "meeting"),
        ("meetings.Participant", "meeting"),
    ]
    fieldsets = [
        (
            None,
            {
                "fields": [
                    ("title_en", "title_ru"),
                    ("type", "number"),
                    "slug",
                    ("from_on", "last_on", "precision"),
                    "time_zone",
                    "related_lists",
                ]
            },
        ),
        (
            _("Place"),
            {
                "fields": [
                    ("city_en", "city_ru"),
                    ("venue_en", "venue_ru"),
                    ("country", "host"),
                    ("online", "languages"),
                ]
            },
        ),
        (_("Text"), {"fields": [("summary_en", "summary_ru"), ("source_en", "source_ru")]}),
    ]

    def formfield_for_dbfield(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        if db_field.name == "time_zone":
            kwargs["widget"] = UnfoldAdminSelectWidget(choices=time_zones())
        if db_field.name == "languages":
            kwargs["widget"] = UnfoldAdminTextInputWidget()
        return super().formfield_for_dbfield(db_field, request, **kwargs)


class MeetingFilter(admin.SimpleListFilter):
    """A meeting out of those that have rows of the list."""

    title = _("meeting")
    parameter_name = "meeting"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        used = model_admin.model._base_manager.order_by().values("meeting")
        return [(str(one.pk), str(one)) for one in Meeting.objects.filter(pk__in=used)]

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        return queryset.filter(meeting=self.value()) if self.value() else queryset


@admin.register(AgendaItem)
class AgendaItemAdmin(AuditedAdmin):
    list_display = ["position", "on", "starts_at", "ends_at", "title_en", "title_ru", "meeting"]
    list_display_links = ["position", "title_en", "title_ru"]
    list_filter = [MeetingFilter, "on"]
    search_fields = [
        "title_en",
        "title_ru",
        "details_en",
        "details_ru",
        "speakers_en",
        "speakers_ru",
    ]
    autocomplete_fields = ["meeting"]
    list_select_related = ["meeting"]
    deletable = True
    fieldsets = [
        (
            None,
            {
                "fields": [
                    "meeting",
                    ("position", "on"),
                    ("starts_at", "ends_at"),
                    ("title_en", "title_ru"),
                    ("details_en", "details_ru"),
                    ("format_en", "format_ru"),
                    ("moderator_en", "moderator_ru"),
                    ("room_en", "room_ru"),
                    ("speakers_en", "speakers_ru"),
                ]
            },
        )
    ]


@admin.register(Invitation)
class InvitationAdmin(AuditedAdmin):
    """Invitations of civil society, each resting on a decision (rule M4)."""

    list_display = ["organization", "meeting", "decision", "annulled_at"]
    list_filter = [MeetingFilter]
    search_fields = ["organization__name_en", "organization__name_ru", "decision"]
    autocomplete_fields = ["meeting", "organization"]
    list_select_related = ["meeting", "organization"]
    readonly_fields = ["annulled_at"]
    fieldsets = [
        (None, {"fields": [("meeting", "organization"), "decision", "annulled_at"]}),
    ]


@admin.register(Delegation)
class DelegationAdmin(OfStateOrOrganizationAdmin):
    list_display = ["__str__", "meeting", "note_en", "note_ru"]
    list_filter = [MeetingFilter]
    search_fields = [
        "state__names__short_en",
        "state__names__short_ru",
        "organization__name_en",
        "organization__name_ru",
    ]
    autocomplete_fields = ["meeting", "state", "organization"]
    list_select_related = ["meeting", "state", "organization"]
    readonly_fields = ["related_lists"]
    related = [("meetings.Participant", "delegation"), ("meetings.ListEntry", "delegation")]
    fieldsets = [
        (
            None,
            {
                "fields": [
                    "meeting",
                    ("state", "organization"),
                    ("note_en", "note_ru"),
                    "related_lists",
                ]
            },
        )
    ]


class OfDelegationAdmin(AuditedAdmin):
    """Rows that name a delegation, whose own name is read once for the whole list."""

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        return super().get_queryset(request).prefetch_related("delegation__state__names")


@admin.register(ListEntry)
class ListEntryAdmin(OfDelegationAdmin):
    list_display = ["number", "printed_en", "printed_ru", "group", "delegation", "meeting"]
    list_display_links = ["number", "printed_en", "printed_ru"]
    list_filter = [MeetingFilter, "group"]
    search_fields = ["printed_en", "printed_ru", "=number"]
    autocomplete_fields = ["meeting", "delegation"]
    list_select_related = ["meeting", "delegation__state", "delegation__organization"]
    fieldsets = [
        (
            None,
            {
                "fields": [
                    "meeting",
                    ("number", "group"),
                    "delegation",
                    ("printed_en", "printed_ru"),
                ]
            },
        )
    ]


@admin.register(Participant)
class ParticipantAdmin(OfDelegationAdmin):
    list_display = ["name_en", "name_ru", "role", "who_sent", "meeting"]
    list_display_links = ["name_en", "name_ru"]
    list_filter = [MeetingFilter, "role"]
    search_fields = ["name_en", "name_ru", "title_en", "title_ru"]
    autocomplete_fields = ["meeting", "delegation"]
    list_select_related = ["meeting", "delegation__state", "delegation__organization"]
    fieldsets = [
        (
            None,
            {
                "fields": [
                    ("meeting", "delegation"),
                    ("name_en", "name_ru"),
                    ("title_en", "title_ru"),
                    ("role", "position"),
                    ("source_en", "source_ru"),
                ]
            },
        )
    ]

    @display(description=_("delegation"))
    def who_sent(self, participant: Participant) -> str:
        return str(participant.delegation or "—")
