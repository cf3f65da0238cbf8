"""What is found, the best first.

Ranking goes in stages, since PostgreSQL must read every hit to rank it: the document whose
reference was typed, then titles, then texts; each stage looks at `CANDIDATES` documents at most,
the latest first, and beyond that number a count says “more than”.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from difflib import get_close_matches

from django.contrib.postgres.search import SearchRank, TrigramWordSimilarity
from django.db.models import F, Q, QuerySet
from django.db.models.expressions import OrderBy
from django.db.models.functions import Left

from documents.models import Document, Edition, SearchText
from documents.models.archive import Reader
from documents.search import lemmas
from documents.search.facets import Choice, count_facets, narrow
from documents.search.index import LANGUAGES
from documents.search.question import Question, matches
from membership.models import StateName
from membership.permissions import is_support_unit

CANDIDATES = 1000  # documents ranked and counted; beyond them a count says “more than 1,000”
RESEMBLANCE = 0.4  # word_similarity of pg_trgm, 0 to 1
PER_PAGE = 20
# What a misspelt word is compared with: the beginnings of the latest texts.
SPELLING_TEXTS = 40
SPELLING_CHARACTERS = 20_000

SORTS = ("relevance", "newest", "oldest")


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
    """The documents whose stored text is of an edition that the reader may see (rule T6)."""
    documents = Document.objects.filter(withdrawn_at__isnull=True)
    if is_support_unit(reader):
        return documents
    readable = Edition.objects.visible_to(reader)
    return documents.filter(
        pk__in=SearchText.objects.filter(edition__in=readable).order_by().values("document")
    )


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


def suggestion(*, reader: Reader, question: Question) -> str:
    """The question with misspelt words put right; empty without.

    A word is put right from titles that resemble the question, from the names of States, or from
    the words of the latest texts that the reader may see (rule T6).
    """
    readable = searchable(reader)
    texts = (
        SearchText.objects.filter(document__in=readable)
        .annotate(resemblance=TrigramWordSimilarity(question.text[:100], "title"))
        .filter(resemblance__gte=RESEMBLANCE)
        .order_by("-resemblance")
    )
    known = {
        lemmas.plain(word): word.lower()
        for title in texts.values_list("title", flat=True)[:PER_PAGE]
        for word in lemmas.words(title)
    }
    for name in StateName.objects.values_list("short_en", "short_ru"):
        known.update((lemmas.plain(word), word) for each in name for word in lemmas.words(each))
    bodies = (
        SearchText.objects.filter(document__in=readable)
        .order_by(F("document__issued_on").desc(nulls_last=True), "pk")
        .values_list(Left("body_terms", SPELLING_CHARACTERS), flat=True)[:SPELLING_TEXTS]
    )
    for body in bodies:
        for word in body.split():
            if word.isalpha() and len(word) > 3:
                known.setdefault(word, word)
    better = question.text
    for part in question.wanted:
        for word in part.words:
            if any(one in known for one in (lemmas.plain(word), *lemmas.lemmas(word))):
                continue
            close = get_close_matches(lemmas.plain(word), known, n=1, cutoff=0.7)
            if close:
                better = better.replace(word, known[close[0]])
    return better if better != question.text else ""
