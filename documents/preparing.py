"""Files that the worker prepares: how a row that waits becomes a file, whatever the file is.

A row goes waiting → running → ready or failed. Progress is saved step by step, each in a
transaction of its own, so that the page that waits shows it. Delivered twice, started twice or
killed half-way, a row is made once: whoever runs it has counted its attempt, and saves only while
that attempt is the row's.
"""

import hashlib
import logging
import os
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import transaction
from django.db.models import Q, QuerySet

from almaty_portal.common.instants import database_now
from almaty_portal.common.pdf import PdfError, PdfTimeout, PdfUnavailable
from documents.models import Prepared

logger = logging.getLogger(__name__)

ATTEMPTS = 3
PROGRESS = {"text": 10, "files": 15, "layout": 30, "pages": 70, "sheets": 80, "saving": 90}
ANEW = ["status", "asked_at", "attempts", "progress", "step", "started_at", "finished_at"]
Status = Prepared.Status
Row = TypeVar("Row", bound=Prepared)


class TakenOver(Exception):
    """Another run of the same row has begun; this one leaves it alone."""


def waiting(model: type[Row]) -> "QuerySet[Row]":
    """Rows to be made: those that wait, and those whose worker died."""
    return model._default_manager.filter(
        Q(status=Status.WAITING)
        | Q(status=Status.RUNNING, started_at__lte=database_now() - model.ABANDONED_AFTER)
    )


def wait_anew(row: Prepared) -> None:
    """Let a locked row wait for its file as if asked for the first time."""
    row.status, row.asked_at = Status.WAITING, database_now()
    row.attempts, row.progress, row.step = 0, 0, ""
    row.started_at = row.finished_at = None
    row.save(update_fields=ANEW)


def prepare(model: type[Row], pk: int, make: Callable[[Row], None]) -> None:
    """Make the file of a row that waits; idempotent, and it raises nothing: the row tells."""
    row = begin(model, pk)
    if row is None:
        return
    name = f"{model._meta.label_lower} {pk}"
    try:
        make(row)
    except TakenOver:
        logger.info("%s: another run has begun", name)
    except PdfUnavailable:
        fail(row, "library")
    except PdfTimeout:
        try_again(row, "time")
    except PdfError:
        try_again(row, "error")
    except OSError:
        logger.exception("%s: cannot be written", name)
        try_again(row, "disk")
    except Exception:
        logger.exception("%s: cannot be made", name)
        try_again(row, "error")


@transaction.atomic
def begin(model: type[Row], pk: int) -> Row | None:
    """Claim a row for one attempt; None where there is nothing to be done."""
    row = model._default_manager.select_for_update().filter(pk=pk).first()
    if row is None or row.status in (Status.READY, Status.FAILED):
        return None
    now = database_now()
    if (
        row.status == Status.RUNNING
        and row.started_at
        and row.started_at > now - model.ABANDONED_AFTER
    ):
        return None
    if row.attempts >= ATTEMPTS:
        row.status, row.finished_at = Status.FAILED, now
        row.save(update_fields=["status", "finished_at"])
        return None
    row.status, row.started_at = Status.RUNNING, now
    row.attempts += 1
    row.progress, row.step, row.finished_at = 5, "text", None
    row.save(update_fields=["status", "started_at", "attempts", "progress", "step", "finished_at"])
    return row


def keep(row: Prepared, data: bytes, name: str, **fields: Any) -> None:
    """Save a file, of which `name` says all but hash and suffix, and with it the row as ready.

    Raises OSError, and TakenOver where another run has begun.
    """
    advance(row, "saving")
    sha256 = hashlib.sha256(data).hexdigest()
    former = row.file.name
    path = f"{name}-{sha256[:20]}.pdf"
    write(path, data)
    update(
        row,
        status=Status.READY,
        progress=100,
        step="",
        file=path,
        sha256=sha256,
        size=len(data),
        finished_at=database_now(),
        **fields,
    )
    if former and former != path:
        default_storage.delete(former)


def write(name: str, data: bytes) -> None:
    """Write a file whole or not at all: beside its place first, then moved into it."""
    try:
        path = Path(default_storage.path(name))
    except NotImplementedError:  # a bucket takes an object whole or not at all
        if not default_storage.exists(name):
            default_storage.save(name, ContentFile(data))
        return
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


def advance(row: Prepared, step: str) -> None:
    """Save how far the run has come, at once and for everybody to see."""
    update(row, step=step, progress=PROGRESS[step])


def update(row: Prepared, **fields: object) -> None:
    """Save fields while this attempt is still the row's. Raises TakenOver where it isn't."""
    mine = type(row)._default_manager.filter(
        pk=row.pk, status=Status.RUNNING, attempts=row.attempts
    )
    if not mine.update(**fields):
        raise TakenOver


def try_again(row: Prepared, why: str) -> None:
    """Let the row wait for its next attempt, or fail with the reason after the last."""
    if row.attempts >= ATTEMPTS:
        fail(row, why)
        return
    give_up(row, status=Status.WAITING, step=why, progress=0)


def fail(row: Prepared, why: str) -> None:
    give_up(row, status=Status.FAILED, step=why, finished_at=database_now())


def give_up(row: Prepared, **fields: object) -> None:
    try:
        update(row, **fields)
    except TakenOver:
        logger.info("%s %s: another run has begun", type(row)._meta.label_lower, row.pk)
