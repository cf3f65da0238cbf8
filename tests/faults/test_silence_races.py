"""F2, F6: many act at once, each on a connection of its own, and the record stays one."""

import datetime as dt
import threading
import time
from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest
from post_office.models import Email

from almaty_portal.common.errors import DomainError, TooLate
from almaty_portal.common.instants import database_now
from almaty_portal.common.models import Notice
from documents.actions import silence, texts
from documents.actions.ledger import record_step, verify_ledger
from documents.models import (
    Decision,
    Edition,
    LedgerEntry,
    ObjectionPoint,
    SilenceOutcome,
    SilenceProcedure,
    SilenceResponse,
    TechnicalCorrection,
)
from membership.models import State, User
from tests.factories.documents import a_short_procedure
from tests.faults.conftest import STATES, at_once

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("emptied_afterwards"),
]


def test_objections_at_once_against_repeated_sweeps(settings, staff, coordinators):
    """F2, S6, S7: one outcome; every timely objection on record as timely, every late one as late.

    The objections arrive on both sides of the deadline while four sweeps run without a pause.
    """
    settings.SILENCE_GRACE_SECONDS = 3
    procedure = a_short_procedure(settings, by=staff, seconds=2.5)
    ended = threading.Event()

    def objection(number: int, state: State, user: User) -> Callable[[], Any]:
        def act() -> SilenceResponse:
            # from 0.75 s before the deadline to 0.75 s after it
            moment = procedure.deadline_at + dt.timedelta(seconds=(number - STATES / 2) * 0.03)
            time.sleep(max(0, (moment - database_now()).total_seconds()))
            return silence.break_silence(procedure=procedure, state=state, reason="No.", by=user)

        return act

    def sweep() -> int:
        closed = 0
        while not ended.wait(0.01):
            closed += silence.close_due()
        return closed

    def end_after_the_grace() -> None:
        over = procedure.deadline_at + dt.timedelta(seconds=settings.SILENCE_GRACE_SECONDS + 0.5)
        time.sleep(max(0, (over - database_now()).total_seconds()))
        ended.set()

    objections = [objection(n, *one) for n, one in enumerate(coordinators)]
    results = at_once([*objections, *[sweep] * 4, end_after_the_grace])
    answers, closed = results[:STATES], results[STATES : STATES + 4]

    said = list(SilenceResponse.objects.filter(procedure=procedure, kind="objection"))
    assert len(said) == STATES
    assert len({one.state_id for one in said}) == STATES
    assert all(one.late == (one.received_at >= procedure.deadline_at) for one in said)
    late = sum(one.late for one in said)
    assert 0 < late < STATES
    assert Counter(type(one) for one in answers) == {SilenceResponse: STATES - late, TooLate: late}
    outcome = SilenceOutcome.objects.get()
    assert outcome.result == "broken"
    assert not outcome.broken_by.late
    assert outcome.effective_at == outcome.broken_by.received_at
    assert closed == [0, 0, 0, 0]
    assert not Decision.objects.exists()
    assert_told_once(f"silence-{procedure.pk}-broken")
    assert [str(fault) for fault in verify_ledger()] == []


def test_objections_and_a_correction_at_once(settings, staff, coordinators):
    """S6, S7, S10: objections to a paragraph, while that paragraph is put right. Whichever comes
    first, every objection is kept with its point, on a paragraph of the text as it then stood."""
    procedure = a_short_procedure(settings, by=staff, seconds=600)
    point = (procedure.edition.paragraphs.get(number="1."), "Decide now.", "")
    rows = texts.text_rows(Edition.objects.with_text().get(pk=procedure.edition_id))
    rows[2] |= {name: rows[2][name] + ";" for name in ("text_en", "text_ru")}

    def objection(state: State, user: User) -> Callable[[], SilenceResponse]:
        return lambda: silence.break_silence(
            procedure=procedure, state=state, reason="No.", points=[point], by=user
        )

    def correction() -> TechnicalCorrection:
        return silence.correct_text(
            procedure=procedure, rows=rows, note_en="A sign.", note_ru="Знак.", by=staff
        )

    acts = [objection(*one) for one in coordinators[:6]]
    *answers, corrected = at_once([*acts, correction])
    assert Counter(type(one) for one in answers) == {SilenceResponse: 6}
    assert isinstance(corrected, TechnicalCorrection | DomainError)
    if isinstance(corrected, DomainError):
        assert str(corrected).startswith("Процедура завершена")
    text = SilenceProcedure.objects.get().text_edition()
    assert {one.paragraph.edition_id for one in ObjectionPoint.objects.all()} == {text.pk}
    assert ObjectionPoint.objects.count() == 6
    assert SilenceOutcome.objects.get().result == "broken"
    assert [str(fault) for fault in verify_ledger()] == []


def test_ten_sweeps_at_once(settings, staff, coordinators):
    """F6, S11: one of them records the outcome; one notice and one mail for each recipient."""
    procedure = a_short_procedure(settings, by=staff, seconds=-26 * 60)
    assert sorted(at_once([silence.close_due] * 10)) == [0] * 9 + [1]
    outcome = SilenceOutcome.objects.get()
    assert outcome.result == "adopted"
    assert outcome.effective_at == procedure.deadline_at
    assert Decision.objects.count() == 1
    assert LedgerEntry.objects.filter(step="outcome_adopted").count() == 1
    assert procedure.edition.document.editions.filter(kind="final").count() == 1
    assert_told_once(f"silence-{procedure.pk}-closed")
    assert [str(fault) for fault in verify_ledger()] == []


def test_ten_writers_of_the_ledger(staff):
    """S15: no number twice, no gap, each entry upon the one before it."""

    def write() -> None:
        for _number in range(5):
            record_step(step="test", procedure=None, entry={}, at=database_now())

    assert at_once([write] * 10) == [None] * 10
    numbers = LedgerEntry.objects.order_by("number").values_list("number", flat=True)
    assert list(numbers) == list(range(1, 51))
    assert list(verify_ledger()) == []


def assert_told_once(event: str) -> None:
    """Each Coordinator and the Support Unit got one notice of the event, with one mail."""
    notices = Notice.objects.filter(event=event)
    assert notices.count() == notices.values("recipient").distinct().count() == STATES + 1
    addresses = Email.objects.filter(notice__event=event).values_list("to", flat=True)
    assert set(Counter(map(str, addresses)).values()) == {1}
    assert len(addresses) == STATES + 1
