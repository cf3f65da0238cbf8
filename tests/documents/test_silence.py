"""The silence procedure, rule by rule."""

import datetime as dt

import pytest
from django.db import DatabaseError, IntegrityError, ProgrammingError, connection, transaction
from django.utils import translation

from almaty_portal.common.errors import DomainError, TooLate
from almaty_portal.common.instants import database_now
from almaty_portal.common.models import Notice
from documents.actions import archive, silence
from documents.models import (
    Decision,
    Document,
    LedgerEntry,
    SilenceOutcome,
    SilenceProcedure,
    SilenceResponse,
)
from membership import actions as membership_actions
from membership.models import NationalCoordinator, Standing
from tests.factories.documents import (
    BRACKETED,
    ROWS,
    a_document,
    a_procedure,
    a_public_document,
    a_short_procedure,
)
from tests.factories.membership import DesignationFactory, UserFactory

pytestmark = pytest.mark.django_db

FAR = 26 * 60  # seconds after a deadline when the grace has surely passed


@pytest.fixture
def procedure(support_unit, members):
    return a_procedure(by=support_unit)


@pytest.fixture
def ending(settings, support_unit, members):
    """Makes a procedure whose deadline is some seconds away, or past."""

    def make(seconds: float, **fields):
        return a_short_procedure(settings, by=support_unit, seconds=seconds, **fields)

    return make


class TestOpening:
    def test_records_directive_electorate_hashes_and_tells_all(
        self, support_unit, members, coordinator, other_coordinator
    ):
        """S1, S3, S4, S15."""
        procedure = a_procedure(by=support_unit)
        assert [one.code for one in procedure.electorate.in_protocol_order()] == [
            "AF",
            "AZ",
            "KZ",
            "KG",
            "TJ",
        ]
        entry, told = procedure.ledger.all()
        assert (entry.step, told.step) == ("opened", "notified")
        assert told.entry["event"] == f"silence-{procedure.pk}-opened"
        assert told.entry["recipients"] == [
            "az@example.org",
            "kz@example.org",
            "support@example.org",
        ]
        assert entry.entry["entitled"] == ["AF", "AZ", "KZ", "KG", "TJ"]
        assert entry.entry["text_sha256"]["ru"] == procedure.text_hash_ru
        assert entry.entry["directive"]["by"]["ru"] == "Председатель"
        notices = {one.recipient.email: one for one in Notice.objects.all()}
        assert set(notices) == {"support@example.org", "kz@example.org", "az@example.org"}
        assert notices["kz@example.org"].subject == "В процедуре умолчания: Учебное решение"
        assert notices["az@example.org"].subject == "Under silence: Demonstration decision"
        assert "kz@example.org" in str(notices["kz@example.org"].email.to)

    def test_electorate_is_fixed_when_it_opens(self, procedure, iran):
        """S3: who becomes a Member later is not entitled."""
        Standing.objects.filter(state=iran).delete()
        Standing.objects.create(
            state=iran,
            kind="member",
            from_on=dt.date(2020, 1, 1),
            basis_en="x",
            basis_ru="x",
            source_en="x",
        )
        assert iran not in procedure.electorate.all()
        with pytest.raises(IntegrityError, match="fixed when"), transaction.atomic():
            procedure.electorate.add(iran)
        with pytest.raises(DatabaseError), transaction.atomic():
            procedure.electorate.clear()

    def test_missing_russian_text_is_refused(self, support_unit, members):
        """S4."""
        rows = [*ROWS, {"role": "operative", "number": "2.", "text_en": "More.", "text_ru": ""}]
        edition = a_document(by=support_unit, rows=rows)
        with translation.override("en"), pytest.raises(DomainError) as caught:
            a_procedure(by=support_unit, edition=edition)
        assert str(caught.value).startswith("The Russian text is missing from paragraph 2. on")
        assert not SilenceProcedure.objects.exists()
        edition.refresh_from_db()
        assert edition.issued_at is None

    @pytest.mark.parametrize(
        ("rows", "sentence"),
        [
            (BRACKETED[:-1], r"mark \[\^5\] and no footnote 5"),
            ([*ROWS, BRACKETED[-1]], r"footnote 5 has no mark"),
        ],
    )
    def test_marks_and_footnotes_belong_together(self, support_unit, members, iran, rows, sentence):
        """T5: nothing is issued with a mark that leads nowhere."""
        edition = a_document(by=support_unit, rows=rows)
        with translation.override("en"), pytest.raises(DomainError, match=sentence):
            a_procedure(by=support_unit, edition=edition)

    @pytest.mark.parametrize(
        ("hours", "sentence"),
        [
            (-1, "The deadline is in the past"),
            (23, "The period is under 24 hours"),
            (71.9, "The period is under 72 hours"),
        ],
    )
    def test_period_too_short_is_refused(self, support_unit, members, hours, sentence):
        """S5."""
        with translation.override("en"), pytest.raises(DomainError) as caught:
            a_procedure(by=support_unit, hours=hours)
        assert str(caught.value).startswith(sentence)
        assert caught.value.fields == ("deadline_at",)
        assert not SilenceProcedure.objects.exists()

    def test_urgency_allows_a_day(self, support_unit, members):
        """S5: down to 24 hours with the Chair's recorded reason."""
        procedure = a_procedure(
            by=support_unit,
            hours=25,
            urgency_reason_en="Flood relief.",
            urgency_reason_ru="Помощь при наводнении.",
        )
        assert procedure.ledger.get(step="opened").entry["urgency"]["en"] == "Flood relief."

    def test_demonstration_period_needs_a_demonstration(self, settings, support_unit, members):
        """S16: outside a demonstration no text has a shortened period."""
        edition = a_document(by=support_unit, is_demonstration=True)
        settings.DEMO = False
        with pytest.raises(DomainError):
            a_procedure(by=support_unit, edition=edition, hours=0.5)
        settings.DEMO = True
        assert a_procedure(by=support_unit, edition=edition, hours=0.5).is_demonstration

    def test_directive_is_required(self, support_unit, members):
        """S1."""
        with pytest.raises(DomainError):
            a_procedure(by=support_unit, directive_by_ru=" ")

    def test_operating_modalities_are_never_put_under_silence(self, support_unit, members):
        """D2."""
        edition = a_document(by=support_unit, type=Document.Type.OPERATING_MODALITIES)
        with translation.override("ru"), pytest.raises(DomainError) as caught:
            a_procedure(by=support_unit, edition=edition)
        assert "только на министерских" in str(caught.value)

    def test_only_the_support_unit_opens(self, coordinator, other_coordinator, chair, observer):
        """S1."""
        edition = a_document()
        for person in (coordinator, other_coordinator, chair, observer):
            with pytest.raises(DomainError):
                a_procedure(by=person, edition=edition)

    def test_one_procedure_at_a_time_on_a_document(self, support_unit, members):
        edition = a_document(by=support_unit)
        a_procedure(by=support_unit, edition=edition)
        with translation.override("en"), pytest.raises(DomainError, match="is running"):
            a_procedure(by=support_unit, edition=edition)

    def test_a_document_under_silence_is_left_alone(self, procedure):
        """S4, S10."""
        with translation.override("en"), pytest.raises(DomainError, match="is under silence"):
            archive.withdraw_document(
                document=procedure.edition.document, reason_en="x", reason_ru="x", by=None
            )

    def test_window_needs_states_and_a_meaning(self, support_unit, members, iran):
        """S2."""
        window = {"kind": "participation_window", "edition": a_public_document(rows=BRACKETED_ROWS)}
        with pytest.raises(DomainError):
            a_procedure(by=support_unit, silence_means="lapses", states=[], **window)
        with pytest.raises(DomainError):
            a_procedure(by=support_unit, silence_means="not_recorded", states=[iran], **window)
        opened = a_procedure(by=support_unit, silence_means="lapses", states=[iran], **window)
        assert list(opened.electorate.all()) == [iran]

    def test_the_question_never_changes(self, procedure):
        """S4, S9: neither text nor kind, and the deadline is never shortened; kept by triggers."""
        for change in (
            {"directive_by_en": "somebody else"},
            {"publish_on_adoption": False},
            {"text_hash_en": "0" * 64},
            {"kind": "participation_window", "silence_means": "lapses"},
            {"deadline_at": procedure.deadline_at - dt.timedelta(seconds=1)},
        ):
            with pytest.raises(IntegrityError), transaction.atomic():
                SilenceProcedure.objects.filter(pk=procedure.pk).update(**change)
        with pytest.raises(ProgrammingError), transaction.atomic():
            SilenceProcedure.objects.filter(pk=procedure.pk)._raw_delete("default")
        with pytest.raises(IntegrityError), transaction.atomic():
            procedure.edition.paragraphs.update(text_ru="Иное")

    def test_draft_under_silence_bears_no_reference(self, procedure):
        """S4."""
        assert procedure.edition.document.reference is None


BRACKETED_ROWS = BRACKETED


class TestAnswers:
    def test_acknowledgement_does_not_break_silence(self, procedure, kazakhstan, coordinator):
        """S8."""
        silence.acknowledge(procedure=procedure, state=kazakhstan, by=coordinator)
        silence.acknowledge(procedure=procedure, state=kazakhstan, by=coordinator)
        assert procedure.responses.count() == 1
        assert procedure.status(database_now()) == SilenceProcedure.Status.RUNNING

    def test_one_objection_breaks_silence_at_once(
        self, procedure, kazakhstan, coordinator, other_coordinator
    ):
        """S6, S7."""
        response = silence.break_silence(
            procedure=procedure, state=kazakhstan, reason="Paragraph 1.", by=coordinator
        )
        outcome = SilenceOutcome.objects.get()
        assert outcome.result == "broken"
        assert outcome.effective_at == response.received_at
        assert outcome.broken_by == response
        assert procedure.edition.document.reference is None
        assert not Decision.objects.exists()
        subjects = set(
            Notice.objects.filter(event=f"silence-{procedure.pk}-broken").values_list(
                "recipient__email", "subject"
            )
        )
        english = "Silence broken, not adopted: Demonstration decision"
        assert ("az@example.org", english) in subjects
        russian = "Умолчание нарушено, текст не принят: Учебное решение"
        assert ("kz@example.org", russian) in subjects

    def test_deputy_acts_too(self, procedure, kazakhstan, deputy):
        """M3."""
        silence.break_silence(procedure=procedure, state=kazakhstan, reason="No.", by=deputy)
        assert SilenceOutcome.objects.get().result == "broken"

    def test_objection_names_its_reason(self, procedure, kazakhstan, coordinator):
        """S7."""
        with pytest.raises(DomainError):
            silence.break_silence(
                procedure=procedure, state=kazakhstan, reason="  ", by=coordinator
            )
        assert not SilenceResponse.objects.exists()

    def test_second_objection_of_a_state_is_refused(
        self, procedure, kazakhstan, coordinator, deputy
    ):
        silence.break_silence(procedure=procedure, state=kazakhstan, reason="No.", by=coordinator)
        with translation.override("en"), pytest.raises(DomainError) as caught:
            silence.break_silence(procedure=procedure, state=kazakhstan, reason="No!", by=deputy)
        assert str(caught.value).startswith("Kazakhstan has objected already")
        assert SilenceResponse.objects.count() == 1

    def test_another_timely_objection_is_on_record_and_changes_no_outcome(
        self, procedure, kazakhstan, azerbaijan, coordinator, other_coordinator
    ):
        """F2: no timely objection is lost, and there is one outcome."""
        first = silence.break_silence(
            procedure=procedure, state=kazakhstan, reason="No.", by=coordinator
        )
        silence.break_silence(
            procedure=procedure, state=azerbaijan, reason="Nor we.", by=other_coordinator
        )
        assert SilenceResponse.objects.filter(kind="objection", late=False).count() == 2
        assert SilenceOutcome.objects.get().broken_by == first

    @pytest.mark.parametrize("person", ["other_coordinator", "support_unit", "chair", "observer"])
    def test_nobody_acts_for_another_state(self, request, procedure, kazakhstan, person):
        """M3, S3, P11."""
        with pytest.raises(DomainError):
            silence.break_silence(
                procedure=procedure,
                state=kazakhstan,
                reason="No.",
                by=request.getfixturevalue(person),
            )
        assert not SilenceResponse.objects.exists()

    def test_rights_end_with_the_term(self, procedure, kazakhstan, coordinator):
        """M3: at once, and the record stays."""
        silence.acknowledge(procedure=procedure, state=kazakhstan, by=coordinator)
        membership_actions.end_designation(
            designation=NationalCoordinator.objects.get(user=coordinator),
            until_on=dt.date(2021, 1, 1),
            by=None,
        )
        with pytest.raises(DomainError):
            silence.break_silence(
                procedure=procedure, state=kazakhstan, reason="No.", by=coordinator
            )
        assert SilenceResponse.objects.get().by == coordinator

    def test_state_that_is_no_member_is_not_entitled(self, procedure, iran):
        """S3; kept by the action and by the trigger."""
        person = UserFactory()
        DesignationFactory(state=iran, user=person)
        with translation.override("en"), pytest.raises(DomainError) as caught:
            silence.break_silence(procedure=procedure, state=iran, reason="No.", by=person)
        assert "not among the States entitled" in str(caught.value)
        with pytest.raises(IntegrityError, match="not entitled"), transaction.atomic():
            SilenceResponse.objects.create(
                procedure=procedure,
                state=iran,
                kind="acknowledgement",
                received_at=database_now(),
                by=person,
            )

    def test_objection_before_the_deadline_counts(self, ending, kazakhstan, coordinator):
        """S6, F1."""
        procedure = ending(2)
        silence.break_silence(procedure=procedure, state=kazakhstan, reason="No.", by=coordinator)
        assert SilenceOutcome.objects.get().result == "broken"

    def test_objection_after_the_deadline_is_late(self, ending, kazakhstan, coordinator):
        """S6, F1: refused with a sentence, and that it came is on record."""
        procedure = ending(-1)
        with translation.override("en"), pytest.raises(TooLate, match="It is late"):
            silence.break_silence(
                procedure=procedure, state=kazakhstan, reason="No.", by=coordinator
            )
        assert SilenceResponse.objects.get().late
        assert procedure.ledger.filter(step="late_refused").exists()
        assert not SilenceOutcome.objects.exists()

    def test_objection_at_the_deadline_is_late(self, ending, kazakhstan, coordinator, monkeypatch):
        """S6: *before* the deadline; the very instant of the deadline is late."""
        procedure = ending(-1)
        monkeypatch.setattr(silence.receiving, "database_now", lambda: procedure.deadline_at)
        with pytest.raises(TooLate):
            silence.break_silence(
                procedure=procedure, state=kazakhstan, reason="No.", by=coordinator
            )
        assert SilenceResponse.objects.get().received_at == procedure.deadline_at

    def test_a_moment_of_receipt_cannot_be_made_up(self, ending, kazakhstan, coordinator):
        """S6, P12: no answer is back-dated or post-dated, whoever writes it."""
        procedure = ending(-3600)
        for seconds in (-3601, -60, 60):
            with pytest.raises(IntegrityError, match="reading of this clock"), transaction.atomic():
                SilenceResponse.objects.create(
                    procedure=procedure,
                    state=kazakhstan,
                    kind="objection",
                    reason="No.",
                    received_at=database_now() + dt.timedelta(seconds=seconds),
                    late=seconds > -3600,
                    by=coordinator,
                )
        with pytest.raises(IntegrityError, match="late at the deadline"), transaction.atomic():
            SilenceResponse.objects.create(
                procedure=procedure,
                state=kazakhstan,
                kind="objection",
                reason="No.",
                received_at=database_now(),
                late=False,
                by=coordinator,
            )

    def test_answers_and_outcomes_stay(self, procedure, kazakhstan, coordinator):
        """S15, P12."""
        silence.break_silence(procedure=procedure, state=kazakhstan, reason="No.", by=coordinator)
        for model in (SilenceResponse, SilenceOutcome, LedgerEntry):
            table = model._meta.db_table
            for statement in (
                f"UPDATE {table} SET id = id",
                f"DELETE FROM {table}",
                f"TRUNCATE {table} CASCADE",
            ):
                with pytest.raises(DatabaseError), transaction.atomic():
                    connection.cursor().execute(statement)
