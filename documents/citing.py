"""How a document stands to others, as far as a reader may see them: relations, citations."""

from dataclasses import dataclass
from functools import cached_property

from django.utils.html import escape, format_html

from documents import markup
from documents.models import Citation, Document, Edition, Paragraph, Relation
from documents.models.archive import DocumentQuerySet, Reader
from documents.references import Finder

CITING = 50  # documents named on a page


def shown_to(reader: Reader) -> DocumentQuerySet:
    """What a page names of other documents: those that the reader may see, not withdrawn."""
    return Document.objects.visible_to(reader).filter(withdrawn_at__isnull=True)


class Links:
    """The references in a text that lead to documents which the reader may see (rule T6)."""

    def __init__(self, edition: Edition, reader: Reader) -> None:
        self.edition, self.reader = edition, reader

    @cached_property
    def finder(self) -> Finder:
        return Finder()

    @cached_property
    def documents(self) -> dict[str, Document]:
        """The documents that the text cites, by the plain form of their references."""
        texts = [
            markup.plain(text)
            for one in self.edition.paragraphs.all()
            for text in (one.text_en, one.text_ru)
            if text
        ]
        keys = {key for text in texts for key in self.finder.keys(text)}
        keys.discard(self.edition.document.reference_key)
        found = shown_to(self.reader).filter(reference_key__in=keys)
        return {one.reference_key: one for one in found.order_by("reference_key")}

    def html(self, text: str) -> str:
        """A text escaped, with its references as links."""
        if not self.documents:
            return escape(text)
        made, last = [], 0
        for start, end, key in self.finder.find(text):
            if document := self.documents.get(key):
                made.append(escape(text[last:start]))
                link = '<a class="citation" href="{}">{}</a>'
                made.append(format_html(link, document.get_absolute_url(), text[start:end]))
                last = end
        return "".join([*made, escape(text[last:])])


@dataclass(frozen=True)
class CitedBy:
    """A text that cites a document, and the first paragraph where it does."""

    document: Document
    edition: Edition
    paragraph: Paragraph


def cited_by(document: Document, reader: Reader) -> list[CitedBy]:
    """The documents whose texts cite a document, each once; the latest text first.

    Only texts that the reader may see; the first `CITING` documents, found by one query.
    """
    if not document.reference_key:
        return []
    citations = (
        Citation.objects.filter(
            key=document.reference_key,
            paragraph__edition__in=Edition.objects.visible_to(reader),
            paragraph__edition__document__withdrawn_at__isnull=True,
        )
        .exclude(paragraph__edition__document=document)
        .order_by(
            "paragraph__edition__document_id",
            "-paragraph__edition__issued_at",
            "-paragraph__edition",
            "paragraph__position",
        )
        .distinct("paragraph__edition__document_id")
        .select_related("paragraph__edition__document")[:CITING]
    )
    return [
        CitedBy(one.paragraph.edition.document, one.paragraph.edition, one.paragraph)
        for one in citations
    ]


def relations_of(document: Document, reader: Reader) -> list[tuple[str, list[Document]]]:
    """What a document does to others and others to it, in words, with those that are shown."""
    found: dict[str, list[Document]] = {}
    shown = shown_to(reader)
    for one in document.relations.filter(target__in=shown).select_related("target"):
        found.setdefault(one.get_kind_display(), []).append(one.target)
    for one in document.inverse_relations.filter(source__in=shown).select_related("source"):
        found.setdefault(str(Relation.INVERSE[Relation.Kind(one.kind)]), []).append(one.source)
    return list(found.items())
