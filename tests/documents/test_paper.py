"""Notes Verbales on paper: two persons, in time, and what they undo (rule S13)."""

import datetime as dt

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import DatabaseError, IntegrityError, transaction
from django.utils import translation

from almaty_portal.common.errors import DomainError
from almaty_portal.common.instants import almaty_today, database_now
from almaty_portal.common.models import Notice
from chairmanship.models import Chairmanship
from documents.actions import outcomes, silence
from documents.actions.ledger import verify_ledger
from documents.models import (
    Annulment,
    Decision,
    Document,
    Edition,
    Effect,
    PaperNote,
    SilenceOutcome,
    SilenceProcedure,
    SilenceResponse,
    StateOutcome,
)
from documents.permissions import can_confirm_paper, can_enter_paper
from documents.reading import current_edition
from membership.models import Observer, Standing
from tests.factories.documents import (
    BRACKETED,
    a_document,
    a_public_document,
    a_short_procedure,
)
from tests.factories.files import a_pdf
from tests.factories.membership import OrganizationFactory

pytestmark = pytest.mark.django_db

FAR = 26 * 60
SCAN = a_pdf()


def scan(content=SCAN, name="note.pdf"):
    return SimpleUploadedFile(name, content)


def enter(procedure, state, by, **fields):
    values = {
        "kind": "objection",
        "reason": "Paragraph 1 sets no day.",
        "received_at": procedure.deadline_at - dt.timedelta(minutes=5),
        "received_how": "Handed in at the Support Unit, stamp No. 41",
        "file": scan(),
        **fields,
    }
    return silence.enter_paper_note(procedure=procedure, state=state, by=by, **values)


@pytest.fixture
def ended(settings, support_unit, members):
    """A procedure whose deadline passed a while ago, adopted where the sweep has run."""

    def make(**fields):
        return a_short_procedure(settings, by=support_unit, seconds=-FAR, **fields)

    return make


def test_annuls_the_adoption_recorded_meanwhile(
    ended, support_unit, other_staff, kazakhstan, coordinator
):
    """S13: entered by one, confirmed by another; a correction on the record, nothing deleted."""
    procedure = ended()
    silence.close_due()
    outcome = SilenceOutcome.objects.get()
    reference = Document.objects.get(pk=procedure.edition.document_id).reference
    note = enter(procedure, kazakhstan, support_unit)
    assert not Annulment.objects.exists()
    response = silence.confirm_paper_note(note=note, by=other_staff)
    assert response.received_at == note.received_at
    assert not response.late
    annulment = Annulment.objects.get()
    assert (annulment.outcome, annulment.objection) == (outcome, response)
    procedure = SilenceProcedure.objects.get(pk=procedure.pk)
    assert procedure.status(database_now()) == SilenceProcedure.Status.ANNULLED
    outcome.refresh_from_db()
    assert outcome.result == "adopted"  # what was recorded stays on record
    assert Decision.objects.get().annulled_at == annulment.annulled_at
    final = Edition.objects.get(kind="final")
    assert final.annulled_at == annulment.annulled_at
    document = Document.objects.get(pk=procedure.edition.document_id)
    assert document.reference == reference  # never taken back, never used again (T1)
    told = Notice.objects.get(event=f"silence-{procedure.pk}-annulled", recipient=coordinator)
    assert told.subject == "Принятие аннулировано, текст не принят: Учебное решение"
    steps = procedure.ledger.exclude(step="notified").order_by("number")
    assert [one.step for one in steps][-3:] == [
        "paper_entered",
        "paper_confirmed",
        "annulled",
    ]
    assert list(verify_ledger()) == []


def test_before_the_outcome_is_recorded_it_breaks_silence(
    ended, support_unit, other_staff, kazakhstan
):
    """S13, S11: the sweep finds it broken; effective when the paper came."""
    procedure = ended()
    note = enter(procedure, kazakhstan, support_unit)
    silence.confirm_paper_note(note=note, by=other_staff)
    outcome = SilenceOutcome.objects.get()
    assert (outcome.result, outcome.effective_at) == ("broken", note.received_at)
    assert silence.close_due() == 0
    assert not Decision.objects.exists()


def test_who_entered_it_does_not_confirm_it(ended, support_unit, kazakhstan):
    """S13, P12: kept by the action, by a constraint and by a trigger."""
    procedure = ended()
    silence.close_due()
    note = enter(procedure, kazakhstan, support_unit)
    with translation.override("en"), pytest.raises(DomainError, match="You entered this"):
        silence.confirm_paper_note(note=note, by=support_unit)
    with pytest.raises(IntegrityError, match="another_person"), transaction.atomic():
        PaperNote.objects.filter(pk=note.pk).update(
            confirmed_by=support_unit, confirmed_at=database_now()
        )
    with pytest.raises(IntegrityError, match="no confirmed Note Verbale"), transaction.atomic():
        SilenceResponse.objects.create(
            procedure=procedure,
            state=kazakhstan,
            kind="objection",
            reason="No.",
            received_at=note.received_at,
            paper_note=note,
            by=support_unit,
        )
    assert not Annulment.objects.exists()


def test_not_after_the_time_to_confirm(settings, ended, support_unit, other_staff, kazakhstan):
    """S13: within a set time."""
    settings.PAPER_NOTE_CONFIRM_HOURS = 0
    procedure = ended()
    note = enter(procedure, kazakhstan, support_unit)
    with translation.override("en"), pytest.raises(DomainError, match="time to confirm it ended"):
        silence.confirm_paper_note(note=note, by=other_staff)
    with pytest.raises(IntegrityError, match="in_time"), transaction.atomic():
        PaperNote.objects.filter(pk=note.pk).update(
            confirmed_by=other_staff, confirmed_at=database_now()
        )


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"received_at": 0}, "at or after the deadline"),
        ({"received_at": 60}, "at or after the deadline"),
        ({"received_at": -7200}, "between the opening"),
        ({"reason": " "}, "Enter the reason"),
        ({"received_how": ""}, "Say how it was received"),
        ({"file": None}, "Add the scan"),
        ({"file": scan(b"<html>", "note.pdf")}, "not what its name says"),
        ({"file": scan(b"MZ", "note.exe")}, "Files of this kind are not kept"),
        ({"kind": "participates"}, "choose “breaks silence”"),
    ],
)
def test_bad_entries_are_refused(ended, support_unit, kazakhstan, fields, sentence):
    """S6, S13: nothing is stored, and the sentence says what to do."""
    procedure = ended()
    if "received_at" in fields:
        fields = {
            "received_at": procedure.deadline_at + dt.timedelta(seconds=fields["received_at"])
        }
    with translation.override("en"), pytest.raises(DomainError, match=sentence):
        enter(procedure, kazakhstan, support_unit, **fields)
    assert not PaperNote.objects.exists()


def test_not_long_after_the_deadline(settings, ended, support_unit, kazakhstan):
    settings.PAPER_NOTE_ENTRY_DAYS = 0
    with translation.override("en"), pytest.raises(DomainError, match="no longer be entered"):
        enter(ended(), kazakhstan, support_unit)


def test_no_state_that_is_not_entitled(ended, support_unit, iran):
    """S3."""
    with translation.override("en"), pytest.raises(DomainError, match="not among the States"):
        enter(ended(), iran, support_unit)


def test_refused_stays_on_record_and_can_be_entered_anew(
    ended, support_unit, other_staff, kazakhstan
):
    procedure = ended()
    note = enter(procedure, kazakhstan, support_unit)
    with translation.override("en"), pytest.raises(DomainError, match="waits for its confirmation"):
        enter(procedure, kazakhstan, other_staff)
    silence.refuse_paper_note(note=note, reason="The stamp is of the day after.", by=other_staff)
    with translation.override("en"), pytest.raises(DomainError, match="refused already"):
        silence.confirm_paper_note(note=note, by=other_staff)
    assert enter(procedure, kazakhstan, support_unit).pk != note.pk
    with pytest.raises(DatabaseError), transaction.atomic():
        PaperNote.objects.filter(pk=note.pk).update(reason="Other")
    with pytest.raises(DatabaseError), transaction.atomic():
        PaperNote.objects.filter(pk=note.pk)._raw_delete("default")


def test_takes_back_the_effect(ended, support_unit, other_staff, kazakhstan):
    """S13, M4: an observer admitted by an adoption that is annulled is none."""
    organization = OrganizationFactory()
    procedure = ended(effect={"kind": Effect.Kind.OBSERVER, "organization": organization})
    silence.close_due()
    observer = Observer.objects.get(organization=organization)
    assert observer in Observer.objects.in_force()
    assert observer.decision == Document.objects.get(pk=procedure.edition.document_id).reference
    note = enter(procedure, kazakhstan, support_unit)
    silence.confirm_paper_note(note=note, by=other_staff)
    assert observer not in Observer.objects.in_force()
    assert Observer.objects.filter(pk=observer.pk).exists()
    assert Annulment.objects.get().undone[0]["record"] == "membership.observer"


def test_gives_the_chair_its_term_back(ended, support_unit, other_staff, kazakhstan, azerbaijan):
    """S13, C5."""
    term = Chairmanship.objects.create(state=kazakhstan, from_on=dt.date(2025, 4, 24))
    day = almaty_today() + dt.timedelta(days=40)
    procedure = ended(effect={"kind": Effect.Kind.CHAIR, "state": azerbaijan, "from_on": day})
    silence.close_due()
    term.refresh_from_db()
    assert term.until_on == day
    assert Chairmanship.objects.in_force(day).get().state == azerbaijan
    silence.confirm_paper_note(note=enter(procedure, kazakhstan, support_unit), by=other_staff)
    term.refresh_from_db()
    assert term.until_on is None
    assert Chairmanship.objects.in_force(day).get() == term


def test_an_answer_on_paper_corrects_the_result_of_a_window(ended, support_unit, other_staff, iran):
    """S2, S13, M1: the State had formalised its participation in time."""
    edition = a_public_document(rows=BRACKETED)
    procedure = ended(
        edition=edition, kind="participation_window", silence_means="lapses", states=[iran]
    )
    silence.close_due()
    assert "Iran" not in current_edition(edition.document).paragraphs.get(number="2.").text_en
    assert not Standing.objects.in_force().filter(state=iran).exists()
    note = enter(procedure, iran, support_unit, kind="participates", reason="")
    silence.confirm_paper_note(note=note, by=other_staff)
    held = StateOutcome.objects.standing().get()
    assert (held.result, held.replaces.result) == ("formalised", "lapsed")
    text = current_edition(edition.document).paragraphs.get(number="2.").text_en
    assert text == "{KZ|Kazakhstan}, {IR|Iran} and others agree."
    assert Standing.objects.in_force().get(state=iran).kind == "member"
    assert list(verify_ledger()) == []


@pytest.mark.parametrize(
    ("person", "enters", "confirms"),
    [
        ("support_unit", True, False),  # who entered it
        ("other_staff", True, True),
        ("coordinator", False, False),
        ("deputy", False, False),
        ("other_coordinator", False, False),
        ("chair", False, False),
        ("observer", False, False),
        ("anonymous", False, False),
    ],
)
def test_who_enters_and_who_confirms(
    request, ended, support_unit, kazakhstan, person, enters, confirms
):
    """S13."""
    procedure = ended()
    note = enter(procedure, kazakhstan, support_unit)
    user = request.getfixturevalue(person)
    assert can_enter_paper(user, procedure) is enters
    assert can_confirm_paper(user, note) is confirms


def test_what_an_annulled_adoption_still_owes_is_never_applied(
    ended, support_unit, other_staff, kazakhstan, monkeypatch
):
    """S13, S11: its effects had failed when the note was confirmed; no later sweep applies them."""
    procedure = ended(effect={"kind": Effect.Kind.OBSERVER, "organization": OrganizationFactory()})
    with monkeypatch.context() as broken:
        broken.setattr(outcomes, "issue_adopted", lambda adopted: 1 / 0)
        silence.close_due()
    assert SilenceOutcome.objects.get().effects_at is None
    note = enter(procedure, kazakhstan, support_unit)
    silence.confirm_paper_note(note=note, by=other_staff)
    silence.close_due()
    assert SilenceOutcome.objects.get().effects_at is None
    assert not Decision.objects.exists()
    assert not Observer.objects.exists()
    assert Document.objects.get(pk=procedure.edition.document_id).reference is None
    assert list(verify_ledger()) == []


def test_annuls_the_clean_edition_made_of_it_since(
    settings, ended, support_unit, other_staff, kazakhstan, iran
):
    """S13, S12: no text that was made of an annulled one stays in force."""
    procedure = ended(edition=a_document(by=support_unit, rows=BRACKETED))
    silence.close_due()
    final = SilenceOutcome.objects.get().edition_issued
    a_short_procedure(
        settings,
        by=support_unit,
        seconds=-FAR,
        edition=final,
        kind="participation_window",
        silence_means="formalised",
        states=[iran],
    )
    silence.close_due()
    clean = Edition.objects.get(kind="clean")
    silence.confirm_paper_note(note=enter(procedure, kazakhstan, support_unit), by=other_staff)
    clean.refresh_from_db()
    final.refresh_from_db()
    assert clean.annulled_at == final.annulled_at is not None


def test_an_effect_that_was_overtaken_holds_up_no_adoption(ended, kazakhstan, azerbaijan):
    """S11, C2: a term entered since the opening; the text is adopted, the reason is on record."""
    Chairmanship.objects.create(state=kazakhstan, from_on=dt.date(2025, 4, 24))
    day = almaty_today() + dt.timedelta(days=40)
    procedure = ended(effect={"kind": Effect.Kind.CHAIR, "state": azerbaijan, "from_on": day})
    Chairmanship.objects.update(until_on=day)
    Chairmanship.objects.create(state=kazakhstan, from_on=day + dt.timedelta(days=1))
    silence.close_due()
    assert SilenceOutcome.objects.get().effects_at is not None
    assert Decision.objects.exists()
    assert not Chairmanship.objects.filter(state=azerbaijan).exists()
    [told] = procedure.ledger.get(step="effects_applied").entry["changes"]
    assert told["not_applied"] == "chair"


def test_refused_or_lapsed_is_told_to_all(
    settings, ended, support_unit, other_staff, kazakhstan, coordinator
):
    """S13: a State learns that its note has no effect."""
    procedure = ended()
    note = enter(procedure, kazakhstan, support_unit)
    silence.refuse_paper_note(note=note, reason="No stamp.", by=support_unit)
    told = Notice.objects.get(event__contains="-paper-refused-", recipient=coordinator)
    assert "не имеет силы" in told.subject
    settings.PAPER_NOTE_CONFIRM_HOURS = 0
    late = enter(procedure, kazakhstan, support_unit)
    assert silence.lapse_paper_notes() == 0  # one in time may still be on its way
    settings.SILENCE_GRACE_SECONDS = 0
    assert [silence.lapse_paper_notes() for _ in range(2)] == [1, 0]
    with pytest.raises(DomainError):
        silence.confirm_paper_note(note=late, by=other_staff)
    assert Notice.objects.filter(event__contains="-paper-lapsed-", recipient=coordinator).exists()
    assert list(verify_ledger()) == []
