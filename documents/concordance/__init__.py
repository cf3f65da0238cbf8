"""Whether the English and the Russian text of an edition agree, paragraph by paragraph (S4, T2).

Numbers, dates, references, names of States, brackets, footnote marks, marks of lists, addresses and
the terms of the glossary are compared, never the meaning of words: what it reports is to be looked
at by a person, and what it does not report is not thereby right. `python manage.py
check_concordance` runs it; an edition is issued when every finding is accepted with a reason.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from typing import Protocol

from documents import markup
from documents.concordance.finding import Finding, Kind
from documents.concordance.names import Name, Names, names_of
from documents.concordance.numbers import (
    COMMON,
    Token,
    addresses,
    dates,
    list_marks,
    number_words,
    numbers,
    references,
    said_in_words,
)
from documents.concordance.terms import Glossary, known_terms
from documents.concordance.unrecorded import unrecorded, warnings
from documents.models import AcceptedFinding, Edition
from membership.models import StateName

__all__ = [
    "Finding",
    "Kind",
    "check",
    "compare",
    "known_names",
    "known_terms",
    "open_findings",
    "unrecorded",
    "warnings",
]

Pair = tuple[str, str]


class Row(Protocol):
    """A paragraph with its text in both languages."""

    position: int
    number: str
    anchor: str
    text_en: str | None
    text_ru: str | None


def check(edition: Edition) -> list[Finding]:
    """Where the two texts of an edition differ, in the order of its paragraphs."""
    return compare(edition.paragraphs.all(), known_names(), known_terms())


def open_findings(edition: Edition) -> list[Finding]:
    """The findings that nobody has accepted with a reason."""
    accepted = set(AcceptedFinding.objects.filter(edition=edition).values_list("key", flat=True))
    return [one for one in check(edition) if one.key not in accepted]


def known_names() -> Names:
    """The names of all States in all periods."""
    rows = StateName.objects.values_list(
        "state__code", "short_en", "formal_en", "short_ru", "formal_ru"
    )
    return names_of(
        frozenset(
            Name(code, language, name or "")
            for code, short_en, formal_en, short_ru, formal_ru in rows
            for language, name in (
                *(("en", short_en), ("en", formal_en)),
                *(("ru", short_ru), ("ru", formal_ru)),
            )
        )
    )


def compare(rows: Iterable[Row], names: Names, terms: Glossary | None = None) -> list[Finding]:
    """Where aligned paragraphs differ; pure, without the database."""
    return [
        Finding(kind, row.position, row.number, row.anchor, english, russian)
        for row in rows
        for kind, (english, russian) in differences(
            row.text_en or "", row.text_ru or "", names, terms
        )
    ]


def differences(
    english: str, russian: str, names: Names, terms: Glossary | None = None
) -> Iterator[tuple[Kind, Pair]]:
    """What differs between two texts of one paragraph, and in which words."""
    if not english.strip() or not russian.strip():
        if english.strip() or russian.strip():
            yield Kind.MISSING, (shortened(english), shortened(russian))
        return
    en, ru = Reading(english, "en", names), Reading(russian, "ru", names)
    for kind in (Kind.ADDRESS, Kind.REFERENCE, Kind.DATE):
        yield from told(kind, apart(en.found[kind], ru.found[kind]))
    yield from told(Kind.NUMBER, numbers_apart(en, ru))
    marks = in_order(en.found[Kind.LIST_MARKER], ru.found[Kind.LIST_MARKER])
    yield from told(Kind.LIST_MARKER, marks)
    yield from told(Kind.MARKED_STATE, apart(en.marked, ru.marked))
    yield from told(Kind.STATE, states_apart(en, ru, names))
    if apart(en.bracketed, ru.bracketed) != ("", "") or en.brackets != ru.brackets:
        yield Kind.BRACKET, (bracket_words(en), bracket_words(ru))
    yield from told(Kind.FOOTNOTE, in_order(en.footnotes, ru.footnotes))
    if terms is not None:
        absent, forbidden = terms.apart(en.wording, ru.wording)
        yield from told(Kind.TERM, (", ".join(absent), ""))
        for pair in forbidden:
            yield Kind.FORBIDDEN, pair


class Reading:
    """What a paragraph has in one language."""

    def __init__(self, text: str, language: str, names: Names) -> None:
        self.language = language
        try:
            pieces = markup.parse(text)
        except markup.MarkupError:  # an old text: it is compared as it stands
            pieces = [markup.Piece("text", text)]
        self.marked = [Token(one.code, one.text) for one in pieces if one.kind == "state"]
        self.footnotes = [Token(one.text, one.text) for one in pieces if one.kind == "footnote"]
        self.brackets = sum(one.kind == "bracket_open" for one in pieces)
        self.bracketed = list(bracketed(pieces))
        # A mark parts what stands before and after it; its words name a State and no number.
        rest = "".join(one.text if one.kind == "text" else " " for one in pieces)
        self.text = rest
        self.named = names.find(rest, language)
        self.found: dict[Kind, list[Token]] = {}
        self.found[Kind.ADDRESS], rest = addresses(rest)
        self.found[Kind.REFERENCE], rest = references(rest)
        self.wording = rest  # a reference has words of terms in it
        self.found[Kind.DATE], rest = dates(rest, language)
        self.found[Kind.LIST_MARKER], rest = list_marks(rest)
        self.found[Kind.NUMBER], self.rest = numbers(rest, language)


def bracketed(pieces: Sequence[markup.Piece]) -> Iterator[Token]:
    """The States named inside square brackets."""
    inside = False
    for one in pieces:
        if one.kind == "state" and inside:
            yield Token(one.code, one.text)
        elif one.kind in ("bracket_open", "bracket_close"):
            inside = one.kind == "bracket_open"


def bracket_words(reading: Reading) -> str:
    """How many brackets a text has, and the States in them."""
    return " ".join(
        ["[ ]" * reading.brackets, ", ".join(one.words for one in reading.bracketed)]
    ).strip()


def told(kind: Kind, pair: Pair) -> Iterator[tuple[Kind, Pair]]:
    if pair != ("", ""):
        yield kind, pair


def apart(english: Sequence[Token], russian: Sequence[Token]) -> Pair:
    """The words of what stands in one language only, or more often; in any order."""
    return joined(left_over(english, russian)), joined(left_over(russian, english))


def left_over(own: Sequence[Token], other: Sequence[Token]) -> list[Token]:
    more = Counter(one.key for one in own) - Counter(one.key for one in other)
    left = []
    for one in reversed(own):  # of equal ones the later are those too many
        if more[one.key] > 0:
            more[one.key] -= 1
            left.append(one)
    return left[::-1]


def in_order(english: Sequence[Token], russian: Sequence[Token]) -> Pair:
    """All the words, where the order or the number differs."""
    if [one.key for one in english] == [one.key for one in russian]:
        return "", ""
    return joined(english), joined(russian)


def joined(tokens: Iterable[Token]) -> str:
    return ", ".join(dict.fromkeys(one.words for one in tokens))


def shortened(text: str, length: int = 80) -> str:
    text = " ".join(text.split())
    return text if len(text) <= length else f"{text[:length].rstrip()}…"


def numbers_apart(en: Reading, ru: Reading) -> Pair:
    """Digits that differ; a number that the other language has in words is no difference."""
    own, other = en.found[Kind.NUMBER], ru.found[Kind.NUMBER]
    english = [one for one in left_over(own, other) if not said_in_words(one.key, ru.text, "ru")]
    russian = [one for one in left_over(other, own) if not said_in_words(one.key, en.text, "en")]
    if not english and not russian:
        return words_apart(en, ru)
    return joined(english), joined(russian)


def words_apart(en: Reading, ru: Reading) -> Pair:
    """Numbers in words that differ; claimed only where both languages are read one for one."""
    english, russian = (
        [one for one in number_words(text.rest, text.language) if int(str(one.key)) not in COMMON]
        for text in (en, ru)
    )
    if len(english) != len(russian):
        return "", ""
    return apart(english, russian)


def states_apart(en: Reading, ru: Reading, names: Names) -> Pair:
    """States named in one language and in no form in the other."""

    def alone(own: Reading, other: Reading) -> list[Token]:
        there = {one.key for one in (*other.named, *other.marked)}
        here = {one.key for one in own.marked}  # told as a mark that differs
        return [
            one
            for one in own.named
            if one.key not in there | here
            and not names.alludes(str(one.key), other.text, other.language)
        ]

    return joined(alone(en, ru)), joined(alone(ru, en))
