"""The translation memory: paragraphs translated before, identical or similar (U3)."""

import time
from collections.abc import Mapping
from dataclasses import dataclass

from django.db import OperationalError, connection, transaction
from django.utils.translation import get_language
from psycopg.errors import QueryCanceled

from documents.models import Document, Edition
from documents.models.archive import Reader

# Below this share of common trigrams a paragraph is of no help.
THRESHOLD = 0.6
EACH = 3
# What a whole page spends at most on looking for similar paragraphs.
SECONDS = 1.5
MIN_LETTERS = 8


@dataclass(frozen=True)
class Remembered:
    """A translation that an issued text has; `percent` is how similar its source is."""

    source: str
    target: str
    percent: int
    document: str
    slug: str

    @property
    def identical(self) -> bool:
        return self.percent == 100


def remembered(
    texts: Mapping[str, str], source: str, target: str, reader: Reader
) -> tuple[dict[str, list[Remembered]], bool]:
    """For each key and its text in the language `source`: the best translations into `target`
    that issued texts have, and that the reader may see (T6).

    The search ends after 1.5 seconds: the second value says whether all texts were looked for.
    """
    found: dict[str, list[Remembered]] = {}
    until = time.monotonic() + SECONDS
    for key, text in texts.items():
        if len(text) < MIN_LETTERS:
            continue
        left = until - time.monotonic()
        if left <= 0.02:
            return found, False
        try:
            rows = similar(text, source, target, reader, int(left * 1000))
        except OperationalError as error:
            if isinstance(error.__cause__, QueryCanceled):
                return found, False
            raise
        found[key] = [
            Remembered(own, other, percent, title or other_title or slug, slug)
            for own, other, percent, title, other_title, slug in rows
        ]
    return found, True


def similar(text: str, source: str, target: str, reader: Reader, limit: int) -> list[tuple]:
    """Rows of what is most similar to one text; OperationalError after `limit` milliseconds."""
    editions, parameters = (
        Edition.objects.issued()
        .filter(document__in=Document.objects.filter(withdrawn_at=None))
        .visible_to(reader)
        .order_by()
        .values("pk")
        .query.sql_with_params()
    )
    own, other = f"text_{source}", f"text_{target}"
    spoken, unspoken = ("ru", "en") if get_language() == "ru" else ("en", "ru")
    query = f"""
        WITH alike AS MATERIALIZED (
             SELECT {own} AS source, {other} AS target, edition_id,
                    similarity({own}, %s) AS score
               FROM documents_paragraph WHERE {own} %% %s AND {other} <> ''
        ), allowed AS (
             SELECT DISTINCT ON (alike.source, alike.target) alike.*
               FROM alike WHERE edition_id IN ({editions})
              ORDER BY alike.source, alike.target, edition_id DESC
        )
        SELECT allowed.source, allowed.target,
               CASE WHEN allowed.source = %s THEN 100
                    ELSE least(99, floor(score * 100))::int END AS percent,
               d.title_{spoken}, d.title_{unspoken}, d.slug
          FROM allowed
          JOIN documents_edition e ON e.id = allowed.edition_id
          JOIN documents_document d ON d.id = e.document_id
         ORDER BY percent DESC, e.id DESC LIMIT {EACH}
    """  # noqa: S608 (columns of ours alone; the values are parameters)
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            f"SET LOCAL statement_timeout = {limit}; "
            f"SET LOCAL pg_trgm.similarity_threshold = {THRESHOLD}"
        )
        cursor.execute(query, [text, text, *parameters, text])
        rows = cursor.fetchall()
        cursor.execute(
            "SET LOCAL statement_timeout TO DEFAULT; "
            "SET LOCAL pg_trgm.similarity_threshold TO DEFAULT"
        )
    return rows
