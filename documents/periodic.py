"""What beat starts for documents: the sweep, reminders, the PDFs that wait, evidence."""

from typing import Any

from celery import shared_task
from celery.signals import worker_ready

from documents import preparing, search
from documents.actions import evidence, filetexts, searches, silence, translations
from documents.models import PackFile, Rendition
from documents.tasks import render_pack, render_rendition

AT_A_TIME = 20


# Time for ten thousand that are due at once on a slow machine; one that is cut short goes on with
# the next sweep, since each part of it is on record.
@shared_task(soft_time_limit=14 * 60, time_limit=15 * 60)
def close_due_silence() -> None:
    """Record the outcome of every procedure that is due (rule S11); every 30 s, and at start-up."""
    silence.close_due()
    silence.lapse_paper_notes()


@worker_ready.connect
def sweep_at_start(**kwargs: Any) -> None:
    """A worker that comes up closes at once what fell due while none was running (fault F5)."""
    close_due_silence.delay()


@shared_task
def remind() -> None:
    """Remind those who have not answered, at the marks before each deadline; every 5 min."""
    silence.remind()


@shared_task
def render_waiting() -> None:
    """Hand the worker the PDFs that wait, and those whose worker died; every 15 s.

    The way of a row that could not be sent when it was asked for. One that is sent twice is made
    once (`documents.preparing`).
    """
    for model, task in ((Rendition, render_rendition), (PackFile, render_pack)):
        rows = preparing.waiting(model).order_by("asked_at")
        for pk in rows.values_list("pk", flat=True)[:AT_A_TIME]:
            task.apply_async((pk,), expires=60)


@shared_task
def record_deliveries() -> None:
    """Put on the ledger what became of the notices of procedures (rule S15); every minute."""
    evidence.record_deliveries()


@shared_task
def issue_certificates() -> None:
    """Issue the certificates of procedures that have ended (rule S15); every minute."""
    evidence.issue_due()


@shared_task
def seal_heads() -> None:
    """Seal the days that have ended, mail the head, have it time-stamped; every ten minutes."""
    evidence.seal_heads()
    evidence.stamp_heads()


@shared_task
def index_stale() -> None:
    """Store anew what an earlier version of the search stored, some at a time; every minute."""
    search.index_stale(at_most=100)


@shared_task
def read_files() -> None:
    """Read the texts of attached files that wait for it; every half minute."""
    filetexts.read_waiting(at_most=1)


# Each person is told in a transaction of their own: a run that is cut short goes on with the next.
@shared_task(soft_time_limit=9 * 60, time_limit=10 * 60)
def tell_searches() -> None:
    """Tell people what is new to their searches, those that are due; every quarter of an hour."""
    searches.tell_new()


@shared_task
def remind_of_translations() -> None:
    """Remind of translations that are due in three days or overdue; every hour."""
    translations.remind_due()
