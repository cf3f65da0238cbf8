"""PDF files of editions: asking for one, watching it being made, downloading it."""

from django.contrib.auth.models import AnonymousUser
from django.core.files.storage import default_storage
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import get_language
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from almaty_portal.common.languages import CODES
from almaty_portal.common.pdf import INSTALL
from documents import pdf
from documents.actions.renditions import ask_for_rendition
from documents.models import Document, Edition, FormerAddress, Rendition
from documents.reading import current_edition, edition_by_key
from documents.renditions import is_current
from membership.permissions import is_support_unit

Status = Rendition.Status


class HttpResponseSeeOther(HttpResponse):
    """303: look there, with GET, whatever the method was."""

    status_code = 303

    def __init__(self, address: str) -> None:
        super().__init__(headers={"Location": address})


@require_safe
def document_pdf(request: HttpRequest, slug: str) -> HttpResponseBase:
    """The PDF in force in the language of the address: the file, or the page on which it comes."""
    former = former_address(request, slug)
    if former:
        return HttpResponseSeeOther(reverse("document_pdf", args=[former]))
    document = readable_document(request, slug)
    edition = current_edition(document, request.user)
    layout = (get_language() or "ru")[:2]
    if edition is None or edition.issued_at is None:
        raise Http404
    if layout not in pdf.layouts_of(edition):
        return missing_language(request, edition)
    return file_or_progress(edition, layout)


@require_POST
def rendition_ask(request: HttpRequest, slug: str) -> HttpResponseBase:
    """Ask for a PDF: `layout`, and `edition`, the key of one (without it the one in force)."""
    document = readable_document(request, slug)
    key = request.POST.get("edition", "")
    edition = (
        edition_by_key(document, key, request.user)
        if key
        else current_edition(document, request.user)
    )
    layout = request.POST.get("layout", "")
    if edition is None or ask_for_rendition(edition=edition, layout=layout) is None:
        raise Http404
    return HttpResponseSeeOther(address("rendition_progress", edition, layout))


@never_cache
@require_safe
def rendition_progress(request: HttpRequest, slug: str, key: str, layout: str) -> HttpResponse:
    """How far a PDF has come; the page renews itself until it is ready or has failed."""
    edition = readable_edition(request, slug, key, layout)
    rendition = Rendition.objects.filter(edition=edition, layout=layout).first()
    on_its_way = rendition is not None and rendition.on_its_way
    context = {
        "document": edition.document,
        "edition": edition,
        "layout": layout,
        "layout_label": Rendition.Layout(layout).label,
        "rendition": rendition,
        "on_its_way": on_its_way,
        "current": rendition is not None and is_current(rendition, edition),
        "install": INSTALL if is_support_unit(request.user) else "",
    }
    template = "documents/rendition_progress.html"
    if getattr(request, "htmx", False):
        template = "documents/_rendition_state.html"
    return render(request, template, context)


@require_safe
def rendition_download(request: HttpRequest, slug: str, key: str, layout: str) -> HttpResponseBase:
    """The file of an edition in a layout, or the page on which it comes."""
    return file_or_progress(readable_edition(request, slug, key, layout), layout)


def former_address(request: HttpRequest, slug: str) -> str:
    """The present address of a document that had `slug` before; "" where nobody may know."""
    former = (
        FormerAddress.objects.filter(
            slug=slug, document__in=Document.objects.visible_to(request.user)
        )
        .select_related("document")
        .first()
    )
    return former.document.slug if former else ""


class Withdrawn(Http404):
    """The document was withdrawn; `documents.middleware` answers with its tombstone."""

    def __init__(self, document: Document) -> None:
        super().__init__()
        self.document = document


def readable_document(request: HttpRequest, slug: str) -> Document:
    """The document, for those who may read it; of a withdrawn one only the tombstone is left."""
    document = Document.objects.visible_to(request.user).filter(slug=slug).first()
    if document is None:
        raise Http404
    if document.withdrawn_at is not None:
        raise Withdrawn(document)
    return document


def readable_edition(request: HttpRequest, slug: str, key: str, layout: str) -> Edition:
    """The edition, where the reader may see it and it has the texts of the layout."""
    edition = edition_by_key(readable_document(request, slug), key, request.user)
    if edition is None or edition.issued_at is None or layout not in pdf.layouts_of(edition):
        raise Http404
    return edition


def file_or_progress(edition: Edition, layout: str) -> HttpResponseBase:
    """The file where it is ready and still says what it should, else asked for and awaited.

    One that failed is not asked for again by reading: the page has a button for that.
    """
    rendition = Rendition.objects.filter(edition=edition, layout=layout).first()
    if rendition is not None and is_current(rendition, edition):
        return file_response(rendition, edition)
    if rendition is None or rendition.status != Status.FAILED:
        ask_for_rendition(edition=edition, layout=layout)
    return HttpResponseSeeOther(address("rendition_progress", edition, layout))


def file_response(rendition: Rendition, edition: Edition) -> FileResponse:
    response = FileResponse(
        default_storage.open(str(rendition.file)),
        as_attachment=True,
        filename=pdf.file_name(edition, rendition.layout),
        content_type="application/pdf",
    )
    languages = pdf.languages_of(rendition.layout)
    response.headers["Content-Language"] = ", ".join(languages)
    response.headers["X-Content-Type-Options"] = "nosniff"
    # A public file is asked for anew each time too: its status may have changed.
    response.headers["Cache-Control"] = "no-cache" if is_public(edition) else "private, no-store"
    return response


def is_public(edition: Edition) -> bool:
    """Whether everybody may read the edition."""
    return Edition.objects.visible_to(AnonymousUser()).filter(pk=edition.pk).exists()


def missing_language(request: HttpRequest, edition: Edition) -> HttpResponse:
    """404 with a page that says that the text does not exist in this language, and where it does;
    nothing is put in its place (rule T2)."""
    language = (get_language() or "ru")[:2]
    context = {
        "document": edition.document,
        "edition": edition,
        "language": language,
        "others": [code for code in CODES if code in pdf.layouts_of(edition)],
    }
    return render(request, "documents/language_missing.html", context, status=404)


def address(name: str, edition: Edition, layout: str) -> str:
    return reverse(name, args=[edition.document.slug, edition.key, layout])
