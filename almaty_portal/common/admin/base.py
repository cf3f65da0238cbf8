"""How every page of the Support Unit's site stores, refuses and puts on record."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import wraps
from typing import Any
from urllib.parse import urlencode

from django import forms
from django.apps import apps
from django.contrib import messages
from django.contrib.admin.utils import unquote
from django.contrib.admin.widgets import RelatedFieldWidgetWrapper
from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.db.models import Model, QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.crypto import salted_hmac
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from unfold.admin import ModelAdmin, StackedInline, TabularInline
from unfold.decorators import display
from unfold.overrides import FORMFIELD_OVERRIDES_INLINE
from unfold.widgets import UnfoldAdminTextareaWidget

from almaty_portal.common import actions
from almaty_portal.common.admin.forms import (
    AuditedForm,
    AuditedRowForm,
    Refused,
    changes,
    row_changes,
    sentence,
    show_refusal,
)

LINK = "text-primary-600 dark:text-primary-500 underline"
SMALL_TEXT = {models.TextField: {"widget": UnfoldAdminTextareaWidget(attrs={"rows": 4})}}


class PlainRelationsMixin:
    """Fields that name another record, without the buttons that would write it in passing."""

    def formfield_for_dbfield(
        self, db_field: Any, request: HttpRequest, **kwargs: Any
    ) -> forms.Field | None:
        field = super().formfield_for_dbfield(db_field, request, **kwargs)  # type: ignore[misc]
        if field is not None and isinstance(field.widget, RelatedFieldWidgetWrapper):
            field.widget = field.widget.widget
        return field


class AuditedInlineMixin(PlainRelationsMixin):
    """Rows that are stored and audited with their record; only a superuser takes one out."""

    form = AuditedRowForm
    formfield_overrides = {**FORMFIELD_OVERRIDES_INLINE, **SMALL_TEXT}
    extra = 0
    deletable = False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return self.deletable and request.user.is_superuser


class AuditedTabularInline(AuditedInlineMixin, TabularInline):
    pass


class AuditedStackedInline(AuditedInlineMixin, StackedInline):
    pass


class ReadOnlyInline(TabularInline):
    """Rows that are shown with their record and written elsewhere."""

    extra = 0
    can_delete = False

    def has_add_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False


class AuditedAdmin(PlainRelationsMixin, ModelAdmin):
    """Pages of one model: whatever they store goes through an action with one audit record.

    Nobody deletes (rule T8), except superusers where `deletable` says that nothing is lost.
    """

    form = AuditedForm
    deletable = False
    refusals: Mapping[str, Any] = {}
    list_per_page = 50
    show_full_result_count = False
    # A record's rows in other lists: (model, field of that model that names this record).
    related: list[tuple[str, str]] = []
    # Fields that are given once, as an address (rule T8).
    permanent_fields: Sequence[str] = ()
    compressed_fields = False
    formfield_overrides = SMALL_TEXT

    def get_readonly_fields(self, request: HttpRequest, obj: Model | None = None) -> Sequence[str]:
        fields = list(super().get_readonly_fields(request, obj))
        return [*fields, *self.permanent_fields] if obj else fields

    def get_prepopulated_fields(
        self, request: HttpRequest, obj: Model | None = None
    ) -> dict[str, Sequence[str]]:
        return {} if obj else super().get_prepopulated_fields(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return self.deletable and request.user.is_superuser

    def write(
        self,
        request: HttpRequest,
        form: forms.BaseForm,
        formsets: Sequence[forms.BaseFormSet],
        change: bool,
    ) -> None:
        """Store a record with its rows; an app with an action of its own calls that instead."""
        changed: dict[str, Any] = changes(form)
        if rows := row_changes(formsets):
            changed["rows"] = rows
        actions.save_audited(
            obj=form.instance,
            changed=changed,
            by=request.user,
            related=lambda: super(AuditedAdmin, self).save_related(request, form, formsets, change),
        )

    def after_write(self, request: HttpRequest, obj: Model) -> None:
        """What follows from a stored record, in the same transaction."""

    def save_model(
        self, request: HttpRequest, obj: Model, form: forms.BaseForm, change: bool
    ) -> None:
        """Nothing yet: a record and its rows are stored by one action, in `save_related`."""

    def save_related(
        self,
        request: HttpRequest,
        form: forms.BaseForm,
        formsets: Sequence[forms.BaseFormSet],
        change: bool,
    ) -> None:
        with transaction.atomic():
            self.write(request, form, formsets, change)
            self.after_write(request, form.instance)

    def construct_change_message(self, *args: Any, **kwargs: Any) -> list:
        return []  # the audit record tells it

    def log_addition(self, *args: Any, **kwargs: Any) -> None:
        """The audit record tells it."""

    def log_change(self, *args: Any, **kwargs: Any) -> None:
        """The audit record tells it."""

    def log_deletions(self, *args: Any, **kwargs: Any) -> None:
        """The audit record tells it."""

    def delete_model(self, request: HttpRequest, obj: Model) -> None:
        actions.delete_audited(obj=obj, by=request.user)

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet) -> None:
        with transaction.atomic():
            for obj in queryset:
                actions.delete_audited(obj=obj, by=request.user)

    def get_urls(self) -> list:
        urls = super().get_urls()
        for one in urls:
            one.callback = self.with_an_id(one.callback)
        return urls

    def with_an_id(self, view: Callable[..., HttpResponseBase]) -> Callable[..., HttpResponseBase]:
        """The view of a record, with 404 for an address that names none by what cannot be an id."""

        @wraps(view)
        def checked(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            if (named := kwargs.get("object_id")) is not None:
                try:
                    self.model._meta.pk.to_python(unquote(named))
                except ValidationError as error:
                    raise Http404 from error
            return view(request, *args, **kwargs)

        return checked

    def get_form(
        self, request: HttpRequest, obj: Model | None = None, change: bool = False, **kwargs: Any
    ) -> type[forms.ModelForm]:
        form = super().get_form(request, obj, change=change, **kwargs)
        form.refusal = getattr(request, "refusal", None)  # type: ignore[attr-defined]
        return form

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """The page of a record; where storing was refused, the same page with the sentence."""
        try:
            with transaction.atomic():
                return super().changeform_view(request, object_id, form_url, extra_context)
        except Refused as error:
            if request.method != "POST" or getattr(request, "refusal", None):
                raise
            request.refusal = (  # type: ignore[attr-defined]
                sentence(error, self.refusals),
                getattr(error, "fields", ()),
            )
            return super().changeform_view(request, object_id, form_url, extra_context)

    def delete_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        try:
            with transaction.atomic():
                return super().delete_view(request, object_id, extra_context)
        except Refused as error:
            messages.error(request, sentence(error, self.refusals))
            return HttpResponseRedirect(self.page_of(object_id))

    def history_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """The audit records of a record."""
        query = urlencode({"target_type": self.opts.label_lower, "target_id": object_id})
        return HttpResponseRedirect(reverse("admin:common_auditrecord_changelist") + f"?{query}")

    def page_of(self, object_id: Any) -> str:
        name = f"admin:{self.opts.app_label}_{self.opts.model_name}_change"
        return reverse(name, args=[object_id])

    @display(description=_("belongs to it"))
    def related_lists(self, obj: Model) -> SafeString | str:
        """Links to the lists of what belongs to a record, with their numbers."""
        if obj.pk is None:
            return "—"
        rows = []
        for label, field in self.related:
            model = apps.get_model(label)
            names = (model._meta.app_label, model._meta.model_name)
            rows.append(
                (
                    reverse("admin:{}_{}_changelist".format(*names)),
                    field,
                    obj.pk,
                    str(model._meta.verbose_name_plural),
                    model._base_manager.filter(**{field: obj.pk}).count(),
                )
            )
        return format_html_join(
            " · ",
            f'<a class="{LINK}" href="{{}}?{{}}={{}}">{{}}: {{}}</a>',
            rows,
        )

    def act_page(
        self,
        request: HttpRequest,
        obj: Model,
        *,
        form: forms.Form,
        title: str,
        submit: str,
        perform: Callable[[dict[str, Any]], Any],
        done: str,
        intro: str = "",
        template: str = "admin/act.html",
        context: dict[str, Any] | None = None,
        redirect: Callable[[Any], str] | None = None,
        preview: Callable[[Any], Any] | None = None,
        preview_template: str = "",
    ) -> HttpResponse:
        """A page with one form that performs one action on a record.

        What the action refuses is shown at the form's fields, with nothing stored. With `preview`
        what the action gave is shown by `preview_template` first and taken back; it is performed
        when the same values are sent again.
        """
        looked_at: dict[str, Any] = {}
        if request.method == "POST" and form.is_valid():
            sent = repr(sorted((name, str(value)) for name, value in form.cleaned_data.items()))
            checked = salted_hmac("act_page", sent).hexdigest()
            look = preview is not None and request.POST.get("checked") != checked
            try:
                with transaction.atomic():
                    result = perform(form.cleaned_data)
                    if preview is not None and look:
                        looked_at = {"preview": preview(result), "checked": checked}
                        transaction.set_rollback(True)
            except Refused as error:
                show_refusal(form, error, self.refusals)
            else:
                if not look:
                    messages.success(request, done)
                    there = redirect(result) if redirect else self.page_of(obj.pk)
                    return HttpResponseRedirect(there)
        return TemplateResponse(
            request,
            template,
            {
                **self.admin_site.each_context(request),
                "opts": self.opts,
                "original": obj,
                "title": title,
                "form": form,
                "media": self.media + form.media,
                "submit_label": _("Check") if preview and not looked_at else submit,
                "preview_template": preview_template,
                **looked_at,
                "intro": intro,
                "back": self.page_of(obj.pk),
                **(context or {}),
            },
        )


def call(model: type[Model], one: Any, many: Any, **fields: Any) -> None:
    """Name a library's model and its fields, which have no words that could be translated."""
    model._meta.verbose_name, model._meta.verbose_name_plural = one, many
    for name, words in fields.items():
        model._meta.get_field(name).verbose_name = words  # type: ignore[union-attr]


class ReadOnlyAdmin(AuditedAdmin):
    """Records that are made by actions alone, and read here."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False


class ForStaffMixin:
    """Records of a library, which the group's permissions do not name: all staff read them."""

    def has_view_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return request.user.is_active and request.user.is_staff

    def has_module_permission(self, request: HttpRequest) -> bool:
        return request.user.is_active and request.user.is_staff


def table(headings: Sequence[Any], rows: Iterable[Sequence[Any]]) -> SafeString:
    """A small table inside a record's page."""
    cell = "px-3 py-2 text-left align-top border-b border-base-200 dark:border-base-800"
    head = format_html_join(
        "", '<th scope="col" class="{} font-semibold">{}</th>', ((cell, one) for one in headings)
    )
    body = format_html_join(
        "",
        "<tr>{}</tr>",
        (
            (format_html_join("", '<td class="{}">{}</td>', ((cell, one) for one in row)),)
            for row in rows
        ),
    )
    return format_html(
        '<div class="overflow-x-auto"><table class="w-full text-sm"><thead><tr>{}</tr></thead>'
        "<tbody>{}</tbody></table></div>",
        head,
        body,
    )
