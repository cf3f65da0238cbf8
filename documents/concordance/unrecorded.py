"""References in a text to documents that are not on record: warnings, which hold up nothing."""

from collections.abc import Iterable, Iterator

from documents import markup
from documents.concordance.finding import Finding, Kind
from documents.models import Document, Edition
from documents.references import Finder


def unrecorded(editions: Iterable[Edition]) -> Iterator[tuple[Edition, Finding]]:
    """The references in the texts of editions that no document bears, paragraph by paragraph.

    Only those of the Process, by a pattern that is or was in force; what others number, as the
    United Nations do, is none of ours. A document that was withdrawn is on record (T8).
    """
    finder = Finder()
    known = set(Document.objects.filter(reference_key__isnull=False).values_list("reference_key"))
    for edition in editions:
        for row in edition.paragraphs.all():
            english, russian = (
                {
                    text[start:end]: None
                    for start, end, key in finder.find(text)
                    if (key,) not in known
                }
                for text in (markup.plain(row.text_en or ""), markup.plain(row.text_ru or ""))
            )
            for reference in english | russian:
                yield (
                    edition,
                    Finding(
                        Kind.UNRECORDED,
                        row.position,
                        row.number,
                        row.anchor,
                        reference if reference in english else "",
                        reference if reference in russian else "",
                    ),
                )


def warnings(edition: Edition) -> list[Finding]:
    """The references in an edition to documents that are not on record."""
    return [finding for _edition, finding in unrecorded([edition])]
