"""The statements of the search, written by hand: each stops at a number of documents.

Values go as parameters; the text of a statement is made of constants of this package alone.
"""

import datetime as dt
import re
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, NamedTuple

from django.db import connection

from documents.search.index import LANGUAGES
from documents.search.question import CONFIGURATION, Question
from documents.search.reach import Reach

ROWS = "documents_searchtext"
LATEST = "t.dated_on DESC NULLS FIRST, t.document_id DESC"
OLDEST = "t.dated_on ASC NULLS LAST, t.document_id"
# How many of the latest documents a question is asked of: a common word has enough in the first.
WINDOWS = (2_000, 12_000)
WINDOWS_KEPT_SECONDS = 600
TAKEN = "t.document_id, t.edition_id, t.language, t.states, t.languages"  # of a row that matches
FLAGS = ("narrowed", "counted", "named", "titled")


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
    """A document found, with what it may be narrowed by; several values are parted by spaces."""

    pk: int
    narrowed: bool  # it has the chosen values of facets
    counted: bool  # it is among the latest that match, and not only one with a title that does
    type: str
    year: str  # empty without a date
    meeting: str  # its address; empty without a meeting
    topics: str
    states: str
    languages: str


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
                asked += Sql(" AND t.states @> ARRAY[%s]::varchar[]", [value])
            case "language":
                asked += Sql(" AND t.languages @> ARRAY[%s]::varchar[]", [value])
            case _:
                asked += Sql(" AND false")
    return asked


@dataclass(frozen=True)
class Branch:
    """The latest rows of one language that match, of which so many are looked for."""

    name: str
    language: str
    limit: int
    narrow: Sql
    narrowed: bool = True
    titled: bool = False  # the question must be in the title
    order: str = LATEST


def windows() -> list[dt.date]:
    """Since when there are so many documents (`WINDOWS`); as many days as the archive fills."""
    return _windows(int(time.monotonic() // WINDOWS_KEPT_SECONDS))


@lru_cache(maxsize=1)
def _windows(period: int) -> list[dt.date]:
    day = f"(SELECT t.dated_on FROM {ROWS} t ORDER BY {LATEST} LIMIT 1 OFFSET %s)"
    [days] = Sql(
        f"SELECT {', '.join([day] * len(WINDOWS))}", [len(LANGUAGES) * one for one in WINDOWS]
    ).rows()
    return [one.replace(day=1) for one in days if one]


def row_terms(language: str, since: dt.date) -> str:
    """The terms of rows without a date, and of a month since a day's, as alternatives
    (`documents.models.search.ROW_TERMS`)."""
    months = [f"{since.year}{month:02}" for month in range(since.month, 13)]
    years = [str(year) for year in range(since.year + 1, last_year() + 1)]
    return "(" + " | ".join(f"'y0{language}{one}'" for one in ("0", *months, *years)) + ")"


def last_year() -> int:
    """The last year of which documents are looked for by the terms of their rows."""
    return dt.datetime.now(dt.UTC).year + 4


def matching(branch: Branch, question: Question, reach: Reach, since: dt.date | None) -> Sql:
    """What a row must be: of the language, with the question in it, since a day or whenever, and
    of those that the reader may see as far as the index knows."""
    language, column = branch.language, "title_vector" if branch.titled else "vector"
    asked = question.asked(language)
    words = question.tsquery_text(language) if branch.titled else asked.words
    terms = [] if branch.titled else [f"'{one}'" for one in asked.pairs]
    terms += [row_terms(language, since)] if since else []
    found, query = Sql("t.language = %s", [language]), []
    if words:
        query.append(Sql("to_tsquery(%s::regconfig, %s)", [CONFIGURATION[language], words]))
    if terms:
        query.append(Sql("%s::tsquery", [" & ".join(terms)]))
    for place, one in enumerate(query):
        found += Sql(" && " if place else f" AND t.{column} @@ (") + one
    return found + Sql(f") AND {reach.early}", reach.early_values) + branch.narrow


def counted(branches: Sequence[Branch], question: Question, reach: Reach) -> list[int]:
    """How many rows of each branch match among the latest documents, as far as it looks for."""
    statement = Sql()
    for branch in branches:
        statement += Sql(
            f"{', ' if statement.text else 'SELECT '}(SELECT count(*) FROM (SELECT 1 FROM {ROWS} t"
            " WHERE "
        )
        statement += matching(branch, question, reach, windows()[0])
        statement += Sql(" LIMIT %s) r)", [branch.limit])
    return list(statement.rows()[0])


def chosen(branch: Branch, number: int) -> list[dt.date | None]:
    """Where a branch looks that has this number among the latest documents: since which day, and
    where that may give too few, among all besides."""
    if number >= branch.limit:
        return [windows()[0]]
    for size, since in zip(WINDOWS, windows(), strict=False):
        if number * size >= 2 * branch.limit * WINDOWS[0]:
            return [since, None]
    return [None]


def latest(
    branch: Branch,
    question: Question,
    reach: Reach,
    looked: Sequence[dt.date | None],
    ranked: int = 0,
) -> dict[str, Sql]:
    """The rows of a branch as named parts of a statement: of each window by itself, an older one
    only where those after it gave too few. With `ranked` so many tell how well they match."""
    parts: dict[str, Sql] = {}
    newer: dt.date | None = None
    rank = Sql("NULL::real")
    if ranked:
        asked = question.tsquery_text(branch.language)
        rank = Sql(
            "CASE WHEN row_number() OVER () <= %s"
            " THEN ts_rank(t.vector, to_tsquery(%s::regconfig, %s), 1) END",
            [ranked, CONFIGURATION[branch.language], asked],
        )
    for since in looked:
        part = Sql(f"SELECT {TAKEN}, ") + rank
        part += Sql(f" AS rank FROM (SELECT {TAKEN}, t.vector FROM {ROWS} t WHERE ")
        if newer:
            counts = " + ".join(f"(SELECT count(*) FROM {one})" for one in parts)
            part += Sql(
                f"{counts} < %s AND (t.dated_on < %s OR t.dated_on > %s) AND ",
                [branch.limit, newer, dt.date(last_year(), 12, 31)],
            )
        part += matching(branch, question, reach, since)
        part += Sql(f" ORDER BY {unindexed(branch.order)} LIMIT %s) t", [branch.limit])
        parts[f"{branch.name}_{branch.language}_{len(parts)}"], newer = part, since
    return parts


def unindexed(order: str) -> str:
    """An order that no index gives. PostgreSQL knows not that a Russian word is in no English text:
    reading by date it would go through the whole archive for a thousand that are not there."""
    return order.replace("t.dated_on", "(t.dated_on + 0)")


def everything(reach: Reach, narrow: Sql, *, limit: int, order: str) -> Sql:
    """The latest rows, whatever they hold."""
    return (
        Sql(f"SELECT {TAKEN}, NULL::real AS rank FROM {ROWS} t WHERE ")
        + Sql(reach.early, reach.early_values)
        + narrow
        + Sql(f" ORDER BY {order} LIMIT %s", [len(LANGUAGES) * limit])
    )


def named(question: Question, reach: Reach, narrow: Sql) -> Sql:
    """The documents whose reference or address was typed."""
    return (
        Sql(
            f"SELECT {TAKEN}, NULL::real AS rank FROM {ROWS} t"
            " WHERE ((%s <> '' AND t.reference_numbers = %s) OR t.document_id ="
            " (SELECT id FROM documents_document WHERE slug = %s)) AND ",
            [question.reference, question.reference, question.text.strip().lower()[:120]],
        )
        + Sql(reach.early, reach.early_values)
        + narrow
        + Sql(" LIMIT 40")
    )


def documents(
    question: Question,
    reach: Reach,
    filters: Mapping[str, str],
    *,
    limit: int,
    oldest: bool = False,
    ranked: int = 0,
    language: str = "",
) -> list[Row]:
    """The documents found that the reader may see, in their order: the latest (or oldest) that the
    filters narrow to, and the latest without them, which facets count; `limit` of each language.

    With `ranked` the best come first: the reference typed, then titles, then texts, the reader's
    `language` before the other. So many of the latest are weighed, and so many that have the
    question in their title, wherever these are among the others.
    """
    order, narrow = OLDEST if oldest else LATEST, narrowing(filters)
    choices = [("own", narrow, True), ("others", Sql(), False)][: 1 + bool(filters)]
    parts: dict[str, Sql] = {}
    matched: list[str] = []
    for name, to, narrowed in choices:
        if question.wanted:
            one = {f"{name}_named": named(question, reach, to)}
            matched += flagged(one, narrowed, "named")
        else:
            one = {name: everything(reach, to, limit=limit, order=order)}
            matched += flagged(one, narrowed, "counted")
        parts |= one
    branches = [
        Branch(name, code, limit, to, narrowed, order=order)
        for name, to, narrowed in choices
        for code in LANGUAGES
        if question.wanted
    ]
    if ranked and not question.excluding:
        branches += [Branch("titles", code, ranked, narrow, titled=True) for code in LANGUAGES]
    whole = oldest or not branches or not windows()
    numbers = [0] * len(branches) if whole else counted(branches, question, reach)
    for branch, number in zip(branches, numbers, strict=True):
        one = latest(branch, question, reach, chosen(branch, number), ranked * branch.narrowed)
        matched += flagged(one, branch.narrowed, "titled" if branch.titled else "counted")
        parts |= one
    for code in LANGUAGES if ranked and question.excluding else ():
        # What is left out may stand in the text: titles are looked for among what was found.
        own = " UNION ALL ".join(
            f"SELECT document_id FROM {one}" for one in parts if one.startswith(f"own_{code}_")
        )
        among = narrow + Sql(f" AND t.document_id = ANY(ARRAY({own}))")
        one = latest(Branch("titles", code, ranked, among, titled=True), question, reach, [None])
        matched += flagged(one, True, "titled")
        parts |= one
    parts |= allowed(matched, reach, language, oldest)
    best = ""
    if ranked:
        best = (
            "f.named DESC, f.titled DESC, f.own_title DESC, f.own_rank IS NULL,"
            " coalesce(f.own_rank, f.rank, 0) DESC, "
        )
    statement = with_parts(parts) + Sql(
        " SELECT f.id, f.narrowed, f.counted OR f.named, f.type,"
        " coalesce(date_part('year', f.issued_on)::int::text, ''), coalesce(m.slug, ''),"
        " coalesce(t.slugs, ''), f.states, f.languages FROM found f"
        " LEFT JOIN meetings_meeting m ON m.id = f.meeting_id"
        " LEFT JOIN (SELECT x.document_id, string_agg(y.slug, ' ') AS slugs"
        " FROM documents_document_topics x JOIN documents_topic y ON y.id = x.topic_id"
        " WHERE x.document_id = ANY(ARRAY(SELECT id FROM found)) GROUP BY x.document_id) t"
        f" ON t.document_id = f.id ORDER BY {best}f.place"
    )
    return [Row(*row) for row in statement.rows()]


def flagged(names: Iterable[str], narrowed: bool, flag: str) -> list[str]:
    flags = ", ".join(f"{one == flag} AS {one}" for one in FLAGS[1:])
    return [f"SELECT *, {narrowed} AS narrowed, {flags} FROM {name}" for name in names]


def allowed(
    matched: Iterable[str], reach: Reach, language: str, oldest: bool = False
) -> dict[str, Sql]:
    """Of what matched the documents that the reader may see, each once (rule T6)."""
    editions = Sql("SELECT v.id FROM (") + Sql(reach.visible, reach.visible_values)
    day = "d.issued_on ASC NULLS LAST" if oldest else "d.issued_on DESC NULLS FIRST"
    flags = ", ".join(f"bool_or({one}) AS {one}" for one in FLAGS)
    return {
        "matched": Sql(" UNION ALL ".join(matched)),
        "allowed": editions + Sql(") v WHERE v.id = ANY(ARRAY(SELECT edition_id FROM matched))"),
        "found": Sql(
            "SELECT d.id, d.type, d.issued_on, d.meeting_id, f.*,"
            f" row_number() OVER (ORDER BY {day}, d.slug) AS place"
            f" FROM (SELECT document_id, {flags}, bool_or(titled AND language = %s) AS own_title,"
            " max(rank) AS rank, max(rank) FILTER (WHERE language = %s) AS own_rank,"
            " max(array_to_string(states, ' ')) AS states,"
            " max(array_to_string(languages, ' ')) AS languages"
            " FROM matched WHERE edition_id IN (SELECT id FROM allowed) GROUP BY document_id) f"
            " JOIN documents_document d ON d.id = f.document_id WHERE d.withdrawn_at IS NULL",
            [language, language],
        ),
    }


def with_parts(parts: Mapping[str, Sql]) -> Sql:
    """The beginning of a statement, whose parts are worked out once each."""
    statement = Sql()
    for name, part in parts.items():
        statement += Sql(f"{', ' if statement.text else 'WITH '}{name} AS MATERIALIZED (")
        statement += part + Sql(")")
    return statement


def in_titles(question: Question, reach: Reach, *, limit: int, language: str) -> list[int]:
    """The ids of the latest documents that hold the question in a title, the reader's language
    first."""
    parts: dict[str, Sql] = {}
    for code in LANGUAGES:
        branch = Branch("titles", code, limit, Sql(), titled=True)
        parts |= latest(branch, question, reach, [*windows(), None])
    parts |= allowed(flagged(parts, True, "titled"), reach, language)
    statement = with_parts(parts) + Sql(
        " SELECT id FROM found ORDER BY own_title DESC, place LIMIT %s", [limit]
    )
    return [pk for (pk,) in statement.rows()]


def texts(question: Question, ids: list[int], language: str) -> list[Text]:
    """The texts of documents that match, of each one: the one in `language` if it is among them."""
    found = Sql()
    for code in LANGUAGES:
        found += Sql(
            f"{' UNION ALL ' if found.text else ''}SELECT t.document_id, t.language, t.body"
            f" FROM {ROWS} t WHERE t.document_id = ANY(%s) AND t.language = %s"
            " AND t.vector @@ to_tsquery(%s::regconfig, %s)",
            [ids, code, CONFIGURATION[code], question.tsquery_text(code)],
        )
    found = Sql("SELECT DISTINCT ON (r.document_id) r.* FROM (") + found
    found += Sql(") r ORDER BY r.document_id, r.language = %s DESC", [language])
    return [Text(*row) for row in found.rows()]
