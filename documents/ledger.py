"""Adding to the ledger: canonical JSON, each entry's hash over the hash before it (rule S15).

    entry_hash = sha256(previous_hash ‖ canonical), in hexadecimal, both as UTF-8 text

The canonical form is JSON with sorted keys, no white space, no escapes for letters, instants as
`2026-11-23T18:00:00.000000Z`: anyone can compute it with a standard library, as
`documents/offline/verify.py` does, where both are defined.
"""

import datetime as dt
from typing import Any

from django.db import connection, transaction

from almaty_portal.common.instants import database_now
from documents.models import LedgerEntry, SilenceProcedure
from documents.models.silence import RULES_VERSION
from documents.offline.verify import FIRST_HASH, canonical, chained

# Any fixed number: the advisory lock that lets one transaction at a time add to the chain.
CHAIN_LOCK = 31_08_2013


def instant(value: dt.datetime) -> str:
    """An aware instant as the ledger writes it: UTC, microseconds, Z."""
    return value.astimezone(dt.UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def read_instant(text: str) -> dt.datetime:
    """The aware instant that the ledger wrote."""
    return dt.datetime.strptime(text, "%Y-%m-%dT%H:%M:%S.%f%z")


def lock_chain() -> None:
    """Wait until no other transaction adds to the chain; held until this one ends."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [CHAIN_LOCK])


@transaction.atomic
def record_step(
    *, step: str, procedure: SilenceProcedure | None, entry: dict[str, Any], at: dt.datetime
) -> LedgerEntry:
    """Add a step to the chain, in the act's own transaction; `at` is aware.

    The chain is locked until the transaction ends, so that two acts never share a number.
    """
    lock_chain()
    last = LedgerEntry.objects.order_by("-number").first()
    number = last.number + 1 if last else 1
    previous_hash = last.entry_hash if last else FIRST_HASH
    full = {
        "number": number,
        "step": step,
        "rules": RULES_VERSION,
        "recorded_at": instant(at),
        "written_at": instant(database_now()),
        "procedure": procedure.slug if procedure else None,
        "previous_of_procedure": last_of(procedure) if procedure else None,
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


def last_of(procedure: SilenceProcedure) -> str | None:
    """The hash of the last entry of a procedure: by it the entries of one procedure are a chain of
    their own, that can be verified without those of the others."""
    entries = LedgerEntry.objects.filter(procedure=procedure).order_by("-number")
    return entries.values_list("entry_hash", flat=True).first()
