"""Which edition of a document is in force, and which one a reader is shown."""

import datetime as dt
from collections.abc import Iterable, Sequence

from django.db.models import prefetch_related_objects

from documents.models import Document, Edition
from documents.models.archive import Reader
from documents.permissions import proposals, texts_of

BESIDE = (Edition.Kind.ADDENDUM, Edition.Kind.CORRIGENDUM)


def editions_of(document: Document, reader: Reader | None = None) -> list[Edition]:
    """The editions of a document that the reader may see, all of them without one; oldest first.

    Each has `proposed`: put under silence and not adopted (yet, or at all).
    """
    editions = Edition.objects.filter(document=document)
    if reader is not None:
        editions = editions.visible_to(reader)
    put_forward = set(
        Edition.objects.filter(texts_of(proposals()), document=document).values_list(
            "pk", flat=True
        )
    )
    found = list(
        editions.select_related("document", "document__meeting", "correction")
        .prefetch_related("language_versions")
        .order_by("pk")
    )
    for edition in found:
        edition.proposed = edition.pk in put_forward
    return found


def current_edition(document: Document, reader: Reader | None = None) -> Edition | None:
    """The edition in force that the reader may see, with its text fetched; None without one."""
    return with_paragraphs(in_force(editions_of(document, reader)))


def edition_as_at(document: Document, day: dt.date, reader: Reader) -> Edition | None:
    """The edition that was in force on a day and that the reader may see, with its text (T3).

    A text is in force from the day that it bears; None where none was yet. What was annulled never
    was in force (S13).
    """
    dated = [one for one in editions_of(document, reader) if one.dated_on <= day and counts(one)]
    return with_paragraphs(in_force(dated))


def in_force(editions: Iterable[Edition]) -> Edition | None:
    """The one in force among `editions_of` a document: the latest text that counts.

    Before there is one, the latest that is put forward: issued, or for the Support Unit written. A
    clean edition prepared after history was entered stands beside the historic text.
    """
    texts = [one for one in editions if not is_beside(one) and not is_aside(one)]
    counting = [one for one in texts if counts(one)]
    issued = [one for one in texts if one.issued_at]
    best = counting or issued or texts
    return best[-1] if best else None


def counts(edition: Edition) -> bool:
    """Whether an edition is or was in force: issued, and neither a draft nor a proposal."""
    return (
        edition.issued_at is not None
        and edition.kind != Edition.Kind.DRAFT
        and not edition.proposed
        and edition.annulled_at is None
    )


def is_beside(edition: Edition) -> bool:
    """Whether an edition stands beside the text: an addendum, or a corrigendum that is not the
    whole text as a technical correction under silence made it (S10)."""
    return edition.kind in BESIDE and getattr(edition, "correction", None) is None


def is_aside(edition: Edition) -> bool:
    """Whether an edition stands beside the issued text: a clean edition of a historic one."""
    return edition.historic and edition.kind == Edition.Kind.CLEAN


def standing_beside(text: Edition, editions: Sequence[Edition]) -> list[Edition]:
    """The addenda and corrigenda that belong to a text, issued, among `editions_of` (rule T3).

    Those that name none belong to the text in force.
    """
    current = in_force(editions)
    owner = current.pk if current else None
    return [
        one
        for one in editions
        if is_beside(one)
        and one.issued_at
        and one.annulled_at is None
        and (one.belongs_to_id or owner) == text.pk
    ]


def superseding(edition: Edition, editions: Sequence[Edition]) -> Edition | None:
    """The edition that took the place of one of `editions_of` a document (all of them).

    A text that counts gives way only to one that counts: drafts and proposals on the way, and
    what is not issued, are passed over.
    """
    following = {one.supersedes_id: one for one in editions}
    counted = any(one.pk == edition.pk and counts(one) for one in editions)
    later = following.get(edition.pk)
    while later is not None and not (counts(later) if counted else later.issued_at):
        later = following.get(later.pk)
    return later


def edition_by_key(document: Document, key: str, reader: Reader) -> Edition | None:
    """The edition of the address part `key` (as in `rev-1`) that the reader may see, with text."""
    for edition in editions_of(document, reader):
        if edition.key == key:
            return with_paragraphs(edition)
    return None


def with_paragraphs(edition: Edition | None) -> Edition | None:
    if edition is not None:
        prefetch_related_objects([edition], "paragraphs")
    return edition
