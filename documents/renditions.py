"""Making the PDF of an edition: what the worker does with a row that waits.

A row goes waiting → running → ready or failed. Progress is saved step by step, each in a
transaction of its own, so that the page that waits shows it. Delivered twice, started twice or
killed half-way, a row is made once: whoever runs it has counted its attempt, and saves only while
that attempt is the row's.
"""

import datetime as dt
import hashlib
import logging
import os
import tempfile
from pathlib import Path

from django.core.files.storage import default_storage
from django.db import transaction
from django.db.models import Q, QuerySet

from almaty_portal.common.instants import database_now
from almaty_portal.common.pdf import PdfError, PdfTimeout, PdfUnavailable
from documents import pdf
from documents.models import Edition, Rendition

logger = logging.getLogger(__name__)

ATTEMPTS = 3
ABANDONED_AFTER = dt.timedelta(seconds=90)  # longer than any run may last (fault F11)
PROGRESS = {"text": 10, "layout": 30, "pages": 70, "saving": 90}
Status = Rendition.Status


class TakenOver(Exception):
    """Another run of the same row has begun; this one leaves it alone."""


def waiting() -> "QuerySet[Rendition]":
    """Rows to be made: those that wait, and those whose worker died."""
    return Rendition.objects.filter(
        Q(status=Status.WAITING)
        | Q(status=Status.RUNNING, started_at__lte=database_now() - ABANDONED_AFTER)
    )


def is_current(rendition: Rendition, edition: Edition) -> bool:
    """Whether a ready file says what the edition's PDF would say now, and is there."""
    return (
        rendition.status == Status.READY
        and rendition.fingerprint == pdf.fingerprint(pdf.content(edition, rendition.layout))
        and default_storage.exists(str(rendition.file))
    )


def make_rendition(*, rendition_id: int) -> None:
    """Make the PDF of a row that waits; idempotent, and it raises nothing: the row tells."""
    rendition = begin(rendition_id)
    if rendition is None:
        return
    try:
        make(rendition)
    except TakenOver:
        logger.info("PDF %s: another run has begun", rendition_id)
    except PdfUnavailable:
        fail(rendition, "library")
    except PdfTimeout:
        try_again(rendition, "time")
    except PdfError:
        try_again(rendition, "error")
    except OSError:
        logger.exception("PDF %s: cannot be written", rendition_id)
        try_again(rendition, "disk")
    except Exception:
        logger.exception("PDF %s: cannot be made", rendition_id)
        try_again(rendition, "error")


@transaction.atomic
def begin(rendition_id: int) -> Rendition | None:
    """Claim a row for one attempt; None where there is nothing to be done."""
    rendition = Rendition.objects.select_for_update().filter(pk=rendition_id).first()
    if rendition is None or rendition.status in (Status.READY, Status.FAILED):
        return None
    now = database_now()
    if (
        rendition.status == Status.RUNNING
        and rendition.started_at
        and rendition.started_at > now - ABANDONED_AFTER
    ):
        return None
    if rendition.attempts >= ATTEMPTS:
        rendition.status, rendition.finished_at = Status.FAILED, now
        rendition.save(update_fields=["status", "finished_at"])
        return None
    rendition.status, rendition.started_at = Status.RUNNING, now
    rendition.attempts += 1
    rendition.progress, rendition.step, rendition.finished_at = 5, "text", None
    rendition.save(
        update_fields=["status", "started_at", "attempts", "progress", "step", "finished_at"]
    )
    return rendition


def make(rendition: Rendition) -> None:
    edition = Edition.objects.with_text().get(pk=rendition.edition_id)
    advance(rendition, "text")
    printed = pdf.content(edition, rendition.layout)
    data = pdf.render_content(printed, lambda step: advance(rendition, step))
    advance(rendition, "saving")
    sha256 = hashlib.sha256(data).hexdigest()
    former = rendition.file.name
    name = f"renditions/{rendition.edition_id}-{rendition.layout}-{sha256[:20]}.pdf"
    write(name, data)
    update(
        rendition,
        status=Status.READY,
        progress=100,
        step="",
        file=name,
        sha256=sha256,
        fingerprint=pdf.fingerprint(printed),
        finished_at=database_now(),
    )
    if former and former != name:
        default_storage.delete(former)


def write(name: str, data: bytes) -> None:
    """Write a file whole or not at all: beside its place first, then moved into it."""
    path = Path(default_storage.path(name))
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, beside = tempfile.mkstemp(dir=path.parent, suffix=".part")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        Path(beside).chmod(0o640)
        Path(beside).replace(path)
    except BaseException:
        Path(beside).unlink(missing_ok=True)
        raise


def advance(rendition: Rendition, step: str) -> None:
    """Save how far the run has come, at once and for everybody to see."""
    update(rendition, step=step, progress=PROGRESS[step])


def update(rendition: Rendition, **fields: object) -> None:
    """Save fields while this attempt is still the row's. Raises TakenOver where it isn't."""
    mine = Rendition.objects.filter(
        pk=rendition.pk, status=Status.RUNNING, attempts=rendition.attempts
    )
    if not mine.update(**fields):
        raise TakenOver


def try_again(rendition: Rendition, why: str) -> None:
    """Let the row wait for its next attempt, or fail with the reason after the last."""
    if rendition.attempts >= ATTEMPTS:
        fail(rendition, why)
        return
    give_up(rendition, status=Status.WAITING, step=why, progress=0)


def fail(rendition: Rendition, why: str) -> None:
    give_up(rendition, status=Status.FAILED, step=why, finished_at=database_now())


def give_up(rendition: Rendition, **fields: object) -> None:
    try:
        update(rendition, **fields)
    except TakenOver:
        logger.info("PDF %s: another run has begun", rendition.pk)
