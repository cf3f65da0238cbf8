"""F12: what the portal's own role cannot do to the ledger, and what is seen when its owner does."""

from io import StringIO

import pgtrigger
import pytest
from django.conf import settings
from django.core.management import CommandError, call_command
from django.db import DatabaseError, connection, transaction
from django.db.utils import ProgrammingError

from almaty_portal.common.role import grant, refused
from documents.models import (
    Certificate,
    DailyHead,
    LedgerEntry,
    SilenceOutcome,
    SilenceProcedure,
    SilenceResponse,
)
from tests.factories.documents import a_procedure
from tests.factories.membership import StandingFactory, StateFactory

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("emptied_afterwards"),
]

APPEND_ONLY = [
    "documents_ledgerentry",
    "documents_silenceresponse",
    "documents_objectionpoint",
    "documents_entitlement",
    "documents_technicalcorrection",
    "documents_annulment",
    "documents_followup",
    "documents_stateoutcome",
    "documents_certificate",
    "documents_evidencebundle",
    "common_auditrecord",
]


@pytest.fixture
def procedure(staff):
    StandingFactory(state=StateFactory(code="KZ", iso3="KAZ", english="Kazakhstan"))
    return a_procedure(by=staff, slug="asked")


@pytest.fixture
def as_portal(procedure):
    """The connection acts as the role of web server, worker and beat."""
    with connection.cursor() as cursor:
        cursor.execute(f"SET ROLE {settings.DATABASE_ROLE}")
    yield procedure
    with connection.cursor() as cursor:
        cursor.execute("RESET ROLE")


def refuse(statement: str) -> str:
    names = "{" + ",".join(one.get_pgid(model) for model, one in pgtrigger.registered()) + "}"
    with (
        pytest.raises(ProgrammingError) as caught,
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute("SELECT set_config('pgtrigger.ignore', %s, true)", [names])
        cursor.execute(statement)
    return str(caught.value)


@pytest.mark.parametrize("table", APPEND_ONLY)
def test_rows_that_stay_stay_for_the_role_of_the_portal(as_portal, table):
    """F12: not by a trigger, which a setting can put aside, but by a right that is not there."""
    for statement in (
        f"UPDATE {table} SET id = id",
        f"DELETE FROM {table}",
        f"TRUNCATE {table} CASCADE",
        f"ALTER TABLE {table} DISABLE TRIGGER ALL",
        f"DROP TABLE {table}",
    ):
        complaint = refuse(statement)
        assert "permission denied" in complaint or "must be owner" in complaint


@pytest.mark.parametrize(
    "table", ["documents_silenceprocedure", "documents_silenceoutcome", "documents_dailyhead"]
)
def test_records_with_a_finer_rule_are_never_deleted(as_portal, table):
    """F12."""
    assert "permission denied" in refuse(f"DELETE FROM {table}")
    assert "permission denied" in refuse(f"TRUNCATE {table} CASCADE")


def test_what_the_role_may_not_follows_from_the_triggers():
    assert refused(LedgerEntry) == refused(Certificate) == {"UPDATE", "DELETE"}
    assert refused(SilenceResponse) == {"UPDATE", "DELETE"}
    assert refused(SilenceOutcome) == refused(SilenceProcedure) == refused(DailyHead) == {"DELETE"}


def test_the_portal_still_writes_as_the_role(as_portal, staff):
    """F12: an opening, with its entries, notices and audit record."""
    procedure = a_procedure(by=staff, slug="another")
    assert procedure.ledger.count() == 2


def test_a_role_owns_nothing_and_is_given_its_rights_again(procedure):
    assert grant()
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_class WHERE relowner = %s::regrole", [settings.DATABASE_ROLE]
        )
        assert cursor.fetchone()[0] == 0


def test_a_row_edited_past_everything_is_named(procedure):
    """F12: by the owner of the database, with the triggers off."""
    call_command("verify_ledger", stdout=StringIO())
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("ALTER TABLE documents_ledgerentry DISABLE TRIGGER USER")
        cursor.execute(
            "UPDATE documents_ledgerentry SET canonical = replace(canonical, 'KZ', 'XX'),"
            " entry = replace(entry::text, 'KZ', 'XX')::jsonb WHERE number = 1"
        )
        cursor.execute("ALTER TABLE documents_ledgerentry ENABLE TRIGGER USER")
    err = StringIO()
    with pytest.raises(CommandError, match="does not verify"):
        call_command("verify_ledger", stderr=err)
    assert err.getvalue().startswith("entry 1: its hash differs from its record")


def test_triggers_alone_refuse_the_owner_too(procedure):
    """F12: until they are told to stand aside."""
    with pytest.raises(DatabaseError), transaction.atomic():
        LedgerEntry.objects.all().delete()
