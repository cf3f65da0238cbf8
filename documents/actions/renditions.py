"""Asking for the PDF of an edition; the worker makes it (`documents.renditions`)."""

import logging
from collections.abc import Iterable, Sequence
from functools import partial

from celery import Task, current_app
from django.db import transaction

from documents import pdf
from documents.models import Edition, Rendition
from documents.preparing import wait_anew
from documents.renditions import is_current, make_rendition
from documents.tasks import render_rendition

__all__ = ["ask_for_new", "ask_for_rendition", "make_rendition"]

logger = logging.getLogger(__name__)
A_FEW = 6  # more than so many at once are left to beat: the worker has mails to send, too
# Without these a broker that is down is asked for six seconds.
AT_ONCE = {
    "max_retries": 1,
    "interval_start": 0,
    "interval_step": 0,
    "interval_max": 0,
    "socket_connect_timeout": 2,
}


@transaction.atomic
def ask_for_rendition(*, edition: Edition, layout: str) -> Rendition | None:
    """Have the PDF of an issued edition made, unless it is ready, or asked for already.

    Asked again, one that failed is tried anew, and so is one whose file no longer says what the
    edition's status is. None where the edition is not issued or has no text in a language of the
    layout. Nothing goes to the broker before the transaction is committed; where the broker is
    down, beat finds the row (`documents.periodic.render_waiting`).
    """
    edition = Edition.objects.with_text().get(pk=edition.pk)
    if edition.issued_at is None or layout not in pdf.layouts_of(edition):
        return None
    row, created = Rendition.objects.get_or_create(edition=edition, layout=layout)
    rendition = Rendition.objects.select_for_update().get(pk=row.pk)
    if not created:
        if rendition.on_its_way or is_current(rendition, edition):
            return rendition
        wait_anew(rendition)
    transaction.on_commit(partial(send, render_rendition, [rendition.pk]))
    return rendition


def ask_for_new(editions: Iterable[Edition]) -> None:
    """Have the PDFs of editions made that are issued just now, with their texts fetched: nobody has
    asked for them yet, in any layout."""
    rows = Rendition.objects.bulk_create(
        Rendition(edition=edition, layout=layout)
        for edition in editions
        for layout in pdf.layouts_of(edition)
    )
    if len(rows) <= A_FEW:
        transaction.on_commit(partial(send, render_rendition, [one.pk for one in rows]))


def send(task: Task, pks: Sequence[int]) -> None:
    """Tell the worker of rows that wait; a broker that is down does no harm, and costs no time."""
    broker = current_app.connection_for_write(
        transport_options={**current_app.conf.broker_transport_options, **AT_ONCE}
    )
    try:
        with broker:
            for pk in pks:
                task.apply_async(
                    (pk,),
                    connection=broker,  # type: ignore[call-arg]  # the stubs don't know it
                    retry=False,
                    expires=60,
                )
    except Exception as error:
        logger.warning("%s %s wait: the broker does not answer (%s)", task.name, pks, error)
