"""The pages of people, their rights and how they sign in."""

from collections.abc import Sequence
from typing import Any
from zoneinfo import available_timezones

from allauth.mfa.models import Authenticator
from django import forms
from django.apps import apps
from django.contrib import admin
from django.contrib.auth.admin import GroupAdmin as DjangoGroupAdmin
from django.contrib.auth.admin import UserAdmin as DjangoUserAdmin
from django.contrib.auth.models import Group, Permission
from django.db.models import Model, QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.text import capfirst
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from guardian.models import GroupObjectPermission, UserObjectPermission
from unfold.decorators import display
from unfold.forms import AdminPasswordChangeForm, UserChangeForm, UserCreationForm
from unfold.widgets import UnfoldAdminSelectWidget

from almaty_portal.common import audit
from almaty_portal.common.admin import (
    AuditedAdmin,
    AuditedForm,
    AuditedTabularInline,
    ForStaffMixin,
    ReadOnlyAdmin,
)
from almaty_portal.common.admin.base import call
from membership.models import (
    NationalCoordinator,
    User,
)

apps.get_app_config("guardian").verbose_name = _("Rights to one record")

RIGHTS = {
    "add": _("adding"),
    "change": _("changing"),
    "delete": _("deleting"),
    "view": _("reading"),
}

call(Authenticator, _("authenticator"), _("authenticators"), type=_("type"))
for grants, one, many in (
    (UserObjectPermission, _("user object permission"), _("user object permissions")),
    (GroupObjectPermission, _("group object permission"), _("group object permissions")),
):
    call(grants, one, many, permission=_("permission"), content_type=_("content type"))
UserObjectPermission._meta.get_field("user").verbose_name = _("user")
GroupObjectPermission._meta.get_field("group").verbose_name = _("group")


def right_words(permission: Permission) -> str:
    """A permission in the reader's language; the database keeps Django's English."""
    model = permission.content_type.model_class()
    act = permission.codename.partition("_")[0]
    if model is None or permission.codename != f"{act}_{model._meta.model_name}":
        return gettext(permission.name)
    if act not in RIGHTS:
        return gettext(permission.name)
    return f"{capfirst(str(model._meta.verbose_name))}: {RIGHTS[act]}"


def group_words(group: Group) -> str:
    """A group's name; that of the portal's own group is known in both languages."""
    return gettext(group.name)


class GroupFilter(admin.SimpleListFilter):
    title = _("groups")
    parameter_name = "group"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [(str(one.pk), group_words(one)) for one in Group.objects.order_by("name")]

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        value = self.value() or ""
        return queryset.filter(groups=value) if value.isdigit() else queryset


class RightFilter(admin.SimpleListFilter):
    title = _("permission")
    parameter_name = "right"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        given = model_admin.model.objects.values("permission")
        rights = Permission.objects.filter(pk__in=given).select_related("content_type")
        return [(str(one.pk), right_words(one)) for one in rights]

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        value = self.value() or ""
        return queryset.filter(permission=value) if value.isdigit() else queryset


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
    list_filter = ["is_staff", "is_active", "language", GroupFilter]
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
                label=capfirst(db_field.verbose_name),
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

    list_display = ["shown_name"]
    search_fields = ["name"]
    fieldsets = [(None, {"fields": ["name", "permissions"]})]

    def get_object(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Group | None:
        """The group; who may only read it is shown its name in the language of the page."""
        group = super().get_object(request, *args, **kwargs)
        if group is not None and not self.has_change_permission(request, group):
            group.name = group_words(group)
        return group

    def get_fieldsets(self, request: HttpRequest, obj: Model | None = None) -> list:
        if self.has_change_permission(request, obj):
            return list(super().get_fieldsets(request, obj))
        return [(None, {"fields": ["shown_name", "rights"]})]

    def formfield_for_manytomany(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        field = super().formfield_for_manytomany(db_field, request, **kwargs)
        if db_field.name == "permissions":
            field.label_from_instance = right_words
        return field

    @display(description=_("name"), ordering="name")
    def shown_name(self, group: Group) -> str:
        return group_words(group)

    @display(description=_("rights"))
    def rights(self, group: Group) -> str:
        given = group.permissions.select_related("content_type")
        return "; ".join(sorted(right_words(one) for one in given)) or "—"


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

    list_filter = [RightFilter]
    list_select_related = ["permission__content_type", "content_type"]

    @display(description=_("permission"), ordering="permission")
    def right(self, grant: Any) -> str:
        return right_words(grant.permission)

    @display(description=_("record"))
    def record(self, grant: Any) -> str:
        return str(grant.content_object or grant.object_pk)


for one in (UserObjectPermission, GroupObjectPermission):
    if admin.site.is_registered(one):
        admin.site.unregister(one)


@admin.register(UserObjectPermission)
class UserGrantAdmin(GrantAdmin):
    list_display = ["user", "right", "content_type", "object_pk"]
    search_fields = ["user__name", "user__email", "permission__name", "object_pk"]
    list_select_related = ["user", "permission__content_type", "content_type"]
    fieldsets = [(None, {"fields": ["user", "right", "record"]})]


@admin.register(GroupObjectPermission)
class GroupGrantAdmin(GrantAdmin):
    list_display = ["group", "right", "content_type", "object_pk"]
    search_fields = ["group__name", "permission__name", "object_pk"]
    list_select_related = ["group", "permission__content_type", "content_type"]
    fieldsets = [(None, {"fields": ["group", "right", "record"]})]
