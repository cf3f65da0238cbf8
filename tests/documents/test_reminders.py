"""Reminders before a deadline: to whom, when, and once."""

import datetime as dt
import threading
from concurrent.futures import ThreadPoolExecutor

import pgtrigger
import pytest
from django.db import connection

from almaty_portal.common.instants import database_now
from almaty_portal.common.models import Notice
from documents.actions import silence
from documents.actions.ledger import verify_ledger
from documents.models import SilenceProcedure
from tests.factories.documents import BRACKETED, a_procedure, a_public_document
from tests.factories.membership import DesignationFactory, UserFactory
from tests.faults.conftest import coordinators, emptied_afterwards, staff  # noqa: F401 (fixtures)


def move(procedure, *, opened, deadline):
    """Set the opening so many hours ago and the deadline in so many hours."""
    now = database_now()
    with pgtrigger.ignore("documents.SilenceProcedure:the_question_stays"):
        SilenceProcedure.objects.filter(pk=procedure.pk).update(
            opened_at=now - dt.timedelta(hours=opened),
            deadline_at=now + dt.timedelta(hours=deadline),
            is_demonstration=True,  # whose period may be short
        )
    procedure.refresh_from_db()
    return procedure


def reminders():
    return Notice.objects.filter(event__contains="-reminder-")


@pytest.fixture
def procedure(support_unit, members, coordinator, deputy, other_coordinator):
    return a_procedure(by=support_unit)


@pytest.mark.django_db
class TestMarks:
    @pytest.mark.parametrize(
        ("opened", "deadline", "hours"),
        [
            (10, 100, None),  # no mark is reached
            (100, 71.9, 72),
            (100, 23.5, 24),
            (200, 2, 3),  # of those reached the nearest alone
            (0.5, 71, None),  # the mark of 72 hours lay before the opening
            (50, 23.9, 24),
            (0.4, 2.5, None),
            (1.5, 2.5, 3),
            (100, -0.1, None),  # after the end none
        ],
    )
    def test_only_the_nearest_mark_that_lies_after_the_opening(
        self, procedure, opened, deadline, hours
    ):
        move(procedure, opened=opened, deadline=deadline)
        assert silence.remind() == (0 if hours is None else 1)
        steps = procedure.ledger.filter(step="reminded")
        assert [one.entry["hours"] for one in steps] == ([] if hours is None else [hours])

    def test_those_who_said_nothing_in_their_language_once(
        self, procedure, coordinator, deputy, other_coordinator, azerbaijan
    ):
        silence.acknowledge(procedure=procedure, state=azerbaijan, by=other_coordinator)
        move(procedure, opened=60, deadline=20)
        assert silence.remind() == 1
        assert silence.remind() == 0
        assert {one.recipient for one in reminders()} == {coordinator, deputy}
        assert procedure.ledger.get(step="reminded").entry["states"] == ["KZ"]
        mail = reminders().get(recipient=coordinator).email
        assert mail.subject == "Напоминание за 24 часа до истечения срока: Учебное решение"
        assert "Умолчание означает согласие" in mail.message
        assert "UTC" in mail.message
        moved = ("deadline_at", "demonstration")  # what `move` set behind the ledger's back
        faults = [str(fault) for fault in verify_ledger()]
        assert [one for one in faults if not any(name in one for name in moved)] == []

    def test_extension_reminds_anew(self, procedure, support_unit, coordinator):
        move(procedure, opened=60, deadline=20)
        silence.remind()
        silence.extend(
            procedure=procedure,
            deadline_at=procedure.deadline_at + dt.timedelta(hours=3),
            deadline_zone="Asia/Almaty",
            reason_en="A letter",
            reason_ru="Письмо",
            by=support_unit,
        )
        assert silence.remind() == 1
        assert reminders().filter(recipient=coordinator).count() == 2

    def test_none_after_the_end(self, procedure, coordinator, kazakhstan):
        move(procedure, opened=60, deadline=20)
        silence.break_silence(procedure=procedure, state=kazakhstan, reason="No.", by=coordinator)
        assert silence.remind() == 0
        assert not reminders().exists()

    def test_window_acknowledged_and_not_answered(self, support_unit, members, iran):
        person = UserFactory(language="en")
        DesignationFactory(state=iran, user=person)
        procedure = a_procedure(
            by=support_unit,
            edition=a_public_document(rows=BRACKETED),
            kind="participation_window",
            silence_means="lapses",
            states=[iran],
        )
        silence.acknowledge(procedure=procedure, state=iran, by=person)
        move(procedure, opened=60, deadline=2)
        assert silence.remind() == 1
        mail = reminders().get().email
        assert "Your State has not answered yet" in mail.message
        assert "the offer of participation lapses" in mail.message
        silence.answer_window(procedure=procedure, state=iran, participates=True, by=person)
        move(procedure, opened=100, deadline=2.2)
        assert silence.remind() == 0

    def test_those_whose_term_ended_are_not_reminded(self, procedure, coordinator, deputy):
        coordinator.is_active = deputy.is_active = False
        coordinator.save()
        deputy.save()
        move(procedure, opened=60, deadline=20)
        silence.remind()
        assert procedure.ledger.get(step="reminded").entry["states"] == ["AZ"]


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("emptied_afterwards")
def test_ten_workers_at_once(staff, coordinators):  # noqa: F811
    """F6: one entry, one mail for each recipient."""
    procedure = move(a_procedure(by=staff), opened=60, deadline=20)
    ready = threading.Barrier(10)

    def work(_number):
        try:
            connection.ensure_connection()
            ready.wait(timeout=10)
            return silence.remind()
        finally:
            connection.close()

    with ThreadPoolExecutor(10) as pool:
        assert sum(pool.map(work, range(10))) == 1
    assert procedure.ledger.filter(step="reminded").count() == 1
    assert (
        reminders().count()
        == reminders().values("recipient").distinct().count()
        == len(coordinators)
    )
