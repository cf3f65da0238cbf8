"""The page that imports a text: a file or pasted words, shown in the editor before it is stored."""

from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _
from unfold.widgets import (
    UnfoldAdminFileFieldWidget,
    UnfoldAdminTextareaWidget,
    UnfoldBooleanWidget,
)

from almaty_portal.common.admin import AuditedAdmin
from almaty_portal.common.errors import DomainError
from documents import importing, uploads
from documents.actions import texts
from documents.admin import editor
from documents.concordance import known_names
from documents.models import Edition
from documents.models.archive import LANGUAGES

SUFFIXES = ("docx", "odt", "pdf", "txt")
MAX_ROWS = 2000


class ImportForm(forms.Form):
    """For each language a file or pasted words; `lines` has what was read, by language."""

    mark_states = forms.BooleanField(
        label=_("Mark the names of States"),
        initial=True,
        required=False,
        help_text=_("As in {KZ|the Republic of Kazakhstan}, where a name is of one State alone."),
        widget=UnfoldBooleanWidget,
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.lines: dict[str, list[importing.Line]] = {}
        for code, name in LANGUAGES:
            self.fields[f"file_{code}"] = forms.FileField(
                label=_("File: %(language)s") % {"language": name},
                required=False,
                allow_empty_file=True,  # judged with all else that a file may be
                help_text=_("DOCX, ODT, PDF or plain text (UTF-8), up to 25 MB."),
                widget=UnfoldAdminFileFieldWidget(
                    attrs={"accept": ",".join(f".{one}" for one in SUFFIXES)}
                ),
            )
            self.fields[f"words_{code}"] = forms.CharField(
                label=_("Or paste the text: %(language)s") % {"language": name},
                required=False,
                strip=False,
                widget=UnfoldAdminTextareaWidget(attrs={"rows": 8, "lang": code}),
            )
        self.order_fields([*(name for name in self.fields if name != "mark_states"), "mark_states"])

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        for code, _name in LANGUAGES:
            file, words = data.get(f"file_{code}"), (data.get(f"words_{code}") or "").strip()
            if file and words:
                self.add_error(
                    f"words_{code}", _("Choose a file or paste the text: not both at once.")
                )
            elif file or words:
                try:
                    self.lines[code] = read(file) if file else importing.lines_of_text(words)
                except (DomainError, ValidationError) as error:
                    self.add_error(f"file_{code}", str(getattr(error, "message", error)))
        if not self.lines and not self.errors:
            raise ValidationError(_("Choose a file or paste a text, in one language at least."))
        for code, lines in self.lines.items():
            if not lines or len(lines) > MAX_ROWS:
                self.add_error(
                    f"file_{code}",
                    _("The text has more than 2000 paragraphs: import its parts as annexes.")
                    if lines
                    else _("No text was found in it."),
                )
        return data


def read(file: Any) -> list[importing.Line]:
    """The lines of a file. Raises DomainError or ValidationError with a sentence."""
    uploads.check_file(file, SUFFIXES)
    suffix = uploads.suffix_of(file)
    file.seek(0)
    try:
        return importing.lines_of_file(file.read(), suffix)
    except importing.Unreadable as error:
        raise ValidationError(
            _("The PDF has no text in it, as a scan has none: paste the text, or take a DOCX.")
            if suffix == "pdf"
            else _("The text of the file cannot be read: save it anew as DOCX, or paste the text.")
        ) from error


def import_page(admin: AuditedAdmin, request: HttpRequest, edition: Edition) -> HttpResponse:
    """The form; sent, the editor with the rows that were recognised; nothing is stored yet."""
    sent = request.method == "POST"
    form = ImportForm(request.POST, request.FILES) if sent else ImportForm()
    if sent and form.is_valid():
        stored = texts.text_rows(edition)
        rows = recognised(form, stored)
        messages.info(
            request,
            ngettext(
                "%(count)d paragraph was recognised, and nothing is stored yet. Look it over, "
                "correct roles, numbers and words, and store the text.",
                "%(count)d paragraphs were recognised, and nothing is stored yet. Look them over, "
                "correct roles, numbers and words, and store the text.",
                len(rows),
            )
            % {"count": len(rows)},
        )
        return editor.show(admin, request, edition, editor.formset_of(rows), base=stored)
    return TemplateResponse(
        request,
        "admin/act.html",
        {
            **admin.admin_site.each_context(request),
            "opts": admin.opts,
            "original": edition,
            "title": gettext("Import a text: %(edition)s") % {"edition": edition},
            "intro": gettext(
                "Roles and numbers, brackets, footnotes and names of States are recognised. The "
                "rows are shown in the editor, where you correct them; only then are they stored. "
                "A language that you do not import stays as it is."
            ),
            "form": form,
            "media": admin.media + form.media,
            "submit_label": gettext("Read the text"),
            "back": admin.page_of(edition.pk),
        },
        status=422 if form.errors else 200,
    )


def recognised(form: ImportForm, stored: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The rows of the text that was sent, beside the stored rows of the other language."""
    names = known_names() if form.cleaned_data["mark_states"] else None
    sides = {}
    for code, lines in form.lines.items():
        sides[code] = importing.recognise(lines)
        for row in sides[code] if names else []:
            if row["role"] not in ("masthead", "heading"):
                row["text"] = importing.mark_states(row["text"], code, names)
    return importing.join(sides, stored)
