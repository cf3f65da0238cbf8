"""Two words that stand together, as a number: by it a phrase is found without reading every text.

PostgreSQL's own phrase search must read each text that holds the words; with common words that are
most of the archive (`docs/adr/0014`).
"""

from collections.abc import Iterable, Sequence
from itertools import pairwise
from zlib import crc32

from documents.search import lemmas
from documents.search.stems import stems_of


def pairs(words: Sequence[str], language: str) -> list[int]:
    """A number for each two neighbouring words, in the form in which they are compared.

    English stop words count as distance and are no neighbours, as in PostgreSQL's phrases. Call
    `learn` first for many texts.
    """
    if language == "ru":
        compared = [lemmas.lemmas(word)[0] for word in words]
    else:
        plain = [lemmas.plain(word) for word in words]
        stems = stems_of(plain)
        compared = [stems[word] for word in plain]
    places = [(place, word) for place, word in enumerate(compared) if word]
    return [
        signed(crc32(f"{one} {second - first} {other}".encode()))
        for (first, one), (second, other) in pairwise(places)
    ]


def learn(texts: Iterable[str]) -> None:
    """Ask for the stems of all the words of English texts at once."""
    stems_of({lemmas.plain(word) for text in texts for word in lemmas.words(text)})


def signed(number: int) -> int:
    return number - (1 << 32) if number >= 1 << 31 else number
