"""What is stored for the search: title and text of each document, in both languages."""

from collections import defaultdict
from collections.abc import Iterable, Sequence

from django.db import connection

from documents import markup
from documents.models import AttachmentText, Document, Edition, LanguageVersion, SearchText
from documents.reading import current_edition
from documents.search import lemmas
from documents.search.pairs import learn, pairs

INDEXED_CHARACTERS = 400_000  # of one text in one language; a tsvector holds 1 MB

LANGUAGES = ("en", "ru")
STORED = [
    "edition",
    "title",
    "body",
    "title_terms",
    "body_terms",
    "pairs",
    "states",
    "languages",
    "members_only",
    "made_by",
]
VERSION = 3  # of what is stored; texts stored by another one are stored anew (`index_stale`)
WORD_LENGTHS = range(4, 41)  # of words that a misspelt one is compared with


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
    files = texts_of_files([document.pk])[document.pk]
    found = [one.language for one in searchable(edition, files)]
    SearchText.objects.filter(document=document).exclude(language__in=found).delete()


def index_editions(editions: Iterable[Edition]) -> None:
    """Store anew what the search reads of documents whose editions in force these are, with their
    texts fetched."""
    editions = list(editions)
    files = texts_of_files(edition.document_id for edition in editions)
    rows = [row for edition in editions for row in searchable(edition, files[edition.document_id])]
    SearchText.objects.bulk_create(
        rows,
        update_conflicts=True,
        unique_fields=["document", "language"],
        update_fields=STORED,
    )
    keep_words(rows)


def index_stale(at_most: int = 500) -> int:
    """Store anew documents whose texts an earlier version of the search stored; how many."""
    stale = Document.objects.filter(
        pk__in=SearchText.objects.exclude(made_by=VERSION).order_by().values("document")
    )[:at_most]
    for document in stale:
        index_document(document)
    return len(stale)


def keep_words(rows: Iterable[SearchText]) -> None:
    """Put the words of texts among those that a misspelt word is compared with."""
    words = sorted({word for row in rows for word in words_of(row)})
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO documents_searchword (word) SELECT word FROM unnest(%s::text[]) AS word"
            " ORDER BY word ON CONFLICT DO NOTHING",
            [words],
        )


def words_of(row: SearchText) -> set[str]:
    """The words of a stored text: English as they stand there, Russian in the dictionary form."""
    terms = f"{row.title_terms} {row.body_terms}".split()
    return {word for word in terms if len(word) in WORD_LENGTHS and word.isalpha()}


def searchable(edition: Edition, files: Sequence[tuple[str, str]] = ()) -> list[SearchText]:
    """What the search reads of an edition, for each language that has a title or a text.

    `files` are the texts of files attached to its document, each with its language.
    """
    document = edition.document
    missing = {
        version.language
        for version in edition.language_versions.all()
        if version.standing == LanguageVersion.Standing.MISSING
    }
    paragraphs = list(edition.paragraphs.all())
    states: dict[str, None] = {}
    languages = []
    rows = []
    for language in LANGUAGES:
        title = getattr(document, f"title_{language}") or ""
        texts = [getattr(one, f"text_{language}") or "" for one in paragraphs]
        body = "" if language in missing else "\n".join(markup.plain(one) for one in texts if one)
        if body:
            languages.append(language)
        body = "\n".join([body, *(text for code, text in files if code in (language, ""))]).strip()
        body = body[:INDEXED_CHARACTERS].replace("\x00", "")
        if not title and not body:
            continue
        states.update((code, None) for one in texts for code in markup.states(one))
        if language == "en":
            learn([title, body])
        rows.append(
            SearchText(
                document=document,
                language=language,
                edition=edition,
                title=title,
                body=body,
                title_terms=lemmas.terms(title, language),
                body_terms=lemmas.terms(body, language),
                pairs=sorted(
                    {*pairs(lemmas.words(title), language), *pairs(lemmas.words(body), language)}
                ),
                members_only=edition.issued_at is None or edition.kind == Edition.Kind.DRAFT,
                made_by=VERSION,
            )
        )
    for row in rows:
        row.states, row.languages = list(states), languages
    return rows


def texts_of_files(documents: Iterable[int]) -> dict[int, list[tuple[str, str]]]:
    """The texts of the files attached to documents, each with its language; empty: of both."""
    found: dict[int, list[tuple[str, str]]] = defaultdict(list)
    texts = AttachmentText.objects.filter(attachment__document__in=list(documents)).exclude(text="")
    for pk, language, text in texts.order_by("attachment").values_list(
        "attachment__document", "attachment__language", "text"
    ):
        found[pk].append((language, text))
    return found
