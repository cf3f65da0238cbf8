"""The silence procedure while it runs and as it ends: extension, positions, outcome, ledger."""

import datetime as dt

import pgtrigger
import pytest
from django.db import IntegrityError, ProgrammingError, transaction
from django.utils import translation

from almaty_portal.common.errors import DomainError
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
from tests.factories.documents import (
    BRACKETED,
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

    @pytest.mark.parametrize("kinds", [("joins", "dissociation"), ("dissociation", "joins")])
    def test_joins_or_dissociates_itself(self, procedure, kazakhstan, coordinator, kinds):
        """S8: not both; to object stays open."""
        act = {"procedure": procedure, "state": kazakhstan, "by": coordinator}
        silence.take_position(kind=kinds[0], text="As we see it.", **act)
        with translation.override("en"), pytest.raises(DomainError, match="cannot both join"):
            silence.take_position(kind=kinds[1], text="As we see it.", **act)
        silence.break_silence(reason="No.", **act)

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
