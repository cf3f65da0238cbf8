"""The ledger against the records of what was opened, applied, annulled and came on paper (S15)."""

import datetime as dt

import pgtrigger
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from documents.actions import silence
from documents.actions.ledger import instant, verify_ledger
from documents.models import (
    Annulment,
    Decision,
    Edition,
    Effect,
    PaperNote,
    SilenceOutcome,
    SilenceProcedure,
)
from membership.models import Observer
from tests.documents.test_ledger import set_past_its_guards
from tests.factories.documents import ROWS, a_document, a_procedure, a_short_procedure, rewrite
from tests.factories.files import a_file
from tests.factories.membership import OrganizationFactory

pytestmark = pytest.mark.django_db
LONG_AGO = -26 * 60
DISCORDANT = [*ROWS[:2], {**ROWS[2], "text_en": "Decide to protect 12 refugees."}]


def faults() -> list[str]:
    return [str(one) for one in verify_ledger()]


@pytest.fixture
def procedure(support_unit, members):
    """Opened in spite of a difference between its texts, for a reason on record."""
    return a_procedure(
        by=support_unit,
        slug="asked",
        edition=a_document(by=support_unit, rows=DISCORDANT),
        discordance_reason_en="The number is to be translated.",
        discordance_reason_ru="Число предстоит перевести.",
    )


@pytest.fixture
def adopted(settings, support_unit, members):
    """An adoption that admitted an observer."""
    procedure = a_short_procedure(
        settings,
        by=support_unit,
        seconds=LONG_AGO,
        slug="asked",
        effect={"kind": "observer", "organization": OrganizationFactory()},
    )
    silence.close_due()
    return procedure


def enter(procedure, state, by) -> PaperNote:
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


@pytest.fixture
def annulled(adopted, support_unit, other_staff, kazakhstan):
    note = enter(adopted, kazakhstan, support_unit)
    silence.confirm_paper_note(note=note, by=other_staff)
    return adopted


@pytest.mark.parametrize(
    ("changed", "name"),
    [
        ({"directive_on": dt.date(2025, 1, 1)}, "directive"),
        ({"directive_by_ru": "Другой"}, "directive"),
        ({"urgency_reason_en": "At once."}, "urgency"),
        ({"title_en": "Another decision"}, "title"),
        ({"deadline_zone": "UTC"}, "deadline_zone"),
        ({"discordances": []}, "discordances"),
        ({"discordance_reason_en": "None."}, "discordance_reason"),
        ({"is_demonstration": True}, "demonstration"),
    ],
)
def test_an_opening_that_was_changed_is_named(procedure, changed, name):
    """S1, S4, S5, T2."""
    assert faults() == []
    set_past_its_guards(SilenceProcedure, **changed)
    assert faults() == [f"entry 1: “{name}” of “asked” is on record otherwise"]


def test_an_opening_dated_otherwise_is_named(procedure):
    """S5: the record against its entry, and the entry by itself."""
    earlier = procedure.opened_at - dt.timedelta(days=1)
    set_past_its_guards(SilenceProcedure, opened_at=earlier)
    assert faults() == ["entry 1: “opened_at” of “asked” is on record otherwise"]
    rewrite({1: {"opened_at": instant(earlier)}})
    [fault] = faults()
    assert fault.startswith("entry 1: is dated otherwise than it was recorded")


def test_a_period_that_is_too_short_is_named(procedure):
    """S5."""
    until = instant(procedure.opened_at + dt.timedelta(hours=71))
    rewrite({1: {"deadline_at": until}})
    assert any("and the least is 3 days, 0:00:00" in one for one in faults())


def test_an_effect_that_was_changed_is_named(adopted):
    """S2, M4: what was put, what it did, and the record that it made."""
    assert faults() == []
    set_past_its_guards(Effect, from_on=dt.date(2030, 1, 1))
    assert faults() == ["entry 1: “effect” of “asked” is on record otherwise"]
    set_past_its_guards(Effect, from_on=None, applied=[])
    [fault] = faults()
    assert fault.endswith("what the effect of “asked” did is on record otherwise")


def test_a_record_that_an_effect_made_and_is_gone_is_named(adopted):
    """S2."""
    [observer] = Observer.objects.all()
    Observer.objects.all().delete()
    [fault] = faults()
    assert fault.endswith(f"membership.observer {observer.pk} that it tells of is not on record")


def test_a_decision_taken_out_of_the_register_is_named(adopted):
    """D3."""
    names = [f"documents.Decision:{one.name}" for one in Decision._meta.triggers]
    with pgtrigger.ignore(*names):
        Decision.objects.all().delete()
    [fault] = faults()
    assert fault.endswith("the decision that it tells of is not in the register: asked")


def test_an_outcome_said_not_to_be_applied_is_named(adopted):
    """S12."""
    set_past_its_guards(SilenceOutcome, effects_at=None)
    [fault] = faults()
    assert fault.endswith("the outcome of “asked” is not on record as applied")


@pytest.mark.parametrize(
    ("model", "what"),
    [
        (Decision, "the decision of “asked” is not marked as annulled then"),
        (Observer, "is not marked as annulled"),
        (Edition, "the edition final of “asked” is not marked as annulled then"),
    ],
)
def test_a_mark_of_an_annulment_that_was_taken_away_is_named(annulled, model, what):
    """S13."""
    assert faults() == []
    set_past_its_guards(model, annulled_at=None)
    [fault] = faults()
    assert what in fault


def test_an_annulment_that_was_changed_is_named(annulled):
    """S13."""
    set_past_its_guards(Annulment, undone=[], annulled_at=dt.datetime(2026, 1, 1, tzinfo=dt.UTC))
    said = faults()
    assert any("the annulment of “asked” is not marked as annulled then" in one for one in said)
    assert any("what the annulment of “asked” undid is on record otherwise" in one for one in said)


def test_marks_of_an_annulment_that_never_was_are_named(adopted):
    """S13: an adopted text shown as annulled."""
    at = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)
    set_past_its_guards(Decision, annulled_at=at)
    Edition.objects.filter(kind="final").update(annulled_at=at)
    said = faults()
    assert "no entry tells that the decision of “asked” was annulled" in said
    assert any("no entry tells that the edition" in one for one in said)


@pytest.mark.parametrize(
    ("changed", "step", "name"),
    [
        ({"kind": "declines"}, "paper_entered", "paper"),
        ({"received_how": "By post"}, "paper_entered", "received_how"),
        ({"note_sha256": "0" * 64}, "paper_confirmed", "note_sha256"),
        ({"reason": "Another."}, "paper_confirmed", "reason"),
        ({"confirmed_at": dt.datetime(2026, 1, 1, tzinfo=dt.UTC)}, "paper_confirmed", "recorded"),
    ],
)
def test_a_note_on_paper_that_was_changed_is_named(annulled, changed, step, name):
    """S13."""
    set_past_its_guards(PaperNote, **changed)
    [number] = annulled.ledger.filter(step=step).values_list("number", flat=True)
    assert any(one.startswith(f"entry {number}: “{name}") for one in faults())


def test_another_person_who_confirmed_is_named(annulled, chair):
    """S13: two persons, and which."""
    set_past_its_guards(PaperNote, confirmed_by=chair)
    [fault] = faults()
    assert "“by” of the note" in fault


def test_an_account_that_got_another_address_is_no_fault(annulled, other_staff):
    """S13: what the entry tells is how it was then."""
    other_staff.email = "renamed@example.org"
    other_staff.save()
    assert faults() == []


def test_a_note_that_was_removed_or_never_entered_is_named(adopted, support_unit, kazakhstan):
    """S13."""
    note = enter(adopted, kazakhstan, support_unit)
    assert faults() == []
    silence.refuse_paper_note(note=note, reason="The stamp is of another day.", by=support_unit)
    assert faults() == []
    set_past_its_guards(PaperNote, refused_reason="It is not.")
    [fault] = faults()
    assert "“refused” of the note" in fault
    with pgtrigger.ignore("documents.PaperNote:paper_notes_rows_stay"):
        PaperNote.objects.all().delete()
    assert [one.split(": ", 1)[1] for one in faults()] == [
        f"“paper_entered” of the note {note.pk} on paper is not on record",
        f"“paper_refused” of the note {note.pk} on paper is not on record",
    ]


def test_a_confirmation_without_its_entry_is_named(adopted, support_unit, other_staff, kazakhstan):
    """S13."""
    enter(adopted, kazakhstan, support_unit)
    now = dt.datetime.now(dt.UTC)
    set_past_its_guards(PaperNote, confirmed_by=other_staff, confirmed_at=now)
    assert any("no entry tells “paper_confirmed” of the note" in one for one in faults())
