"""The marks inside a paragraph's text, and what each rendering makes of them (rule T5).

    {KZ|the Republic of Kazakhstan}       words that name a State; the words stand as written
    [any words]                           words in square brackets, as issued
    [{IR|the Islamic Republic of Iran}]   a bracketed State, until its participation is settled
    [^5]                                  a footnote mark
    \\[ \\] \\{ \\} \\\\                       the character itself

A mark wraps the words as they stand, since Russian declines a State's name inside the sentence.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from almaty_portal.common.errors import DomainError

Kind = Literal["text", "state", "bracket_open", "bracket_close", "footnote"]
Settlement = Literal["lifted", "struck"]

TOKEN = re.compile(
    r"(?P<escaped>\\[\[\]{}\\])"
    r"|\[\^(?P<footnote>[0-9A-Za-z*]+)\]"
    r"|\{(?P<state>[A-Z]{2})\|(?P<words>[^{}\[\]\\]+)\}"
    r"|(?P<open>\[)|(?P<close>\])"
    r"|(?P<stray>[{}\\])"
    r"|(?P<text>[^\[\]{}\\]+)"
)
# The bracketed State with the comma before it, which falls too when the name is struck: in
# «…, [A], [B] и C» and in "…, [A], [B], and C" what remains is a correct enumeration.
BRACKETED_STATE = (
    r"(?P<before>,?\s*)\[\{(?P<state>[A-Z]{2})\|(?P<words>[^{}\[\]\\]+)\}\]"
    r"(?P<notes>(?:\[\^[0-9A-Za-z*]+\])*)"
)
NOTE = re.compile(r"\[\^[0-9A-Za-z*]+\]")


class MarkupError(DomainError):
    """A mark is malformed; the message says which, where, and how to write it."""


@dataclass(frozen=True, slots=True)
class Piece:
    """A run of text, or one mark: a State has `code`, a footnote mark has its number in `text`."""

    kind: Kind
    text: str
    code: str = ""


def parse(text: str) -> list[Piece]:
    """The pieces of a marked text. Raises MarkupError with a sentence where a mark is malformed."""
    pieces: list[Piece] = []
    opened_at: int | None = None
    for match in TOKEN.finditer(text):
        at, group = match.start(), match.lastgroup
        if group == "escaped":
            pieces.append(Piece("text", match.group()[1:]))
        elif group == "text":
            pieces.append(Piece("text", match.group()))
        elif group == "footnote":
            pieces.append(Piece("footnote", match["footnote"]))
        elif group == "words":
            pieces.append(Piece("state", match["words"], match["state"]))
        elif group == "open":
            if text.startswith("^", at + 1):
                raise malformed(text, at, _("a footnote mark is written [^5], number and ]"))
            if opened_at is not None:
                raise malformed(
                    text, at, _("a bracket opens inside a bracket; close the first one with ]")
                )
            opened_at = at
            pieces.append(Piece("bracket_open", "["))
        elif group == "close":
            if opened_at is None:
                raise malformed(
                    text,
                    at,
                    _("a bracket closes that was not opened; write \\] for the sign itself"),
                )
            opened_at = None
            pieces.append(Piece("bracket_close", "]"))
        else:
            raise malformed(
                text,
                at,
                _(
                    "a State is written {KZ|the Republic of Kazakhstan}; "
                    "write \\{ for the sign itself"
                ),
            )
    if opened_at is not None:
        raise malformed(
            text, opened_at, _("a bracket opens and is not closed; write \\[ for the sign itself")
        )
    return pieces


def malformed(text: str, at: int, what: str) -> MarkupError:
    place = " ".join(text[max(0, at - 15) : at + 25].split())
    return MarkupError(
        _("Malformed mark near “%(place)s”: %(what)s.") % {"place": place, "what": what}
    )


def plain(text: str) -> str:
    """The text as a reader says it: brackets stay, footnote marks and State marks go."""
    return "".join(piece.text for piece in parse(text) if piece.kind != "footnote")


def states(text: str) -> list[str]:
    """The codes of the States that the text names, in order."""
    return [piece.code for piece in parse(text) if piece.kind == "state"]


def bracketed_states(text: str) -> list[str]:
    """The codes of the States that stand in brackets, in order."""
    parse(text)
    return [match["state"] for match in re.finditer(BRACKETED_STATE, text)]


def footnotes(text: str) -> list[str]:
    """The numbers of the footnote marks, in order."""
    return [piece.text for piece in parse(text) if piece.kind == "footnote"]


def settle(text: str, settlements: Mapping[str, Settlement]) -> str:
    """The text after States in brackets were settled (rule S12).

    `lifted`: the words stand without brackets; `struck`: the name falls, and the comma before it,
    or at the beginning of the text the one after. A State that `settlements` does not name keeps
    its brackets, and a footnote mark that it shares with one that is settled stands after it alone.
    """
    found = list(re.finditer(BRACKETED_STATE, text))
    shared = {
        note
        for one in found
        if one["state"] not in settlements
        for note in NOTE.findall(one["notes"])
    }

    def settled(match: re.Match[str]) -> str:
        settlement = settlements.get(match["state"])
        notes = "".join(one for one in NOTE.findall(match["notes"]) if one not in shared)
        if settlement == "lifted":
            return f"{match['before']}{{{match['state']}|{match['words']}}}{notes}"
        if settlement == "struck":
            return notes
        return match.group()

    written = re.sub(BRACKETED_STATE, settled, text)
    first_fell = bool(found) and not text[: found[0].start()].strip()
    if first_fell and settlements.get(found[0]["state"]) == "struck":
        written = re.sub(rf"^((?:{NOTE.pattern})*)\s*,?\s*", r"\1", written)
    return written


def without_footnotes(text: str, numbers: Iterable[str]) -> str:
    """The text without the marks of these footnotes."""
    for number in numbers:
        text = text.replace(f"[^{number}]", "")
    return text


def html(
    text: str,
    *,
    footnote_prefix: str = "par-fn",
    linked: Callable[[str], str] = escape,
) -> SafeString:
    """The text as HTML: States and brackets are marked up, footnote marks link to the footnote.

    Everything that is not a mark is escaped, by `linked`, which may also put links into it.
    """
    pieces = html_pieces(text, footnote_prefix, linked)
    return mark_safe("".join(pieces))  # noqa: S308 (escaped below)


def html_pieces(text: str, footnote_prefix: str, linked: Callable[[str], str]) -> Iterator[str]:
    for piece in parse(text):
        words = escape(piece.text)
        match piece.kind:
            case "text":
                yield linked(piece.text)
            case "state":
                yield f'<span class="state" data-state="{escape(piece.code)}">{words}</span>'
            case "bracket_open":
                yield '<span class="bracket">['
            case "bracket_close":
                yield "]</span>"
            case "footnote":
                yield (
                    f'<sup class="footnote-mark"><a href="#{footnote_prefix}-{words}" '
                    f'role="doc-noteref">{words}</a></sup>'
                )
