"""What is stored for the search: title and text of each document, in both languages."""

from collections.abc import Iterable

from documents import markup
from documents.models import Document, Edition, LanguageVersion, SearchText
from documents.reading import current_edition
from documents.search import lemmas

INDEXED_CHARACTERS = 400_000  # of one text in one language; a tsvector holds 1 MB

LANGUAGES = ("en", "ru")


def index_document(document: Document) -> None:
    """Store anew what the search reads of a document: title and text in force, in both languages.

    The text is the edition in force, before there is one the draft or the proposal; only those
    who may see that edition find the document (rule T6). A withdrawn one is not found (rule T8).
    """
    edition = None if document.withdrawn_at else current_edition(document)
    if edition is None:
        SearchText.objects.filter(document=document).delete()
        return
    index_editions([edition])
    found = [one.language for one in searchable(edition)]
    SearchText.objects.filter(document=document).exclude(language__in=found).delete()


def index_editions(editions: Iterable[Edition]) -> None:
    """Store anew what the search reads of documents whose editions in force these are, with their
    texts fetched."""
    SearchText.objects.bulk_create(
        [row for edition in editions for row in searchable(edition)],
        update_conflicts=True,
        unique_fields=["document", "language"],
        update_fields=["edition", "title", "body", "title_terms", "body_terms"],
    )


def searchable(edition: Edition) -> list[SearchText]:
    """What the search reads of an edition, for each language that has a title or a text."""
    document = edition.document
    missing = {
        version.language
        for version in edition.language_versions.all()
        if version.standing == LanguageVersion.Standing.MISSING
    }
    paragraphs = list(edition.paragraphs.all())
    rows = []
    for language in LANGUAGES:
        title = getattr(document, f"title_{language}") or ""
        texts = [getattr(one, f"text_{language}") or "" for one in paragraphs]
        body = "" if language in missing else "\n".join(markup.plain(one) for one in texts if one)
        body = body[:INDEXED_CHARACTERS].replace("\x00", "")
        if not title and not body:
            continue
        named = dict.fromkeys(code for one in texts for code in markup.states(one))
        rows.append(
            SearchText(
                document=document,
                language=language,
                edition=edition,
                title=title,
                body=body,
                title_terms=lemmas.terms(title, language),
                body_terms=" ".join(
                    [lemmas.terms(body, language), *(state_term(code) for code in named)]
                ),
            )
        )
    return rows


def state_term(code: str) -> str:
    """The term that stands for a State named by a mark; the digit keeps it from being stemmed."""
    return f"state0{code.lower()}"
