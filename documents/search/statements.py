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

from documents.search.question import CONFIGURATION, LANGUAGES, Question
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
    year: int | None
    meeting: int | None
    topics: list[str]
    states: list[str]
    languages: list[str]


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
    """The terms of the years in which the latest documents lie; none where the archive is small."""
    terms: list[str] | None = cache.get("search-window")
    if terms is None:
        rows = Sql(
            f"SELECT t.dated_on FROM {ROWS} t WHERE t.dated_on IS NOT NULL"
            f" ORDER BY {LATEST} LIMIT 1 OFFSET %s",
            [2 * WINDOW_DOCUMENTS],
        ).rows()
        latest = dt.datetime.now(dt.UTC).year + 5
        terms = [f"y0{year}" for year in range(rows[0][0].year, latest)] + ["y00"] if rows else []
        cache.set("search-window", terms, WINDOW_KEPT_SECONDS)
    return terms


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
        found += Sql(
            f"{' UNION ALL ' if found.text else ''}(SELECT {what} FROM {ROWS} t"
            " WHERE t.language = %s AND ",
            [language],
        )
        found += condition + Sql(f" AND {reach.early}", reach.early_values) + narrow
        found += Sql(f" ORDER BY {order} LIMIT %s)", [limit])
    return found


def matching(question: Question, language: str, years: list[str], column: str) -> Sql:
    if column == "title_vector":
        clauses = question.tsquery_text(language)
        if years:
            clauses += f" & ({' | '.join(years)})"
        return Sql(
            "t.title_vector @@ to_tsquery(%s::regconfig, %s)", [CONFIGURATION[language], clauses]
        )
    asked = question.asked(language)
    parts = []
    words = asked.words(*([f"({' | '.join(years)})"] if years and asked.wanted else []))
    if words:
        parts.append(
            Sql("t.vector @@ to_tsquery(%s::regconfig, %s)", [CONFIGURATION[language], words])
        )
    if asked.pairs:
        parts.append(Sql("t.pairs @> %s::int[]", [asked.pairs]))
    return Sql(" AND ".join(one.text for one in parts), [v for one in parts for v in one.values])


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
            " WHERE edition_id IN (SELECT id FROM allowed) GROUP BY document_id)"
            " SELECT d.id, f.narrowed, f.named, d.type, date_part('year', d.issued_on)::int,"
            " d.meeting_id,"
            " ARRAY(SELECT y.slug FROM documents_document_topics x JOIN documents_topic y"
            " ON y.id = x.topic_id WHERE x.document_id = d.id),"
            " ARRAY(SELECT DISTINCT unnest(s.states) FROM documents_searchtext s"
            " WHERE s.document_id = d.id),"
            " ARRAY(SELECT s.language FROM documents_searchtext s"
            " WHERE s.document_id = d.id AND s.has_text)"
            " FROM found f JOIN documents_document d ON d.id = f.document_id"
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
    found = Sql()
    for language in LANGUAGES:
        query = [CONFIGURATION[language], question.tsquery_text(language)]
        found += Sql(
            f"{' UNION ALL ' if found.text else ''}SELECT t.document_id, t.language,"
            " ts_rank(t.vector, to_tsquery(%s::regconfig, %s), 1)"
            f" FROM {ROWS} t WHERE t.document_id = ANY(%s) AND t.language = %s"
            " AND t.vector @@ to_tsquery(%s::regconfig, %s)",
            [*query, ids, language, *query],
        )
    return found.rows()
