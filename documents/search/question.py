"""How a question is read, and how it is put to PostgreSQL."""

import re
from dataclasses import dataclass
from functools import cached_property

from documents.search import lemmas
from documents.search.pairs import pairs

QUERY_WORDS = 40

CONFIGURATION = {"en": "english", "ru": "simple"}


@dataclass(frozen=True, slots=True)
class Part:
    """A word or phrase of a question, wanted or excluded."""

    words: tuple[str, ...]
    phrase: bool = False
    excluded: bool = False


@dataclass(frozen=True, slots=True)
class Asked:
    """A question as the index is asked: words as a query, and pairs of words as terms."""

    words: str  # empty without any
    pairs: list[int]


@dataclass(frozen=True)
class Question:
    """What the reader typed, read as web searches read it: words, "a phrase", -excluded."""

    text: str
    parts: tuple[Part, ...] = ()

    @classmethod
    def read(cls, text: str) -> "Question":
        parts: list[Part] = []
        for match in re.finditer(r'(-?)(?:["“”«»]([^"“”«»]*)["“”«»]?|([^\s"“”«»]+))', text):
            minus, phrase, word = match.groups()
            found = tuple(lemmas.words(phrase if phrase is not None else word))
            if found and sum(len(one.words) for one in parts) + len(found) <= QUERY_WORDS:
                parts.append(
                    Part(found, phrase is not None or len(found) > 1, excluded=bool(minus))
                )
        return cls(text, tuple(parts))

    @property
    def wanted(self) -> list[Part]:
        return [part for part in self.parts if not part.excluded]

    @property
    def excluding(self) -> bool:
        """Whether something is left out."""
        return any(part.excluded for part in self.parts)

    @cached_property
    def reference(self) -> str:
        """The numbers of the reference that was typed, as in 3-1-2013; empty without."""
        match = re.fullmatch(
            r"\W*(?:ref\W+|[^\d]*)((?:\d{1,4}\s*[/.\-–_ ]\s*){2}\d{4})\W*",
            self.text,
            re.IGNORECASE,
        )
        if match is None:
            return ""
        return "-".join(str(int(number)) for number in re.findall(r"\d+", match[1]))

    def telling(self, language: str) -> list[Part]:
        """What is wanted, without the small Russian words that tell nothing outside phrases."""
        if language != "ru":
            return self.wanted
        telling = [
            part for part in self.wanted if part.phrase or not lemmas.is_service_word(part.words[0])
        ]
        return telling or self.wanted

    def tsquery_text(self, language: str) -> str:
        """The question for the texts of one language. It is made of letters and digits only.

        In Russian a word is any of its lemmas, and small words such as prepositions are asked for
        inside phrases alone.
        """
        clauses = [clause(part, language) for part in self.telling(language)]
        return " & ".join([*clauses, *self.excluded(language)])

    def asked(self, language: str) -> "Asked":
        """The question for the index of one language: words as a query, phrases as pairs."""
        wanted: list[str] = []
        phrases: list[int] = []
        for part in self.telling(language):
            numbers = pairs(part.words, language) if part.phrase else []
            if numbers:
                phrases += numbers
            else:
                wanted.append(clause(part, language))
        return Asked(" & ".join([*wanted, *self.excluded(language)]), phrases)

    def excluded(self, language: str) -> list[str]:
        """The clauses of what is left out."""
        return [f"!{clause(part, language)}" for part in self.parts if part.excluded]


def clause(part: Part, language: str) -> str:
    if language != "ru":
        return "(" + " <-> ".join(lemmas.plain(word) for word in part.words) + ")"
    if part.phrase:
        return "(" + " <-> ".join(lemmas.lemmas(word)[0] for word in part.words) + ")"
    return "(" + " | ".join(lemmas.lemmas(part.words[0])) + ")"
