"""The glossary: its concepts and terms, and files of it."""

from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.decorators import action, display
from unfold.widgets import UnfoldAdminFileFieldWidget

from almaty_portal.common.admin import AuditedAdmin, AuditedTabularInline, ReadOnlyAdmin
from almaty_portal.common.errors import DomainError
from documents.actions.terms import import_terms
from documents.exchange.terms import Entry, from_csv, from_tbx
from documents.models import Concept, Term
from documents.permissions import can_keep_terms

MAX_BYTES = 5 * 1024 * 1024


class TermsForm(forms.Form):
    file = forms.FileField(
        label=_("File"),
        help_text=_(
            "CSV in UTF-8 with the columns of the export, or TBX of 2019. At most 5 MB. A concept "
            "that the file names gets the terms of the file; all others stay."
        ),
        error_messages={"empty": _("The file is empty: choose another one.")},
        widget=UnfoldAdminFileFieldWidget,
    )

    def entries(self) -> list[Entry]:
        """What the file tells; DomainError with a sentence."""
        file = self.cleaned_data["file"]
        if file.size > MAX_BYTES:
            raise DomainError(
                gettext("The file is larger than 5 MB: divide it. Nothing was stored."),
                fields=["file"],
            )
        data = file.read()
        is_xml = data.removeprefix(b"\xef\xbb\xbf").lstrip().startswith(b"<")
        return from_tbx(data) if is_xml else from_csv(data)


class TermInline(AuditedTabularInline):
    model = Term
    fields = ["language", "text", "status"]
    extra = 2


@admin.register(Concept)
class ConceptAdmin(AuditedAdmin):
    refusals = {
        "one_agreed_term_per_language": _(
            "The concept has an agreed term in this language: make the other one admitted."
        ),
    }
    list_display = ["slug", "in_english", "in_russian", "source"]
    search_fields = ["slug", "terms__text", "definition_en", "definition_ru"]
    inlines = [TermInline]
    permanent_fields = ["slug"]
    actions_list = ["import_file"]
    fieldsets = [
        (None, {"fields": ["slug", ("definition_en", "definition_ru"), ("source_en", "source_ru")]})
    ]

    def get_queryset(self, request: HttpRequest) -> Any:
        return super().get_queryset(request).prefetch_related("terms")

    @display(description=_("English"))
    def in_english(self, concept: Concept) -> str:
        return self.agreed(concept, "en")

    @display(description=_("Russian"))
    def in_russian(self, concept: Concept) -> str:
        return self.agreed(concept, "ru")

    def agreed(self, concept: Concept, language: str) -> str:
        own = [one for one in concept.terms.all() if one.language == language]
        return next((one.text for one in own if one.status == Term.Status.AGREED), "—")

    @action(description=_("Import from a file"), icon="upload_file", permissions=["change"])
    def import_file(self, request: HttpRequest) -> HttpResponse:
        """A page that takes a CSV or TBX file into the term base."""
        if not can_keep_terms(request.user):
            raise PermissionDenied
        form = TermsForm(request.POST or None, request.FILES or None)
        back = reverse("admin:documents_concept_changelist")
        return self.act_page(
            request,
            Concept(),
            form=form,
            title=_("Import terms"),
            intro=_(
                "What is wrong in the file is told in a sentence, and nothing of it is stored."
            ),
            submit=_("Import"),
            done=_("The glossary agrees with the file now."),
            perform=lambda _data: import_terms(entries=form.entries(), by=request.user),
            redirect=lambda _result: back,
            context={"back": back, "original": None},
        )


@admin.register(Term)
class TermAdmin(ReadOnlyAdmin):
    """Every term, to be found; it is written on the page of its concept."""

    list_display = ["text", "language", "status", "concept"]
    list_filter = ["language", "status"]
    search_fields = ["text", "concept__slug"]
    list_select_related = ["concept"]
    fields = ["concept", "language", "text", "status"]
