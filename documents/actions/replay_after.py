"""What followed from outcomes and came on paper, as the ledger tells it and as it is on record.

Of an adoption or a window: its effects, the register, the marks of an annulment (S2, S12, S13); of
a Note Verbale on paper: what was entered, and by whom it was confirmed or refused (S13).
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django.apps import apps
from django.db.models import Model

from documents.ledger import instant
from documents.models import (
    Decision,
    Edition,
    LanguageVersion,
    LedgerEntry,
    PaperNote,
    SilenceProcedure,
)
from membership.models import User

Entry = Mapping[str, Any]


@dataclass(frozen=True)
class Fault:
    """What does not agree: an entry of the ledger, or a record that no entry tells of."""

    number: int | None
    what: str

    def __str__(self) -> str:
        return self.what if self.number is None else f"entry {self.number}: {self.what}"


class After:
    """The entries about what followed, by the procedures' addresses."""

    def __init__(self) -> None:
        self.applied: dict[str, LedgerEntry] = {}
        self.annulled: dict[str, LedgerEntry] = {}
        self.papers: dict[str, dict[tuple[str, int], LedgerEntry]] = defaultdict(dict)
        self.cleaned: dict[str, list[LedgerEntry]] = defaultdict(list)
        self.accounts = dict(User.objects.values_list("email", "pk"))

    def read(self, row: LedgerEntry) -> None:
        slug = row.entry["procedure"]
        if row.step == "effects_applied":
            self.applied[slug] = row
        elif row.step == "annulled":
            self.annulled[slug] = row
        elif row.step in ("paper_entered", "paper_confirmed", "paper_refused"):
            self.papers[slug][row.step, row.entry.get("note", 0)] = row
        if row.entry.get("clean_editions") or row.step in ("settled", "result_corrected"):
            self.cleaned[slug].append(row)

    def faults_of(self, procedure: SilenceProcedure) -> Iterator[Fault]:
        """Where the entries of a procedure and its records differ."""
        yield from self.faults_of_effects(procedure)
        yield from self.faults_of_annulment(procedure)
        yield from self.faults_of_papers(procedure)
        yield from self.faults_of_settling(procedure)

    def faults_of_effects(self, procedure: SilenceProcedure) -> Iterator[Fault]:
        """What an adoption or a window did besides, and its place in the register (S2, D3)."""
        slug, row = procedure.slug, self.applied.pop(procedure.slug, None)
        effect = getattr(procedure, "effect", None)
        did = effect.applied if effect is not None else []
        outcome = getattr(procedure, "outcome", None)
        if row is None:
            if did:
                yield Fault(None, f"no entry tells what the effect of “{slug}” did")
            if outcome is None or outcome.effects_at is None or procedure.historic:
                return
            if outcome.result in ("adopted", "window_closed"):
                yield Fault(None, f"no entry tells that the outcome of “{slug}” was applied")
            return
        if outcome is None or outcome.effects_at is None:
            yield Fault(row.number, f"the outcome of “{slug}” is not on record as applied")
        if getattr(procedure, "decision", None) is None:
            yield Fault(row.number, f"the decision that it tells of is not in the register: {slug}")
        changes = row.entry.get("changes") or []
        if isinstance(changes, dict):
            changes = [change for of_state in changes.values() for change in of_state]
        elif did != [one for one in changes if "not_applied" not in one]:
            yield Fault(row.number, f"what the effect of “{slug}” did is on record otherwise")
        for change, record in records_of(changes):
            if record is None:
                yield Fault(row.number, f"{named(change)} that it tells of is not on record")

    def faults_of_annulment(self, procedure: SilenceProcedure) -> Iterator[Fault]:
        """The marks of an annulment: the decision, the editions, what its effect had made (S13)."""
        slug, row = procedure.slug, self.annulled.pop(procedure.slug, None)
        annulment = getattr(getattr(procedure, "outcome", None), "annulment", None)
        decision = getattr(procedure, "decision", None)
        editions = [
            one for one in procedure.edition.document.editions.all() if one.annulled_at is not None
        ]
        if row is None:
            if decision is not None and decision.annulled_at is not None:
                yield Fault(None, f"no entry tells that the decision of “{slug}” was annulled")
            return
        entry = row.entry
        at = entry.get("annulled_at")
        owed = annulment is not None and annulment.outcome.effects_at is None
        marks: list[tuple[str, Model | None]] = [
            ("the annulment", annulment),
            # An adoption whose effects were still owed has not come into the register.
            *([] if owed and decision is None else [("the decision", decision)]),
            *((f"the edition {key}", self.edition(editions, key)) for key in told_editions(entry)),
        ]
        for what, record in marks:
            marked = getattr(record, "annulled_at", None)
            if marked is None or instant(marked) != at:
                yield Fault(row.number, f"{what} of “{slug}” is not marked as annulled then")
        if annulment is not None and annulment.undone != entry.get("undone"):
            yield Fault(row.number, f"what the annulment of “{slug}” undid is on record otherwise")
        yield from self.faults_of_undone(row)

    def faults_of_settling(self, procedure: SilenceProcedure) -> Iterator[Fault]:
        """The clean editions in which brackets fell, and what was taken back for a State (S12)."""
        for row in self.cleaned.pop(procedure.slug, []):
            for told in row.entry.get("clean_editions") or []:
                kept = LanguageVersion.objects.filter(
                    edition__kind=Edition.Kind.CLEAN, text_hash=told["text_sha256"]["en"]
                )
                if not kept.exists():
                    where = f"{told['document']}, {told['edition']}"
                    yield Fault(row.number, f"the clean edition that it tells of differs: {where}")
            yield from self.faults_of_undone(row)

    def faults_of_undone(self, row: LedgerEntry) -> Iterator[Fault]:
        """The records that an entry took back."""
        for change, record in records_of(row.entry.get("undone") or []):
            if change.get("made") and getattr(record, "annulled_at", None) is None:
                yield Fault(row.number, f"{named(change)} is not marked as annulled")

    def edition(self, editions: Iterable[Edition], key: str) -> Edition | None:
        return next((one for one in editions if one.key == key), None)

    def faults_of_papers(self, procedure: SilenceProcedure) -> Iterator[Fault]:
        """Each note on paper with what was entered, confirmed and refused, and by whom (S13)."""
        told = self.papers.pop(procedure.slug, {})
        for note in procedure.paper_notes.all():
            for step, kept in steps_of(note).items():
                row = told.pop((step, note.pk), None)
                where = f"of the note {note.pk} on paper, “{procedure.slug}”"
                if row is None:
                    yield Fault(None, f"no entry tells “{step}” {where}")
                    continue
                for name, value in kept.items():
                    if name in ("by", "entered_by"):
                        # An address may change; whoever has it now is the one who acted.
                        agrees = self.accounts.get(row.entry.get(name), value) == value
                    else:
                        agrees = row.entry.get(name) == value
                    if not agrees:
                        yield Fault(row.number, f"“{name}” {where} is on record otherwise")
        for (step, note_id), row in told.items():
            yield Fault(row.number, f"“{step}” of the note {note_id} on paper is not on record")

    def faults_of_editions(self) -> Iterator[Fault]:
        """Editions and decisions that are marked as annulled though no entry tells of it."""
        told = set(
            LedgerEntry.objects.filter(step="annulled").values_list(
                "procedure__edition__document", "entry__annulled_at"
            )
        )
        for edition in Edition.objects.filter(annulled_at__isnull=False).select_related("document"):
            at = instant(edition.annulled_at) if edition.annulled_at else ""
            if (edition.document_id, at) not in told:
                yield Fault(None, f"no entry tells that the edition {edition} was annulled")
        silent = Decision.objects.filter(taken=Decision.Taken.SILENCE, procedure__historic=False)
        for decision in silent.exclude(procedure__ledger__step="effects_applied"):
            yield Fault(None, f"no entry tells of the decision “{decision.slug}”")


def told_editions(entry: Entry) -> list[str]:
    return list(entry.get("editions_annulled") or [])


def steps_of(note: PaperNote) -> dict[str, dict[str, Any]]:
    """What a note on paper went through, in the words in which entries tell it."""
    steps: dict[str, dict[str, Any]] = {
        "paper_entered": {
            "state": note.state.code,
            "paper": note.kind,
            "note_sha256": note.note_sha256,
            "paper_received_at": instant(note.received_at),
            "received_how": note.received_how,
            "confirm_before": instant(note.confirm_before),
            "recorded_at": instant(note.entered_at),
            "by": note.entered_by_id,
        }
    }
    if note.confirmed_at is not None:
        steps["paper_confirmed"] = {
            "state": note.state.code,
            "answer": note.kind,
            "reason": note.reason,
            "received_at": instant(note.received_at),
            "note_sha256": note.note_sha256,
            "recorded_at": instant(note.confirmed_at),
            "entered_by": note.entered_by_id,
            "by": note.confirmed_by_id,
        }
    if note.refused_at is not None:
        steps["paper_refused"] = {
            "state": note.state.code,
            "refused": note.refused_reason,
            "recorded_at": instant(note.refused_at),
            "by": note.refused_by_id,
        }
    return steps


def records_of(changes: Iterable[Entry]) -> Iterator[tuple[Entry, Model | None]]:
    """Each change that an entry tells, with the record that was made or changed."""
    for change in changes:
        if "record" in change:
            model = apps.get_model(change["record"])
            yield change, model._base_manager.filter(pk=change["pk"]).first()


def named(change: Entry) -> str:
    return f"{change['record']} {change['pk']}"
