"""The statements of the search, written by hand: each stops at a number of documents.

Values go as parameters; the text of a statement is made of constants of this package alone.
"""

import datetime as dt
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from django.core.cache import cache
from django.db import connection

from documents.search.index import LANGUAGES
from documents.search.question import CONFIGURATION, Question
from documents.search.reach import Reach

ROWS = "documents_searchtext"
LATEST = "t.dated_on DESC NULLS FIRST, t.document_id DESC"
OLDEST = "t.dated_on ASC NULLS LAST, t.document_id"
# A question is first asked of the latest documents alone: a common word has enough of them there.
WINDOW_DOCUMENTS = 6000
WINDOW_KEPT_SECONDS = 600


@dataclass
class Sql:
    """A piece of a statement with its values, which are added in the order of the text."""

    text: str = ""
    values: list[Any] = field(default_factory=list)

    def __add__(self, other: "Sql") -> "Sql":
        return Sql(self.text + other.text, self.values + other.values)

    def rows(self) -> list[Any]:
        with connection.cursor() as cursor:
            cursor.execute(self.text, self.values)
            return cursor.fetchall()


class Row(NamedTuple):
    """A document found, with what it may be narrowed by."""

    pk: int
    narrowed: bool  # it has the chosen values of facets
    named: bool  # its reference or address was typed
    type: str
    year: str  # empty without a date
    meeting: str  # its address; empty without a meeting
    topics: list[str]
    states: list[str]
    languages: list[str]


class Text(NamedTuple):
    """What a document that was found holds in one language."""

    document: int
    language: str
    body: str


def narrowing(filters: Mapping[str, str]) -> Sql:
    """What the chosen values of facets ask of a row of the index."""
    asked = Sql()
    for name, value in filters.items():
        match name:
            case "type":
                asked += Sql(" AND t.type = %s", [value])
            case "topic":
                asked += Sql(
                    " AND t.document_id IN (SELECT x.document_id FROM documents_document_topics x"
                    " JOIN documents_topic y ON y.id = x.topic_id WHERE y.slug = %s)",
                    [value],
                )
            case "year" if re.fullmatch(r"[0-9]{1,4}", value) and int(value) >= dt.MINYEAR:
                year = int(value)
                days = [dt.date(year, 1, 1), dt.date(year, 12, 31)]
                asked += Sql(" AND t.dated_on BETWEEN %s AND %s", days)
            case "meeting":
                asked += Sql(
                    " AND t.meeting = (SELECT m.id FROM meetings_meeting m WHERE m.slug = %s)",
                    [value],
                )
            case "state":
                asked += Sql(
                    f" AND t.document_id IN (SELECT s.document_id FROM {ROWS} s"
                    " WHERE s.states @> ARRAY[%s]::varchar[])",
                    [value],
                )
            case "language":
                asked += Sql(
                    f" AND t.document_id IN (SELECT s.document_id FROM {ROWS} s"
                    " WHERE s.language = %s AND s.has_text)",
                    [value],
                )
            case _:
                asked += Sql(" AND false")
    return asked


def window() -> list[str]:
    """The years in which the latest documents lie; none where the archive is small."""
    years: list[str] | None = cache.get("search-years")
    if years is None:
        rows = Sql(
            f"SELECT t.dated_on FROM {ROWS} t WHERE t.dated_on IS NOT NULL"
            f" ORDER BY {LATEST} LIMIT 1 OFFSET %s",
            [2 * WINDOW_DOCUMENTS],
        ).rows()
        latest = dt.datetime.now(dt.UTC).year + 5
        years = [str(year) for year in (0, *range(rows[0][0].year, latest))] if rows else []
        cache.set("search-years", years, WINDOW_KEPT_SECONDS)
    return years


def row_terms(language: str, years: list[str]) -> str:
    """What the terms of a row's language and year must be (`documents.models.search.ROW_TERMS`)."""
    return f"({' | '.join(f'y0{language}{year}' for year in years or [''])})"


def branches(
    question: Question,
    reach: Reach,
    narrow: Sql,
    *,
    limit: int,
    years: list[str],
    order: str = LATEST,
    column: str = "vector",
    what: str = "t.document_id, t.edition_id",
) -> Sql:
    """The latest rows that match, of each language by itself, so that each is one index scan."""
    found = Sql()
    for language in LANGUAGES:
        condition = matching(question, language, years, column)
        found += Sql(f"{' UNION ALL ' if found.text else ''}(SELECT {what} FROM {ROWS} t WHERE ")
        found += condition + Sql(f" AND {reach.early}", reach.early_values) + narrow
        found += Sql(f" ORDER BY {unindexed(order)} LIMIT %s)", [limit])
    return found


def unindexed(order: str) -> str:
    """An order that no index gives. PostgreSQL knows not that a Russian word is in no English text:
    reading by date it would go through the whole archive for a thousand that are not there."""
    return order.replace("t.dated_on", "(t.dated_on + 0)")


def matching(question: Question, language: str, years: list[str], column: str) -> Sql:
    """What the question asks of a row of one language, in these years or in all."""
    rows = row_terms(language, years)
    if column == "title_vector":
        return Sql(
            "t.title_vector @@ to_tsquery(%s::regconfig, %s)",
            [CONFIGURATION[language], f"{question.tsquery_text(language)} & {rows}"],
        )
    asked = question.asked(language)
    found = Sql("t.language = %s", [language])
    if asked.pairs:
        found += Sql(" AND t.pairs @> %s::int[]", [asked.pairs])
    if asked.words() or years:
        words = [CONFIGURATION[language], asked.words(rows)]
        found += Sql(" AND t.vector @@ to_tsquery(%s::regconfig, %s)", words)
    return found


def everything(reach: Reach, narrow: Sql, *, limit: int, order: str) -> Sql:
    """The latest rows, whatever they hold."""
    return (
        Sql(f"(SELECT t.document_id, t.edition_id FROM {ROWS} t WHERE ")
        + Sql(reach.early, reach.early_values)
        + narrow
        + Sql(f" ORDER BY {order} LIMIT %s)", [len(LANGUAGES) * limit])
    )


def named(question: Question, reach: Reach, narrow: Sql) -> Sql:
    """The documents whose reference or address was typed."""
    return (
        Sql(
            f"(SELECT t.document_id, t.edition_id FROM {ROWS} t"
            " WHERE ((%s <> '' AND t.reference_numbers = %s) OR t.document_id ="
            " (SELECT id FROM documents_document WHERE slug = %s)) AND ",
            [question.reference, question.reference, question.text.strip().lower()[:120]],
        )
        + Sql(reach.early, reach.early_values)
        + narrow
        + Sql(" LIMIT 40)")
    )


def marked(rows: Sql, narrowed: bool, by_name: bool) -> Sql:
    flags = f"{narrowed} AS narrowed, {by_name} AS named".lower()
    return Sql(f"SELECT r.*, {flags} FROM (") + rows + Sql(") r")


def documents(parts: list[Sql], reach: Reach, *, oldest: bool) -> list[Row]:
    """The documents of the matched rows that the reader may see, with the values of facets."""
    matched = Sql()
    for part in parts:
        matched += Sql(" UNION ALL " if matched.text else "") + part
    order = "d.issued_on ASC NULLS LAST" if oldest else "d.issued_on DESC NULLS FIRST"
    statement = (
        Sql("WITH matched AS MATERIALIZED (")
        + matched
        + Sql("), allowed AS MATERIALIZED (SELECT v.id FROM (")
        + Sql(reach.visible, reach.visible_values)
        + Sql(
            ") v WHERE v.id = ANY(ARRAY(SELECT edition_id FROM matched))),"
            " found AS MATERIALIZED (SELECT document_id, bool_or(narrowed) AS narrowed,"
            " bool_or(named) AS named FROM matched"
            " WHERE edition_id IN (SELECT id FROM allowed) GROUP BY document_id),"
            " texts AS MATERIALIZED (SELECT document_id,"
            " coalesce(array_agg(language) FILTER (WHERE has_text), '{}') AS languages,"
            " array_remove(string_to_array(string_agg(array_to_string(states, ' '), ' '), ' '), '')"
            f" AS states FROM {ROWS}"
            " WHERE document_id = ANY(ARRAY(SELECT document_id FROM found)) GROUP BY document_id)"
            " SELECT d.id, f.narrowed, f.named, d.type,"
            " coalesce(date_part('year', d.issued_on)::int::text, ''), coalesce(m.slug, ''),"
            " ARRAY(SELECT y.slug FROM documents_document_topics x JOIN documents_topic y"
            " ON y.id = x.topic_id WHERE x.document_id = d.id),"
            " ARRAY(SELECT DISTINCT unnest(s.states)), s.languages"
            " FROM found f JOIN documents_document d ON d.id = f.document_id"
            " LEFT JOIN meetings_meeting m ON m.id = d.meeting_id"
            " JOIN texts s ON s.document_id = d.id"
            f" WHERE d.withdrawn_at IS NULL ORDER BY {order}, d.slug"
        )
    )
    return [Row(*row) for row in statement.rows()]


def in_titles(
    question: Question, reach: Reach, narrow: Sql, *, limit: int, years: list[str]
) -> list[tuple[int, str]]:
    """Documents that hold the question in a title the reader may see, with the language of it."""
    statement = (
        Sql("WITH matched AS MATERIALIZED (")
        + branches(
            question,
            reach,
            narrow,
            limit=limit,
            years=years,
            column="title_vector",
            what="t.document_id, t.edition_id, t.language",
        )
        + Sql("), allowed AS MATERIALIZED (SELECT v.id FROM (")
        + Sql(reach.visible, reach.visible_values)
        + Sql(
            ") v WHERE v.id = ANY(ARRAY(SELECT edition_id FROM matched)))"
            " SELECT m.document_id, m.language FROM matched m JOIN documents_document d"
            " ON d.id = m.document_id AND d.withdrawn_at IS NULL"
            " WHERE m.edition_id IN (SELECT id FROM allowed)"
            " ORDER BY d.issued_on DESC NULLS FIRST"
        )
    )
    return statement.rows()


def ranks(question: Question, ids: list[int]) -> list[tuple[int, str, float]]:
    """How well documents match in each language in which they do (`ts_rank`)."""
    return of_documents(question, ids, "ts_rank(t.vector, asked.query, 1)")


def texts(question: Question, ids: list[int]) -> list[Text]:
    """The texts of documents that match."""
    return [Text(*row) for row in of_documents(question, ids, "t.body")]


def of_documents(question: Question, ids: list[int], what: str) -> list[Any]:
    found = Sql()
    for language in LANGUAGES:
        found += Sql(
            f"{' UNION ALL ' if found.text else ''}SELECT t.document_id, t.language, {what}"
            f" FROM {ROWS} t, to_tsquery(%s::regconfig, %s) AS asked(query)"
            " WHERE t.document_id = ANY(%s) AND t.language = %s AND t.vector @@ asked.query",
            [CONFIGURATION[language], question.tsquery_text(language), ids, language],
        )
    return found.rows()
