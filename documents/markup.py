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
BRACKETED_STATE = (
    r"\[\{(?P<state>[A-Z]{2})\|(?P<words>[^{}\[\]\\]+)\}\]"
    r"(?P<notes>(?:\[\^[0-9A-Za-z*]+\])*)"
)
NOTE = re.compile(r"\[\^[0-9A-Za-z*]+\]")
# A State as an enumeration names it, in brackets or not, and what stands between two of them.
ITEM = r"\[?\{[A-Z]{2}\|[^{}\[\]\\]+\}\]?(?:\[\^[0-9A-Za-z*]+\])*"
AND = r"(?P<comma>,?)\s+(?P<and>and|и)\s+"
TWO_LAST = re.compile(rf"({ITEM}),\s+({ITEM})$")


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

    `lifted`: the words stand without brackets; `struck`: the name falls, and with it the comma or
    the conjunction that joined it, so that a correct enumeration remains. A State that
    `settlements` does not name keeps its brackets, and a footnote mark that it shares with one that
    is settled stands after it alone.
    """
    found = list(re.finditer(BRACKETED_STATE, text))
    shared = {
        note
        for one in found
        if one["state"] not in settlements
        for note in NOTE.findall(one["notes"])
    }

    def own_notes(match: re.Match[str]) -> str:
        return "".join(one for one in NOTE.findall(match["notes"]) if one not in shared)

    def lifted(match: re.Match[str]) -> str:
        if settlements.get(match["state"]) != "lifted":
            return match.group()
        return f"{{{match['state']}|{match['words']}}}{own_notes(match)}"

    text = re.sub(BRACKETED_STATE, lifted, text)
    at = 0
    while match := re.compile(BRACKETED_STATE).search(text, at):
        if settlements.get(match["state"]) == "struck":
            before, after = unjoined(text[: match.start()], text[match.end() :])
            text, at = f"{before}{own_notes(match)}{after}", len(before)
        else:
            at = match.end()
    return text


def unjoined(before: str, after: str) -> tuple[str, str]:
    """The text before and after a State that falls, without what joined it to its enumeration."""
    joined = re.search(rf"(?:{ITEM})(?P<joint>{AND})$", before)
    if joined:  # the last of «A, B и [C]»: what remains is «A и B»; of «A и [C]», «A»
        rest = before[: joined.start("joint")]
        comma = joined["comma"] if re.search(rf"{ITEM},\s+{ITEM},\s+{ITEM}$", rest) else ""
        return TWO_LAST.sub(rf"\1{comma} {joined['and']} \2", rest), after
    if re.search(r",\s*$", before):
        return re.sub(r",\s*$", "", before), after
    # The first of «[A], B и C» or of «[A] и B».
    follows = re.match(rf"(?:,\s*|{AND})(?={ITEM})", after)
    if follows:
        return before, after[follows.end() :]
    if not before.strip():
        return before, re.sub(r"^\s*,?\s*", "", after)
    return before.rstrip(), after


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
