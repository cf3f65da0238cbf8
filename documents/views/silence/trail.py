"""The ledger of a procedure as a trail that is read: what happened, when, in whose name."""

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from documents.models import LedgerEntry
from documents.transitions import label_of

# What the Chair and the Support Unit did since the opening; the rest is answers and outcome.
CHAIR = (
    *("extended", "corrected", "withdrawn", "settled", "result_corrected", "annulled"),
    *("reissue_prepared", "referred", "abandoned"),
    *("paper_entered", "paper_confirmed", "paper_refused", "paper_lapsed", "reminded"),
)


@dataclass
class Item:
    """An entry as a reader says it; `moments` are instants with their words."""

    entry: LedgerEntry
    label: str
    state: str = ""
    notes: list[str] = field(default_factory=list)
    moments: list[tuple[str, dt.datetime]] = field(default_factory=list)


def trail(entries: Iterable[LedgerEntry], names: Mapping[str, str]) -> list[Item]:
    """The entries in their order; `names` are the States' names by their codes."""
    return [item(entry, names) for entry in entries]


def item(entry: LedgerEntry, names: Mapping[str, str]) -> Item:
    told = entry.entry
    made = Item(entry, label_of(entry.step), state=name(told.get("state"), names))
    if entry.step == "extended":
        made.moments = [
            (_("Deadline before:"), instant(told["deadline_before"])),
            (_("New deadline:"), instant(told["deadline_at"])),
        ]
    if entry.step == "reminded":
        hours = told.get("hours", 0)
        made.notes.append(
            ngettext(
                "%(hours)d hour before the deadline, to: %(states)s",
                "%(hours)d hours before the deadline, to: %(states)s",
                hours,
            )
            % {
                "hours": hours,
                "states": ", ".join(name(code, names) for code in told.get("states", [])),
            }
        )
    paragraphs = [one.get("anchor", "") for one in told.get("points") or []]
    if paragraphs := paragraphs or told.get("paragraphs"):
        made.notes.append(_("Paragraphs: %(numbers)s") % {"numbers": ", ".join(paragraphs)})
    if digest := told.get("note_sha256"):
        made.notes.append(_("With a Note Verbale, SHA-256 %(hash)s") % {"hash": digest})
    for key in ("reason", "note"):
        if words := in_reader_language(told.get(key)):
            made.notes.append(words)
    return made


def name(code: Any, names: Mapping[str, str]) -> str:
    return names.get(code, code) if isinstance(code, str) else ""


def instant(value: str) -> dt.datetime:
    """An instant as the ledger writes it, aware."""
    return dt.datetime.fromisoformat(value.replace("Z", "+00:00"))


def in_reader_language(words: Any) -> str:
    """Words of an entry: in both languages or in one, as they were given."""
    if isinstance(words, Mapping):
        return str(words.get((get_language() or "en")[:2]) or "")
    return words if isinstance(words, str) else ""
