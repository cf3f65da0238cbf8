"""The ledger's chain: canonical JSON, each entry's hash over the hash before it (rule S15).

    entry_hash = sha256(previous_hash ‖ canonical), in hexadecimal, both as UTF-8 text

The canonical form is JSON with sorted keys, no white space, no escapes for letters, instants as
`2026-11-23T18:00:00.000000Z`: anyone can compute it with a standard library.
"""

import datetime as dt
import hashlib
import json
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Any

from django.db import connection, transaction

from almaty_portal.common.instants import database_now
from documents.models import LedgerEntry, SilenceProcedure, SilenceResponse
from documents.models.silence import RULES_VERSION

FIRST_HASH = "0" * 64
# Any fixed number: the advisory lock that lets one transaction at a time add to the chain.
CHAIN_LOCK = 31_08_2013


@dataclass(frozen=True)
class Fault:
    """What does not agree: an entry of the ledger, or a record that no entry tells of."""

    number: int | None
    what: str

    def __str__(self) -> str:
        return self.what if self.number is None else f"entry {self.number}: {self.what}"


def instant(value: dt.datetime) -> str:
    """An aware instant as the ledger writes it: UTC, microseconds, Z."""
    return value.astimezone(dt.UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def canonical(entry: dict[str, Any]) -> str:
    """The one way of writing an entry."""
    return json.dumps(entry, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def chained(previous_hash: str, text: str) -> str:
    """The hash of an entry whose canonical form is `text`."""
    return hashlib.sha256((previous_hash + text).encode()).hexdigest()


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


def verify_ledger() -> Iterator[Fault]:
    """Yield every entry that does not agree with the chain, and every record without its entry.

    First the whole chain; then the answers, the outcomes and what was asked, as the entries tell
    them, are compared with the records that the portal shows (rule S15).
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


class Replay:
    """What the entries tell of each procedure, to be compared with the records."""

    ANSWER = ("procedure", "state", "answer", "reason", "received_at", "late")
    # What is told more than once (a deadline that was extended, history that was corrected) stands
    # as it was told last.
    TOLD = (
        *("kind", "silence_means", "entitled", "deadline_at"),
        *("result", "effective_at", "broken_by", "by_state", "edition_issued"),
    )

    def __init__(self) -> None:
        self.of_procedures: dict[int | None, list[tuple[int, str | None]]] = defaultdict(list)
        self.answers: dict[tuple[Any, ...], list[int]] = defaultdict(list)
        self.told: dict[str, dict[str, tuple[Any, int]]] = defaultdict(dict)

    def read(self, row: LedgerEntry) -> None:
        """Take in one entry, in the order of the chain."""
        entry, slug = row.entry, row.entry.get("procedure")
        self.of_procedures[row.procedure_id].append((row.number, slug))
        if slug is None:
            return
        told = self.told[slug]
        if "answer" in entry:
            self.answers[tuple(entry.get(name) for name in self.ANSWER)].append(row.number)
        for name in self.TOLD:
            if name in entry:
                told[name] = (entry[name], row.number)
        if "kind" in entry or row.step == "history_corrected":
            told["text_sha256"] = (entry.get("text_sha256"), row.number)

    def faults(self) -> Iterator[Fault]:
        """Where entries and records differ."""
        yield from self.faults_of_answers()
        procedures = SilenceProcedure.objects.select_related(
            "outcome__broken_by__state", "outcome__edition_issued"
        ).prefetch_related("electorate", "outcome__by_state__state")
        for procedure in procedures:
            for number, slug in self.of_procedures.pop(procedure.pk, []):
                if slug != procedure.slug:
                    yield Fault(number, f"is filed under “{procedure.slug}” and tells of “{slug}”")
            yield from self.faults_of(procedure, self.told.pop(procedure.slug, {}))
        for number, slug in self.of_procedures.get(None, []):
            if slug is not None:
                yield Fault(number, f"is filed under no procedure and tells of “{slug}”")
        for slug, told in self.told.items():
            first = min((number for _value, number in told.values()), default=None)
            yield Fault(first, f"the procedure “{slug}” that it tells of is not on record")

    def faults_of_answers(self) -> Iterator[Fault]:
        """Answers without their entry, entries without their answer."""
        for one in SilenceResponse.objects.select_related("procedure", "state"):
            key = (one.procedure.slug, one.state.code, one.kind, one.reason)
            told = self.answers[*key, instant(one.received_at), one.late]
            if not told:
                where = f"{one.state.code} in “{one.procedure.slug}”"
                yield Fault(None, f"no entry tells the {one.kind} of {where} as it is on record")
            del told[:1]
        for number in chain.from_iterable(self.answers.values()):
            yield Fault(number, "the answer that it tells is not on record, or differs")

    def faults_of(
        self, procedure: SilenceProcedure, told: dict[str, tuple[Any, int]]
    ) -> Iterator[Fault]:
        """What a procedure and its outcome say otherwise than the entries."""
        for name, value in on_record(procedure).items():
            entered, number = told.get(name, (None, None))
            if name == "entitled" and entered is not None:
                entered = sorted(entered)
            if (entered or None) == (value or None):
                continue
            if number is None:
                yield Fault(None, f"no entry tells “{name}” of “{procedure.slug}”")
            else:
                yield Fault(number, f"“{name}” of “{procedure.slug}” is on record otherwise")


def on_record(procedure: SilenceProcedure) -> dict[str, Any]:
    """A procedure with its outcome, in the words in which entries tell it."""
    outcome = getattr(procedure, "outcome", None)
    told: dict[str, Any] = {
        "kind": procedure.kind,
        "silence_means": procedure.silence_means,
        "entitled": sorted(state.code for state in procedure.electorate.all()),
        "deadline_at": instant(procedure.deadline_at),
        "text_sha256": {"en": procedure.text_hash_en, "ru": procedure.text_hash_ru},
        **dict.fromkeys(["result", "effective_at", "broken_by", "by_state", "edition_issued"]),
    }
    if outcome is not None:
        broken_by, issued = outcome.broken_by, outcome.edition_issued
        told["result"] = outcome.result
        told["effective_at"] = instant(outcome.effective_at)
        told["broken_by"] = broken_by.state.code if broken_by else None
        told["by_state"] = {one.state.code: one.result for one in outcome.by_state.all()}
        told["edition_issued"] = issued.key if issued else None
    return told
