"""Closing procedures that are due, against a bare UPDATE of as many rows.

Each of them is an adoption by the Member States of today, each with its Coordinator: closing it
assigns a reference, issues an edition in both languages, enters the decision in the register, and
owes every Coordinator and the Support Unit a notice, all in one transaction.
"""

import datetime as dt
import sys
import time
from collections.abc import Callable

import pgtrigger
from django.contrib.auth.models import Group
from django.db import connection, transaction

from almaty_portal.common.instants import database_now
from almaty_portal.common.models import Notice
from documents.actions import silence
from documents.actions.ledger import FIRST_HASH, canonical, chained, instant
from documents.models import (
    Document,
    Edition,
    LanguageVersion,
    LedgerEntry,
    Paragraph,
    SilenceOutcome,
    SilenceProcedure,
)
from documents.models.archive import Access
from documents.models.silence import RULES_VERSION, Entitlement
from documents.text import text_hash
from membership.models import NationalCoordinator, State, User
from membership.permissions import SUPPORT_UNIT

SIZES = (1_000, 10_000)
PERIOD = dt.timedelta(hours=72)
ROWS = [
    ("preambular", "(i)", "Recalling the Almaty Declaration;", "Ссылаясь на Декларацию;"),
    ("operative", "1.", "Decide to share information.", "Постановляют обмениваться сведениями."),
    ("operative", "2.", "Will meet once a year.", "Будут собираться раз в год."),
]


def run() -> None:
    each = [close(number) / number for number in SIZES]
    sys.stdout.write(
        f"silence: time for one of {SIZES[1]:,} / one of {SIZES[0]:,}: {each[1] / each[0]:.2f}\n"
    )


def close(number: int) -> float:
    """Seconds for one sweep over so many procedures; its speed is printed."""
    documents, people = make_due(number)
    bare = seconds(lambda: Document.objects.filter(pk__in=documents).update(annex_number=None))
    closed, before = 0, Notice.objects.count()

    def sweep() -> None:
        nonlocal closed
        closed = silence.close_due()

    taken = seconds(sweep)
    adopted = SilenceOutcome.objects.filter(
        procedure__edition__document__in=documents, effects_at__isnull=False, result="adopted"
    ).count()
    told = Notice.objects.count() - before
    if not closed == adopted == number or told != number * people:
        raise SystemExit(f"of {number}, {closed} closed, {adopted} adopted; {told} notices")
    sys.stdout.write(
        f"silence: {number:,} procedures closed in {taken:.1f} s, {number / taken:.0f} a second,"
        f" {taken / bare:.0f} times a bare UPDATE of as many rows; {told:,} notices\n"
    )
    return taken


def seconds(act: Callable[[], object]) -> float:
    start = time.perf_counter()
    act()
    return time.perf_counter() - start


@transaction.atomic
def make_due(number: int) -> tuple[list[int], int]:
    """So many procedures whose deadline and grace have passed; their documents, and how many
    people are told of each.

    Written past the triggers, since no clock can be moved; the ledger tells of each opening.
    """
    staff, electorate = people()
    opened_at = database_now() - PERIOD - dt.timedelta(hours=1)
    first = Document.objects.count()
    with pgtrigger.ignore():
        documents = Document.objects.bulk_create(
            Document(
                slug=f"bench-{first + index}",
                type=Document.Type.DECISION,
                title_en=f"Decision on information No. {first + index}",
                title_ru=f"Решение об обмене сведениями № {first + index}",
                access=Access.MEMBERS,
            )
            for index in range(number)
        )
        editions = Edition.objects.bulk_create(
            Edition(document=one, dated_on=opened_at.date(), issued_at=opened_at)
            for one in documents
        )
        Paragraph.objects.bulk_create(
            Paragraph(
                edition=edition,
                position=position,
                anchor=f"p{position}",
                role=role,
                number=mark,
                text_en=english,
                text_ru=russian,
            )
            for edition in editions
            for position, (role, mark, english, russian) in enumerate(ROWS, start=1)
        )
        whole = Edition.objects.with_text().get(pk=editions[0].pk)
        hashes = {language: text_hash(whole, language) for language in ("en", "ru")}
        LanguageVersion.objects.bulk_create(
            LanguageVersion(
                edition=edition, language=language, standing=standing, text_hash=hashes[language]
            )
            for edition in editions
            for language, standing in (("en", "original"), ("ru", "authentic"))
        )
        procedures = SilenceProcedure.objects.bulk_create(
            SilenceProcedure(
                slug=f"bench-{edition.document.slug}",
                title_en=edition.document.title_en,
                title_ru=edition.document.title_ru,
                edition=edition,
                directive_on=opened_at.date(),
                directive_form_en="letter",
                directive_form_ru="письмо",
                directive_by_en="the Chair",
                directive_by_ru="Председатель",
                opened_at=opened_at,
                deadline_at=opened_at + PERIOD,
                text_hash_en=hashes["en"],
                text_hash_ru=hashes["ru"],
                opened_by=staff,
            )
            for edition in editions
        )
        Entitlement.objects.bulk_create(
            Entitlement(procedure=one, state=state) for one in procedures for state in electorate
        )
        enter(procedures, electorate)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    told = User.objects.filter(is_active=True, is_staff=True).count() + len(electorate)
    return [one.pk for one in documents], told


def enter(procedures: list[SilenceProcedure], electorate: list[State]) -> None:
    """The openings in the ledger, chained as `record_step` chains them."""
    last = LedgerEntry.objects.order_by("-number").first()
    number, previous = (last.number, last.entry_hash) if last else (0, FIRST_HASH)
    rows = []
    for one in procedures:
        number += 1
        entry = {
            "number": number,
            "step": "opened",
            "rules": RULES_VERSION,
            "recorded_at": instant(one.opened_at),
            "written_at": instant(one.opened_at),
            "procedure": one.slug,
            "previous_of_procedure": None,
            "kind": one.kind,
            "silence_means": one.silence_means,
            "text_sha256": {"en": one.text_hash_en, "ru": one.text_hash_ru},
            "deadline_at": instant(one.deadline_at),
            "entitled": sorted(state.code for state in electorate),
        }
        text = canonical(entry)
        rows.append(
            LedgerEntry(
                number=number,
                procedure=one,
                step="opened",
                recorded_at=one.opened_at,
                entry=entry,
                canonical=text,
                previous_hash=previous,
                entry_hash=(previous := chained(previous, text)),
            )
        )
    LedgerEntry.objects.bulk_create(rows)


def people() -> tuple[User, list[State]]:
    """The Support Unit, and the Member States of today, each with its Coordinator in office."""
    staff, _created = User.objects.get_or_create(
        email="bench@example.org", defaults={"is_staff": True, "name": "Bench"}
    )
    staff.groups.add(Group.objects.get(name=SUPPORT_UNIT))
    electorate = list(State.objects.members())
    for number, state in enumerate(electorate):
        user, created = User.objects.get_or_create(
            email=f"{state.code.lower()}@example.org",
            defaults={
                "name": f"Coordinator of {state.code}",
                "language": ("ru", "en")[number % 2],
                "time_zone": state.time_zone or "Asia/Almaty",
            },
        )
        if created:
            NationalCoordinator.objects.create(
                state=state, user=user, note_verbale="bench", from_on=dt.date(2026, 1, 1)
            )
    return staff, electorate
