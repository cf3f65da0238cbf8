"""What is shown of a document found: its title and the passages that hold the words, marked."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe

from documents.models import Document, Edition, LanguageVersion
from documents.search import lemmas, statements
from documents.search.index import LANGUAGES
from documents.search.question import Question
from documents.search.statements import Text
from documents.search.stems import stems_of

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
    documents = {
        one.pk: one
        for one in Document.objects.filter(pk__in=ids, withdrawn_at__isnull=True).select_related(
            "meeting"
        )
    }
    fetch_languages(documents)
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


def fetch_languages(documents: Mapping[int, Document]) -> None:
    """Fetch editions and their languages as `prefetch_related` does, in a third of its time: it
    makes a manager of translated fields for each document and edition."""
    editions = {one.pk: one for one in Edition.objects.filter(document__in=documents)}
    for document in documents.values():
        document._prefetched_objects_cache = {"editions": []}  # type: ignore[attr-defined]
    for edition in editions.values():
        edition._prefetched_objects_cache = {"language_versions": []}  # type: ignore[attr-defined]
        edition.document = documents[edition.document_id]
        documents[edition.document_id]._prefetched_objects_cache["editions"].append(edition)  # type: ignore[attr-defined]
    for version in LanguageVersion.objects.filter(edition__in=editions):
        version.edition = editions[version.edition_id]
        version.edition._prefetched_objects_cache["language_versions"].append(version)  # type: ignore[attr-defined]


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
