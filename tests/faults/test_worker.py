"""F6, F7: a worker that is killed as it commits, and tasks that are delivered twice."""

import pytest
from django.core import mail

from almaty_portal.common.models import Notice
from almaty_portal.common.periodic import send_notices
from documents.actions.ledger import verify_ledger
from documents.models import Decision, LedgerEntry, Rendition, SilenceOutcome
from documents.periodic import close_due_silence
from documents.tasks import render_rendition
from tests.factories.documents import a_short_procedure
from tests.faults.conftest import at_once, holds, member_states

pytestmark = [pytest.mark.processes, pytest.mark.django_db(transaction=True)]

LONG_AGO = -26 * 60


def on_record(procedure) -> tuple[int, ...]:
    """How much of the closing of a procedure is stored: all of it, or nothing."""
    return (
        SilenceOutcome.objects.filter(procedure=procedure, effects_at__isnull=False).count(),
        LedgerEntry.objects.filter(
            procedure=procedure, step__in=["outcome_adopted", "effects_applied"]
        ).count(),
        Decision.objects.filter(procedure=procedure).count(),
        procedure.edition.document.editions.filter(kind="final").count(),
        Notice.objects.filter(event=f"silence-{procedure.pk}-closed", email__isnull=False).count(),
    )


def test_a_worker_killed_at_each_commit(settings, processes, staff):
    """F7: SIGKILL right before a COMMIT leaves nothing, right after it everything; the next worker
    finishes the work."""
    states = member_states(3)
    first, second = (
        a_short_procedure(settings, by=staff, seconds=LONG_AGO + number, title_en=f"No. {number}")
        for number in range(2)
    )
    nothing, everything = (0, 0, 0, 0, 0), (1, 2, 1, 1, len(states) + 1)
    left = {
        "before": [(nothing, nothing), (everything, nothing)],
        "after": [(everything, nothing), (everything, everything)],
    }
    for number in range(2):
        for moment in ("before", "after"):
            killed = processes.start(
                "worker",
                *("celery", "-A", "tests.faults.killed_worker", "worker", "--concurrency", "1"),
                *("--loglevel", "WARNING", "--without-gossip", "--without-mingle"),
                KILLED=moment,
            )
            assert killed.wait(60) == -9, processes.log("worker")
            assert (on_record(first), on_record(second)) == left[moment][number]
    assert list(verify_ledger()) == []


def test_a_killed_worker_is_followed_by_one_that_finishes(settings, processes, staff):
    """F7: what was undone by the kill is done by the next worker, well within two minutes."""
    member_states(3)
    procedure = a_short_procedure(settings, by=staff, seconds=LONG_AGO)
    killed = processes.start(
        "worker",
        *("celery", "-A", "tests.faults.killed_worker", "worker", "--concurrency", "1"),
        *("--loglevel", "WARNING", "--without-gossip", "--without-mingle"),
        KILLED="before",
    )
    assert killed.wait(60) == -9, processes.log("worker")
    processes.start("worker")
    assert holds(lambda: on_record(procedure) == (1, 2, 1, 1, 4), 60), processes.log("worker")
    assert list(verify_ledger()) == []


def test_a_long_job_holds_up_no_deadline(settings, processes, staff):
    """F5, S11: what takes long has a worker of its own, and the sweep waits for none of it."""
    member_states(1)
    procedure = a_short_procedure(settings, by=staff, seconds=LONG_AGO)
    processes.start("worker")
    assert holds(lambda: on_record(procedure) == (1, 2, 1, 1, 2), 60), processes.log("worker")
    wanted = Rendition.objects.filter(edition=procedure.outcome.edition_issued, layout="en")
    assert wanted.get().status == Rendition.Status.WAITING
    processes.start("jobs")
    assert holds(wanted.filter(status=Rendition.Status.READY).exists, 60), processes.log("jobs")


def test_every_task_delivered_twice(settings, emptied_afterwards, staff):
    """F6: twice at once and once more later; one outcome, one mail for each, one PDF of a kind."""
    member_states(3)
    procedure = a_short_procedure(settings, by=staff, seconds=LONG_AGO)
    mail.outbox = []
    at_once([close_due_silence] * 2)
    close_due_silence()
    assert on_record(procedure) == (1, 2, 1, 1, 4)
    at_once([send_notices] * 2)
    send_notices()
    told = [(*one.to, one.subject) for one in mail.outbox]
    assert len(told) == len(set(told)) == Notice.objects.count()
    wanted = Rendition.objects.get(edition=procedure.outcome.edition_issued, layout="en")
    at_once([lambda: render_rendition(wanted.pk)] * 2)
    render_rendition(wanted.pk)
    wanted.refresh_from_db()
    assert (wanted.status, wanted.attempts) == ("ready", 1)
    assert list(verify_ledger()) == []
