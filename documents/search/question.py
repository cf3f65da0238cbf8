"""How a question is read, and how it is put to PostgreSQL."""

import re
from dataclasses import dataclass
from functools import cached_property

from django.contrib.postgres.search import SearchQuery
from django.db.models import Q

from documents.search import lemmas
from documents.search.index import LANGUAGES

QUERY_LENGTH = 500  # characters
QUERY_WORDS = 40

CONFIGURATION = {"en": "english", "ru": "simple"}


@dataclass(frozen=True, slots=True)
class Part:
    """A word or phrase of a question, wanted or excluded."""

    words: tuple[str, ...]
    phrase: bool = False
    excluded: bool = False


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

    @cached_property
    def reference(self) -> str:
        """A pattern for the reference that was typed, however it was written; empty without."""
        match = re.fullmatch(
            r"\W*(?:ref\W+|[^\d]*)((?:\d{1,4}\s*[/.\-–_ ]\s*){2}\d{4})\W*", self.text, re.IGNORECASE
        )
        if match is None:
            return ""
        numbers = [str(int(number)) for number in re.findall(r"\d+", match[1])]
        return r"(^|[^0-9])" + r"[^0-9]+".join(f"0*{number}" for number in numbers) + "$"

    def tsquery(self, language: str, weight: str = "") -> SearchQuery:
        """The question for the texts of one language. It is made of letters and digits only.

        `weight` “A” asks for titles. In Russian a word is any of its lemmas, and small words
        such as prepositions are asked for inside phrases alone.
        """
        wanted = self.wanted
        if language == "ru":
            telling = [
                part for part in wanted if part.phrase or not lemmas.is_service_word(part.words[0])
            ]
            wanted = telling or wanted
        clauses = [clause(part, language, weight) for part in wanted]
        clauses += [f"!{clause(part, language)}" for part in self.parts if part.excluded]
        return SearchQuery(" & ".join(clauses), config=CONFIGURATION[language], search_type="raw")


def clause(part: Part, language: str, weight: str = "") -> str:
    mark = f":{weight}" if weight else ""
    if language != "ru":
        return "(" + " <-> ".join(f"{lemmas.plain(word)}{mark}" for word in part.words) + ")"
    if part.phrase:
        return "(" + " <-> ".join(f"{lemmas.lemmas(word)[0]}{mark}" for word in part.words) + ")"
    return "(" + " | ".join(f"{one}{mark}" for one in lemmas.lemmas(part.words[0])) + ")"


def matches(question: Question, weight: str = "") -> Q:
    condition = Q()
    for language in LANGUAGES:
        condition |= Q(language=language, vector=question.tsquery(language, weight))
    return condition
