"""The references in issued texts, recorded so that a document can say where it is cited."""

from collections.abc import Iterable

from django.db import transaction

from documents import markup
from documents.actions.texts import CODES
from documents.models import Citation, Edition, Paragraph
from documents.references import Finder, plain_form

BATCH = 5_000  # paragraphs


def cited_in(paragraph: Paragraph, finder: Finder) -> set[str]:
    """The plain forms of the references in a paragraph, in either language."""
    texts = [getattr(paragraph, f"text_{code}") or "" for code in CODES]
    return {key for text in texts if text for key in finder.keys(markup.plain(text))}


@transaction.atomic
def record_citations(editions: Iterable[Edition]) -> int:
    """Record anew the references in the texts of editions, which have their document fetched.

    A text's own reference is none. Returns how many are recorded. Nothing is audited: it follows
    from the texts.
    """
    own = {one.pk: plain_form(one.document.reference or "") for one in editions}
    finder = Finder()
    count = 0
    Citation.objects.filter(paragraph__edition__in=own).delete()
    found: list[Citation] = []
    paragraphs = Paragraph.objects.filter(edition__in=own).order_by("pk")
    for paragraph in paragraphs.iterator(chunk_size=BATCH):
        keys = cited_in(paragraph, finder) - {own[paragraph.edition_id]}
        found += [Citation(paragraph=paragraph, key=key[:100]) for key in sorted(keys)]
        if len(found) >= BATCH:
            Citation.objects.bulk_create(found)
            count, found = count + len(found), []
    Citation.objects.bulk_create(found)
    return count + len(found)
