"""The record of a procedure: its ledger entries, and what they tell (rule S15)."""

from typing import Any

from django.utils import translation

from documents.models import LedgerEntry, SilenceProcedure
from documents.offline.verify import RECORD_FORMAT, Line, Report, Told, facts_of
from membership.models import State

# Entries that tell about the evidence and the mails, not about what was done in the procedure.
BOOKKEEPING = ("notified", "delivered", "text_printed", "certificate_issued", "bundle_issued")


def entries_of(procedure: SilenceProcedure, upto: int) -> list[LedgerEntry]:
    """The entries of a procedure to one of them, in their order."""
    return list(procedure.ledger.filter(number__lte=upto).order_by("number"))


def row(entry: LedgerEntry) -> dict[str, Any]:
    """An entry as evidence tells it."""
    return {
        "entry": entry.entry,
        "previous_hash": entry.previous_hash,
        "entry_hash": entry.entry_hash,
    }


def told_by(entries: list[LedgerEntry]) -> Told:
    """What the entries tell, as `verify.py` reads them."""
    lines = [Line(one.entry, one.previous_hash, one.entry_hash) for one in entries]
    return Told(lines, Report())


def record_of(procedure: SilenceProcedure, entries: list[LedgerEntry]) -> dict[str, Any]:
    """The whole record: the entries, and facts that follow from them alone, for a reader of JSON;
    `verify.py` works every one of them out anew."""
    return {
        "format": RECORD_FORMAT,
        **facts_of(told_by(entries)),
        "entries": [row(one) for one in entries],
    }


def states_of(procedure: SilenceProcedure) -> list[State]:
    """The States entitled, in the order of protocol."""
    states = procedure.electorate.prefetch_related("names")
    return sorted(states, key=lambda one: one.protocol_key)


def names_of(state: State) -> dict[str, str]:
    """The formal name of a State in both languages."""
    names = {}
    for language in ("en", "ru"):
        with translation.override(language):
            names[language] = state.formal_name()
    return names
