"""Documents with their files, topics and what the machine keeps about them."""

from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import Model, Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.decorators import action, display

from almaty_portal.common.admin import (
    AuditedAdmin,
    AuditedForm,
    AuditedTabularInline,
    ReadOnlyAdmin,
    ReadOnlyInline,
)
from almaty_portal.common.instants import ALMATY, database_now
from documents.actions import archive
from documents.actions.access import set_access
from documents.actions.renditions import ask_for_rendition
from documents.admin.files import AttachmentInline
from documents.admin.forms import AccessForm, ReferenceForm, WithdrawForm
from documents.admin.relations import REFUSALS as RING_REFUSALS
from documents.admin.relations import AccessChangeInline, InverseRelationInline, RelationInline
from documents.models import (
    Document,
    Edition,
    FormerAddress,
    Peculiarity,
    Rendition,
    Topic,
)
from documents.search import index_document

REFUSALS = {
    **RING_REFUSALS,
    "a_reference_in_any_spelling_once": _(
        "Another document bears this reference: a reference is never used twice."
    ),
    "documents_document": _(
        "The reference of a document is assigned once, and a document stays in the archive: "
        "nothing was changed."
    ),
    "silence_makes_no_modalities": _(
        "The document, or an annex of it, is under silence: its type and what it is an annex of "
        "stay until the outcome is recorded (OM 3.vii)."
    ),
    "an_issued_text_stays": _(
        "The text of an issued edition is fixed: make a corrigendum or a revision."
    ),
    "supersedes_its_own_document": _(
        "An edition supersedes an older one of its own document: choose another one."
    ),
    "an_address_is_used_once": _("The address leads to another document: choose another one."),
    "documents_edition": _("An issued edition stays as it is: make a corrigendum or a revision."),
}


class MissingLanguageFilter(admin.SimpleListFilter):
    """Records without a title in one of the languages (rule T2)."""

    title = _("missing language")
    parameter_name = "missing"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("en", _("no English title")), ("ru", _("no Russian title"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        if self.value() in ("en", "ru"):
            name = f"title_{self.value()}"
            return queryset.filter(Q(**{f"{name}__isnull": True}) | Q(**{name: ""}))
        return queryset


class TopicUseFilter(admin.SimpleListFilter):
    """Topics by whether a document is filed under them."""

    title = _("documents")
    parameter_name = "used"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("yes", _("with documents")), ("no", _("without documents"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        if self.value() in ("yes", "no"):
            return queryset.filter(documents__isnull=self.value() == "no").distinct()
        return queryset


@admin.register(Topic)
class TopicAdmin(AuditedAdmin):
    list_display = ["position", "name_en", "name_ru", "slug"]
    list_display_links = ["name_en", "name_ru"]
    list_filter = [TopicUseFilter, ("meetings", admin.RelatedOnlyFieldListFilter)]
    search_fields = ["name_en", "name_ru", "slug"]
    autocomplete_fields = ["meetings"]
    prepopulated_fields = {"slug": ["name_en"]}
    permanent_fields = ["slug"]
    fieldsets = [(None, {"fields": [("name_en", "name_ru"), ("position", "slug"), "meetings"]})]


class EditionInline(ReadOnlyInline):
    model = Edition
    fields = ["page", "dated_on", "issued_at", "supersedes"]
    readonly_fields = ["page", "dated_on", "issued_at", "supersedes"]
    verbose_name_plural = _("editions")

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        return super().get_queryset(request).select_related("document", "supersedes__document")

    @display(description=_("edition"))
    def page(self, edition: Edition) -> SafeString:
        return format_html(
            '<a class="text-primary-600 dark:text-primary-500 underline" href="{}">{}</a>',
            reverse("admin:documents_edition_change", args=[edition.pk]),
            edition.label,
        )


class PeculiarityInline(AuditedTabularInline):
    model = Peculiarity
    fields = ["position", "text_en", "text_ru"]
    verbose_name_plural = _("peculiarities of the text")


class DocumentForm(AuditedForm):
    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if "title_en" in self.fields and not (data.get("title_en") or data.get("title_ru")):
            self.add_error(
                "title_en", gettext("Give the document a title in one language at least.")
            )
        return data


@admin.register(Document)
class DocumentAdmin(AuditedAdmin):
    form = DocumentForm
    refusals = REFUSALS
    list_display = ["reference_or_slug", "title_en", "title_ru", "type", "access", "issued_on"]
    list_display_links = ["reference_or_slug", "title_en", "title_ru"]
    list_filter = [
        "type",
        "access",
        MissingLanguageFilter,
        "topics",
        ("reference", admin.EmptyFieldListFilter),
        ("withdrawn_at", admin.EmptyFieldListFilter),
    ]
    search_fields = ["reference", "slug", "title_en", "title_ru"]
    date_hierarchy = "issued_on"
    autocomplete_fields = ["meeting", "annex_of", "topics"]
    prepopulated_fields = {"slug": ["title_en"]}
    # The reference of a draft is assigned by its own button (rule T1).
    # Its access is changed by a button too, for a reason on record (rule T6).
    permanent_fields = ["reference", "slug", "access"]
    readonly_fields = ["withdrawn_at", "related_lists"]
    related = [
        ("documents.Edition", "document"),
        ("documents.Decision", "document"),
        ("documents.FormerAddress", "document"),
    ]
    inlines = [
        EditionInline,
        AttachmentInline,
        RelationInline,
        InverseRelationInline,
        PeculiarityInline,
        AccessChangeInline,
    ]
    actions_detail = [
        {
            "title": _("Actions"),
            "icon": "more_horiz",
            "items": ["new_edition", "add_file", "assign_reference", "set_access", "withdraw"],
        }
    ]
    fieldsets = [
        (
            None,
            {
                "fields": [
                    ("title_en", "title_ru"),
                    ("type", "access"),
                    ("reference", "slug"),
                    ("issued_on", "issued_precision"),
                    ("original_language", "meeting"),
                    "topics",
                    ("annex_of", "annex_number"),
                    ("source_note_en", "source_note_ru"),
                    "related_lists",
                ]
            },
        ),
    ]

    def get_fieldsets(self, request: HttpRequest, obj: Model | None = None) -> list:
        fieldsets = list(super().get_fieldsets(request, obj))
        if isinstance(obj, Document) and obj.withdrawn_at:
            reasons = ("withdrawn_reason_en", "withdrawn_reason_ru")
            fieldsets.append((_("Withdrawn"), {"fields": ["withdrawn_at", reasons]}))
        return fieldsets

    def get_inlines(self, request: HttpRequest, obj: Model | None) -> list:
        return list(self.inlines) if obj else []

    def after_write(self, request: HttpRequest, obj: Model) -> None:
        index_document(obj)

    @display(description=_("reference"), ordering="reference")
    def reference_or_slug(self, document: Document) -> str:
        return document.reference or document.slug

    def has_assign_permission(self, request: HttpRequest, object_id: Any = None) -> bool:
        return (
            self.has_change_permission(request)
            and self.model.objects.filter(pk=object_id, reference=None).exists()
        )

    def has_withdraw_permission(self, request: HttpRequest, object_id: Any = None) -> bool:
        return (
            self.has_change_permission(request)
            and self.model.objects.filter(pk=object_id, withdrawn_at=None).exists()
        )

    def has_extend_permission(self, request: HttpRequest, object_id: Any = None) -> bool:
        return self.has_change_permission(request)

    def document(self, request: HttpRequest, object_id: Any) -> Document:
        document = self.get_object(request, object_id)
        if document is None:
            raise Http404
        return document

    @action(description=_("New edition"), icon="note_add", permissions=["extend"])
    def new_edition(self, request: HttpRequest, object_id: Any) -> HttpResponse:
        url = reverse("admin:documents_edition_add")
        return HttpResponseRedirect(f"{url}?document={self.document(request, object_id).pk}")

    @action(description=_("Add a file"), icon="attach_file", permissions=["extend"])
    def add_file(self, request: HttpRequest, object_id: Any) -> HttpResponse:
        url = reverse("admin:documents_attachment_add")
        return HttpResponseRedirect(f"{url}?document={self.document(request, object_id).pk}")

    @action(description=_("Assign the reference"), icon="tag", permissions=["assign"])
    def assign_reference(self, request: HttpRequest, object_id: Any) -> HttpResponse:
        document = self.document(request, object_id)
        proposed = archive.next_reference(database_now().astimezone(ALMATY).year)
        return self.act_page(
            request,
            document,
            form=ReferenceForm(request.POST or None, initial={"reference": proposed}),
            title=_("Assign the reference"),
            submit=_("Assign it"),
            done=_("The reference is assigned."),
            perform=lambda data: archive.assign_reference(
                document=document, reference=data["reference"], by=request.user
            ),
        )

    @action(description=_("Change the access"), icon="lock_open", permissions=["withdraw"])
    def set_access(self, request: HttpRequest, object_id: Any) -> HttpResponse:
        """Who may read it, for a reason that its page tells (rule T6)."""
        document = self.document(request, object_id)

        return self.act_page(
            request,
            document,
            form=AccessForm(request.POST or None, initial={"access": document.access}),
            title=_("Change the access"),
            intro=_("Its page tells who could read it since when, and why, to all who read it."),
            submit=_("Change it"),
            done=_("The access is changed, and its reason is on record."),
            perform=lambda data: set_access(document=document, by=request.user, **data),
        )

    @action(description=_("Withdraw"), icon="block", permissions=["withdraw"])
    def withdraw(self, request: HttpRequest, object_id: Any) -> HttpResponse:
        document = self.document(request, object_id)
        return self.act_page(
            request,
            document,
            form=WithdrawForm(request.POST or None),
            title=_("Withdraw the document"),
            intro=_("Its address stays and tells the reason, in both languages."),
            submit=_("Withdraw it"),
            done=_("The document is withdrawn; its address tells the reason."),
            perform=lambda data: archive.withdraw_document(
                document=document, by=request.user, **data
            ),
        )


@admin.register(Peculiarity)
class PeculiarityAdmin(AuditedAdmin):
    list_display = ["document", "position", "text_en", "text_ru"]
    search_fields = ["text_en", "text_ru", "document__reference", "document__title_en"]
    list_filter = ["document__type"]
    autocomplete_fields = ["document"]
    list_select_related = ["document"]
    fieldsets = [(None, {"fields": [("document", "position"), ("text_en", "text_ru")]})]


@admin.register(FormerAddress)
class FormerAddressAdmin(ReadOnlyAdmin):
    list_display = ["slug", "document"]
    search_fields = ["slug", "document__reference", "document__title_en"]
    list_filter = ["document__type"]
    list_select_related = ["document"]
    fieldsets = [(None, {"fields": ["slug", "document"]})]


@admin.register(Rendition)
class RenditionAdmin(ReadOnlyAdmin):
    list_display = ["edition", "layout", "status", "progress", "asked_at", "finished_at"]
    list_filter = ["status", "layout"]
    search_fields = ["edition__document__reference", "edition__document__title_en", "sha256"]
    date_hierarchy = "asked_at"
    list_select_related = ["edition__document"]
    actions_detail = ["ask_again"]
    fieldsets = [
        (
            None,
            {
                "fields": [
                    ("edition", "layout"),
                    ("status", "progress"),
                    ("step", "attempts"),
                    ("asked_at", "started_at", "finished_at"),
                    "sha256",
                ]
            },
        )
    ]

    def has_again_permission(self, request: HttpRequest, object_id: Any = None) -> bool:
        return (
            self.has_view_permission(request)
            and Rendition.objects.filter(pk=object_id, status=Rendition.Status.FAILED).exists()
        )

    @action(description=_("Ask for it again"), icon="refresh", permissions=["again"])
    def ask_again(self, request: HttpRequest, object_id: Any) -> HttpResponse:
        rendition = self.get_object(request, object_id)
        if rendition is None:
            raise Http404
        return self.act_page(
            request,
            rendition,
            form=forms.Form(request.POST if request.method == "POST" else None),
            title=_("Ask for the PDF again"),
            submit=_("Ask for it again"),
            done=_("The PDF will be prepared again."),
            perform=lambda data: ask_for_rendition(
                edition=rendition.edition, layout=rendition.layout
            ),
        )
