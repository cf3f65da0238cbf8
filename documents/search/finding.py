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
from documents.search.reach import reach_of
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
    filters = {name: value for name, value in filters.items() if value}
    by_relevance = bool(question.wanted) and sort == "relevance"
    rows = statements.documents(
        question,
        reach_of(reader),
        filters,
        limit=CANDIDATES + 1,
        oldest=sort == "oldest",
        ranked=RANKED if by_relevance else 0,
        language=language,
    )
    counted = [row for row in rows if row.counted]
    ids = [row.pk for row in rows if row.narrowed]
    more = sum(row.narrowed for row in counted) > CANDIDATES
    facets, labels = count_facets(counted, filters, language)
    return Results(ids[:CANDIDATES], more, facets, labels)


def latest(
    *, reader: Reader, question: Question, filters: Mapping[str, str]
) -> tuple[list[int], bool]:
    """The ids of what `find` finds, the newest first and without facets, and whether there is more;
    what a search is followed by."""
    rows = statements.documents(question, reach_of(reader), filters, limit=CANDIDATES + 1)
    found = [row.pk for row in rows if row.narrowed]
    return found[:CANDIDATES], len(found) > CANDIDATES
