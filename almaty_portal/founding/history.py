"""Loads what happened before the portal: decisions, Chairs, the participation window of 2013 (S16).

It is entered as history: with the time it happened, as precisely as its source tells, the time it
was entered, and the source. It never passes for something the portal witnessed.
"""

import datetime as dt
from typing import Any

import pgtrigger
from django.utils.translation import gettext as _

from almaty_portal.common import audit
from almaty_portal.common.actions import save_audited
from almaty_portal.common.instants import ALMATY, database_now
from almaty_portal.founding.archive import Archive
from almaty_portal.founding.files import Place
from almaty_portal.founding.loading import Loading, plain, words
from almaty_portal.founding.schema import WindowRow
from chairmanship.models import Chairmanship
from documents.actions import archive as actions
from documents.actions import texts
from documents.actions.ledger import instant, record_step
from documents.models import (
    Decision,
    Edition,
    SilenceOutcome,
    SilenceProcedure,
    StateOutcome,
)
from meetings.models import Meeting
from membership.models import State

# Triggers that guard what the portal itself witnessed; a slip in entering history is corrected
# past them, each time with an audit record, that of a window with a ledger entry too (ADR 4).
HISTORY_GUARDS = (
    "documents.SilenceProcedure:the_question_stays",
    "documents.SilenceOutcome:the_outcome_stays",
    "documents.StateOutcome:state_outcomes_rows_stay",
)
DECISION_GUARD = "documents.Decision:what_was_decided_stays"


def load_chairmanships(archive: Archive, loading: Loading, states: dict[str, State]) -> None:
    """The Chairs as published; terms never overlap (rule C2)."""
    for index, row in enumerate(archive.chairmanships.content):
        loading.store(
            Chairmanship,
            f"chairmanship {index + 1}",
            {
                "state": states[row.state],
                "from_on": row.from_on,
                "from_precision": row.from_precision.value,
                "until_on": row.until_on,
                "until_precision": row.until_precision.value,
                **words(published=row.published, note=row.note, source=row.source),
            },
            place=archive.chairmanships.file.at(index),
        )


def load_decisions(
    archive: Archive,
    loading: Loading,
    meetings: dict[str, Meeting],
    editions: dict[str, Edition],
) -> None:
    """The decisions of the Conference, each by consensus (rules D1, D3)."""
    for index, row in enumerate(archive.decisions.content):
        edition = editions[row.document]
        with pgtrigger.ignore(DECISION_GUARD):
            loading.store(
                Decision,
                f"decision {row.slug}",
                {
                    "slug": row.slug,
                    "taken": Decision.Taken.MEETING.value,
                    "taken_on": row.taken_on,
                    "meeting": meetings[row.meeting],
                    "document": edition.document,
                    "edition": edition,
                    **words(title=row.title, note=row.note, source=row.source),
                },
                place=archive.decisions.file.at(index),
                natural={"slug": row.slug},
                create=lambda **fields: actions.register_decision(by=None, **fields),
            )


def load_reading_editions(
    archive: Archive, loading: Loading, editions: dict[str, Edition]
) -> dict[str, Edition]:
    """The clean texts that stand beside the issued ones (rule S12), by address of the document.

    A clean text follows the issued one: where that was corrected, it is made anew from it.
    """
    made: dict[str, Edition] = {}
    for index, row in enumerate(archive.reading_editions.content):
        place = archive.reading_editions.file.at(index)
        issued = Edition.objects.with_text().get(pk=editions[row.document].pk)
        key = f"reading edition {row.document}"
        note = words(note=row.note)
        loaded = {
            "text": texts.text_hashes(issued),
            "settlements": dict(row.settlements),
            **note,
        }
        edition = loading.found(Edition, key)
        did = "unchanged"
        with place.named():
            if edition is None:
                did = "created"
                edition = actions.issue_clean_edition(
                    edition=issued,
                    settlements=row.settlements,
                    by=None,
                    historic=True,
                    note_en=note["note_en"],
                    note_ru=note["note_ru"],
                )
            elif loading.as_loaded(key) != loaded:
                did = "changed"
                rows = actions.settled_rows(issued, row.settlements)
                actions.correct_historic_text(edition=edition, rows=rows, by=None)
                correct_note(edition, note)
        loading.remember(key, edition, loaded, did)
        made[row.document] = edition
    return made


def correct_note(edition: Edition, note: dict[str, str]) -> None:
    """Take over a corrected note on an edition."""
    changed = {
        name: [getattr(edition, name), text]
        for name, text in note.items()
        if (getattr(edition, name) or "") != text
    }
    for name, text in note.items():
        setattr(edition, name, text)
    save_audited(obj=edition, changed=changed, by=None)


def load_windows(
    archive: Archive,
    loading: Loading,
    states: dict[str, State],
    editions: dict[str, Edition],
    clean: dict[str, Edition],
) -> None:
    """Participation windows that closed before the portal, with their recorded outcome."""
    for index, row in enumerate(archive.windows.content):
        place = archive.windows.file.at(index)
        key = f"window {row.slug}"
        edition = editions[row.document]
        question = plain(
            {
                "kind": row.kind,
                "silence_means": row.silence_means.value,
                "edition": edition,
                "opened_at": midnight(row.opened_on),
                "opened_precision": row.opened_precision.value,
                "deadline_at": row.deadline,
                "states": [one.state for one in row.states],
            }
        )
        told = {
            "procedure": words(
                title=row.title, deadline_note=row.deadline_note, note=row.note, source=row.source
            ),
            "outcome": words(note=row.outcome, source=row.source),
            "states": {
                one.state: {"result": one.outcome.value, **words(note=one.as_published)}
                for one in row.states
            },
            "text_sha256": texts.text_hashes(edition),
        }
        loaded = {"question": question, **told}
        before = loading.as_loaded(key)
        procedure = loading.found(SilenceProcedure, key)
        if procedure is not None and before == loaded:
            loading.remember(key, procedure, loaded, "unchanged")
            continue
        with place.named():
            if procedure is None:
                asked = [states[one.state] for one in row.states]
                procedure = enter_window(row, edition, asked, told, clean.get(row.document))
                loading.remember(key, procedure, loaded, "created")
            else:
                require_same_question(place, before["question"], question)
                correct_window(procedure, told)
                loading.remember(key, procedure, loaded, "changed")


def midnight(day: dt.date) -> dt.datetime:
    """The first instant of a day in Almaty."""
    return dt.datetime.combine(day, dt.time(), tzinfo=ALMATY)


def enter_window(
    row: WindowRow,
    edition: Edition,
    asked: list[State],
    told: dict[str, Any],
    clean: Edition | None,
) -> SilenceProcedure:
    """Enter a window with its outcome: effective at its deadline, recorded now."""
    now = database_now()
    hashes = told["text_sha256"]
    procedure = SilenceProcedure.objects.create(
        slug=row.slug,
        kind=row.kind,
        silence_means=row.silence_means.value,
        edition=edition,
        opened_at=midnight(row.opened_on),
        opened_precision=row.opened_precision.value,
        deadline_at=row.deadline,
        text_hash_en=hashes["en"],
        text_hash_ru=hashes["ru"],
        historic=True,
        **told["procedure"],
    )
    procedure.electorate.set(asked)
    outcome = SilenceOutcome.objects.create(
        procedure=procedure,
        result=SilenceOutcome.Result.WINDOW_CLOSED,
        effective_at=row.deadline,
        recorded_at=now,
        edition_issued=clean,
        **told["outcome"],
    )
    StateOutcome.objects.bulk_create(
        StateOutcome(outcome=outcome, state=state, **told["states"][state.code]) for state in asked
    )
    record_step(
        step="history_entered",
        procedure=procedure,
        at=now,
        entry={
            "kind": row.kind,
            "silence_means": row.silence_means.value,
            "title": {"en": row.title.en, "ru": row.title.ru},
            "document": edition.document.slug,
            "edition": edition.key,
            "opened_on": row.opened_on.isoformat(),
            "opened_precision": row.opened_precision.value,
            "deadline_at": instant(row.deadline),
            "entitled": sorted(state.code for state in asked),
            "result": outcome.result,
            "effective_at": instant(outcome.effective_at),
            "by_state": {one.state: one.outcome.value for one in row.states},
            "edition_issued": clean.key if clean else None,
            "text_sha256": hashes,
            "source": {"en": row.source.en, "ru": row.source.ru},
        },
    )
    audit.record(
        by=None,
        action="enter_historic_window",
        target=procedure,
        detail={"deadline_at": row.deadline, "states": [state.code for state in asked]},
    )
    return procedure


def require_same_question(place: Place, before: dict[str, Any], now: dict[str, Any]) -> None:
    """What was asked, when and of whom stays as it was entered."""
    names = {"opened_at": "opened_on", "deadline_at": "deadline", "edition": "document"}
    for name, value in now.items():
        if before.get(name) != value:
            raise (place / names.get(name, name)).error(
                _(
                    "what was asked, when, of whom and until when is on record and stays as it "
                    "was entered: only the words in both languages and the outcome of a State "
                    "can be corrected. Put the former value back."
                )
            )


def correct_window(procedure: SilenceProcedure, told: dict[str, Any]) -> None:
    """Take over corrected words about a historic window; the correction is a ledger entry."""
    now = database_now()
    hashes = told["text_sha256"]
    with pgtrigger.ignore(*HISTORY_GUARDS):
        SilenceProcedure.objects.filter(pk=procedure.pk, historic=True).update(
            text_hash_en=hashes["en"], text_hash_ru=hashes["ru"], **told["procedure"]
        )
        SilenceOutcome.objects.filter(procedure=procedure).update(**told["outcome"])
        for code, fields in told["states"].items():
            StateOutcome.objects.filter(outcome__procedure=procedure, state__code=code).update(
                **fields
            )
    record_step(
        step="history_corrected",
        procedure=procedure,
        at=now,
        entry={
            "text_sha256": hashes,
            "by_state": {code: fields["result"] for code, fields in told["states"].items()},
            "told": {"procedure": told["procedure"], "outcome": told["outcome"]},
        },
    )
    audit.record(
        by=None, action="correct_historic_window", target=procedure, detail={"text": hashes}
    )
