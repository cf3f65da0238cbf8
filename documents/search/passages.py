"""What is shown of a document found: its title and the passages that hold the words, marked."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Model
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe

from documents.models import Document, Edition, LanguageVersion
from documents.search import lemmas, statements
from documents.search.index import LANGUAGES
from documents.search.question import Question
from documents.search.statements import Text
from documents.search.stems import stems_of
from meetings.models import Meeting

PASSAGE_CHARACTERS = 60_000  # of a text are looked through for the passages shown
PASSAGES = 2
PASSAGE_WORDS = 45


@dataclass
class Hit:
    """A document on the page of results, with the passages that hold the words."""

    document: Document
    title: SafeString
    title_language: str
    passages: list[SafeString] = field(default_factory=list)
    passage_language: str = ""


def hits(ids: list[int], *, question: Question, language: str) -> list[Hit]:
    """The documents of a page of results (`find`) in their order, the words found marked."""
    documents = shown(ids)
    found = [documents[pk] for pk in ids if pk in documents]
    if not question.wanted:
        return [
            Hit(one, escape(title), code)
            for one, (title, code) in ((one, title_of(one, language)) for one in found)
        ]
    texts: dict[int, list[Text]] = {}
    for text in statements.texts(question, ids, language):
        texts.setdefault(text.document, []).append(text)
    titles = [one.title_en for one in found if one.title_en]
    marker = Marker(question, [one for rows in texts.values() for one in rows], titles)
    result = []
    for document in found:
        rows = sorted(texts.get(document.pk, []), key=lambda one: one.language != language)
        title, code = title_of(document, language)
        hit = Hit(document, marker.mark(title, code), code)
        if rows:
            hit.passages = marker.passages(rows[0])
            hit.passage_language = rows[0].language
        result.append(hit)
    return result


# What the page of results shows of a document, of its meeting, its editions and their languages.
SHOWN: list[tuple[type[Model], str, list[str]]] = [
    (
        Document,
        "d",
        [
            "id",
            "reference",
            "slug",
            "type",
            "title_en",
            "title_ru",
            "access",
            "issued_on",
            "issued_precision",
            "meeting_id",
            "is_demonstration",
        ],
    ),
    (Meeting, "m", ["id", "slug", "title_en", "title_ru"]),
    (Edition, "e", ["id", "document_id", "kind", "issued_at", "annulled_at"]),
    (LanguageVersion, "v", ["id", "edition_id", "language", "standing"]),
]
COLUMNS = ", ".join(f"{table}.{one}" for _model, table, names in SHOWN for one in names)


def shown(ids: list[int]) -> dict[int, Document]:
    """Documents with their meetings, editions and languages: by one statement of our own, in a
    fifth of the time of the four that Django writes anew for each page."""
    rows = statements.Sql(
        f"SELECT {COLUMNS} FROM documents_document d"  # noqa: S608 (constants of ours alone)
        " LEFT JOIN meetings_meeting m ON m.id = d.meeting_id"
        " LEFT JOIN documents_edition e ON e.document_id = d.id"
        " LEFT JOIN documents_languageversion v ON v.edition_id = e.id"
        " WHERE d.id = ANY(%s) AND d.withdrawn_at IS NULL ORDER BY e.id, v.id",
        [ids],
    ).rows()
    documents: dict[int, Any] = {}
    editions: dict[int, Any] = {}
    for row in rows:
        document, meeting, edition, version = made(row)
        if document.pk not in documents:
            documents[document.pk] = document
            document.meeting = meeting
            document._prefetched_objects_cache = {"editions": []}
        if edition and edition.pk not in editions:
            editions[edition.pk] = edition
            edition._prefetched_objects_cache = {"language_versions": []}
            documents[document.pk]._prefetched_objects_cache["editions"].append(edition)
        if version:
            editions[version.edition_id]._prefetched_objects_cache["language_versions"].append(
                version
            )
    return documents


def made(row: Sequence[Any]) -> list[Any]:
    """The objects of a row, None where it has none; what is not shown of them is not fetched."""
    found, start = [], 0
    for model, _table, names in SHOWN:
        values = row[start : start + len(names)]
        found.append(None if values[0] is None else model.from_db("default", names, values))
        start += len(names)
    return found


def title_of(document: Document, language: str) -> tuple[str, str]:
    """A document's title and the language it is in: the reader's, or the only one there is."""
    for code in (language, *LANGUAGES):
        title = getattr(document, f"title_{code}")
        if title:
            return title, code
    return document.slug, "en"


class Marker:
    """Marks the words of a question in texts, in whatever form they stand there.

    Whatever it returns is escaped; the only element in it is `mark`.
    """

    SENTENCE = re.compile(r"(?<=[.!?;:])\s+|\n+")

    def __init__(self, question: Question, texts: list[Text], titles: Iterable[str] = ()) -> None:
        asked = [word for part in question.wanted for word in part.words]
        alone = {part.words[0] for part in question.wanted if not part.phrase}
        telling = [
            word for word in asked if not (word in alone and lemmas.is_service_word(word))
        ] or asked
        self.lemmas = {lemma for word in telling for lemma in lemmas.lemmas(word)}
        english = [
            text.body[:PASSAGE_CHARACTERS] for text in texts if text.language == LANGUAGES[0]
        ]
        vocabulary = {word for text in (*english, *titles) for word in lemmas.words(text)}
        plain = {word: lemmas.plain(word) for word in (*vocabulary, *asked)}
        stems = stems_of(plain.values())
        self.stems = {word: stems[one] for word, one in plain.items()}
        self.asked_stems = {self.stems[word] for word in asked} - {""}
        self.known: dict[tuple[str, str], bool] = {}

    def is_asked(self, word: str, language: str) -> bool:
        key = (word, language)
        if key not in self.known:
            if language == "ru":
                asked = not self.lemmas.isdisjoint(lemmas.lemmas(word))
            else:
                asked = self.stem(word) in self.asked_stems
            self.known[key] = asked
        return self.known[key]

    def stem(self, word: str) -> str:
        if word not in self.stems:  # of a title that no text of the index has
            self.stems.update({word: stems_of([lemmas.plain(word)])[lemmas.plain(word)]})
        return self.stems[word]

    def mark(self, text: str, language: str) -> SafeString:
        """The text, escaped, with the words found in `mark` elements."""
        pieces: list[str] = []
        end = 0
        for match in lemmas.WORD.finditer(text):
            if self.is_asked(match.group(), language):
                pieces += [
                    escape(text[end : match.start()]),
                    '<mark class="hit">',
                    escape(match.group()),
                    "</mark>",
                ]
                end = match.end()
        pieces.append(escape(text[end:]))
        return mark_safe("".join(pieces))  # noqa: S308 (each piece is escaped above)

    def passages(self, text: Text) -> list[SafeString]:
        """The first sentences that hold a word of the question, shortened around it."""
        found: list[SafeString] = []
        for sentence in self.SENTENCE.split(text.body[:PASSAGE_CHARACTERS]):
            places = [
                match.start()
                for match in lemmas.WORD.finditer(sentence)
                if self.is_asked(match.group(), text.language)
            ]
            if places:
                found.append(self.mark(shortened(sentence, places[0]), text.language))
            if len(found) == PASSAGES:
                break
        return found


def shortened(sentence: str, place: int) -> str:
    """At most `PASSAGE_WORDS` words of a sentence, around a place in it."""
    matches = list(re.finditer(r"\S+", sentence))
    if len(matches) <= PASSAGE_WORDS:
        return sentence.strip()
    at = max(
        n for n, match in enumerate(matches) if match.start() <= max(place, matches[0].start())
    )
    start = max(0, min(at - PASSAGE_WORDS // 2, len(matches) - PASSAGE_WORDS))
    stop = start + PASSAGE_WORDS
    words = " ".join(match.group() for match in matches[start:stop])
    return f"{'… ' if start else ''}{words}{' …' if stop < len(matches) else ''}"
