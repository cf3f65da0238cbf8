"""What beat starts for documents: the sweep that closes procedures, the PDFs that wait."""

from typing import Any

from celery import shared_task
from celery.signals import worker_ready

from documents import renditions
from documents.actions import silence
from documents.tasks import render_rendition

AT_A_TIME = 20


# Time for ten thousand that are due at once on a slow machine; one that is cut short goes on with
# the next sweep, since each part of it is on record.
@shared_task(soft_time_limit=14 * 60, time_limit=15 * 60)
def close_due_silence() -> None:
    """Record the outcome of every procedure that is due (rule S11); every 30 s, and at start-up."""
    silence.close_due()


@worker_ready.connect
def sweep_at_start(**kwargs: Any) -> None:
    """A worker that comes up closes at once what fell due while none was running (fault F5)."""
    close_due_silence.delay()


@shared_task
def render_waiting() -> None:
    """Hand the worker the PDFs that wait, and those whose worker died; every 15 s.

    The way of a row that could not be sent when it was asked for. One that is sent twice is made
    once (`documents.renditions`).
    """
    for pk in renditions.waiting().order_by("asked_at").values_list("pk", flat=True)[:AT_A_TIME]:
        render_rendition.apply_async((pk,), expires=60)
