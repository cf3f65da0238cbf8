"""The search of the archive: what is stored for it, how a question is read, what is found.

Ranking goes in stages, since PostgreSQL must read every hit to rank it: the document whose
reference was typed, then titles, then texts; each stage looks at `CANDIDATES` documents at most,
the latest first, and beyond that number a count says “more than”.
"""

import datetime as dt
import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from functools import cached_property

from django.contrib.postgres.search import SearchQuery, SearchRank, TrigramWordSimilarity
from django.db import connection
from django.db.models import BooleanField, ExpressionWrapper, F, Q, QuerySet
from django.db.models.expressions import OrderBy
from django.db.models.functions import ExtractYear
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe

from documents import lemmas, markup
from documents.models import Document, Edition, LanguageVersion, SearchText, Topic
from documents.models.archive import Reader
from meetings.models import Meeting
from membership.models import State

CANDIDATES = 1000  # documents ranked and counted; beyond them a count says “more than 1,000”
QUERY_LENGTH = 500  # characters
QUERY_WORDS = 40
INDEXED_CHARACTERS = 400_000  # of one text in one language; a tsvector holds 1 MB
PASSAGE_CHARACTERS = 60_000  # of a text are looked through for the passages shown
PASSAGES = 2
PASSAGE_WORDS = 45
RESEMBLANCE = 0.4  # word_similarity of pg_trgm, 0 to 1
PER_PAGE = 20

LANGUAGES = ("en", "ru")
CONFIGURATION = {"en": "english", "ru": "simple"}
FACETS = ("type", "topic", "year", "meeting", "state", "language")
SORTS = ("relevance", "newest", "oldest")


# What is stored


def index_document(document: Document) -> None:
    """Store anew what the search reads of a document: title and text in force, in both languages.

    The text is the issued edition in force, before there is one the draft; who may see neither
    does not see the document at all (rule T6). A withdrawn document is not found (rule T8).
    """
    edition = None if document.withdrawn_at else searched_edition(document)
    if edition is None:
        SearchText.objects.filter(document=document).delete()
        return
    missing = {
        version.language
        for version in edition.language_versions.all()
        if version.standing == LanguageVersion.Standing.MISSING
    }
    paragraphs = list(edition.paragraphs.all())
    for language in LANGUAGES:
        title = getattr(document, f"title_{language}") or ""
        texts = [getattr(one, f"text_{language}") or "" for one in paragraphs]
        body = "" if language in missing else "\n".join(markup.plain(one) for one in texts if one)
        body = body[:INDEXED_CHARACTERS].replace("\x00", "")
        if not title and not body:
            SearchText.objects.filter(document=document, language=language).delete()
            continue
        named = dict.fromkeys(code for one in texts for code in markup.states(one))
        SearchText.objects.update_or_create(
            document=document,
            language=language,
            defaults={
                "edition": edition,
                "title": title,
                "body": body,
                "title_terms": lemmas.terms(title, language),
                "body_terms": " ".join(
                    [lemmas.terms(body, language), *(state_term(code) for code in named)]
                ),
            },
        )


def state_term(code: str) -> str:
    """The term that stands for a State named by a mark; the digit keeps it from being stemmed."""
    return f"state0{code.lower()}"


def searched_edition(document: Document) -> Edition | None:
    """The edition that the search reads: the one in force, before it is issued the draft."""
    editions = list(Edition.objects.filter(document=document).with_text().order_by("pk"))
    superseded = {one.supersedes_id for one in editions if one.issued_at}
    texts = [
        one
        for one in editions
        if one.kind not in (Edition.Kind.ADDENDUM, Edition.Kind.CORRIGENDUM)
        and not (one.historic and one.kind == Edition.Kind.CLEAN)
        and one.pk not in superseded
    ]
    issued = [one for one in texts if one.issued_at]
    final = [one for one in issued if one.kind != Edition.Kind.DRAFT]
    return (final or issued or texts or [None])[-1]


# How a question is read


@dataclass(frozen=True, slots=True)
class Part:
    """A word or phrase of a question, wanted or excluded."""

    words: tuple[str, ...]
    phrase: bool = False
    excluded: bool = False


@dataclass(frozen=True)
class Question:
    """What the reader typed, read as web searches read it: words, "a phrase", -excluded."""

    text: str
    parts: tuple[Part, ...] = ()

    @classmethod
    def read(cls, text: str) -> "Question":
        parts: list[Part] = []
        for match in re.finditer(r'(-?)(?:["“”«»]([^"“”«»]*)["“”«»]?|([^\s"“”«»]+))', text):
            minus, phrase, word = match.groups()
            found = tuple(lemmas.words(phrase if phrase is not None else word))
            if found and sum(len(one.words) for one in parts) + len(found) <= QUERY_WORDS:
                parts.append(
                    Part(found, phrase is not None or len(found) > 1, excluded=bool(minus))
                )
        return cls(text, tuple(parts))

    @property
    def wanted(self) -> list[Part]:
        return [part for part in self.parts if not part.excluded]

    @cached_property
    def reference(self) -> str:
        """A pattern for the reference that was typed, however it was written; empty without."""
        match = re.fullmatch(
            r"\W*(?:ref\W+|[^\d]*)((?:\d{1,4}\s*[/.\-–_ ]\s*){2}\d{4})\W*", self.text, re.IGNORECASE
        )
        if match is None:
            return ""
        numbers = [str(int(number)) for number in re.findall(r"\d+", match[1])]
        return r"(^|[^0-9])" + r"[^0-9]+".join(f"0*{number}" for number in numbers) + "$"

    def tsquery(self, language: str, weight: str = "") -> SearchQuery:
        """The question for the texts of one language. It is made of letters and digits only.

        `weight` “A” asks for titles. In Russian a word is any of its lemmas, and small words
        such as prepositions are asked for inside phrases alone.
        """
        wanted = self.wanted
        if language == "ru":
            telling = [
                part for part in wanted if part.phrase or not lemmas.is_service_word(part.words[0])
            ]
            wanted = telling or wanted
        clauses = [clause(part, language, weight) for part in wanted]
        clauses += [f"!{clause(part, language)}" for part in self.parts if part.excluded]
        return SearchQuery(" & ".join(clauses), config=CONFIGURATION[language], search_type="raw")


def clause(part: Part, language: str, weight: str = "") -> str:
    mark = f":{weight}" if weight else ""
    if language != "ru":
        return "(" + " <-> ".join(f"{lemmas.plain(word)}{mark}" for word in part.words) + ")"
    if part.phrase:
        return "(" + " <-> ".join(f"{lemmas.lemmas(word)[0]}{mark}" for word in part.words) + ")"
    return "(" + " | ".join(f"{one}{mark}" for one in lemmas.lemmas(part.words[0])) + ")"


# What is found


@dataclass
class Choice:
    """A value of a facet: how many of the documents found have it."""

    value: str
    label: str
    count: int
    active: bool


@dataclass
class Hit:
    """A document on the page of results, with the passages that hold the words."""

    document: Document
    title: SafeString
    title_language: str
    passages: list[SafeString] = field(default_factory=list)
    passage_language: str = ""


@dataclass
class Results:
    """The documents found, the best first, as ids, and what the reader may narrow them by."""

    ids: list[int]
    more: bool  # there are more than CANDIDATES
    facets: dict[str, list[Choice]]
    labels: dict[str, str]  # of the active values of facets

    @property
    def count(self) -> int:
        return len(self.ids)


def searchable(reader: Reader) -> QuerySet[Document]:
    return Document.objects.visible_to(reader).filter(withdrawn_at__isnull=True)


def find(
    *,
    reader: Reader,
    question: Question,
    filters: Mapping[str, str],
    sort: str,
    language: str,
) -> Results:
    """Search what the reader may see. `filters` maps facets to values, `language` is the reader's.

    The number of queries does not depend on what is found.
    """
    visible = searchable(reader)
    everything = latest(matching(visible, question), sort)
    narrowed = {name: value for name, value in filters.items() if value}
    found = latest(narrow(matching(visible, question), narrowed), sort) if narrowed else everything
    ids, more = found[:CANDIDATES], len(found) > CANDIDATES
    if question.wanted and sort == "relevance":
        ids = ranked(narrow(visible, narrowed), question, ids, language)
    facets, labels = count_facets(everything[:CANDIDATES], narrowed, language)
    return Results(ids, more, facets, labels)


def matching(documents: QuerySet[Document], question: Question) -> QuerySet[Document]:
    """The documents whose text in one language holds the words, or whose reference was typed."""
    if not question.wanted:
        return documents
    asked = Q(pk__in=SearchText.objects.filter(matches(question)).order_by().values("document"))
    if question.reference:
        asked |= Q(reference__iregex=question.reference)
    return documents.filter(asked)


def matches(question: Question, weight: str = "") -> Q:
    condition = Q()
    for language in LANGUAGES:
        condition |= Q(language=language, vector=question.tsquery(language, weight))
    return condition


def narrow(documents: QuerySet[Document], filters: Mapping[str, str]) -> QuerySet[Document]:
    """The documents that have the chosen value of each facet."""
    for name, value in filters.items():
        match name:
            case "type":
                documents = documents.filter(type=value)
            case "topic":
                documents = documents.filter(
                    pk__in=Topic.objects.filter(slug=value).values("documents")
                )
            case "year":
                year = int(value) if value.isascii() and value.isdigit() else 0
                documents = (
                    documents.filter(issued_on__year=year)
                    if 1 <= year <= dt.MAXYEAR
                    else documents.none()
                )
            case "meeting":
                documents = documents.filter(meeting__slug=value)
            case "state":
                documents = (
                    documents.filter(
                        pk__in=SearchText.objects.filter(vector=names_state(value)).values(
                            "document"
                        )
                    )
                    if re.fullmatch(r"[A-Za-z]{2}", value)
                    else documents.none()
                )
            case "language":
                documents = documents.filter(
                    pk__in=SearchText.objects.filter(language=value)
                    .exclude(body="")
                    .values("document")
                )
    return documents


def names_state(code: str) -> SearchQuery:
    return SearchQuery(state_term(code), config="simple", search_type="raw")


def latest(documents: QuerySet[Document], sort: str) -> list[int]:
    """The ids of the latest documents, of the oldest when they are sorted so; one more than
    CANDIDATES tells that there are more."""
    order: list[str | OrderBy]
    if sort == "oldest":
        order = [F("issued_on").asc(nulls_last=True), "slug"]
    else:
        order = [F("issued_on").desc(nulls_first=True), "slug"]
    return list(documents.order_by(*order).values_list("pk", flat=True)[: CANDIDATES + 1])


def ranked(
    documents: QuerySet[Document], question: Question, latest_ids: list[int], language: str
) -> list[int]:
    """The candidates in their stages: reference, title, text; the reader's language first."""
    by_reference = set()
    if question.reference:
        by_reference = set(
            documents.filter(reference__iregex=question.reference).values_list("pk", flat=True)[:20]
        )
    titles = SearchText.objects.filter(matches(question, "A"), document__in=documents)
    in_title: dict[int, bool] = {}
    for pk, code in titles.order_by("-document__issued_on").values_list("document", "language")[
        : 2 * CANDIDATES
    ]:
        in_title[pk] = in_title.get(pk, False) or code == language
    candidates = list(dict.fromkeys([*by_reference, *in_title, *latest_ids]))
    weights: dict[int, tuple[bool, float]] = {}
    for code in LANGUAGES:
        query = question.tsquery(code)
        rows = SearchText.objects.filter(
            language=code, vector=query, document__in=candidates
        ).annotate(rank=SearchRank(F("vector"), query, normalization=1))
        for pk, rank in rows.values_list("document", "rank"):
            weights[pk] = max(weights.get(pk, (False, 0.0)), (code == language, rank))
    place = {pk: number for number, pk in enumerate(candidates)}
    candidates.sort(
        key=lambda pk: (
            pk not in by_reference,
            pk not in in_title,
            not in_title.get(pk, False),
            not weights.get(pk, (False, 0.0))[0],
            -weights.get(pk, (False, 0.0))[1],
            place[pk],
        )
    )
    return candidates[:CANDIDATES]


def count_facets(
    ids: list[int], filters: Mapping[str, str], language: str
) -> tuple[dict[str, list[Choice]], dict[str, str]]:
    """For each facet its values with counts, each under the other facets chosen."""
    states = {state.code: state.name() for state in State.objects.in_protocol_order().with_names()}
    values = facet_values(ids, states)
    labels: dict[str, dict[str, str]] = {
        "type": {value: capital(str(label)) for value, label in Document.Type.choices},
        "topic": dict(topic_names(language)),
        "meeting": dict(meeting_titles(language)),
        "state": states,
        "language": {"en": "English", "ru": "Русский"},
    }
    facets = {}
    for name in FACETS:
        counts: Counter[str] = Counter()
        for own in values.values():
            if all(filters[one] in own[one] for one in filters if one != name):
                counts.update(own[name])
        known = labels.get(name) or {year: year for year in sorted(counts, reverse=True)}
        facets[name] = [
            Choice(value, known[value], counts[value], filters.get(name) == value)
            for value in known
            if counts[value] and known[value]
        ]
    active = {name: labels.get(name, {}).get(value) or value for name, value in filters.items()}
    return facets, active


def facet_values(ids: list[int], states: Mapping[str, str]) -> dict[int, dict[str, set[str]]]:
    values: dict[int, dict[str, set[str]]] = {}
    rows = Document.objects.filter(pk__in=ids).annotate(year=ExtractYear("issued_on"))
    for pk, kind, year, meeting in rows.order_by().values_list(
        "pk", "type", "year", "meeting__slug"
    ):
        values[pk] = {
            "type": {kind},
            "topic": set(),
            "year": {str(year)} if year else set(),
            "meeting": {meeting} if meeting else set(),
            "state": set(),
            "language": set(),
        }
    through = Document.topics.through.objects.filter(document__in=ids)
    for pk, topic in through.values_list("document_id", "topic__slug"):
        values[pk]["topic"].add(topic)
    texts = SearchText.objects.filter(document__in=ids).annotate(
        has_text=ExpressionWrapper(~Q(body=""), output_field=BooleanField()),
        **{
            f"names_{code}": ExpressionWrapper(
                Q(vector=names_state(code)), output_field=BooleanField()
            )
            for code in states
        },
    )
    for row in texts.values(
        "document_id", "language", "has_text", *(f"names_{code}" for code in states)
    ):
        own = values[row["document_id"]]
        if row["has_text"]:
            own["language"].add(row["language"])
        own["state"].update(code for code in states if row[f"names_{code}"])
    return values


def topic_names(language: str) -> Iterable[tuple[str, str]]:
    return Topic.objects.values_list("slug", f"name_{language}")


def meeting_titles(language: str) -> Iterable[tuple[str, str]]:
    return (
        Meeting.objects.filter(documents__isnull=False)
        .distinct()
        .values_list("slug", f"title_{language}")
    )


def capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def suggestion(*, reader: Reader, question: Question) -> str:
    """The question with misspelt words put right from titles that resemble it; empty without."""
    texts = (
        SearchText.objects.filter(document__in=searchable(reader))
        .annotate(resemblance=TrigramWordSimilarity(question.text[:100], "title"))
        .filter(resemblance__gte=RESEMBLANCE)
        .order_by("-resemblance")
    )
    known = {
        lemmas.plain(word): word.lower()
        for title in texts.values_list("title", flat=True)[:PER_PAGE]
        for word in lemmas.words(title)
    }
    better = question.text
    for part in question.wanted:
        for word in part.words:
            close = get_close_matches(lemmas.plain(word), known, n=1, cutoff=0.7)
            if close and close[0] != lemmas.plain(word):
                better = better.replace(word, known[close[0]])
    return better if better != question.text else ""


# What is shown of it


def hits(ids: list[int], *, question: Question, reader: Reader, language: str) -> list[Hit]:
    """The documents of a page of results in their order, the words found marked."""
    documents = {
        one.pk: one
        for one in searchable(reader)
        .filter(pk__in=ids)
        .select_related("meeting")
        .prefetch_related("topics", "editions__language_versions")
    }
    found = [documents[pk] for pk in ids if pk in documents]
    if not question.wanted:
        return [
            Hit(one, escape(title), code)
            for one, (title, code) in ((one, title_of(one, language)) for one in found)
        ]
    texts: dict[int, list[SearchText]] = {}
    for text in SearchText.objects.filter(matches(question), document__in=ids).defer(
        "title_terms", "body_terms", "vector"
    ):
        texts.setdefault(text.document_id, []).append(text)
    marker = Marker(question, [one for rows in texts.values() for one in rows])
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

    def __init__(self, question: Question, texts: list[SearchText]) -> None:
        asked = [word for part in question.wanted for word in part.words]
        alone = {part.words[0] for part in question.wanted if not part.phrase}
        telling = [
            word for word in asked if not (word in alone and lemmas.is_service_word(word))
        ] or asked
        self.lemmas = {lemma for word in telling for lemma in lemmas.lemmas(word)}
        vocabulary = {
            lemmas.plain(word)
            for text in texts
            if text.language == "en"
            for word in lemmas.words(f"{text.title} {text.body[:PASSAGE_CHARACTERS]}")
        }
        self.stems = stems([*vocabulary, *(lemmas.plain(word) for word in asked)])
        self.asked_stems = {
            self.stems[lemmas.plain(word)] for word in asked if self.stems[lemmas.plain(word)]
        }

    def is_asked(self, word: str, language: str) -> bool:
        if language == "ru":
            return not self.lemmas.isdisjoint(lemmas.lemmas(word))
        stem = self.stems.get(lemmas.plain(word))
        return stem in self.asked_stems if stem else False

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

    def passages(self, text: SearchText) -> list[SafeString]:
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


def stems(words: list[str]) -> dict[str, str]:
    """PostgreSQL's English stem of each word, empty for a stop word; one query."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT word, (ts_lexize('english_stem', word))[1] FROM unnest(%s::text[]) AS word",
            [sorted(set(words))],
        )
        return {word: stem or "" for word, stem in cursor.fetchall()}
