"""F1, F3, F4, F5: the deadline, by the database's clock alone, through the real web process."""

import datetime as dt
import threading

import pytest
from django.db import transaction
from django.urls import reverse
from django.utils import translation

from almaty_portal.common.errors import TooLate
from documents.actions import silence
from documents.actions.ledger import verify_ledger
from documents.models import SilenceOutcome, SilenceProcedure, SilenceResponse
from tests.factories.documents import a_public_document, a_short_procedure, move_deadline
from tests.faults.conftest import at_once, holds, member_states, wait_until

pytestmark = [pytest.mark.processes, pytest.mark.django_db(transaction=True)]

SECOND = dt.timedelta(seconds=1)
DAY = 24 * 3600


@pytest.fixture
def states():
    return member_states(3)


def page(name: str, procedure: SilenceProcedure) -> str:
    with translation.override("en"):
        return reverse(name, args=[procedure.slug])


def objection(processes, user, procedure, off_by: int = 0):
    """The form by which a person breaks silence, open before them at its second step; signed in
    just now by a clock that is `off_by` seconds wrong."""
    visitor = processes.signed_in(user, ago=-off_by)
    status, _text = visitor.form(page("silence_break", procedure))(reason="No.")
    assert status == 302
    send = visitor.form(page("silence_confirm", procedure))
    return lambda: send(understood="on")


def test_a_second_before_and_a_second_after(settings, web, staff, states):
    """F1, S6: each State's form is open in time; only the moment of receipt counts."""
    procedure = a_short_procedure(settings, by=staff, seconds=60)
    forms = [objection(web, user, procedure) for _state, user in states]
    procedure = move_deadline(procedure, 2)
    wait_until(procedure.deadline_at - SECOND)
    assert forms[0]()[0] == 302
    wait_until(procedure.deadline_at + SECOND)
    status, text = forms[1]()
    assert status == 409
    assert "It is late and has no effect; that it came is on record." in text
    said = {one.state: one for one in SilenceResponse.objects.all()}
    assert {state: one.late for state, one in said.items()} == {
        states[0][0]: False,
        states[1][0]: True,
    }
    outcome = SilenceOutcome.objects.get()
    assert outcome.broken_by == said[states[0][0]]
    assert outcome.effective_at == said[states[0][0]].received_at
    assert list(verify_ledger()) == []


def test_exactly_at_the_deadline_is_late(settings, emptied_afterwards, staff, states, monkeypatch):
    """F1, S6: not before the deadline, not in time; the trigger says the same."""
    procedure = a_short_procedure(settings, by=staff, seconds=-1)
    monkeypatch.setattr(silence.receiving, "database_now", lambda: procedure.deadline_at)
    state, user = states[0]
    with pytest.raises(TooLate):
        silence.break_silence(procedure=procedure, state=state, reason="No.", by=user)
    response = SilenceResponse.objects.get()
    assert response.late
    assert response.received_at == procedure.deadline_at
    assert not SilenceOutcome.objects.exists()


def test_a_timely_objection_waits_on_a_lock_across_the_deadline(settings, web, staff, states):
    """F3: received a second before the deadline, stored four seconds after it, and counted."""
    procedure = a_short_procedure(settings, by=staff, seconds=60)
    send = objection(web, states[0][1], procedure)
    procedure = move_deadline(procedure, 2)
    held = threading.Event()

    def hold():
        with transaction.atomic():
            SilenceProcedure.objects.select_for_update().get(pk=procedure.pk)
            held.set()
            wait_until(procedure.deadline_at + 4 * SECOND)
            return silence.close_due()

    def object_in_time():
        held.wait(10)
        wait_until(procedure.deadline_at - SECOND)
        return send()

    swept, (status, _text) = at_once([hold, object_in_time])
    assert (swept, status) == (0, 302)
    response = SilenceResponse.objects.get()
    assert response.received_at < procedure.deadline_at
    assert not response.late
    outcome = SilenceOutcome.objects.get()
    assert (outcome.result, outcome.broken_by) == ("broken", response)
    assert outcome.recorded_at > procedure.deadline_at


@pytest.mark.parametrize("off_by", [3600, -3600])
def test_clocks_an_hour_off_change_nothing(settings, processes, staff, states, off_by):
    """F4: neither the web process's clock nor the worker's and beat's decides anything."""
    running = a_short_procedure(settings, by=staff, seconds=1800)
    over = a_short_procedure(settings, by=staff, seconds=-40, title_en="Another decision")
    processes.start("web", off_by=off_by)
    assert objection(processes, states[0][1], running, off_by)()[0] == 302
    assert objection(processes, states[1][1], over, off_by)()[0] == 409
    processes.start("worker", off_by=off_by)
    closed = SilenceOutcome.objects.filter(procedure=over, effects_at__isnull=False)
    assert holds(closed.exists, 60), processes.log("worker")
    assert {one.state: one.late for one in SilenceResponse.objects.all()} == {
        states[0][0]: False,
        states[1][0]: True,
    }
    assert running.outcome.result == "broken"
    assert running.opened_at < running.outcome.effective_at < running.deadline_at
    assert over.outcome.result == "adopted"
    assert over.outcome.effective_at == over.deadline_at
    assert over.outcome.edition_issued.kind == "final"
    assert over.outcome.recorded_at > over.deadline_at
    assert list(verify_ledger()) == []


def test_worker_and_beat_off_for_a_day(settings, web, staff, states):
    """F5, S11: three deadlines pass while nothing runs, and are kept to all the same."""
    adopted = a_short_procedure(settings, by=staff, seconds=-DAY)
    window = a_short_procedure(
        settings,
        by=staff,
        seconds=-DAY + 3600,
        edition=a_public_document(),
        kind="participation_window",
        silence_means="formalised",
        states=[states[0][0]],
    )
    broken = a_short_procedure(settings, by=staff, seconds=1800, title_en="Broken in time")
    assert objection(web, states[0][1], broken)()[0] == 302
    last = a_short_procedure(settings, by=staff, seconds=-30, title_en="The last of them")
    for procedure in (adopted, window, last):
        text = web.signed_in(states[0][1]).read(page("silence_detail", procedure))
        assert "deadline passed" in text
    for procedure in (adopted, last):
        status, text = objection(web, states[1][1], procedure)()
        assert status == 409
        assert "It is late and has no effect" in text
    assert SilenceOutcome.objects.count() == 1
    web.start("worker")
    web.start("beat")
    closed = SilenceOutcome.objects.filter(effects_at__isnull=False)
    assert holds(lambda: closed.count() == 4, 90), web.log("worker")
    assert {one.procedure: (one.result, one.effective_at) for one in closed} == {
        adopted: ("adopted", adopted.deadline_at),
        window: ("window_closed", window.deadline_at),
        last: ("adopted", last.deadline_at),
        broken: ("broken", broken.responses.get().received_at),
    }
    assert list(verify_ledger()) == []
