"""Editions: their text in both languages, and the acts of issuing and putting under silence."""

from typing import Any

from django.contrib import admin
from django.db.models import Model, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.decorators import action, display

from almaty_portal.common.admin import (
    AuditedAdmin,
    ReadOnlyAdmin,
)
from documents.actions import archive
from documents.admin.archive import REFUSALS
from documents.admin.concordance import concordance_page
from documents.admin.editor import editor_page
from documents.admin.forms import IssueForm
from documents.admin.importing import import_page
from documents.admin.opening import opening_page
from documents.admin.printed import printed
from documents.models import Edition, LanguageVersion, Paragraph
from documents.models.archive import LANGUAGES
from documents.permissions import can_open_silence


class IssuedFilter(admin.SimpleListFilter):
    title = _("issued")
    parameter_name = "issued"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("yes", _("issued")), ("no", _("not issued yet"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        if self.value() in ("yes", "no"):
            return queryset.filter(issued_at__isnull=self.value() == "no")
        return queryset


@admin.register(Edition)
class EditionAdmin(AuditedAdmin):
    refusals = REFUSALS
    list_display = ["document", "edition_label", "dated_on", "issued_at", "languages", "historic"]
    list_display_links = ["document", "edition_label"]
    list_filter = [IssuedFilter, "kind", "historic"]
    search_fields = [
        "document__reference",
        "document__slug",
        "document__title_en",
        "document__title_ru",
    ]
    date_hierarchy = "dated_on"
    autocomplete_fields = ["document"]
    list_select_related = ["document"]
    permanent_fields = ["document"]
    readonly_fields = ["issued_at", "historic", "languages", "related_lists"]
    related = [
        ("documents.Paragraph", "edition"),
        ("documents.LanguageVersion", "edition"),
        ("documents.Rendition", "edition"),
        ("documents.SilenceProcedure", "edition"),
    ]
    actions_detail = [
        {
            "title": _("Actions"),
            "icon": "more_horiz",
            "items": ["edit_text", "import_text", "concordance", "issue", "open_silence"],
        }
    ]
    change_form_outer_after_template = "admin/documents/edition_text.html"
    add_fieldsets = [
        (
            None,
            {
                "fields": [
                    "document",
                    ("kind", "number"),
                    "dated_on",
                    ("supersedes", "belongs_to"),
                    ("note_en", "note_ru"),
                ]
            },
        )
    ]
    fieldsets = [
        (
            None,
            {
                "fields": [
                    "document",
                    ("kind", "number"),
                    "dated_on",
                    ("supersedes", "belongs_to"),
                    ("note_en", "note_ru"),
                    ("issued_at", "historic"),
                    "languages",
                    "related_lists",
                ]
            },
        )
    ]

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        return (
            super()
            .get_queryset(request)
            .select_related("document")
            .prefetch_related("language_versions")
        )

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """An edition is changed until it is issued (rule T3)."""
        if isinstance(obj, Edition) and obj.issued_at is not None:
            return False
        return super().has_change_permission(request, obj)

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        """An edition supersedes, adds to or corrects an older one of its own document."""
        if db_field.name in ("supersedes", "belongs_to"):
            match = request.resolver_match
            own = match.kwargs.get("object_id", "") if match else ""
            named = request.POST.get("document") or request.GET.get("document") or ""
            editions = Edition.objects.select_related("document").order_by("pk")
            if own.isdigit():
                kwargs["queryset"] = editions.filter(document__editions=own, pk__lt=own)
            else:
                kwargs["queryset"] = editions.filter(document=named if named.isdigit() else None)
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    def write(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        if change:
            super().write(request, form, formsets, change)
            return
        names = ["document", "kind", "number", "dated_on", "supersedes", "belongs_to"]
        names += ["note_en", "note_ru"]
        data = {name: form.cleaned_data[name] for name in names}
        data["note_en"], data["note_ru"] = data["note_en"] or "", data["note_ru"] or ""
        form.instance.pk = archive.create_edition(by=request.user, **data).pk
        form.instance.refresh_from_db()

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        paragraphs = Paragraph.objects.filter(edition=object_id) if object_id.isdigit() else []
        context = {"paragraphs": [printed(one) for one in paragraphs], **(extra_context or {})}
        return super().change_view(request, object_id, form_url, context)

    @display(description=_("edition"), ordering="kind")
    def edition_label(self, edition: Edition) -> str:
        return edition.label

    @display(description=_("languages"))
    def languages(self, edition: Edition) -> str:
        return "; ".join(str(one) for one in edition.language_versions.all()) or "—"

    # Buttons: who sees which

    def open_edition(self, object_id: Any) -> QuerySet:
        return Edition.objects.filter(pk=object_id, issued_at=None)

    def has_draft_permission(self, request: HttpRequest, object_id: Any = None) -> bool:
        return super().has_change_permission(request) and self.open_edition(object_id).exists()

    def has_silence_permission(self, request: HttpRequest, object_id: Any = None) -> bool:
        return can_open_silence(request.user)

    def edition(self, object_id: Any) -> Edition:
        edition = Edition.objects.with_text().filter(pk=object_id).first()
        if edition is None:
            raise Http404
        return edition

    @action(description=_("Edit the text"), icon="edit_note", permissions=["draft"])
    def edit_text(self, request: HttpRequest, object_id: Any) -> HttpResponse:
        """The paragraphs of an edition that is not issued, English and Russian side by side."""
        return editor_page(self, request, self.edition(object_id))

    @action(description=_("Import a text"), icon="upload_file", permissions=["draft"])
    def import_text(self, request: HttpRequest, object_id: Any) -> HttpResponse:
        """A text from a file or the clipboard, as rows to be corrected before they are stored."""
        return import_page(self, request, self.edition(object_id))

    @action(description=_("Concordance"), icon="balance", permissions=["view"])
    def concordance(self, request: HttpRequest, object_id: Any) -> HttpResponse:
        """Where the two texts differ; each difference may be accepted with a reason."""
        return concordance_page(self, request, self.edition(object_id))

    @action(description=_("Issue this edition"), icon="verified", permissions=["draft"])
    def issue(self, request: HttpRequest, object_id: Any) -> HttpResponse:
        edition = self.edition(object_id)
        form = IssueForm(request.POST or None, initial=proposed_standings(edition))
        return self.act_page(
            request,
            edition,
            form=form,
            title=_("Issue this edition"),
            intro=" ".join(
                filter(
                    None,
                    [
                        gettext(
                            "From then on no word of the text changes: its hashes are recorded, "
                            "and the PDFs are prepared."
                        ),
                        stale_note(edition),
                    ],
                )
            ),
            submit=_("Issue it"),
            done=_("The edition is issued and its text is fixed."),
            perform=lambda data: archive.issue_edition(
                edition=edition, standings=form.standings(), by=request.user
            ),
        )

    @action(description=_("Put under silence"), icon="hourglass_top", permissions=["silence"])
    def open_silence(self, request: HttpRequest, object_id: Any) -> HttpResponse:
        """The guided form that opens a silence procedure."""
        return opening_page(self, request, self.edition(object_id))


def stale_note(edition: Edition) -> str:
    """A sentence on the paragraphs of which one language did not follow the other, if any."""
    numbers = [one.number or str(one.position) for one in edition.paragraphs.all() if one.stale]
    if not numbers:
        return ""
    return gettext(
        "In these paragraphs one language was changed and the other neither changed nor "
        "confirmed: %(numbers)s. Look at them first."
    ) % {"numbers": ", ".join(numbers)}


def proposed_standings(edition: Edition) -> dict[str, str]:
    """The original as the document says; the other language a working translation, or missing."""
    standing = LanguageVersion.Standing
    proposed = {}
    for language, _name in LANGUAGES:
        complete = all(getattr(one, f"text_{language}") for one in edition.paragraphs.all())
        if language == edition.document.original_language:
            proposed[f"text_{language}"] = standing.ORIGINAL
        else:
            proposed[f"text_{language}"] = standing.WORKING if complete else standing.MISSING
    return proposed


@admin.register(Paragraph)
class ParagraphAdmin(ReadOnlyAdmin):
    """A paragraph is read and found here, and written on the page of its edition's text."""

    list_display = ["edition", "position", "number", "role", "text_en", "text_ru"]
    list_display_links = ["edition", "position"]
    list_filter = ["role", "explains_brackets"]
    search_fields = ["text_en", "text_ru", "number", "anchor", "edition__document__reference"]
    list_select_related = ["edition__document"]
    fieldsets = [
        (
            None,
            {
                "fields": [
                    "text_page",
                    ("position", "role", "level"),
                    ("number", "anchor", "explains_brackets"),
                    ("text_en", "text_ru"),
                ]
            },
        )
    ]

    @display(description=_("edition"))
    def text_page(self, paragraph: Paragraph) -> SafeString:
        return format_html(
            '<a class="text-primary-600 dark:text-primary-500 underline" href="{}">{}</a>',
            reverse("admin:documents_edition_change", args=[paragraph.edition_id]),
            paragraph.edition,
        )


@admin.register(LanguageVersion)
class LanguageVersionAdmin(AuditedAdmin):
    """What a text in one language is; the standing of a translation may rise (rule T2)."""

    list_display = ["edition", "language", "standing", "text_hash"]
    list_filter = ["language", "standing"]
    search_fields = ["edition__document__reference", "edition__document__title_en", "text_hash"]
    list_select_related = ["edition__document"]
    readonly_fields = ["edition", "language", "text_hash"]
    fieldsets = [(None, {"fields": ["edition", ("language", "standing"), "text_hash"]})]

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def formfield_for_choice_field(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        """Whether a text is missing is settled when the edition is issued."""
        if db_field.name == "standing":
            kwargs["choices"] = [
                one
                for one in LanguageVersion.Standing.choices
                if one[0] != LanguageVersion.Standing.MISSING
            ]
        return super().formfield_for_choice_field(db_field, request, **kwargs)

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        if isinstance(obj, LanguageVersion) and not obj.text_hash:
            return False
        return super().has_change_permission(request, obj)

    def after_write(self, request: HttpRequest, obj: Any) -> None:
        archive.refresh(obj.edition)
