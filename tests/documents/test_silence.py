"""The silence procedure, rule by rule."""

import datetime as dt

import pgtrigger
import pytest
from django.db import DatabaseError, IntegrityError, ProgrammingError, connection, transaction
from django.utils import translation

from almaty_portal.common.errors import DomainError, TooLate
from almaty_portal.common.instants import ALMATY, database_now
from almaty_portal.common.models import Notice
from documents.actions import adoption, archive, silence, texts
from documents.actions.ledger import verify_ledger
from documents.models import (
    Decision,
    Document,
    Edition,
    LedgerEntry,
    SilenceOutcome,
    SilenceProcedure,
    SilenceResponse,
    StateOutcome,
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
    move_deadline,
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


class TestClosing:
    def test_not_before_deadline_and_grace(self, ending):
        """S11: a timely objection still on its way is waited for."""
        for seconds in (60, -1, -10):
            procedure = ending(seconds)
            assert silence.close_procedure(procedure_id=procedure.pk) is None

    def test_adopted_at_the_deadline_whenever_it_runs(self, ending, coordinator):
        """S11, S12."""
        procedure = ending(-FAR)
        former_slug = procedure.edition.document.slug
        assert procedure.status(database_now()) == SilenceProcedure.Status.DEADLINE_PASSED
        assert silence.close_due() == 1
        outcome = SilenceOutcome.objects.get()
        assert outcome.result == "adopted"
        assert outcome.effective_at == procedure.deadline_at
        assert outcome.recorded_at > procedure.deadline_at
        document = Document.objects.get(pk=procedure.edition.document_id)
        year = procedure.deadline_at.year
        assert document.reference == f"Almaty Process/01/01/{year}"
        assert document.slug == f"almaty-process-01-01-{year}"
        assert document.access == "public"
        assert document.former_addresses.get().slug == former_slug
        final = outcome.edition_issued
        assert final.kind == "final"
        assert final.supersedes == procedure.edition
        assert final.note_ru.startswith("Принято консенсусом в процедуре умолчания")
        assert texts.text_hashes(final) == {
            "en": procedure.text_hash_en,
            "ru": procedure.text_hash_ru,
        }
        decision = Decision.objects.get()
        assert (decision.taken, decision.procedure, decision.edition) == (
            "silence",
            procedure,
            final,
        )
        assert Notice.objects.filter(
            event=f"silence-{procedure.pk}-closed", recipient=coordinator
        ).exists()
        assert [one.step for one in procedure.ledger.all()] == [
            "opened",
            "notified",
            "outcome_adopted",
            "effects_applied",
            "notified",
        ]

    def test_exactly_once(self, ending, coordinator):
        """S11, F6: ten sweeps, one outcome, one mail for each."""
        ending(-FAR)
        assert sum(silence.close_due() for _ in range(10)) == 1
        assert SilenceOutcome.objects.count() == 1
        assert Notice.objects.filter(event__endswith="-closed", recipient=coordinator).count() == 1

    def test_one_that_fails_does_not_stop_the_others(self, ending, monkeypatch, caplog):
        """S11: closed together they fail together; then each half on its own."""
        several = [ending(-FAR) for _ in range(5)]
        real = silence.closing.find

        def failing(procedure):
            if procedure == several[2]:
                raise RuntimeError
            return real(procedure)

        monkeypatch.setattr(silence.closing, "find", failing)
        assert silence.close_due() == 4
        closed = set(SilenceOutcome.objects.values_list("procedure", flat=True))
        assert closed == {one.pk for one in several} - {several[2].pk}
        assert f"Procedure {several[2].pk} could not be closed" in caplog.text

    def test_references_follow_one_another(self, ending):
        """T1."""
        ending(-FAR), ending(-FAR - 60)
        silence.close_due()
        references = Document.objects.exclude(reference=None).values_list("reference", flat=True)
        assert len(set(references)) == 2

    @pytest.mark.parametrize(
        ("means", "result", "bracket"),
        [
            ("formalised", "formalised", "lifted"),
            ("lapses", "lapsed", "struck"),
            ("to_be_settled_by_chair", "to_be_settled_by_chair", "stays"),
        ],
    )
    def test_silence_in_a_window_means_what_was_declared(
        self, ending, iran, means, result, bracket
    ):
        """S2, S12, T5: brackets fall in the edition issued after the outcome."""
        edition = a_public_document(rows=BRACKETED, reference="Almaty Process/03/01/2013")
        ending(
            -FAR,
            edition=edition,
            kind="participation_window",
            silence_means=means,
            states=[iran],
        )
        silence.close_due()
        outcome = SilenceOutcome.objects.get()
        assert StateOutcome.objects.get().result == result
        if bracket == "stays":
            assert outcome.edition_issued is None
            return
        clean = outcome.edition_issued
        text = clean.paragraphs.get(number="2.")
        if bracket == "lifted":
            assert text.text_en == "{KZ|Kazakhstan}, {IR|Iran} and others agree."
            assert text.text_ru == "{KZ|Казахстан}, {IR|Иран} и другие согласны."
        else:
            assert text.text_en == "{KZ|Kazakhstan} and others agree."
            assert text.text_ru == "{KZ|Казахстан} и другие согласны."
        assert not clean.paragraphs.filter(role="footnote").exists()
        assert edition.paragraphs.filter(role="footnote").exists()
        assert Document.objects.get(pk=edition.document_id).reference == "Almaty Process/03/01/2013"

    def test_answer_to_a_window_overrides_what_silence_means(self, ending, iran):
        """S2."""
        person = UserFactory()
        DesignationFactory(state=iran, user=person)
        edition = a_public_document(rows=BRACKETED)
        procedure = ending(
            30, edition=edition, kind="participation_window", silence_means="lapses", states=[iran]
        )
        silence.answer_window(procedure=procedure, state=iran, participates=True, by=person)
        with pytest.raises(DomainError):
            silence.answer_window(procedure=procedure, state=iran, participates=False, by=person)
        with pytest.raises(DomainError):
            silence.break_silence(procedure=procedure, state=iran, reason="No.", by=person)
        with pgtrigger.ignore("documents.SilenceProcedure:the_question_stays"):
            move_deadline(procedure, -FAR)
        silence.close_due()
        assert StateOutcome.objects.get().result == "formalised"

    def test_reference_bears_the_year_of_the_deadline(self, ending, monkeypatch):
        """S11, T1: not the year in which the worker came to it."""
        procedure = ending(-FAR)
        year = procedure.deadline_at.astimezone(ALMATY).year
        later = database_now() + dt.timedelta(days=400)
        monkeypatch.setattr(archive, "database_now", lambda: later)
        silence.close_due()
        assert Document.objects.get(pk=procedure.edition.document_id).reference.endswith(str(year))

    def test_outcome_stands_where_an_effect_fails(self, ending, coordinator, monkeypatch):
        """S11: what silence decided is recorded and told; the sweep applies the rest later."""
        procedure = ending(-FAR)

        def failing(*args, **kwargs):
            raise RuntimeError

        with monkeypatch.context() as broken:
            broken.setattr(adoption, "assign_references", failing)
            silence.close_due()
            outcome = SilenceOutcome.objects.get()
            assert (outcome.result, outcome.effects_at) == ("adopted", None)
            assert Document.objects.get(pk=procedure.edition.document_id).reference is None
            told = Notice.objects.get(event=f"silence-{procedure.pk}-closed", recipient=coordinator)
            assert told.subject == "Принято: Учебное решение"
        silence.close_due()
        outcome.refresh_from_db()
        assert outcome.edition_issued.kind == "final"
        reference = Document.objects.get(pk=procedure.edition.document_id).reference
        again = Notice.objects.get(event=f"silence-{procedure.pk}-effects", recipient=coordinator)
        assert reference in again.subject
        assert list(verify_ledger()) == []

    def test_effects_that_fail_are_owed_for_one_alone(self, ending, monkeypatch):
        """S11: of several closed together only the one whose effects fail goes without them."""
        several = [ending(-FAR) for _ in range(4)]
        real = adoption.give_force

        def failing(outcomes):
            if several[1] in [one.procedure for one in outcomes]:
                raise RuntimeError
            real(outcomes)

        monkeypatch.setattr(adoption, "give_force", failing)
        assert silence.close_due() == 4
        owed = SilenceOutcome.objects.without_effects()
        assert [one.procedure for one in owed] == [several[1]]
        assert Decision.objects.count() == 3
        assert list(verify_ledger()) == []

    def test_an_address_that_is_taken_stops_no_adoption(self, ending):
        """S11."""
        procedure = ending(-FAR)
        year = procedure.deadline_at.astimezone(ALMATY).year
        a_document(slug=f"almaty-process-01-01-{year}")
        silence.close_due()
        document = Document.objects.get(pk=procedure.edition.document_id)
        assert document.reference == f"Almaty Process/02/01/{year}"

    @pytest.mark.parametrize(
        "change",
        [
            {"result": "adopted"},
            {"result": "window_closed"},
            {"result": "broken"},
        ],
    )
    def test_no_outcome_before_its_time(self, procedure, change):
        """S6, S11: kept by a trigger, whoever writes it."""
        with pytest.raises(IntegrityError), transaction.atomic():
            SilenceOutcome.objects.create(
                procedure=procedure,
                effective_at=procedure.deadline_at,
                recorded_at=database_now(),
                **change,
            )


class TestExtending:
    def extend(self, procedure, by, *, hours: float = 24, **fields):
        return silence.extend(
            procedure=procedure,
            deadline_at=procedure.deadline_at + dt.timedelta(hours=hours),
            deadline_zone="Asia/Almaty",
            by=by,
            **{
                "reason_en": "Letter of the Chair",
                "reason_ru": "Письмо Председателя",
                **fields,
            },
        )

    def test_later_told_and_on_record(self, procedure, support_unit, coordinator):
        """S9."""
        before = procedure.deadline_at
        extended = self.extend(procedure, support_unit)
        assert extended.deadline_at == before + dt.timedelta(hours=24)
        assert procedure.ledger.get(step="extended").entry["reason"]["ru"] == "Письмо Председателя"
        notice = Notice.objects.get(event__contains="-extended-", recipient=coordinator)
        assert notice.subject == "Срок продлен: Учебное решение"

    @pytest.mark.parametrize(
        ("fields", "sentence"),
        [
            ({"hours": 0}, "never shortened"),
            ({"hours": -1}, "never shortened"),
            ({"reason_ru": " "}, "in both languages"),
        ],
    )
    def test_never_shortened_nor_without_a_reason(self, procedure, support_unit, fields, sentence):
        """S9."""
        with translation.override("en"), pytest.raises(DomainError, match=sentence):
            self.extend(procedure, support_unit, **fields)

    def test_not_after_it_expired(self, ending, support_unit):
        """S9; kept by the action and by a trigger."""
        procedure = ending(-5)
        with translation.override("en"), pytest.raises(DomainError, match="has ended"):
            self.extend(procedure, support_unit)
        with pytest.raises(IntegrityError, match="before it expires"), transaction.atomic():
            SilenceProcedure.objects.filter(pk=procedure.pk).update(
                deadline_at=database_now() + dt.timedelta(days=1)
            )

    def test_only_by_the_support_unit(self, procedure, coordinator):
        with translation.override("en"), pytest.raises(DomainError, match="Only the Support Unit"):
            self.extend(procedure, coordinator)


class TestPositions:
    @pytest.mark.parametrize("kind", SilenceResponse.POSITIONS)
    def test_breaks_no_silence_and_is_on_record(self, procedure, kazakhstan, coordinator, kind):
        """S8."""
        silence.take_position(
            procedure=procedure, state=kazakhstan, kind=kind, text="As we see it.", by=coordinator
        )
        assert procedure.status(database_now()) == SilenceProcedure.Status.RUNNING
        assert procedure.ledger.filter(step=kind).exists()

    def test_needs_words_but_to_join(self, procedure, kazakhstan, coordinator):
        """S8."""
        act = {"procedure": procedure, "state": kazakhstan, "by": coordinator, "text": " "}
        silence.take_position(kind="joins", **act)
        with translation.override("en"), pytest.raises(DomainError, match="Write the words"):
            silence.take_position(kind="statement", **act)
        with translation.override("en"), pytest.raises(DomainError, match="said this already"):
            silence.take_position(kind="joins", **act)
        with translation.override("en"), pytest.raises(DomainError, match="Choose what"):
            silence.take_position(kind="objection", **act)

    def test_not_after_the_deadline(self, ending, kazakhstan, coordinator):
        procedure = ending(-5)
        with translation.override("en"), pytest.raises(DomainError, match="has ended"):
            silence.take_position(
                procedure=procedure,
                state=kazakhstan,
                kind="statement",
                text="Late.",
                by=coordinator,
            )


class TestLedger:
    def test_verifies_and_names_the_entry_that_was_tampered_with(
        self, procedure, kazakhstan, coordinator
    ):
        """S15, F12."""
        silence.acknowledge(procedure=procedure, state=kazakhstan, by=coordinator)
        assert list(verify_ledger()) == []
        with pytest.raises(ProgrammingError), transaction.atomic():
            LedgerEntry.objects.filter(number=1).update(step="x")
        with pgtrigger.ignore("documents.LedgerEntry:ledger_rows_stay"):
            entry = LedgerEntry.objects.get(number=1)
            entry.entry["entitled"] = ["KZ"]
            entry.save()
        assert {fault.number for fault in verify_ledger()} == {1}

    def test_each_step_has_its_entry(self, procedure, kazakhstan, coordinator):
        """S15."""
        silence.acknowledge(procedure=procedure, state=kazakhstan, by=coordinator)
        silence.break_silence(procedure=procedure, state=kazakhstan, reason="No.", by=coordinator)
        assert [one.step for one in LedgerEntry.objects.all()] == [
            "opened",
            "notified",
            "acknowledgement",
            "objection",
            "outcome_broken",
            "notified",
        ]


class TestReferences:
    def test_a_reference_is_never_used_twice_or_changed(self, db):
        """T1."""
        a_document(reference="Almaty Process/03/01/2013")
        with translation.override("en"), pytest.raises(DomainError, match="never used twice"):
            a_document(reference="Almaty Process/03/01/2013")
        with pytest.raises(ProgrammingError), transaction.atomic():
            Document.objects.update(reference="Almaty Process/09/01/2013")
        with pytest.raises(DomainError):
            archive.assign_reference(document=Document.objects.get(), by=None)

    def test_editions_of_one_number_are_refused(self, db):
        edition = a_document()
        with pytest.raises(DomainError):
            archive.create_edition(
                document=edition.document,
                kind=Edition.Kind.DRAFT,
                dated_on=dt.date(2026, 1, 1),
                by=None,
            )
