"""The Support Unit's pages of States and people."""

from collections.abc import Sequence
from typing import Any
from zoneinfo import available_timezones

from allauth.mfa.models import Authenticator
from django import forms
from django.contrib import admin
from django.contrib.auth.admin import GroupAdmin as DjangoGroupAdmin
from django.contrib.auth.admin import UserAdmin as DjangoUserAdmin
from django.contrib.auth.models import Group
from django.db.models import Model, Prefetch, QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _
from guardian.models import GroupObjectPermission, UserObjectPermission
from unfold.decorators import display
from unfold.forms import AdminPasswordChangeForm, UserChangeForm, UserCreationForm
from unfold.widgets import UnfoldAdminSelectWidget

from almaty_portal.common import audit
from almaty_portal.common.admin import (
    AuditedAdmin,
    AuditedForm,
    AuditedStackedInline,
    AuditedTabularInline,
    ForStaffMixin,
    ReadOnlyAdmin,
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
    User,
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


def time_zones() -> list[tuple[str, str]]:
    """The named time zones of the world, Almaty first."""
    names = sorted(one for one in available_timezones() if "/" in one and one[0].isupper())
    return [("Asia/Almaty", "Asia/Almaty"), *((one, one) for one in names if one != "Asia/Almaty")]


class PersonForm(AuditedForm, UserChangeForm):
    class Meta:
        model = User
        fields = "__all__"


class NewPersonForm(AuditedForm, UserCreationForm):
    class Meta:
        model = User
        fields = ["email", "name", "language", "time_zone"]
        field_classes: dict[str, Any] = {}


class DesignationInline(AuditedTabularInline):
    """Shown with the person, entered on the page of National Coordinators."""

    model = NationalCoordinator
    fields = ["state", "role", "from_on", "until_on", "note_verbale"]
    can_delete = False

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        return super().get_queryset(request).prefetch_related("state__names")

    def has_add_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False


@admin.register(User)
class PersonAdmin(AuditedAdmin, DjangoUserAdmin):
    form = PersonForm
    add_form = NewPersonForm
    change_password_form = AdminPasswordChangeForm
    list_display = ["name", "email", "language", "is_staff", "is_active", "last_login"]
    list_display_links = ["name", "email"]
    list_filter = ["is_staff", "is_active", "language", "groups"]
    search_fields = ["name", "email"]
    ordering = ["name", "email"]
    autocomplete_fields = ["groups"]
    filter_horizontal: Sequence[str] = []
    readonly_fields = ["last_login", "date_joined"]
    inlines = [DesignationInline]
    fieldsets = [
        (
            None,
            {
                "fields": [
                    ("email", "name"),
                    ("language", "time_zone"),
                    "password",
                    ("is_active", "is_staff", "is_superuser"),
                    "groups",
                    ("last_login", "date_joined"),
                ]
            },
        )
    ]
    add_fieldsets = [
        (
            None,
            {
                "fields": [
                    ("email", "name"),
                    ("language", "time_zone"),
                    "usable_password",
                    ("password1", "password2"),
                ]
            },
        )
    ]

    def formfield_for_dbfield(
        self, db_field: Any, request: HttpRequest, **kwargs: Any
    ) -> forms.Field | None:
        if db_field.name == "time_zone":
            return forms.ChoiceField(
                label=db_field.verbose_name,
                choices=time_zones,
                initial=db_field.default,
                help_text=db_field.help_text,
                widget=UnfoldAdminSelectWidget,
            )
        return super().formfield_for_dbfield(db_field, request, **kwargs)

    def get_inlines(self, request: HttpRequest, obj: Model | None) -> list:
        return list(self.inlines) if obj else []

    def get_readonly_fields(self, request: HttpRequest, obj: Model | None = None) -> Sequence[str]:
        fields = list(super().get_readonly_fields(request, obj))
        return fields if request.user.is_superuser else [*fields, "is_superuser"]

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """The Support Unit keeps everybody's account but a superuser's."""
        if isinstance(obj, User) and obj.is_superuser and not request.user.is_superuser:
            return False
        return super().has_change_permission(request, obj)

    def user_change_password(
        self, request: HttpRequest, id: str, form_url: str = ""
    ) -> HttpResponse:
        response = super().user_change_password(request, id, form_url)
        if request.method == "POST" and response.status_code == 302:
            audit.record(by=request.user, action="set_password", target=User.objects.get(pk=id))
        return response


admin.site.unregister(Group)


@admin.register(Group)
class GroupAdmin(ForStaffMixin, AuditedAdmin, DjangoGroupAdmin):
    """What a group may do; only a superuser changes it."""

    list_display = ["name"]
    search_fields = ["name"]
    fieldsets = [(None, {"fields": ["name", "permissions"]})]


admin.site.unregister(Authenticator)


@admin.register(Authenticator)
class AuthenticatorAdmin(ForStaffMixin, ReadOnlyAdmin):
    """Who signs in with a second factor; a lost one is taken out, and its owner sets up another.

    The secret itself is shown nowhere.
    """

    list_display = ["user", "type", "created_at", "last_used_at"]
    list_filter = ["type"]
    search_fields = ["user__name", "user__email"]
    list_select_related = ["user"]
    fieldsets = [(None, {"fields": ["user", "type", ("created_at", "last_used_at")]})]

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return request.user.is_superuser


class GrantAdmin(ForStaffMixin, ReadOnlyAdmin):
    """Rights given to one record; actions give them and take them back."""

    list_filter = ["permission__codename"]
    list_select_related = ["permission__content_type", "content_type"]

    @display(description=_("record"))
    def record(self, grant: Any) -> str:
        return str(grant.content_object or grant.object_pk)


for one in (UserObjectPermission, GroupObjectPermission):
    if admin.site.is_registered(one):
        admin.site.unregister(one)


@admin.register(UserObjectPermission)
class UserGrantAdmin(GrantAdmin):
    list_display = ["user", "permission", "content_type", "object_pk"]
    search_fields = ["user__name", "user__email", "permission__name", "object_pk"]
    list_select_related = ["user", "permission__content_type", "content_type"]
    fieldsets = [(None, {"fields": ["user", "permission", "record"]})]


@admin.register(GroupObjectPermission)
class GroupGrantAdmin(GrantAdmin):
    list_display = ["group", "permission", "content_type", "object_pk"]
    search_fields = ["group__name", "permission__name", "object_pk"]
    list_select_related = ["group", "permission__content_type", "content_type"]
    fieldsets = [(None, {"fields": ["group", "permission", "record"]})]
