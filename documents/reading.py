"""Which edition of a document a reader is shown."""

from documents.models import Document, Edition
from documents.models.archive import Reader


def current_edition(document: Document, reader: Reader) -> Edition | None:
    """The edition in force that the reader may see, with its text fetched; None without one.

    The latest issued text that nothing supersedes; a clean edition prepared after history was
    entered stands beside the historic text and never replaces it. Before there is an issued text,
    the draft, for those who may read it.
    """
    editions = list(
        Edition.objects.filter(document=document).visible_to(reader).with_text().order_by("pk")
    )
    superseded = {edition.supersedes_id for edition in editions if not is_aside(edition)}
    in_force = [
        edition
        for edition in editions
        if edition.pk not in superseded
        and not is_aside(edition)
        and edition.kind not in (Edition.Kind.ADDENDUM, Edition.Kind.CORRIGENDUM)
    ]
    texts = [one for one in in_force if one.issued_at and one.kind != Edition.Kind.DRAFT]
    return (texts or in_force or [None])[-1]


def is_aside(edition: Edition) -> bool:
    """Whether an edition stands beside the issued text: a clean edition of a historic one."""
    return edition.historic and edition.kind == Edition.Kind.CLEAN


def edition_by_key(document: Document, key: str, reader: Reader) -> Edition | None:
    """The edition of the address part `key` (as in `rev-1`) that the reader may see."""
    for edition in Edition.objects.filter(document=document).visible_to(reader).with_text():
        if edition.key == key:
            return edition
    return None
