"""Attached files: served to those who may read the document, and never shown in the page (P3)."""

from django.db.models.fields.files import FieldFile
from django.http import FileResponse, HttpRequest
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_safe

from documents.models import Attachment
from documents.models.archive import Access
from documents.views.renditions import readable_document


@require_safe
def attachment_download(request: HttpRequest, slug: str, pk: int) -> FileResponse:
    """The file as it was added, under its own name; 404 where the document is not to be read.

    It comes as a download of no named kind, so that no browser runs or shows what is in it.
    """
    document = readable_document(request, slug)
    attachment = get_object_or_404(Attachment, document=document, pk=pk)
    public = document.access == Access.PUBLIC
    return served(attachment.file, attachment.name, public=public)


def served(file: FieldFile, name: str, *, public: bool) -> FileResponse:
    """A kept file as a download that nothing runs (P3); what is not public no cache keeps."""
    response = FileResponse(
        file.open(),
        as_attachment=True,
        filename=name,
        content_type="application/octet-stream",
    )
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    response.headers["Cache-Control"] = "no-cache" if public else "private, no-store"
    return response
