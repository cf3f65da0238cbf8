"""What is found, the best first.

Ranking goes in stages, since PostgreSQL must read every hit to rank it: the document whose
reference was typed, then titles, then texts; each stage looks at `CANDIDATES` documents at most,
the latest first, and beyond that number a count says “more than”.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from django.db.models import QuerySet

from documents.models import Document, Edition, SearchText
from documents.models.archive import Reader
from documents.search import statements
from documents.search.facets import Choice, count_facets
from documents.search.question import Question
from documents.search.reach import Reach, reach_of
from documents.search.statements import LATEST, OLDEST, Row, Sql
from membership.permissions import is_support_unit

CANDIDATES = 1000  # documents counted; beyond them a count says “more than 1,000”
RANKED = 300  # documents ranked: of those with the question in the title, and of the latest
PER_PAGE = 20

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
    reach = reach_of(reader)
    filters = {name: value for name, value in filters.items() if value}
    rows, years = matching(reach, question, filters, sort)
    found = [row for row in rows if row.narrowed]
    ids, more = [row.pk for row in found[:CANDIDATES]], len(found) > CANDIDATES
    if question.wanted and sort == "relevance":
        ids = ranked(reach, question, filters, found[:CANDIDATES], years, language)
    facets, labels = count_facets(rows, filters, language)
    return Results(ids, more, facets, labels)


def latest(
    *, reader: Reader, question: Question, filters: Mapping[str, str]
) -> tuple[list[int], bool]:
    """The ids of what `find` finds, the newest first and without facets, and whether there is more;
    what a search is followed by."""
    rows, _years = matching(reach_of(reader), question, filters, "newest")
    found = [row.pk for row in rows if row.narrowed]
    return found[:CANDIDATES], len(found) > CANDIDATES


def matching(
    reach: Reach, question: Question, filters: Mapping[str, str], sort: str
) -> tuple[list[Row], list[str]]:
    """The latest documents found, narrowed and not, and the years that sufficed to find them."""
    order = OLDEST if sort == "oldest" else LATEST
    choices = [(statements.narrowing(filters), True)]
    if filters:
        choices.append((Sql(), False))
    tries = [statements.window(), []] if question.wanted and order == LATEST else [[]]
    rows: list[Row] = []
    for years in tries if tries[0] else tries[-1:]:
        parts = []
        for narrow, narrowed in choices:
            if question.wanted:
                found = statements.branches(
                    question, reach, narrow, limit=CANDIDATES + 1, years=years, order=order
                )
                by_name = statements.named(question, reach, narrow)
                parts.append(statements.marked(by_name, narrowed, by_name=True))
            else:
                found = statements.everything(reach, narrow, limit=CANDIDATES + 1, order=order)
            parts.append(statements.marked(found, narrowed, by_name=False))
        rows = statements.documents(parts, reach, oldest=order == OLDEST)
        if sum(row.narrowed for row in rows) > CANDIDATES:
            break
    return rows, years


def ranked(
    reach: Reach,
    question: Question,
    filters: Mapping[str, str],
    found: list[Row],
    years: list[str],
    language: str,
) -> list[int]:
    """The candidates in their stages: reference, title, text; the reader's language first."""
    narrow = statements.narrowing(filters)
    titles: list[tuple[int, str]] = []
    for window in [years, []] if years else [[]]:
        titles = statements.in_titles(question, reach, narrow, limit=RANKED, years=window)
        if len(titles) >= RANKED:
            break
    in_title: dict[int, bool] = {}
    for pk, code in titles:
        in_title[pk] = in_title.get(pk, False) or code == language
    by_name = {row.pk for row in found if row.named}
    latest = [row.pk for row in found]
    candidates = list(dict.fromkeys([*by_name, *in_title, *latest]))
    weights: dict[int, tuple[bool, float]] = {}
    weighed = dict.fromkeys([*list(in_title)[:RANKED], *latest[:RANKED]])
    for pk, code, rank in statements.ranks(question, list(weighed)):
        weights[pk] = max(weights.get(pk, (False, 0.0)), (code == language, rank))
    unweighed = (False, 0.0)
    candidates.sort(
        key=lambda pk: (
            pk not in by_name,
            pk not in in_title,
            not in_title.get(pk, False),
            not weights.get(pk, unweighed)[0],
            -weights.get(pk, unweighed)[1],
        )
    )
    return candidates[:CANDIDATES]
