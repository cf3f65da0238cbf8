"""Loads the topics and the issued texts, paragraph by paragraph in both languages."""

import hashlib
import json
from typing import Any

from almaty_portal.common.languages import CODES
from almaty_portal.founding.archive import Archive, Checked
from almaty_portal.founding.loading import Loading, words
from almaty_portal.founding.schema import TextFile
from documents.actions import archive as actions
from documents.actions import texts
from documents.models import (
    Concept,
    Document,
    Edition,
    LanguageVersion,
    Peculiarity,
    Term,
    Topic,
)
from documents.models.archive import Access
from documents.search import index_document
from meetings.models import Meeting


def load_topics(
    archive: Archive, loading: Loading, meetings: dict[str, Meeting]
) -> dict[str, Topic]:
    """The eleven topics of OM footnote 3 (rule G8), by address.

    A topic is linked to the meetings whose texts name it, and to those its entry names.
    """
    named: dict[str, list[str]] = {row.slug: list(row.meetings) for row in archive.topics.content}
    for text in archive.texts:
        for slug in text.content.topics:
            if text.content.meeting and text.content.meeting not in named[slug]:
                named[slug].append(text.content.meeting)
    return {
        row.slug: loading.store(
            Topic,
            f"topic {row.slug}",
            {"slug": row.slug, "position": row.position, **words(name=row.name)},
            place=archive.topics.file.at(index),
            natural={"slug": row.slug},
            links={"meetings": [meetings[slug] for slug in sorted(named[row.slug])]},
        )
        for index, row in enumerate(archive.topics.content)
    }


def load_glossary(archive: Archive, loading: Loading) -> None:
    """The concepts of the glossary, each with its terms in both languages (U3)."""
    glossary = archive.glossary.content
    for index, row in enumerate(glossary.concepts):
        place = archive.glossary.file.at("concepts", index)
        concept = loading.store(
            Concept,
            f"concept {row.slug}",
            {"slug": row.slug, **words(definition=row.definition, source=glossary.source)},
            place=place,
            natural={"slug": row.slug},
        )
        for language in CODES:
            called = getattr(row, language)
            terms = [
                (called.agreed, Term.Status.AGREED),
                *((one, Term.Status.ADMITTED) for one in called.admitted),
                *((one, Term.Status.FORBIDDEN) for one in called.forbidden),
            ]
            for text, status in terms:
                one = {"concept": concept, "language": language, "text": text}
                loading.store(
                    Term,
                    f"term {row.slug} {language} {text}",
                    {**one, "status": status},
                    place=place / language,
                    natural=one,
                )


def load_texts(
    archive: Archive, loading: Loading, meetings: dict[str, Meeting], topics: dict[str, Topic]
) -> dict[str, Edition]:
    """The documents with the edition that was issued; the editions, by address of the document."""
    annex_of = {
        slug: (text.content.slug, number)
        for text in archive.texts
        for number, slug in enumerate(text.content.annexes, start=1)
    }
    documents: dict[str, Document] = {}
    editions: dict[str, Edition] = {}
    for text in sorted(archive.texts, key=lambda one: one.content.slug in annex_of):
        row = text.content
        whole, number = annex_of.get(row.slug, (None, None))
        before = loading.counts.copy()
        document = documents[row.slug] = load_document(
            text,
            loading,
            {
                "meeting": meetings[row.meeting] if row.meeting else None,
                "annex_of": documents[whole] if whole else None,
                "annex_number": number,
            },
            [topics[slug] for slug in row.topics],
        )
        for index, peculiarity in enumerate(row.peculiarities):
            loading.store(
                Peculiarity,
                f"peculiarity {row.slug} {index + 1}",
                {"document": document, "position": index + 1, **words(text=peculiarity)},
                place=text.file.at("peculiarities", index),
                natural={"document": document, "position": index + 1},
            )
        editions[row.slug] = load_edition(text, loading, document)
        if before["created"] + before["changed"] != (
            loading.counts["created"] + loading.counts["changed"]
        ):
            index_document(document)
    return editions


def load_document(
    text: Checked[TextFile],
    loading: Loading,
    values: dict[str, Any],
    topics: list[Topic],
) -> Document:
    row = text.content
    return loading.store(
        Document,
        f"document {row.slug}",
        {
            "slug": row.slug,
            "reference": row.reference,
            "type": row.type.value,
            "access": Access.PUBLIC.value,
            "issued_on": row.issued_on,
            "issued_precision": row.issued_precision.value,
            "original_language": row.original_language,
            **words(title=row.title, source_note=row.source_note),
            **values,
        },
        place=text.file.at(),
        links={"topics": topics},
        create=lambda **fields: actions.create_document(by=None, **fields),
    )


def load_edition(text: Checked[TextFile], loading: Loading, document: Document) -> Edition:
    """The text as it was issued: the original, and the Support Unit's working translation (T2)."""
    row = text.content
    rows = text_rows(row)
    key, loaded = f"text {row.slug}", {"text": fingerprint(rows)}
    edition = loading.found(Edition, key)
    if edition is None:
        with text.file.at("paragraphs").named():
            edition = actions.create_edition(
                document=document,
                kind=Edition.Kind.FINAL,
                dated_on=row.issued_on,
                historic=True,
                by=None,
            )
            texts.set_text(edition=edition, rows=rows, by=None)
            edition = actions.issue_edition(edition=edition, standings=standings(row), by=None)
        loading.remember(key, edition, loaded, "created")
    elif loading.as_loaded(key) != loaded:
        with text.file.at("paragraphs").named():
            actions.correct_historic_text(edition=edition, rows=rows, by=None)
        loading.remember(key, edition, loaded, "changed")
    else:
        loading.remember(key, edition, loaded, "unchanged")
    return edition


def standings(row: TextFile) -> dict[str, str]:
    return {
        language: (
            LanguageVersion.Standing.ORIGINAL
            if language == row.original_language
            else LanguageVersion.Standing.WORKING
        ).value
        for language in CODES
    }


def text_rows(row: TextFile) -> list[dict[str, Any]]:
    """The paragraphs as `documents.actions.texts.set_text` takes them."""
    return [
        {
            "role": one.role.value,
            "level": one.level,
            "number": one.number,
            "anchor": one.anchor,
            "explains_brackets": one.explains_brackets,
            "text_en": one.en,
            "text_ru": one.ru,
        }
        for one in row.paragraphs
    ]


def fingerprint(rows: list[dict[str, Any]]) -> str:
    """SHA-256 of a text with all its marks and addresses."""
    return hashlib.sha256(json.dumps(rows, sort_keys=True).encode()).hexdigest()
