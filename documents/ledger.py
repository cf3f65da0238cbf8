"""Adding to the ledger: canonical JSON, each entry's hash over the hash before it (rule S15).

    entry_hash = sha256(previous_hash ‖ canonical), in hexadecimal, both as UTF-8 text

The canonical form is JSON with sorted keys, no white space, no escapes for letters, instants as
`2026-11-23T18:00:00.000000Z`: anyone can compute it with a standard library, as
`documents/offline/verify.py` does, where both are defined.
"""

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import connection, transaction

from almaty_portal.common.instants import database_now
from documents.models import LedgerEntry, Paragraph, SilenceProcedure
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


@dataclass(frozen=True)
class Step:
    """What is to be entered: a step of a procedure, or of none; `at` is aware."""

    step: str
    procedure: SilenceProcedure | None
    entry: dict[str, Any]
    at: dt.datetime


def record_step(
    *, step: str, procedure: SilenceProcedure | None, entry: dict[str, Any], at: dt.datetime
) -> LedgerEntry:
    """Add a step to the chain, in the act's own transaction; `at` is aware."""
    return record_steps([Step(step, procedure, entry, at)])[0]


@transaction.atomic
def record_steps(steps: Sequence[Step]) -> list[LedgerEntry]:
    """Add steps to the chain in their order.

    The chain is locked until the transaction ends, so that two acts never share a number.
    """
    lock_chain()
    last = LedgerEntry.objects.order_by("-number").first()
    number = last.number if last else 0
    previous_hash = last.entry_hash if last else FIRST_HASH
    of_procedures = last_of({one.procedure for one in steps if one.procedure})
    written_at = instant(database_now())
    rows = []
    for one in steps:
        number += 1
        key = one.procedure.pk if one.procedure else None
        full = {
            "number": number,
            "step": one.step,
            "rules": RULES_VERSION,
            "recorded_at": instant(one.at),
            "written_at": written_at,
            "procedure": one.procedure.slug if one.procedure else None,
            "previous_of_procedure": of_procedures.get(key),
            **one.entry,
        }
        text = canonical(full)
        row = LedgerEntry(
            number=number,
            procedure=one.procedure,
            step=one.step,
            recorded_at=one.at,
            entry=full,
            canonical=text,
            previous_hash=previous_hash,
            entry_hash=chained(previous_hash, text),
        )
        previous_hash = row.entry_hash
        if key is not None:
            of_procedures[key] = row.entry_hash
        rows.append(row)
    return LedgerEntry.objects.bulk_create(rows)


def lock_chain() -> None:
    """Let nobody else add to the chain until the transaction ends.

    Whoever locks something else that others may wait for (the next reference) locks this first, so
    that no two wait for each other.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [CHAIN_LOCK])


def last_of(procedures: Iterable[SilenceProcedure]) -> dict[int | None, str]:
    """The hash of the last entry of each procedure: by it the entries of one procedure are a chain
    of their own, that can be verified without those of the others."""
    entries = LedgerEntry.objects.filter(procedure__in=procedures)
    return dict(
        entries.order_by("procedure", "-number")
        .distinct("procedure")
        .values_list("procedure", "entry_hash")
    )


def told_points(points: Iterable[tuple[Paragraph, str, str]]) -> list[dict[str, str]]:
    """The paragraphs that an objection names, as its entry tells them (rule S7)."""
    return [{"anchor": paragraph.anchor, "en": en, "ru": ru} for paragraph, en, ru in points]
