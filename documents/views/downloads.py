"""The files of an edition in the language of the address, in every format of `formats`."""

import hashlib

from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.utils.cache import get_conditional_response
from django.utils.http import content_disposition_header, http_date
from django.utils.translation import get_language
from django.views.decorators.http import require_safe

from documents import formats, pdf
from documents.models import Edition
from documents.reading import current_edition, edition_by_key
from documents.views.renditions import (
    file_or_progress,
    former_address,
    is_public,
    missing_language,
    readable_document,
)


@require_safe
def document_download(request: HttpRequest, slug: str, suffix: str) -> HttpResponseBase:
    """The text in force in a format; 404 where the reader may not see it or there is none."""
    if former := former_address(request, slug):
        return redirect("document_download", former, suffix, permanent=True)
    return download(
        request, current_edition(readable_document(request, slug), request.user), suffix
    )


@require_safe
def edition_download(request: HttpRequest, slug: str, key: str, suffix: str) -> HttpResponseBase:
    """An edition at its own address in a format."""
    if former := former_address(request, slug):
        return redirect("edition_download", former, key, suffix, permanent=True)
    document = readable_document(request, slug)
    return download(request, edition_by_key(document, key, request.user), suffix)


def download(request: HttpRequest, edition: Edition | None, suffix: str) -> HttpResponseBase:
    """The file, or 304 where the reader has it; a language that is missing has a page (T2)."""
    if edition is None or edition.issued_at is None:
        raise Http404
    language = (get_language() or "ru")[:2]
    if language not in pdf.layouts_of(edition):
        return missing_language(request, edition)
    if suffix == "pdf":
        return file_or_progress(edition, language)
    body = formats.make(edition, language, suffix)
    # What became of an issued text changes its file and not its date: the tag alone decides.
    etag = f'"{hashlib.sha256(body).hexdigest()[:32]}"'
    name = formats.file_name(edition, language, suffix)
    response = HttpResponse(
        body,
        headers={
            "Content-Type": formats.FORMATS[suffix].content_type,
            "Content-Disposition": content_disposition_header(True, name) or "attachment",
            "Content-Language": language,
            "X-Content-Type-Options": "nosniff",
            "Content-Security-Policy": "default-src 'none'; sandbox",
            "Cache-Control": "no-cache" if is_public(edition) else "private, no-store",
            "Last-Modified": http_date(edition.issued_at.timestamp()),
            "ETag": etag,
        },
    )
    return get_conditional_response(request, etag=etag, response=response) or response
