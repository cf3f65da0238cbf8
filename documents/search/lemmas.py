"""Words as the search compares them: Russian by lemma, other words without case and accents.

PostgreSQL's own `russian` stemmer misses core words of the archive (беженец and беженцы, защита
and защите, ребенок and ребенка), so the lemmas are made here and stored.
"""

import re
import unicodedata
from functools import cache, lru_cache
from threading import Lock

import pymorphy3

WORD = re.compile(r"[^\W_]+")
CYRILLIC = re.compile(r"[а-яё]")
# A parse less probable than this is left aside: “стали” is the verb, hardly ever the metal.
PROBABLE = 0.1
SERVICE_PARTS = {"PREP", "CONJ", "PRCL", "INTJ"}

_lock = Lock()


@cache
def _analyzer() -> pymorphy3.MorphAnalyzer:
    return pymorphy3.MorphAnalyzer()


def analyzer() -> pymorphy3.MorphAnalyzer:
    """The one analyzer of this process, made when it is first needed (about 0.3 s, 15 MB)."""
    with _lock:
        return _analyzer()


def words(text: str) -> list[str]:
    """The words of a text in their order; a hyphenated word is its parts."""
    return WORD.findall(text)


def plain(word: str) -> str:
    """A word without case and accents: Türkiye and turkiye are the same; so are е and ё."""
    word = word.casefold()
    if CYRILLIC.search(word):
        return word.replace("ё", "е")
    decomposed = unicodedata.normalize("NFKD", word)
    return "".join(one for one in decomposed if not unicodedata.combining(one))


@lru_cache(maxsize=200_000)
def lemmas(word: str) -> tuple[str, ...]:
    """The dictionary forms of a word, the most probable first; of a word that is not Russian,
    the word itself."""
    word = plain(word)
    if not CYRILLIC.search(word):
        return (word,)
    parses = analyzer().parse(word)
    probable = [parses[0], *(one for one in parses[1:] if one.score >= PROBABLE)]
    return tuple(dict.fromkeys(plain(one.normal_form) for one in probable))


@lru_cache(maxsize=20_000)
def is_service_word(word: str) -> bool:
    """Whether a Russian word is a preposition, conjunction or particle: it tells nothing alone."""
    word = plain(word)
    if not CYRILLIC.search(word):
        return False
    return analyzer().parse(word)[0].tag.POS in SERVICE_PARTS


def terms(text: str, language: str) -> str:
    """What is stored for the search: a term for each word, in the order of the words.

    The second meanings of ambiguous Russian words follow at the end, so that phrases keep their
    distances.
    """
    if language != "ru":
        return " ".join(plain(word) for word in words(text))
    found = [lemmas(word) for word in words(text)]
    first = [one[0] for one in found]
    others = dict.fromkeys(lemma for one in found for lemma in one[1:])
    return " ".join([*first, *others])
