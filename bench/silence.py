"""Closing procedures that are due, against a bare UPDATE of as many rows."""

import datetime as dt
import sys
import time

import pgtrigger
from django.contrib.auth.models import Group
from django.db import connection

from almaty_portal.common.instants import database_now
from documents.actions import archive, silence, texts
from documents.models import Document, Edition, SilenceProcedure
from membership.models import User
from membership.permissions import SUPPORT_UNIT

ROWS = [
    {"role": "operative", "number": "1.", "text_en": "To act.", "text_ru": "Действовать."},
]


def run() -> None:
    rates = [closed_in(number) / number for number in (50, 200)]
    sys.stdout.write(f"silence: time for one of 200 / one of 50: {rates[1] / rates[0]:.2f}\n")


def closed_in(number: int) -> float:
    """Seconds for one sweep over so many procedures; the ratio to a bare UPDATE is printed."""
    staff, _created = User.objects.get_or_create(
        email="bench@example.org", defaults={"is_staff": True, "name": "Bench"}
    )
    staff.groups.add(Group.objects.get(name=SUPPORT_UNIT))
    for _ in range(number):
        due(staff)
    start = time.perf_counter()
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE documents_document SET issued_on = issued_on WHERE id IN"
            " (SELECT document_id FROM documents_edition ORDER BY id DESC LIMIT %s)",
            [number],
        )
    bare = time.perf_counter() - start
    start = time.perf_counter()
    closed = silence.close_due()
    seconds = time.perf_counter() - start
    if closed != number:
        raise SystemExit(f"{closed} of {number} procedures were closed")
    sys.stdout.write(
        f"silence: {number} procedures closed in {seconds:.2f} s, {number / seconds:.0f} a second,"
        f" {seconds / bare:.0f} times a bare UPDATE of as many rows\n"
    )
    return seconds


def due(staff: User) -> None:
    """A procedure whose deadline and grace have passed."""
    count = Document.objects.count()
    document = archive.create_document(
        by=staff,
        slug=f"bench-{count}",
        type=Document.Type.DECISION,
        title_en=f"Bench {count}",
        title_ru=f"Замер {count}",
        is_demonstration=True,
    )
    edition = archive.create_edition(
        document=document, kind=Edition.Kind.DRAFT, dated_on=dt.date(2026, 1, 1), by=staff
    )
    texts.set_text(edition=edition, rows=ROWS, by=staff)
    now = database_now()
    procedure = silence.open_silence(
        edition=edition,
        kind=SilenceProcedure.Kind.ADOPTION,
        silence_means=SilenceProcedure.SilenceMeans.ADOPTED,
        title_en=f"Bench {count}",
        title_ru=f"Замер {count}",
        directive_on=dt.date(2026, 1, 1),
        directive_form_en="bench",
        directive_form_ru="замер",
        directive_by_en="bench",
        directive_by_ru="замер",
        deadline_at=now + dt.timedelta(hours=1),
        deadline_zone="UTC",
        by=staff,
    )
    with pgtrigger.ignore("documents.SilenceProcedure:the_question_stays"):
        SilenceProcedure.objects.filter(pk=procedure.pk).update(
            opened_at=now - dt.timedelta(hours=2), deadline_at=now - dt.timedelta(hours=1)
        )
