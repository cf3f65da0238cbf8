"""Making the PDF of an edition: what the worker does with a row that waits (`preparing`)."""

from django.core.files.storage import default_storage

from documents import pdf
from documents.models import Edition, Rendition
from documents.preparing import advance, keep, prepare


def is_current(rendition: Rendition, edition: Edition) -> bool:
    """Whether a ready file says what the edition's PDF would say now, and is there."""
    return (
        rendition.status == Rendition.Status.READY
        and rendition.fingerprint == pdf.fingerprint(pdf.content(edition, rendition.layout))
        and default_storage.exists(str(rendition.file))
    )


def make_rendition(*, rendition_id: int) -> None:
    """Make the PDF of a row that waits; idempotent, and it raises nothing: the row tells."""
    prepare(Rendition, rendition_id, make)


def make(rendition: Rendition) -> None:
    edition = Edition.objects.with_text().get(pk=rendition.edition_id)
    advance(rendition, "text")
    printed = pdf.content(edition, rendition.layout)
    data = pdf.render_content(printed, lambda step: advance(rendition, step))
    keep(
        rendition,
        data,
        f"renditions/{rendition.edition_id}-{rendition.layout}",
        fingerprint=pdf.fingerprint(printed),
    )
