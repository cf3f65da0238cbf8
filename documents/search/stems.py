"""PostgreSQL's English stems, kept in the process: the marks and the pairs of words need them."""

from collections.abc import Iterable

from django.db import connection

KEPT = 200_000  # words
_stems: dict[str, str] = {}


def stems_of(words: Iterable[str]) -> dict[str, str]:
    """The English stem of each word, empty for a stop word; one query for those not yet known."""
    words = set(words)
    unknown = sorted(words.difference(_stems))
    if unknown:
        if len(_stems) + len(unknown) > KEPT:
            _stems.clear()
            unknown = sorted(words)
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT word, (ts_lexize('english_stem', word))[1] FROM unnest(%s::text[]) AS word",
                [unknown],
            )
            _stems.update((word, stem or "") for word, stem in cursor.fetchall())
    return {word: _stems[word] for word in words}
