"""Every rendering of a text as it stands in the editor, stored or not."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from almaty_portal.common.pdf import PdfError
from documents import pdf
from documents.actions.texts import CODES, default_anchor
from documents.models import Edition, LanguageVersion, Paragraph, Rendition


def preview_page(
    request: HttpRequest, edition: Edition, rows: Sequence[Mapping[str, Any]], kind: str
) -> HttpResponse:
    """The page of one language or of both, or the PDF (`pdf-en`), of rows that passed the form.

    Nothing is stored.
    """
    shown = with_rows(edition, rows)
    layout = kind.removeprefix("pdf-")
    if kind.startswith("pdf-") and layout in Rendition.Layout.values:
        try:
            made = pdf.render_content(pdf.content(shown, layout))
        except PdfError as error:
            return HttpResponse(str(error), status=503, content_type="text/plain; charset=utf-8")
        response = HttpResponse(made, content_type="application/pdf")
        response.headers["Content-Disposition"] = f'inline; filename="preview-{layout}.pdf"'
        response.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
        return response
    context = {
        "edition": shown,
        "document": edition.document,
        "code": kind if kind in CODES else "",
        "title": _("Preview: %(edition)s") % {"edition": edition},
    }
    return render(request, "admin/documents/preview_text.html", context)


def with_rows(edition: Edition, rows: Sequence[Mapping[str, Any]]) -> Edition:
    """The edition as if its text were those rows; not to be saved."""
    shown = Edition.objects.with_text().get(pk=edition.pk)
    paragraphs = [
        Paragraph(
            pk=-position,
            edition=shown,
            position=position,
            role=row["role"],
            level=row.get("level") or 2,
            number=row.get("number") or "",
            anchor=row.get("anchor")
            or default_anchor(row["role"], row.get("number") or "", position),
            **{f"text_{code}": row.get(f"text_{code}") or "" for code in CODES},
        )
        for position, row in enumerate(rows, start=1)
    ]
    versions = [
        LanguageVersion(edition=shown, language=code, standing=standing_of(shown, code, paragraphs))
        for code in CODES
    ]
    shown._prefetched_objects_cache["language_versions"] = versions  # type: ignore[attr-defined]
    shown._prefetched_objects_cache["paragraphs"] = paragraphs  # type: ignore[attr-defined]
    return shown


def standing_of(edition: Edition, language: str, paragraphs: Sequence[Paragraph]) -> str:
    """What a text would be if it were issued so, as the page of issuing proposes."""
    standing = LanguageVersion.Standing
    if not any(getattr(one, f"text_{language}") for one in paragraphs):
        return standing.MISSING
    return standing.ORIGINAL if language == edition.document.original_language else standing.WORKING
