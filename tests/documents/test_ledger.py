"""The ledger is proved: its chain, and what is on record against what it tells (rule S15)."""

import datetime as dt
from io import StringIO

import pgtrigger
import pytest
from django.core.management import CommandError, call_command

from documents.actions import silence
from documents.actions.ledger import canonical, chained, record_step, verify_ledger
from documents.models import (
    LedgerEntry,
    SilenceOutcome,
    SilenceProcedure,
    SilenceResponse,
)
from documents.models.silence import Entitlement
from tests.factories.documents import a_procedure, a_short_procedure

pytestmark = pytest.mark.django_db

LONG_AGO = -26 * 60


def faults() -> list[str]:
    return [str(one) for one in verify_ledger()]


def set_past_its_guards(model, **values) -> None:
    """Change every row of a table as the owner of the database could, its triggers off."""
    names = [f"{model._meta.label}:{one.name}" for one in getattr(model._meta, "triggers", [])]
    with pgtrigger.ignore(*names):
        model.objects.update(**values)


@pytest.fixture
def procedure(support_unit, members):
    return a_procedure(by=support_unit, slug="asked")


@pytest.fixture
def answered(procedure, coordinator, kazakhstan):
    silence.acknowledge(procedure=procedure, state=kazakhstan, by=coordinator)
    return procedure


@pytest.fixture
def broken(procedure, coordinator, kazakhstan):
    silence.break_silence(procedure=procedure, state=kazakhstan, reason="No.", by=coordinator)
    return procedure


@pytest.fixture
def adopted(settings, support_unit, members):
    procedure = a_short_procedure(settings, by=support_unit, seconds=LONG_AGO, slug="asked")
    silence.close_due()
    return procedure


def test_what_happened_verifies(broken, support_unit, settings):
    """S15: an opening, an objection, an outcome, another procedure that was adopted."""
    a_short_procedure(settings, by=support_unit, seconds=LONG_AGO)
    silence.close_due()
    assert SilenceOutcome.objects.count() == 2
    assert faults() == []


def test_a_missing_entry_is_named(answered):
    """S15."""
    with pgtrigger.ignore("documents.LedgerEntry:ledger_rows_stay"):
        LedgerEntry.objects.filter(number=1).delete()
    assert "entry 2: entry 1 is missing" in faults()
    assert "entry 2: does not follow the entry before it" in faults()


def test_an_entry_filed_under_another_procedure_is_named(answered, support_unit):
    """S15: the column that a page reads names the procedure that the entry names."""
    other = a_procedure(by=support_unit, slug="other")
    with pgtrigger.ignore("documents.LedgerEntry:ledger_rows_stay"):
        LedgerEntry.objects.filter(number=2).update(procedure=other)
    assert faults() == ["entry 2: is filed under “other” and tells of “asked”"]
    with pgtrigger.ignore("documents.LedgerEntry:ledger_rows_stay"):
        LedgerEntry.objects.filter(number=2).update(procedure=None)
    assert faults() == ["entry 2: is filed under no procedure and tells of “asked”"]


def test_a_chain_forged_anew_differs_from_the_records(answered):
    """S15: even whose hashes are all computed anew."""
    with pgtrigger.ignore("documents.LedgerEntry:ledger_rows_stay"):
        entry = LedgerEntry.objects.get(number=3)
        entry.entry["answer"] = "objection"
        entry.canonical = canonical(entry.entry)
        entry.entry_hash = chained(entry.previous_hash, entry.canonical)
        entry.save()
    assert faults() == [
        "no entry tells the acknowledgement of KZ in “asked” as it is on record",
        "entry 3: the answer that it tells is not on record, or differs",
    ]


@pytest.mark.parametrize(
    "changed",
    [
        {"reason": "Yes."},
        {"kind": "statement"},
        {"late": True},
        {"received_at": dt.datetime(2026, 1, 1, tzinfo=dt.UTC)},
    ],
)
def test_an_answer_that_was_changed_is_named(broken, changed):
    """S15."""
    set_past_its_guards(SilenceResponse, **changed)
    assert any("the answer that it tells is not on record, or differs" in one for one in faults())


def test_an_answer_that_was_removed_is_named(answered):
    """S15."""
    with pgtrigger.ignore("documents.SilenceResponse:answers_rows_stay"):
        SilenceResponse.objects.all().delete()
    assert faults() == ["entry 3: the answer that it tells is not on record, or differs"]


def test_an_answer_without_its_entry_is_named(procedure, kazakhstan, coordinator):
    """S15."""
    SilenceResponse.objects.create(
        procedure=procedure,
        state=kazakhstan,
        kind="acknowledgement",
        received_at=procedure.entered_at,
        by=coordinator,
    )
    assert faults() == ["no entry tells the acknowledgement of KZ in “asked” as it is on record"]


@pytest.mark.parametrize(
    ("changed", "name"),
    [
        ({"result": "window_closed"}, "result"),
        ({"effective_at": dt.datetime(2026, 1, 1, tzinfo=dt.UTC)}, "effective_at"),
        ({"edition_issued": None}, "edition_issued"),
    ],
)
def test_an_outcome_that_was_changed_is_named(adopted, changed, name):
    """S15."""
    assert faults() == []
    set_past_its_guards(SilenceOutcome, **changed)
    [fault] = faults()
    assert fault.endswith(f": “{name}” of “asked” is on record otherwise")


def test_a_question_that_was_changed_is_named(procedure):
    """S3, S9, S15: the deadline, the text, the States entitled."""
    later = procedure.deadline_at + dt.timedelta(days=1)
    set_past_its_guards(SilenceProcedure, deadline_at=later, text_hash_ru="0" * 64)
    with pgtrigger.ignore("documents.Entitlement:electorate_rows_stay"):
        Entitlement.objects.filter(procedure=procedure, state__code="KZ").delete()
    assert faults() == [
        f"entry 1: “{name}” of “asked” is on record otherwise"
        for name in ("entitled", "deadline_at", "text_sha256")
    ] + ["the text of “asked” is not the one that was put"]


def test_a_procedure_that_is_not_on_record_is_named(procedure):
    """S15."""
    set_past_its_guards(SilenceProcedure, slug="renamed")
    assert "entry 1: is filed under “renamed” and tells of “asked”" in faults()
    assert "entry 1: the procedure “asked” that it tells of is not on record" in faults()
    assert "no entry tells “kind” of “renamed”" in faults()


def test_the_command_names_every_fault_and_fails(answered):
    """F12."""
    out, err = StringIO(), StringIO()
    call_command("verify_ledger", stdout=out)
    assert "The ledger verifies: 3 entries" in out.getvalue()
    set_past_its_guards(SilenceResponse, reason="Forged.")
    with pytest.raises(CommandError, match="does not verify: 2 fault"):
        call_command("verify_ledger", stderr=err)
    assert "entry 3: the answer that it tells is not on record" in err.getvalue()


def test_a_step_of_no_procedure_verifies(db):
    """S15: the chain is one for the whole portal."""
    record_step(step="note", procedure=None, entry={}, at=dt.datetime(2026, 1, 1, tzinfo=dt.UTC))
    assert faults() == []
