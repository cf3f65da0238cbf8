"""The ledger's chain: canonical JSON, each entry's hash over the hash before it (rule S15).

    entry_hash = sha256(previous_hash ‖ canonical), in hexadecimal, both as UTF-8 text

The canonical form is JSON with sorted keys, no white space, no escapes for letters, instants as
`2026-11-23T18:00:00.000000Z`: anyone can compute it with a standard library.
"""

import datetime as dt
import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.db import connection, transaction

from documents.models import LedgerEntry, SilenceProcedure

FIRST_HASH = "0" * 64
# Any fixed number: the advisory lock that lets one transaction at a time add to the chain.
CHAIN_LOCK = 31_08_2013


@dataclass(frozen=True)
class Fault:
    """An entry of the ledger that does not agree with the chain, and how."""

    number: int
    what: str


def instant(value: dt.datetime) -> str:
    """An aware instant as the ledger writes it: UTC, microseconds, Z."""
    return value.astimezone(dt.UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def canonical(entry: dict[str, Any]) -> str:
    """The one way of writing an entry."""
    return json.dumps(entry, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def chained(previous_hash: str, text: str) -> str:
    """The hash of an entry whose canonical form is `text`."""
    return hashlib.sha256((previous_hash + text).encode()).hexdigest()


@transaction.atomic
def record_step(
    *, step: str, procedure: SilenceProcedure | None, entry: dict[str, Any], at: dt.datetime
) -> LedgerEntry:
    """Add a step to the chain, in the act's own transaction; `at` is aware.

    The chain is locked until the transaction ends, so that two acts never share a number.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [CHAIN_LOCK])
    last = LedgerEntry.objects.order_by("-number").first()
    number = last.number + 1 if last else 1
    previous_hash = last.entry_hash if last else FIRST_HASH
    full = {
        "number": number,
        "step": step,
        "recorded_at": instant(at),
        "procedure": procedure.slug if procedure else None,
        **entry,
    }
    text = canonical(full)
    return LedgerEntry.objects.create(
        number=number,
        procedure=procedure,
        step=step,
        recorded_at=at,
        entry=full,
        canonical=text,
        previous_hash=previous_hash,
        entry_hash=chained(previous_hash, text),
    )


def verify_ledger() -> Iterator[Fault]:
    """Go through the whole chain and yield every entry that does not agree with it."""
    previous_hash, expected = FIRST_HASH, 1
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
        previous_hash, expected = row.entry_hash, row.number + 1
