"""The archive and the register for programs (`/api/v1/documents`, `decisions`, `topics`)."""

import datetime as dt
from collections.abc import Sequence
from typing import Annotated, Any, Literal

from django.conf import settings
from django.db.models import F, QuerySet
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from ninja import Query, Router, Schema
from ninja.errors import HttpError
from pydantic import Field

from almaty_portal.common.api import (
    EVERYBODY,
    Bilingual,
    Error,
    Page,
    PageQuery,
    bilingual,
    page_of,
    pages,
)
from documents import markup, search
from documents.models import (
    Decision,
    Document,
    Edition,
    FormerAddress,
    LanguageVersion,
    Paragraph,
    Topic,
)
from documents.reading import edition_by_key, editions_of, in_force, is_aside

documents_router = Router(tags=["documents"])
register_router = Router(tags=["decisions"])
topics_router = Router(tags=["topics"])
BASE = "/api/v1/documents"


class Filters(Schema):
    """What narrows the list of documents, as on the page of the archive."""

    q: str = Field("", max_length=search.QUERY_LENGTH, description="Words, in either language.")
    type: Document.Type | None = Field(None, description="Type of document.")
    topic: str = Field("", max_length=120, description="Slug of a topic.")
    meeting: str = Field("", max_length=120, description="Slug of a meeting.")
    year: int | None = Field(None, ge=1, le=9999, description="Year of the document.")
    state: str = Field("", max_length=2, description="ISO 3166 code of a State it names.")
    language: Literal["en", "ru"] | None = Field(None, description="A language of its text.")


class TopicOut(Schema):
    """A topic of the Process (rule G8)."""

    slug: str
    name: Bilingual
    pages: Bilingual


class DocumentOut(Schema):
    """A document; its date is as precise as `date_precision` says."""

    slug: str
    reference: str | None
    type: str
    title: Bilingual
    date: dt.date | None
    date_precision: str
    original_language: str
    meeting: str | None
    topics: list[str]
    demonstration: bool
    changed_at: dt.datetime | None
    url: str
    pages: Bilingual


class LanguageOut(Schema):
    """What the text of an edition in a language is, and its SHA-256 (rule T2)."""

    standing: str
    sha256: str


class EditionOut(Schema):
    """An edition of a document (rule T3)."""

    key: str
    kind: str
    number: int
    dated_on: dt.date
    issued_at: dt.datetime | None
    annulled_at: dt.datetime | None
    in_force: bool
    languages: dict[str, LanguageOut]
    url: str


class FileOut(Schema):
    """A file that belongs to a document."""

    title: Bilingual
    language: str
    name: str
    size: int
    sha256: str
    pages: Bilingual


class DocumentDetailOut(DocumentOut):
    """A document with its editions, files and decisions."""

    annex_of: str | None
    source: Bilingual
    editions: list[EditionOut]
    files: list[FileOut]
    decisions: list[str]


class ParagraphOut(Schema):
    """A paragraph in both languages: as it reads, and with its marks (docs/adr/0006)."""

    position: int
    role: str
    level: int | None
    number: str
    anchor: str
    text: Bilingual
    marked: Bilingual


class EditionDetailOut(EditionOut):
    """An edition with its text, paragraph by paragraph (rule T4)."""

    document: str
    note: Bilingual
    paragraphs: list[ParagraphOut]


class DecisionOut(Schema):
    """A decision of the register; all are taken by consensus (rules D1, D3)."""

    slug: str
    title: Bilingual
    taken: str
    taken_on: dt.date
    effective_at: dt.datetime | None
    annulled_at: dt.datetime | None
    document: str
    meeting: str | None
    pages: Bilingual


@documents_router.get(
    "/documents", response={200: Page[DocumentOut], 422: Error}, summary="Documents"
)
def list_documents(
    request: HttpRequest, filters: Annotated[Filters, Query()], paging: PageQuery
) -> dict[str, Any]:
    """The documents found, the best first; without `q` all of them, the latest first."""
    if filters.q.strip() or filters.state:
        narrowed = filters.dict(exclude={"q"}, exclude_none=True)
        found = search.find(
            reader=EVERYBODY,
            question=search.Question.read(filters.q),
            filters={name: str(value) for name, value in narrowed.items()},
            sort="relevance",
            language="en",
        )
        return page_of(request, found.ids, paging, document, more=found.more, load=by_ids)
    documents = narrowed_by(open_documents(), filters).order_by(
        F("issued_on").desc(nulls_first=True), "slug"
    )
    return page_of(request, documents, paging, document)


@documents_router.get(
    "/documents/{slug:slug}",
    response={200: DocumentDetailOut, 404: Error, 410: Error, 422: Error},
    summary="One document",
)
def get_document(request: HttpRequest, slug: str) -> dict[str, Any] | HttpResponseBase:
    """A document with its editions. A former address leads to the present one (rule T8)."""
    found = document_or_former(slug)
    if isinstance(found, FormerAddress):
        return redirect(f"{BASE}/{found.document.slug}", permanent=True)
    editions = editions_of(found, EVERYBODY)
    current = in_force(editions)
    annex_of = open_documents().filter(pk=found.annex_of_id).first() if found.annex_of_id else None
    decisions = Decision.objects.visible_to(EVERYBODY).filter(document=found)
    return {
        **document(found),
        "annex_of": annex_of.slug if annex_of else None,
        "source": bilingual(found, "source_note"),
        "editions": [edition(one, current) for one in editions],
        "files": [
            {
                "title": bilingual(one, "title"),
                "language": one.language,
                "name": one.name,
                "size": one.size,
                "sha256": one.sha256,
                "pages": pages("attachment_download", found.slug, str(one.pk)),
            }
            for one in found.attachments.all()
        ],
        "decisions": [one.slug for one in decisions],
    }


@documents_router.get(
    "/documents/{slug:slug}/editions/{slug:key}",
    response={200: EditionDetailOut, 404: Error, 410: Error, 422: Error},
    summary="The text of an edition",
)
def get_edition(request: HttpRequest, slug: str, key: str) -> dict[str, Any] | HttpResponseBase:
    """An edition with its text in both languages, paragraph by paragraph."""
    found = document_or_former(slug)
    if isinstance(found, FormerAddress):
        return redirect(f"{BASE}/{found.document.slug}/editions/{key}", permanent=True)
    one = edition_by_key(found, key, EVERYBODY)
    if one is None:
        raise HttpError(404, "The document has no edition of this key that everybody may read.")
    return {
        **edition(one, in_force(editions_of(found, EVERYBODY))),
        "document": found.slug,
        "note": bilingual(one, "note"),
        "paragraphs": [paragraph(each) for each in one.paragraphs.all()],
    }


@register_router.get(
    "/decisions", response={200: Page[DecisionOut], 422: Error}, summary="Register of decisions"
)
def list_decisions(request: HttpRequest, paging: PageQuery) -> dict[str, Any]:
    """The decisions on documents that everybody may read, the latest first."""
    return page_of(request, open_decisions(), paging, decision)


@register_router.get(
    "/decisions/{slug:slug}",
    response={200: DecisionOut, 404: Error, 422: Error},
    summary="One decision",
)
def get_decision(request: HttpRequest, slug: str) -> dict[str, Any]:
    """A decision of the register."""
    return decision(get_object_or_404(open_decisions(), slug=slug))


@topics_router.get("/topics", response={200: Page[TopicOut], 422: Error}, summary="Topics")
def list_topics(request: HttpRequest, paging: PageQuery) -> dict[str, Any]:
    """The topics of the Process in their order."""
    return page_of(request, Topic.objects.all(), paging, topic)


def open_documents() -> QuerySet[Document]:
    """The documents that everybody may read, with what is shown of them in a list."""
    return (
        Document.objects.visible_to(EVERYBODY)
        .filter(withdrawn_at__isnull=True)
        .select_related("meeting", "public_record")
        .prefetch_related("topics")
    )


def narrowed_by(documents: QuerySet[Document], filters: Filters) -> QuerySet[Document]:
    """The documents that have what the filters name; without words all of them, not only those
    that a search counts."""
    wanted = {
        "type": filters.type,
        "topics__slug": filters.topic,
        "meeting__slug": filters.meeting,
        "issued_on__year": filters.year,
        "public_record__sets__contains": filters.language and [f"language-{filters.language}"],
    }
    return documents.filter(**{name: value for name, value in wanted.items() if value})


def by_ids(ids: Sequence[int]) -> list[Document]:
    found = open_documents().in_bulk(ids)
    return [found[pk] for pk in ids if pk in found]


def document_or_former(slug: str) -> Document | FormerAddress:
    """The document of an address, or its former address; 410 where it was withdrawn."""
    found = open_documents().filter(slug=slug).first()
    if found:
        return found
    if Document.objects.visible_to(EVERYBODY).filter(slug=slug).exists():
        raise HttpError(410, "The document was withdrawn; its page tells why.")
    return get_object_or_404(
        FormerAddress.objects.select_related("document"), slug=slug, document__in=open_documents()
    )


def open_decisions() -> QuerySet[Decision]:
    return Decision.objects.visible_to(EVERYBODY).select_related("document", "meeting")


def document(one: Document) -> dict[str, Any]:
    record = getattr(one, "public_record", None)
    return {
        "slug": one.slug,
        "reference": one.reference,
        "type": one.type,
        "title": bilingual(one, "title"),
        "date": one.issued_on,
        "date_precision": one.issued_precision,
        "original_language": one.original_language,
        "meeting": one.meeting.slug if one.meeting else None,
        "topics": [each.slug for each in one.topics.all()],
        "demonstration": one.is_demonstration,
        "changed_at": record.changed_at if record else None,
        "url": f"{settings.PORTAL_URL}{BASE}/{one.slug}",
        "pages": pages("document_detail", one.slug),
    }


def edition(one: Edition, current: Edition | None) -> dict[str, Any]:
    versions = [
        each
        for each in one.language_versions.all()
        if each.standing != LanguageVersion.Standing.MISSING
    ]
    return {
        "key": one.key,
        "kind": one.kind,
        "number": one.number,
        "dated_on": one.dated_on,
        "issued_at": one.issued_at,
        "annulled_at": one.annulled_at,
        "in_force": current is not None and one.pk == current.pk and not is_aside(one),
        "languages": {
            each.language: {"standing": each.standing, "sha256": each.text_hash}
            for each in versions
        },
        "url": f"{settings.PORTAL_URL}{BASE}/{one.document.slug}/editions/{one.key}",
    }


def paragraph(one: Paragraph) -> dict[str, Any]:
    marked = bilingual(one, "text")
    return {
        "position": one.position,
        "role": one.role,
        "level": one.level if one.role == Paragraph.Role.HEADING else None,
        "number": one.number,
        "anchor": one.anchor,
        "text": {code: markup.plain(text) if text else None for code, text in marked.items()},
        "marked": marked,
    }


def topic(one: Topic) -> dict[str, Any]:
    return {
        "slug": one.slug,
        "name": bilingual(one, "name"),
        "pages": pages("topic_detail", one.slug),
    }


def decision(one: Decision) -> dict[str, Any]:
    return {
        "slug": one.slug,
        "title": bilingual(one, "title"),
        "taken": one.taken,
        "taken_on": one.taken_on,
        "effective_at": one.effective_at,
        "annulled_at": one.annulled_at,
        "document": one.document.slug,
        "meeting": one.meeting.slug if one.meeting else None,
        "pages": pages("decision_detail", one.slug),
    }
