"""The pages of States, their Coordinators, observers and contributions."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import Model, Prefetch, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display

from almaty_portal.common.admin import (
    AuditedAdmin,
    AuditedStackedInline,
)
from membership import actions
from membership.models import (
    Contribution,
    NationalCoordinator,
    Observer,
    Organization,
    Standing,
    State,
    StateName,
)


class StateFilter(admin.SimpleListFilter):
    """A State out of all, with its name read once."""

    title = _("State")
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(str(one.pk), one.name()) for one in State.objects.with_names()]

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        if self.value():
            return queryset.filter(state=self.value())
        return queryset


class InForceFilter(admin.SimpleListFilter):
    """What holds today."""

    title = _("in force")
    parameter_name = "in_force"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("yes", _("today")), ("no", _("not today"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        model = queryset.model
        in_force = getattr(model.objects, "in_force", None) or model.objects.in_office
        if self.value() == "yes":
            return queryset.filter(pk__in=in_force().values("pk"))
        if self.value() == "no":
            return queryset.exclude(pk__in=in_force().values("pk"))
        return queryset


class StateNameInline(AuditedStackedInline):
    model = StateName
    fields = [
        ("short_en", "short_ru"),
        ("formal_en", "formal_ru"),
        ("from_on", "until_on", "precision"),
        ("source_en", "source_ru"),
    ]


class StandingInline(AuditedStackedInline):
    model = Standing
    fields = [
        "kind",
        ("from_on", "from_precision"),
        ("until_on", "until_precision"),
        ("basis_en", "basis_ru"),
        ("source_en", "source_ru"),
    ]


@admin.register(State)
class StateAdmin(AuditedAdmin):
    list_display = ["short_name", "code", "iso3", "standing_today", "time_zone"]
    search_fields = [
        "code",
        "iso3",
        "slug",
        "names__short_en",
        "names__short_ru",
        "names__formal_en",
    ]
    list_filter = ["standings__kind"]
    inlines = [StateNameInline, StandingInline]
    readonly_fields = ["protocol_key", "related_lists"]
    related = [("membership.NationalCoordinator", "state"), ("membership.Contribution", "state")]
    permanent_fields = ["slug"]
    fieldsets = [
        (
            None,
            {
                "fields": [
                    ("code", "iso3"),
                    ("slug", "time_zone"),
                    ("note_en", "note_ru"),
                    "protocol_key",
                    "related_lists",
                ]
            },
        )
    ]

    def get_queryset(self, request: HttpRequest) -> QuerySet[State]:
        return (
            super()
            .get_queryset(request)
            .prefetch_related(
                "names",
                Prefetch("standings", Standing.objects.in_force(), to_attr="standings_today"),
            )
        )

    def after_write(self, request: HttpRequest, obj: Model) -> None:
        actions.renew_protocol_key(state=State.objects.get(pk=obj.pk))

    @display(description=_("short name"), ordering="protocol_key")
    def short_name(self, state: State) -> str:
        return state.name()

    @display(description=_("standing"))
    def standing_today(self, state: State) -> str:
        return ", ".join(str(one.get_kind_display()) for one in state.standings_today) or "—"


class OfStateAdmin(AuditedAdmin):
    """Records of a State: its name is read once for the whole list."""

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        return super().get_queryset(request).prefetch_related("state__names")


@admin.register(StateName)
class StateNameAdmin(OfStateAdmin):
    list_display = ["short_en", "short_ru", "formal_en", "formal_ru", "from_on", "until_on"]
    list_display_links = ["short_en", "short_ru"]
    list_filter = [StateFilter, "precision"]
    search_fields = ["short_en", "short_ru", "formal_en", "formal_ru", "state__code"]
    autocomplete_fields = ["state"]
    list_select_related = ["state"]
    fieldsets = [(None, {"fields": ["state", *StateNameInline.fields]})]

    def after_write(self, request: HttpRequest, obj: Model) -> None:
        actions.renew_protocol_key(state=State.objects.get(pk=obj.state_id))


@admin.register(Standing)
class StandingAdmin(OfStateAdmin):
    list_display = ["state", "kind", "from_on", "from_precision", "until_on", "until_precision"]
    list_filter = [InForceFilter, "kind", StateFilter]
    search_fields = ["state__names__short_en", "state__names__short_ru", "basis_en", "basis_ru"]
    autocomplete_fields = ["state"]
    list_select_related = ["state"]
    readonly_fields = ["entered_on"]
    fieldsets = [(None, {"fields": ["state", *StandingInline.fields, "entered_on"]})]


@admin.register(NationalCoordinator)
class NationalCoordinatorAdmin(OfStateAdmin):
    list_display = ["state", "user", "role", "from_on", "until_on", "note_verbale"]
    list_filter = [InForceFilter, "role", StateFilter]
    search_fields = [
        "user__name",
        "user__email",
        "state__names__short_en",
        "state__names__short_ru",
        "note_verbale",
    ]
    date_hierarchy = "from_on"
    autocomplete_fields = ["state", "user"]
    list_select_related = ["state", "user"]
    fieldsets = [
        (
            None,
            {
                "fields": [
                    ("state", "user"),
                    "role",
                    "note_verbale",
                    ("from_on", "until_on"),
                    ("office_en", "office_ru"),
                    "public_contact",
                ]
            },
        )
    ]

    def write(
        self, request: HttpRequest, form: forms.BaseForm, formsets: Any, change: bool
    ) -> None:
        actions.save_designation(designation=form.instance, by=request.user)


@admin.register(Organization)
class OrganizationAdmin(AuditedAdmin):
    list_display = ["name_en", "name_ru", "acronym", "kind", "country"]
    list_display_links = ["name_en", "name_ru"]
    list_filter = ["kind"]
    search_fields = ["name_en", "name_ru", "acronym", "slug"]
    autocomplete_fields = ["country"]
    list_select_related = ["country"]
    prepopulated_fields = {"slug": ["name_en"]}
    permanent_fields = ["slug"]
    fieldsets = [
        (None, {"fields": [("name_en", "name_ru"), ("kind", "acronym"), "country", "slug"]})
    ]

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        return super().get_queryset(request).prefetch_related("country__names")


class OfStateOrOrganizationAdmin(OfStateAdmin):
    autocomplete_fields: Sequence[str] = ["state", "organization"]
    list_select_related: Any = ["state", "organization"]


@admin.register(Observer)
class ObserverAdmin(OfStateOrOrganizationAdmin):
    list_display = ["__str__", "from_on", "until_on", "decision"]
    list_filter = [InForceFilter]
    search_fields = [
        "state__names__short_en",
        "state__names__short_ru",
        "organization__name_en",
        "organization__name_ru",
        "decision",
    ]
    autocomplete_fields = ["state", "organization", "focal_points"]
    readonly_fields = ["entered_on"]
    fieldsets = [
        (
            None,
            {
                "fields": [
                    ("state", "organization"),
                    ("from_on", "until_on"),
                    "decision",
                    ("source_en", "source_ru"),
                    "focal_points",
                    "entered_on",
                ]
            },
        )
    ]


@admin.register(Contribution)
class ContributionAdmin(OfStateOrOrganizationAdmin):
    list_display = ["__str__", "year", "form", "purpose", "pledged", "received", "currency"]
    list_filter = ["year", "form", "purpose", StateFilter]
    search_fields = [
        "state__names__short_en",
        "state__names__short_ru",
        "organization__name_en",
        "organization__name_ru",
        "description_en",
        "description_ru",
    ]
    fieldsets = [
        (
            None,
            {
                "fields": [
                    ("state", "organization"),
                    ("year", "form", "purpose"),
                    ("pledged", "received", "currency"),
                    ("description_en", "description_ru"),
                    "source",
                ]
            },
        )
    ]
