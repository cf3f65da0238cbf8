"""What every page of the Support Unit's site stands on, and the pages of this app's records.

A page writes through an action, with one audit record; what a rule or the database refuses comes
back as a sentence at the form, with nothing stored.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any
from urllib.parse import urlencode

from allauth.account.decorators import secure_admin_login
from allauth.account.models import EmailAddress
from django import forms
from django.apps import apps
from django.contrib import admin, messages
from django.contrib.admin.widgets import RelatedFieldWidgetWrapper
from django.core.exceptions import ValidationError
from django.db import DataError, IntegrityError, InternalError, models, transaction
from django.db.models import Model, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from post_office.models import Attachment as MailAttachment
from post_office.models import Email, EmailTemplate
from post_office.models import Log as MailLog
from unfold.admin import ModelAdmin, StackedInline, TabularInline
from unfold.decorators import display
from unfold.overrides import FORMFIELD_OVERRIDES_INLINE
from unfold.widgets import UnfoldAdminTextareaWidget

from almaty_portal.common import actions
from almaty_portal.common.errors import DomainError
from almaty_portal.common.models import AuditRecord, Notice

# The second factor is asked for by the portal's own sign-in; the site's own page would not.
admin.site.login = secure_admin_login(admin.site.login)  # type: ignore[method-assign]

Refused = (DomainError, IntegrityError, InternalError, DataError)
LINK = "text-primary-600 dark:text-primary-500 underline"
LONG = 300  # letters of a text that an audit record keeps


def plain(value: Any) -> Any:
    """A value as an audit record keeps it: short texts, numbers and days as they are."""
    if isinstance(value, models.Manager | QuerySet):
        return [str(one) for one in value.all()]
    if isinstance(value, Model):
        return str(value)
    if isinstance(value, str) and len(value) > LONG:
        return f"{value[:LONG]}…"
    if isinstance(value, list | tuple):
        return [plain(one) for one in value]
    if value is None or isinstance(value, bool | int | str) or hasattr(value, "isoformat"):
        return value
    return str(value)


def changes(form: forms.BaseModelForm) -> dict[str, list[Any]]:
    """What a bound form changes, before it is stored: the field's old and new value."""
    instance = form.instance
    before = type(instance)._base_manager.filter(pk=instance.pk).first()
    stored = {field.name for field in instance._meta.get_fields()}
    found = {}
    for name in form.changed_data:
        if name not in stored or name == "password":  # a password is in no record
            continue
        old = plain(getattr(before, name, None)) if before else None
        new = plain(form.cleaned_data.get(name))
        if (old or None) != (new or None):
            found[name] = [old, new]
    return found


def row_changes(formsets: Iterable[forms.BaseFormSet]) -> list[dict[str, Any]]:
    """What the rows below a form change, before they are stored."""
    rows: list[dict[str, Any]] = []
    for formset in formsets:
        for form in formset.forms:
            kind = form.instance._meta.model_name
            if form in formset.deleted_forms:
                if form.instance.pk:
                    rows.append({"kind": kind, "deleted": str(form.instance)})
            elif form.has_changed() and (found := changes(form)):
                rows.append({"kind": kind, "id": form.instance.pk, **found})
    return rows


def sentence(error: Exception, refusals: Mapping[str, Any]) -> str:
    """What a refused write says to the person: the rule's own sentence, never the database's.

    `refusals` gives sentences by the name of a trigger or by a word of the database's message.
    """
    if isinstance(error, DomainError):
        return str(error)
    cause = error.__cause__
    name = getattr(getattr(cause, "diag", None), "constraint_name", None) or ""
    if name in refusals:
        return str(refusals[name])
    for model in apps.get_models():
        for constraint in model._meta.constraints:
            if (
                constraint.name == name
                and constraint.violation_error_message != constraint.default_violation_error_message
            ):
                return str(constraint.violation_error_message)
    for word, text in refusals.items():
        if word in str(error):
            return str(text)
    return str(
        _(
            "The database refused the entry, and nothing was stored: it would contradict "
            "another record. Compare the two and correct one of them."
        )
    )


class AuditedForm(forms.ModelForm):
    """A form at which every refusal is shown: the constraints' and the action's."""

    refusal: tuple[str, Sequence[str]] | None = None

    def _post_clean(self) -> None:
        # Django would judge all constraints in one go, in which a period written backwards is an
        # error of the database; they are judged one by one below.
        self.instance.validate_constraints = lambda exclude=None: None
        try:
            super()._post_clean()
        finally:
            del self.instance.validate_constraints
        self.judge_constraints()
        if self.refusal is not None:
            text, fields = self.refusal
            named = [name for name in fields if name in self.fields]
            for name in named or [None]:
                self.add_error(name, text)

    def judge_constraints(self) -> None:
        """Show what the model's constraints refuse, each with its own sentence."""
        exclude = self._get_validation_exclusions()
        for model, constraints in self.instance.get_constraints():
            for constraint in constraints:
                if not self.judges(constraint):
                    continue
                try:
                    with transaction.atomic():
                        constraint.validate(model, self.instance, exclude=exclude)
                except ValidationError as error:
                    fields = getattr(constraint, "fields", ())
                    alone = fields[0] if error.code == "unique" and len(fields) == 1 else None
                    self.add_error(alone if alone in self.fields else self.place(), error)
                except DataError:
                    if not self.errors:
                        self.add_error(self.place(), _("The period ends before it starts."))

    def place(self) -> str | None:
        """The field at which what concerns none alone is shown; None is above all of them."""
        return None

    def judges(self, constraint: models.BaseConstraint) -> bool:
        """Whether a constraint can be judged before the form is stored."""
        return True


class AuditedRowForm(AuditedForm):
    """A row below a record. What it may not be beside other rows only the database can say: one
    of them may be ended on the same page."""

    def judges(self, constraint: models.BaseConstraint) -> bool:
        return isinstance(constraint, models.CheckConstraint)

    def place(self) -> str | None:
        """The first field: the pages of stacked rows show nothing above a row."""
        return next((name for name in self.fields if not self[name].is_hidden), None)


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
    ) -> HttpResponse:
        """A page with one form that performs one action on a record.

        What the action refuses is shown at the form's fields, with nothing stored.
        """
        if request.method == "POST" and form.is_valid():
            try:
                with transaction.atomic():
                    result = perform(form.cleaned_data)
            except Refused as error:
                show_refusal(form, error, self.refusals)
            else:
                messages.success(request, done)
                return HttpResponseRedirect(redirect(result) if redirect else self.page_of(obj.pk))
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
                "submit_label": submit,
                "intro": intro,
                "back": self.page_of(obj.pk),
                **(context or {}),
            },
        )


def show_refusal(form: forms.Form, error: Exception, refusals: Mapping[str, Any]) -> None:
    named = [name for name in getattr(error, "fields", ()) if name in form.fields]
    for name in named or [None]:
        form.add_error(name, sentence(error, refusals))


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


@admin.register(AuditRecord)
class AuditRecordAdmin(ReadOnlyAdmin):
    list_display = ["at", "by", "action", "target_label", "target_type"]
    list_display_links = ["at", "action"]
    list_filter = ["action", "target_type"]
    search_fields = ["action", "target_label", "target_id", "by__email", "by__name"]
    date_hierarchy = "at"
    list_select_related = ["by"]
    fieldsets = [
        (
            None,
            {
                "fields": [
                    ("at", "by"),
                    "action",
                    "target_label",
                    ("target_type", "target_id"),
                    "details",
                ]
            },
        )
    ]

    @display(description=_("detail"))
    def details(self, record: AuditRecord) -> SafeString | str:
        if not record.detail:
            return "—"
        return table(
            [_("what"), _("value")],
            [
                (name, " → ".join("—" if one in (None, "") else str(one) for one in value))
                if isinstance(value, list) and len(value) == 2
                else (name, str(value))
                for name, value in record.detail.items()
            ],
        )


@admin.register(Notice)
class NoticeAdmin(ReadOnlyAdmin):
    list_display = ["created_at", "recipient", "subject", "event", "delivery"]
    list_display_links = ["created_at", "subject"]
    search_fields = ["event", "subject", "recipient__email", "recipient__name"]
    list_filter = [("email__status", admin.ChoicesFieldListFilter)]
    date_hierarchy = "created_at"
    list_select_related = ["recipient", "email"]
    fieldsets = [
        (
            None,
            {
                "fields": [
                    "event",
                    "recipient",
                    "subject",
                    "link",
                    ("created_at", "delivery"),
                    "email",
                ]
            },
        )
    ]

    @display(description=_("delivery"), ordering="email__status")
    def delivery(self, notice: Notice) -> str:
        return delivery(notice.email)


DELIVERY = {
    0: _("sent"),
    1: _("not delivered"),
    2: _("waiting to be sent"),
    3: _("waiting to be sent again"),
}


def delivery(email: Email | None) -> str:
    """How the mail of a notice fares, in words."""
    if email is None:
        return str(_("no mail"))
    return str(DELIVERY.get(email.status, _("waiting to be sent")))


for model in (Email, EmailTemplate, MailAttachment, MailLog, EmailAddress):
    if admin.site.is_registered(model):
        admin.site.unregister(model)


@admin.register(Email)
class OutboxAdmin(ForStaffMixin, ReadOnlyAdmin):
    """The outbox: every mail, what became of it, never changed here."""

    change_form_template = "admin/change_form.html"  # the library's own page offers to resend

    list_display = ["created", "addressees", "subject", "how_it_fares", "last_updated"]
    list_display_links = ["created", "subject"]
    list_filter = ["status"]
    search_fields = ["to", "subject"]
    date_hierarchy = "created"
    fieldsets = [
        (
            None,
            {
                "fields": [
                    "addressees",
                    "from_email",
                    "subject",
                    ("how_it_fares", "number_of_retries"),
                    ("created", "last_updated", "scheduled_time"),
                    "text",
                    "attempts",
                ]
            },
        )
    ]

    @display(description=_("to"))
    def addressees(self, email: Email) -> str:
        return ", ".join(email.to or [])

    @display(description=_("delivery"), ordering="status")
    def how_it_fares(self, email: Email) -> str:
        return delivery(email)

    @display(description=_("text"))
    def text(self, email: Email) -> SafeString:
        return format_html('<div class="whitespace-pre-line">{}</div>', email.message)

    @display(description=_("attempts"))
    def attempts(self, email: Email) -> SafeString | str:
        rows = [
            (one.date, _("sent") if one.status == 0 else _("not delivered"), one.message)
            for one in email.logs.all()
        ]
        return table([_("at"), _("result"), _("message")], rows) if rows else "—"
