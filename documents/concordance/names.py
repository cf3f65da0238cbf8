"""Names of States as they stand, declined, in a sentence of either language (rule M2)."""

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import NamedTuple

from documents.concordance.numbers import Token
from documents.search.lemmas import plain, words

# The endings of nouns and adjectives in all cases, the long ones first.
ENDINGS = (
    r"ого|его|ому|ему|ыми|ими|ами|ями|ой|ей|ом|ем|ою|ею|ью|ый|ий|ая|яя|ое|ее|ые|ие|ым|им|ых|их|"
    r"ую|юю|ов|ев|ам|ям|ах|ях|[аяыиуюеойь]"
)
ENDING = re.compile(r"(?<=..)(?:ая|яя|ое|ее|ые|ие|ый|ий|я|а|о|ы|и|е|й|ь)$")
CAPITAL = re.compile(r"(?<!\w)[A-ZÀ-ÞА-ЯЁ]")
# Words of many names, which tell no State.
COMMON = {"the", "republic", "islamic", "республика", "исламская", "and", "of"}


class Name(NamedTuple):
    """A name of a State, short or formal, of any period."""

    code: str
    language: str
    text: str


class Names:
    """The known names, made ready to be found in a text."""

    def __init__(self, known: Iterable[Name]) -> None:
        self.codes: dict[str, list[str]] = {}
        self.patterns: dict[str, re.Pattern[str] | None] = {}
        self.shared: dict[str, set[int]] = {}  # names of more States than one, by their group
        self.stems: dict[str, dict[str, set[str]]] = {}
        names = list(known)
        for language in ("en", "ru"):
            own = sorted(
                {(one.text, one.code) for one in names if one.language == language and one.text},
                key=lambda one: (-len(one[0]), one),
            )
            self.codes[language] = [code for _text, code in own]
            times = Counter(text for text, _code in own)
            self.shared[language] = {
                place for place, (text, _code) in enumerate(own, start=1) if times[text] > 1
            }
            forms = "|".join(f"({written(text, language)})" for text, _code in own)
            self.patterns[language] = (
                re.compile(rf"(?:{forms})(?!\w)", re.IGNORECASE) if own else None
            )
            self.stems[language] = stems(own)

    def find(self, text: str, language: str) -> list[Token]:
        """The States named: a key is the State's code."""
        plain = text.replace("ё", "е")
        return [Token(code, plain[at:end]) for code, at, end in self.places(text, language, True)]

    def places(
        self, text: str, language: str, shared: bool = False
    ) -> Iterator[tuple[str, int, int]]:
        """The States named, each with where its name begins and ends; those whose name another
        State has borne too only with `shared`."""
        pattern, end = self.patterns[language], 0
        if pattern is None:
            return
        text = text.replace("ё", "е")  # of the same length
        for capital in CAPITAL.finditer(text):
            match = pattern.match(text, capital.start()) if capital.start() >= end else None
            if match and (shared or match.lastindex not in self.shared[language]):
                yield self.codes[language][(match.lastindex or 1) - 1], *match.span()
                end = match.end()

    def alludes(self, code: str, text: str, language: str) -> bool:
        """Whether a text has a word made from a State's name, as казахстанский or Afghan."""
        own = self.stems[language].get(code, set())
        return any(plain(word).startswith(stem) for word in words(text) for stem in own)


def written(text: str, language: str) -> str:
    """The pattern of a name: in Russian each of its words in any case."""
    if language != "ru":
        return re.escape(text).replace(r"\ ", r"\s+")
    parts = re.split(r"([\s-]+)", text.replace("ё", "е"))
    return "".join(
        (r"\s+" if part.isspace() else re.escape(part)) if place % 2 else declined(part)
        for place, part in enumerate(parts)
    )


def declined(word: str) -> str:
    if word.isupper() or len(word) < 3:  # США, ОАЭ
        return re.escape(word)
    return f"{re.escape(ENDING.sub('', word))}(?:{ENDINGS})?"


def stems(names: Iterable[tuple[str, str]]) -> dict[str, set[str]]:
    """The beginnings, of five letters, of the words that are of one State's names alone."""
    by_word: dict[str, set[str]] = defaultdict(set)
    for text, code in names:
        for word in words(text):
            if len(plain(word)) >= 4 and plain(word) not in COMMON:
                by_word[plain(word)[:5]].add(code)
    found: dict[str, set[str]] = defaultdict(set)
    for stem, codes in by_word.items():
        if len(codes) == 1:
            found[next(iter(codes))].add(stem)
    return found


@lru_cache(maxsize=4)
def names_of(known: frozenset[Name]) -> Names:
    """The names made ready, once for the same names."""
    return Names(known)
