"""Putting the marks of a text upon words that are proposed in its place (rules S14, T5).

Who proposes a wording types it as it is read, without marks; the revision that takes it over keeps
the States that it still names, their brackets and its footnote marks.
"""

import re
from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher

from documents import markup

TOKEN = re.compile(r"\w+|\s+|[^\w\s]")


def remark(words: str, former: str) -> str:
    """Words proposed in the place of a marked text, marked as that is.

    A State is marked where its words stand in the place in which they stood, or anywhere else; a
    footnote mark where it follows what it followed. What was typed with marks of its own is kept as
    it is; any other sign that a mark is made of is written as the sign itself.
    """
    try:
        typed = markup.parse(words)
    except markup.MarkupError:
        typed = []
    if any(piece.kind in ("state", "footnote") for piece in typed):
        return words
    new = tokens_of(words)
    old, states, footnotes = taken_apart(former)
    place = dict(same(old, new))
    spans: dict[int, tuple[int, str]] = {}  # where a State begins: where it ends, and its code
    taken: set[int] = set()
    for start, end, code in states:
        for first in [place.get(start, -1), *range(len(new))]:
            span = range(first, first + end - start)
            if first >= 0 and new[first : span.stop] == old[start:end] and taken.isdisjoint(span):
                spans[first] = (span.stop, code)
                taken.update(span)
                break
    after: dict[int, list[str]] = {}
    for at, number in footnotes:
        if at - 1 in place:
            after.setdefault(place[at - 1], []).append(number)
    marked = "".join(written(new, spans, after, brackets=True))
    try:
        markup.parse(marked)
    except markup.MarkupError:  # a bracket that was opened and not closed
        marked = "".join(written(new, spans, after, brackets=False))
    return marked


def tokens_of(text: str) -> list[str]:
    """Words, signs and white space, of whatever kind, as single spaces."""
    return [" " if one.isspace() else one for one in TOKEN.findall(text)]


def taken_apart(
    text: str,
) -> tuple[list[str], list[tuple[int, int, str]], list[tuple[int, str]]]:
    """A marked text as it is read, token by token; the States as spans of tokens with their codes;
    the footnote marks by the number of tokens before them."""
    tokens: list[str] = []
    states, footnotes = [], []
    for piece in markup.parse(text):
        if piece.kind == "footnote":
            footnotes.append((len(tokens), piece.text))
            continue
        start = len(tokens)
        tokens += tokens_of(piece.text)
        if piece.kind == "state":
            states.append((start, len(tokens), piece.code))
    return tokens, states, footnotes


def same(old: Sequence[str], new: Sequence[str]) -> Iterator[tuple[int, int]]:
    """The tokens that stand in both texts in one order, by their places."""
    for block in SequenceMatcher(None, old, new, autojunk=False).get_matching_blocks():
        for offset in range(block.size):
            yield block.a + offset, block.b + offset


def written(
    tokens: Sequence[str],
    spans: dict[int, tuple[int, str]],
    after: dict[int, list[str]],
    *,
    brackets: bool,
) -> Iterator[str]:
    """The marked text; without `brackets` every bracket is the sign itself."""
    signs = "{}\\" if brackets else "{}\\[]"
    owed: list[str] = []
    end = 0
    for at, token in enumerate(tokens):
        if at in spans:
            end, code = spans[at]
            yield f"{{{code}|"
        yield f"\\{token}" if token in signs else token
        owed += after.get(at, [])
        if at + 1 == end:
            yield "}"
        if at + 1 >= end:
            yield from (f"[^{number}]" for number in owed)
            owed = []
