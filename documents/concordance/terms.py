"""Terms of the glossary as they stand, inflected, in a text of either language (U3, T2)."""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import NamedTuple

from documents import markup
from documents.models import Term
from documents.search.lemmas import lemmas, plain, words

Status = Term.Status
WORD = re.compile(r"[^\W_]+")
BEGINS = re.compile(r"(?:^|[.;:!?])\W*$")
# Endings of English words that the same term may bear: States, reservations, adopted, breaking.
SUFFIX = re.compile(r"(?<=\w\w\w)(?:ies|ing|ied|ed|es|s|e|y)$")


class Known(NamedTuple):
    """A term of the glossary, by its concept."""

    concept: int
    language: str
    status: str
    text: str


class Hit(NamedTuple):
    """A term found in a text: its concept, the words as they stand there."""

    concept: int
    status: str
    words: str


@lru_cache(maxsize=50_000)
def forms(word: str, language: str) -> frozenset[str]:
    """What two inflected words of one term share: Russian lemmas, English stems."""
    if language == "ru":
        return frozenset(lemmas(word))
    return frozenset({SUFFIX.sub("", plain(word))})


class Glossary:
    """The terms, made ready to be found."""

    def __init__(self, known: Iterable[Known]) -> None:
        self.terms: dict[int, list[Known]] = defaultdict(list)
        # by a form of the first word: the forms of every word, whether it is written with a
        # capital, and the term; the longest first
        self.by_first: dict[tuple[str, str], list[tuple[list[frozenset[str]], bool, Known]]] = (
            defaultdict(list)
        )
        for one in known:
            self.terms[one.concept].append(one)
            parts = words(one.text)
            if one.language == "en" and parts[:1] == ["to"]:
                parts = parts[1:]  # a verb stands without it
            if not parts:
                continue
            needed = [forms(part, one.language) for part in parts]
            capital = parts[0][:1].isupper()
            for form in needed[0]:
                self.by_first[one.language, form].append((needed, capital, one))
        for many in self.by_first.values():
            many.sort(key=lambda one: -len(one[0]))

    def find(self, text: str, language: str) -> list[Hit]:
        """The terms in a text without marks, in its order.

        In English a longer term covers those inside it; in Russian both stand, since the shorter
        one may answer an English term of its own.
        """
        return list(dict.fromkeys(self.hits(text, language)))

    def hits(self, text: str, language: str) -> Iterator[Hit]:
        found = list(WORD.finditer(text))
        have = [forms(one.group(), language) for one in found]
        covered = 0
        for start, first in enumerate(found):
            if start < covered:
                continue
            candidates = {
                one[2]: one for form in have[start] for one in self.by_first[language, form]
            }
            for needed, capital, term in sorted(
                candidates.values(), key=lambda one: (-len(one[0]), one[2])
            ):
                there = have[start : start + len(needed)]
                if len(there) < len(needed) or not all(
                    one & other for one, other in zip(needed, there, strict=True)
                ):
                    continue
                if language == "en" and capital and not is_name(text, first, len(needed)):
                    continue
                last = found[start + len(needed) - 1]
                yield Hit(term.concept, term.status, text[first.start() : last.end()])
                if language == "en":
                    covered = start + len(needed)
                    break

    def agreed(self, concept: int, language: str) -> str:
        """The agreed term of a concept."""
        own = (one for one in self.terms[concept] if one.language == language)
        return next((one.text for one in own if one.status == Status.AGREED), "")

    def apart(self, english: str, russian: str) -> tuple[list[str], list[tuple[str, str]]]:
        """Of two texts without marks: the English words whose agreed Russian term is absent; and
        what may not be used, as it stands in each language."""
        en, ru = self.find(english, "en"), self.find(russian, "ru")
        there = {one.concept for one in ru}
        absent = [
            one.words for one in en if one.status != Status.FORBIDDEN and one.concept not in there
        ]
        forbidden = [(one.words, "") for one in en if one.status == Status.FORBIDDEN]
        forbidden += [("", one.words) for one in ru if one.status == Status.FORBIDDEN]
        return absent, forbidden


def is_name(text: str, first: re.Match[str], length: int) -> bool:
    """Whether an English term with a capital is one here: “the Chair” and not “a chair”, nor the
    verb that begins a sentence, “Chair the meetings”."""
    if not first.group()[:1].isupper():
        return False
    return length > 1 or not BEGINS.search(text[: first.start()])


def bare(text: str) -> str:
    """The words of a marked text; an old text whose marks are malformed, as it stands."""
    try:
        return markup.plain(text)
    except markup.MarkupError:
        return text


@lru_cache(maxsize=4)
def glossary_of(known: frozenset[Known]) -> Glossary:
    """The terms made ready, once for the same terms."""
    return Glossary(sorted(known))


def known_terms() -> Glossary:
    """The glossary on record."""
    rows = Term.objects.values_list("concept_id", "language", "status", "text")
    return glossary_of(frozenset(Known(*row) for row in rows))
