"""Proving the ledger: its chain, and what is on record against what it tells (rule S15)."""

from collections.abc import Iterator

from documents.actions.replay import Fault, Replay
from documents.ledger import (
    Step,
    instant,
    lock_chain,
    record_step,
    record_steps,
    told_points,
)
from documents.models import LedgerEntry
from documents.offline.verify import FIRST_HASH, canonical, chained

__all__ = [
    "Fault",
    "Step",
    "canonical",
    "chained",
    "instant",
    "lock_chain",
    "record_step",
    "record_steps",
    "told_points",
    "verify_ledger",
]


def verify_ledger() -> Iterator[Fault]:
    """Yield every entry that does not agree with the chain, and every record without its entry.

    First the whole chain; then what was asked, the answers, the outcomes and what followed, as the
    entries tell them, are compared with the records that the portal shows; the heads of days, the
    certificates and the bundles with their entries and their files (rule S15).
    """
    previous_hash, expected = FIRST_HASH, 1
    replay = Replay()
    for row in LedgerEntry.objects.order_by("number").iterator(chunk_size=1000):
        if row.number != expected:
            yield Fault(row.number, f"entry {expected} is missing")
        if row.previous_hash != previous_hash:
            yield Fault(row.number, "does not follow the entry before it")
        if canonical(row.entry) != row.canonical:
            yield Fault(row.number, "its record differs from its canonical form")
        elif (row.entry.get("number"), row.entry.get("step"), row.entry.get("recorded_at")) != (
            row.number,
            row.step,
            instant(row.recorded_at),
        ):
            yield Fault(row.number, "its columns differ from its record")
        elif chained(row.previous_hash, row.canonical) != row.entry_hash:
            yield Fault(row.number, "its hash differs from its record")
        replay.read(row)
        previous_hash, expected = row.entry_hash, row.number + 1
    yield from replay.faults()
