"""F12: columns that stay, kept by a trigger and by a right that the portal's role has not."""

import datetime as dt

import pytest
from django.conf import settings
from django.contrib.auth.models import Group
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import DatabaseError, IntegrityError, connection, transaction

from almaty_portal.common.instants import database_now
from almaty_portal.common.role import changeable
from documents.actions import silence
from documents.models import (
    DailyHead,
    Effect,
    LedgerEntry,
    PaperNote,
    SilenceOutcome,
    SilenceProcedure,
)
from membership.permissions import SUPPORT_UNIT
from tests.factories.documents import a_procedure, a_short_procedure
from tests.factories.files import a_file
from tests.factories.membership import (
    OrganizationFactory,
    StandingFactory,
    StateFactory,
    UserFactory,
)
from tests.faults.test_role import refuse

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("emptied_afterwards"),
]
KEPT = [SilenceProcedure, SilenceOutcome, PaperNote, Effect, DailyHead]
OTHER = {"DateTimeField": "now()", "DateField": "now()", "JSONField": "'[7]'::jsonb"}


@pytest.fixture
def kazakhstan(db):
    state = StateFactory(code="KZ", iso3="KAZ", english="Kazakhstan", russian="Казахстан")
    StandingFactory(state=state)
    return state


@pytest.fixture
def records(settings, staff, kazakhstan):
    """A row of each table: an adoption with its effect, a note on paper, a sealed day."""
    procedure = a_short_procedure(
        settings,
        by=staff,
        seconds=-26 * 60,
        slug="asked",
        effect={"kind": "observer", "organization": OrganizationFactory()},
    )
    silence.close_due()
    note = a_paper_note(procedure, kazakhstan, staff)
    last = LedgerEntry.objects.latest("number")
    DailyHead.objects.create(
        day=dt.date(2026, 1, 1),
        number=last.number,
        entry_hash=last.entry_hash,
        sealed_at=database_now(),
    )
    return procedure, note


def a_paper_note(procedure, state, by) -> PaperNote:
    return silence.enter_paper_note(
        procedure=procedure,
        state=state,
        kind="objection",
        reason="As the Note says.",
        received_at=procedure.deadline_at - dt.timedelta(minutes=5),
        received_how="Handed in at the Support Unit, stamp No. 41",
        file=SimpleUploadedFile("note.pdf", a_file("pdf")),
        by=by,
    )


def as_role(on: bool) -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"SET ROLE {settings.DATABASE_ROLE}" if on else "RESET ROLE")


@pytest.fixture
def as_portal(records):
    as_role(True)
    yield records
    as_role(False)


def columns_that_stay(model) -> list:
    fields = [one for one in model._meta.concrete_fields if one.column not in changeable(model)]
    assert len(fields) > 3
    return fields


@pytest.mark.parametrize("model", KEPT)
def test_the_role_has_no_right_to_change_them(as_portal, model):
    """F12: though every trigger is told to stand aside."""
    table = model._meta.db_table
    for field in columns_that_stay(model):
        complaint = refuse(f'UPDATE {table} SET "{field.column}" = "{field.column}"')
        assert "permission denied" in complaint, field.column
    for column in changeable(model):
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(f'UPDATE {table} SET "{column}" = "{column}" WHERE false')


@pytest.mark.parametrize("model", KEPT)
def test_triggers_refuse_the_owner_too(records, model):
    """F12: each column, set to something else."""
    for field in columns_that_stay(model):
        kind = field.get_internal_type()
        other = OTHER.get(kind)
        if kind in ("CharField", "TextField", "SlugField", "FileField"):
            other = "'1'"
        if other is None:
            continue  # keys of other rows and numbers are kept by the same comparison
        with (
            pytest.raises(DatabaseError, match=r"stays|changed|Cannot update"),
            transaction.atomic(),
            connection.cursor() as cursor,
        ):
            cursor.execute(f'UPDATE {model._meta.db_table} SET "{field.column}" = {other}')


def test_the_portal_acts_as_the_role(records, staff, other_person, kazakhstan, settings):
    """F12, S9, S12, S13: extend, confirm on paper, stamp a head, adopt."""
    _procedure, note = records
    due = a_short_procedure(settings, by=staff, seconds=-26 * 60, slug="due")
    as_role(True)
    try:
        running = a_procedure(by=staff, slug="running")
        until = running.deadline_at + dt.timedelta(days=1)
        silence.extend(
            procedure=running,
            deadline_at=until,
            deadline_zone="UTC",
            reason_en="Letter.",
            reason_ru="Письмо.",
            by=staff,
        )
        assert SilenceProcedure.objects.get(slug="running").deadline_at == until
        silence.confirm_paper_note(note=note, by=other_person)
        assert PaperNote.objects.get().confirmed_by == other_person
        DailyHead.objects.update(token=b"token", token_at=database_now())
        silence.close_due()
        assert SilenceOutcome.objects.get(procedure=due).effects_at is not None
    finally:
        as_role(False)


@pytest.fixture
def other_person(db):
    user = UserFactory(email="second@example.org", is_staff=True)
    user.groups.add(Group.objects.get(name=SUPPORT_UNIT))
    return user


@pytest.mark.parametrize("hours", [-1, 1])
def test_a_second_person_acts_by_the_clock_of_the_database(records, other_person, hours):
    """S13: a confirmation is dated neither back nor ahead, nor entered with the note itself."""
    _procedure, note = records
    at = database_now() + dt.timedelta(hours=hours)
    for values in (
        {"confirmed_by": other_person, "confirmed_at": at},
        {"refused_by": other_person, "refused_at": at},
    ):
        with pytest.raises(IntegrityError, match="moment of this clock"), transaction.atomic():
            PaperNote.objects.filter(pk=note.pk).update(**values)
    note.pk, note.entered_at = None, at
    with pytest.raises(IntegrityError, match="no Note Verbale"), transaction.atomic():
        note.save()
