"""What the entries of the ledger tell, compared with the records that the portal shows (S15)."""

import hashlib
from collections import defaultdict
from collections.abc import Iterator
from itertools import chain
from typing import Any

from django.core.files.storage import default_storage

from documents.actions.replay_after import After, Fault
from documents.ledger import instant, told_points
from documents.models import (
    Certificate,
    DailyHead,
    EvidenceBundle,
    LedgerEntry,
    PaperNote,
    SilenceProcedure,
    SilenceResponse,
)
from documents.offline.verify import canonical, faults_of_opening
from documents.text import text_hash

FOLLOW_UPS = {"reissue_prepared": "reissue", "referred": "referral", "abandoned": "abandonment"}
# What an opening tells of the act itself (rules S1, S4, S5), beside what is asked.
ACT = (
    *(
        "title",
        "directive",
        "urgency",
        "opened_at",
        "deadline_zone",
        "edition",
        "effect",
        "reissue_of",
    ),
    *("discordances", "discordance_reason", "demonstration"),
)


class Replay:
    """What the entries tell of each procedure, to be compared with the records."""

    ANSWER = ("procedure", "state", "answer", "reason", "received_at", "late")
    # What is told more than once (a deadline that was extended, history that was corrected) stands
    # as it was told last.
    ASKED = ("kind", "silence_means", "entitled", "deadline_at")
    ENDED = ("result", "effective_at", "broken_by", "by_state", "edition_issued")

    def __init__(self) -> None:
        self.of_procedures: dict[int | None, list[tuple[int, str | None]]] = defaultdict(list)
        self.answers: dict[tuple[Any, ...], list[int]] = defaultdict(list)
        self.told: dict[str, dict[str, tuple[Any, int]]] = defaultdict(dict)
        # What became otherwise for a State after its window had closed, each time.
        self.later: dict[str, list[tuple[Any, Any, int]]] = defaultdict(list)
        self.openings: list[Fault] = []
        self.after = After()
        self.issued: dict[str, int] = {}  # the hashes of certificates and bundles
        self.heads: dict[int, list[DailyHead]] = defaultdict(list)
        for head in DailyHead.objects.all():
            self.heads[head.number].append(head)

    def read(self, row: LedgerEntry) -> None:
        """Take in one entry, in the order of the chain."""
        entry, slug = row.entry, row.entry.get("procedure")
        self.of_procedures[row.procedure_id].append((row.number, slug))
        for head in self.heads.get(row.number, []):
            if head.entry_hash == row.entry_hash:
                self.heads[row.number] = [one for one in self.heads[row.number] if one != head]
        if slug is None:
            return
        told = self.told[slug]
        if "answer" in entry:
            told_of = tuple(entry.get(name) for name in self.ANSWER)
            self.answers[(*told_of, *of_the_objection(entry))].append(row.number)
        for name in self.ASKED:
            if name in entry:
                told[name] = (entry[name], row.number)
        if row.step.startswith(("outcome_", "history_")) or row.step == "withdrawn":
            self.later[slug].clear()
            told |= {name: (entry[name], row.number) for name in self.ENDED if name in entry}
        if "kind" in entry or row.step == "history_corrected":
            told["text_sha256"] = (entry.get("text_sha256"), row.number)
        self.read_after(row, told)

    def read_after(self, row: LedgerEntry, told: dict[str, tuple[Any, int]]) -> None:
        """The steps after an opening that change what is on record."""
        entry, slug = row.entry, row.entry["procedure"]
        match row.step:
            case "effects_applied":
                told["edition_issued"] = (entry.get("edition_issued"), row.number)
            case "corrected":
                before = told.get("corrected", ([], 0))[0]
                told["corrected"] = ([*before, entry.get("edition")], row.number)
            case "settled" | "result_corrected":
                held = (entry.get("state"), entry.get("state_result"), row.number)
                self.later[slug].append(held)
            case "annulled":
                told["annulled"] = (entry.get("objection"), row.number)
            case "certificate_issued":
                self.issued[entry.get("certificate_sha256", "")] = row.number
            case "bundle_issued":
                self.issued[entry.get("bundle_sha256", "")] = row.number
            case step if step in FOLLOW_UPS:
                told["followed_up"] = (FOLLOW_UPS[step], row.number)
            case "opened":
                found = faults_of_opening(entry)
                self.openings += [Fault(row.number, english) for english, _russian in found]
                told |= {name: (entry[name], row.number) for name in ACT if name in entry}
            case "extended":
                told["deadline_zone"] = (entry.get("deadline_zone"), row.number)
            case _:
                pass
        self.after.read(row)

    def faults(self) -> Iterator[Fault]:
        """Where entries and records differ."""
        yield from self.openings
        yield from self.faults_of_answers()
        procedures = SilenceProcedure.objects.select_related(
            "edition",
            "outcome__broken_by__state",
            "outcome__edition_issued",
            "outcome__annulment__objection__state",
            "follow_up",
            "reissue_of",
            "decision",
            "effect__state",
            "effect__organization",
            "effect__meeting",
        ).prefetch_related(
            "edition__paragraphs",
            "edition__document__editions",
            "electorate",
            "outcome__by_state__state",
            "corrections__edition",
            "paper_notes__state",
        )
        for procedure in procedures.order_by("pk").iterator(chunk_size=200):
            for number, slug in self.of_procedures.pop(procedure.pk, []):
                if slug != procedure.slug:
                    yield Fault(number, f"is filed under “{procedure.slug}” and tells of “{slug}”")
            yield from self.faults_of(procedure, self.told.pop(procedure.slug, {}))
            yield from self.faults_after(procedure)
            yield from self.after.faults_of(procedure)
        for number, slug in self.of_procedures.get(None, []):
            if slug is not None:
                yield Fault(number, f"is filed under no procedure and tells of “{slug}”")
        for slug, told in self.told.items():
            first = min((number for _value, number in told.values()), default=None)
            yield Fault(first, f"the procedure “{slug}” that it tells of is not on record")
        yield from self.after.faults_of_editions()
        yield from self.faults_of_evidence()

    def faults_of_answers(self) -> Iterator[Fault]:
        """Answers without their entry, entries without their answer."""
        responses = SilenceResponse.objects.select_related("procedure", "state").prefetch_related(
            "points__paragraph"
        )
        for one in responses.order_by("pk").iterator(chunk_size=1000):
            points = [(p.paragraph, p.proposed_en, p.proposed_ru) for p in one.points.all()]
            kept = {"note_sha256": one.note_sha256, "points": told_points(points)}
            key = (
                *(one.procedure.slug, one.state.code, one.kind, one.reason),
                *(instant(one.received_at), one.late),
                *of_the_objection(kept),
            )
            told = self.answers[key]
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
            if number is None and name in ACT:
                continue  # history has words of its own (S16), as early entries have fewer
            if name == "entitled" and entered is not None:
                entered = sorted(entered)
            if (entered or None) == (value or None):
                continue
            if number is None:
                yield Fault(None, f"no entry tells “{name}” of “{procedure.slug}”")
            else:
                yield Fault(number, f"“{name}” of “{procedure.slug}” is on record otherwise")
        now = {"en": text_hash(procedure.edition, "en"), "ru": text_hash(procedure.edition, "ru")}
        if now != {"en": procedure.text_hash_en, "ru": procedure.text_hash_ru}:
            yield Fault(None, f"the text of “{procedure.slug}” is not the one that was put")

    def faults_after(self, procedure: SilenceProcedure) -> Iterator[Fault]:
        """What became otherwise for a State after its window had closed."""
        slug, later = procedure.slug, self.later.pop(procedure.slug, [])
        outcome = getattr(procedure, "outcome", None)
        rows = list(outcome.by_state.all()) if outcome is not None else []
        have = {(one.state.code, one.result) for one in rows if one.replaces_id}
        told = {(state, result) for state, result, _number in later}
        for state, result in sorted(have):
            if (state, result) not in told:
                yield Fault(None, f"no entry tells “{result}” of {state} in “{slug}”")
        for state, result, number in later:
            if (state, result) not in have:
                yield Fault(number, f"what it settles for {state} is not on record, or differs")

    def faults_of_evidence(self) -> Iterator[Fault]:
        """Heads, certificates, bundles and Notes Verbales against entries and files."""
        for heads in self.heads.values():
            for head in heads:
                yield Fault(head.number, f"differs from the head of {head.day}, or is missing")
        for model, what in ((Certificate, "certificate"), (EvidenceBundle, "bundle")):
            for one in model.objects.order_by("pk").iterator():
                if self.issued.pop(one.sha256, None) is None:
                    yield Fault(None, f"no entry tells of the {what} {one.file}")
                yield from faults_of_file(what, str(one.file), one.sha256)
        for number in self.issued.values():
            yield Fault(number, "the certificate or bundle that it tells of is not on record")
        for kept in (SilenceResponse, PaperNote):
            for note in kept._default_manager.exclude(note_sha256="").order_by("pk").iterator():
                yield from faults_of_file("Note Verbale", str(note.note_file), note.note_sha256)


def of_the_objection(entry: dict[str, Any]) -> tuple[str, str]:
    """The Note Verbale of an answer and the paragraphs it names, comparable (rule S7)."""
    return entry.get("note_sha256") or "", canonical({"points": entry.get("points") or []})


def faults_of_file(what: str, name: str, sha256: str) -> Iterator[Fault]:
    """A file that is missing, or is not the one whose hash is on record."""
    try:
        with default_storage.open(name) as file:
            found = hashlib.file_digest(file, "sha256").hexdigest()
    except (OSError, ValueError):
        yield Fault(None, f"the file of the {what} {name} cannot be read")
        return
    if found != sha256:
        yield Fault(None, f"the file of the {what} {name} is not the one on record")


def on_record(procedure: SilenceProcedure) -> dict[str, Any]:
    """A procedure with what came of it, in the words in which entries tell it."""
    outcome = getattr(procedure, "outcome", None)
    follow_up = getattr(procedure, "follow_up", None)
    told: dict[str, Any] = {
        "kind": procedure.kind,
        "silence_means": procedure.silence_means,
        "entitled": sorted(state.code for state in procedure.electorate.all()),
        "deadline_at": instant(procedure.deadline_at),
        "text_sha256": {"en": procedure.text_hash_en, "ru": procedure.text_hash_ru},
        "corrected": [one.edition.key for one in procedure.corrections.all()],
        "followed_up": follow_up.kind if follow_up else None,
        **act_on_record(procedure),
        **dict.fromkeys(["result", "effective_at", "broken_by", "by_state", "edition_issued"]),
        "annulled": None,
    }
    if outcome is not None:
        broken_by, issued = outcome.broken_by, outcome.edition_issued
        annulment = getattr(outcome, "annulment", None)
        told["result"] = outcome.result
        told["effective_at"] = instant(outcome.effective_at)
        told["broken_by"] = broken_by.state.code if broken_by else None
        told["by_state"] = {
            one.state.code: one.result for one in outcome.by_state.all() if not one.replaces_id
        }
        told["edition_issued"] = issued.key if issued else None
        told["annulled"] = annulment.objection.state.code if annulment else None
    return told


def act_on_record(procedure: SilenceProcedure) -> dict[str, Any]:
    """The opening of a procedure, in the words in which its entry tells it (rules S1, S4, S5)."""
    on = procedure.directive_on
    before, effect = procedure.reissue_of, getattr(procedure, "effect", None)

    def both(name: str) -> dict[str, str]:
        return {one: getattr(procedure, f"{name}_{one}") or "" for one in ("en", "ru")}

    return {
        "title": both("title"),
        "directive": {
            "on": on.isoformat() if on else None,
            "form": both("directive_form"),
            "by": both("directive_by"),
        },
        "urgency": both("urgency_reason"),
        "opened_at": instant(procedure.opened_at),
        "deadline_zone": procedure.deadline_zone,
        "edition": procedure.edition.key,
        "effect": effect.told() if effect is not None else None,
        "reissue_of": before.slug if before else None,
        "discordances": procedure.discordances,
        "discordance_reason": both("discordance_reason"),
        "demonstration": procedure.is_demonstration,
    }
