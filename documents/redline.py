"""What changed between two texts: paragraph by paragraph, word by word, in both languages.

Paragraphs that stand unchanged hold the alignment, whatever their numbers became; between them a
paragraph is compared with the one of the same address. Words are compared as they are read: marks
of States and footnotes are no change. A paragraph taken out at one place and put in at another,
with all or most of its words, was moved.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Literal

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from almaty_portal.common.languages import CODES
from documents import markup
from documents.models import Paragraph

Kind = Literal["same", "added", "removed"]
Change = Literal["same", "changed", "moved", "added", "removed"]

WORD = re.compile(r"\s+|\w+|[^\w\s]")
# Beyond so many comparisons two versions of a paragraph are shown whole, one after the other.
MOST = 4_000_000
# So alike, from 0 to 1, are a paragraph and the one moved elsewhere; so many pairs are tried.
ALIKE = 0.75
PAIRS = 400


@dataclass(frozen=True, slots=True)
class Run:
    """Words that stand, were added or were removed."""

    kind: Kind
    text: str


@dataclass(frozen=True)
class Row:
    """A paragraph in both languages: `before` or `after` is None where it was added or removed."""

    change: Change
    before: Paragraph | None
    after: Paragraph | None
    runs: dict[str, list[Run]]

    @property
    def paragraph(self) -> Paragraph:
        """The paragraph as it stands; where it was removed, as it stood."""
        found = self.after or self.before
        assert found is not None
        return found

    @property
    def number(self) -> str:
        """Its number, with the one before where that changed."""
        numbers = [one.number for one in (self.before, self.after) if one is not None]
        return " → ".join(dict.fromkeys(number for number in numbers if number))

    def differs(self, languages: Iterable[str]) -> bool:
        """Whether a reader of these languages sees a difference."""
        return self.change == "moved" or any(
            run.kind != "same" for code in languages for run in self.runs[code]
        )


def words_of(paragraph: Paragraph | None, language: str) -> str:
    """A paragraph's text in a language as it is read; empty without one."""
    return markup.plain(getattr(paragraph, f"text_{language}", "") or "")


def compare(before: Iterable[Paragraph], after: Iterable[Paragraph]) -> list[Row]:
    """The rows of two texts, in the order of the later one."""
    return [
        row_of(old, new, moved=moved)
        for old, new, moved in with_moves(list(aligned(list(before), list(after))))
    ]


def row_of(old: Paragraph | None, new: Paragraph | None, *, moved: bool) -> Row:
    return Row(
        change="moved" if moved else change_of(old, new),
        before=old,
        after=new,
        runs={code: redline(words_of(old, code), words_of(new, code)) for code in CODES},
    )


def with_moves(pairs: "list[Pair]") -> "Iterator[tuple[Paragraph | None, Paragraph | None, bool]]":
    """The pairs, each with whether it was moved: where a paragraph that was put in is one that
    was taken out elsewhere, they are one pair, in the new place."""
    gone = [old for old, new in pairs if old is not None and new is None]
    come = [new for old, new in pairs if new is not None and old is None]
    origins: dict[int, Paragraph] = {}
    for least in (1.0, ALIKE):
        for new in come:
            if id(new) in origins:
                continue
            left = [old for old in gone if old not in origins.values()]
            if least < 1 and len(left) * len(come) > PAIRS:
                break
            alike = [(likeness(old, new), index) for index, old in enumerate(left)]
            best, index = max(alike, default=(0.0, 0))
            if best >= least:
                origins[id(new)] = left[index]
    moved = {id(one) for one in origins.values()}
    for before, after in pairs:
        if before is None and id(after) in origins:
            yield origins[id(after)], after, True
        elif after is not None or id(before) not in moved:
            yield before, after, False


def likeness(old: Paragraph, new: Paragraph) -> float:
    """How much two paragraphs of one role have in common, in the language that has more: 0 to 1."""
    if old.role != new.role:
        return 0
    if key_of(old) == key_of(new):
        return 1
    return (
        max(
            SequenceMatcher(None, a, b, False).ratio()
            for a, b in (
                (WORD.findall(words_of(one, code)) for one in (old, new)) for code in CODES
            )
            if a or b
        )
        * 0.999
    )


def change_of(old: Paragraph | None, new: Paragraph | None) -> Change:
    if old is None:
        return "added"
    if new is None:
        return "removed"
    return "same" if key_of(old) == key_of(new) and old.number == new.number else "changed"


def key_of(paragraph: Paragraph) -> tuple[str, ...]:
    return (paragraph.role, *(words_of(paragraph, code) for code in CODES))


Pair = tuple[Paragraph | None, Paragraph | None]


def aligned(before: Sequence[Paragraph], after: Sequence[Paragraph]) -> Iterator[Pair]:
    """Each paragraph with the one it came from: first those that stand word for word, between
    them those of the same address."""
    same = SequenceMatcher(None, list(map(key_of, before)), list(map(key_of, after)), False)
    for tag, i1, i2, j1, j2 in same.get_opcodes():
        if tag == "equal":
            yield from zip(before[i1:i2], after[j1:j2], strict=True)
        else:
            yield from by_address(before[i1:i2], after[j1:j2])


def by_address(before: Sequence[Paragraph], after: Sequence[Paragraph]) -> Iterator[Pair]:
    matcher = SequenceMatcher(
        None, [one.anchor for one in before], [one.anchor for one in after], False
    )
    for tag, i1, i2, j1, j2 in matcher.get_opcodes():
        if tag == "equal":
            yield from zip(before[i1:i2], after[j1:j2], strict=True)
        else:
            yield from ((old, None) for old in before[i1:i2])
            yield from ((None, new) for new in after[j1:j2])


def redline(old: str, new: str) -> list[Run]:
    """The words of two versions of a paragraph: those that stand, were removed, were added."""
    a, b = WORD.findall(old), WORD.findall(new)
    if a == b:
        return [Run("same", new)] if new else []
    if len(a) * len(b) > MOST:
        return joined([Run("removed", old), Run("added", new)])
    runs = []
    for tag, i1, i2, j1, j2 in SequenceMatcher(None, a, b, False).get_opcodes():
        if tag == "equal":
            runs.append(Run("same", "".join(b[j1:j2])))
        else:
            runs += [Run("removed", "".join(a[i1:i2])), Run("added", "".join(b[j1:j2]))]
    return joined(runs)


def joined(runs: Sequence[Run]) -> list[Run]:
    """Runs that read well: what is only parted by a space is one change."""
    result: list[Run] = []
    removed = added = ""
    for index, run in enumerate(runs):
        between = 0 < index < len(runs) - 1 and (removed or added) and not run.text.strip()
        if run.kind == "removed" or (run.kind == "same" and between):
            removed += run.text
        if run.kind == "added" or (run.kind == "same" and between):
            added += run.text
        if run.kind == "same" and not between:
            result += changes(removed, added)
            removed = added = ""
            result.append(run)
    return [run for run in [*result, *changes(removed, added)] if run.text]


def changes(removed: str, added: str) -> list[Run]:
    return [Run("removed", removed), Run("added", added)]


def html(runs: Iterable[Run]) -> SafeString:
    """The runs with `<del>` and `<ins>`, escaped; who hears the page is told where each begins."""
    return format_html_join("", "{}", ((_run_html(run),) for run in runs))


def _run_html(run: Run) -> SafeString:
    if run.kind == "same":
        return format_html("{}", run.text)
    tag, word = ("del", _("deleted:")) if run.kind == "removed" else ("ins", _("inserted:"))
    return format_html(
        '<{} class="redline"><span class="visually-hidden">[{} </span>{}'
        '<span class="visually-hidden">]</span></{}>',
        tag,
        word,
        run.text,
        tag,
    )
