"""What the Chair decides while a procedure runs and after: withdrawal, correction, settlement."""

import datetime as dt

import pytest
from django.db import IntegrityError, transaction
from django.utils import translation

from almaty_portal.common.errors import DomainError
from almaty_portal.common.instants import almaty_today
from almaty_portal.common.models import Notice
from documents.actions import silence, texts
from documents.actions.ledger import verify_ledger
from documents.models import (
    Edition,
    FollowUp,
    SilenceOutcome,
    SilenceProcedure,
    StateOutcome,
    TechnicalCorrection,
)
from documents.reading import current_edition
from documents.transitions import TABLE
from meetings.models import AgendaItem, Meeting
from membership.models import Standing
from tests.factories.documents import (
    BRACKETED,
    a_document,
    a_procedure,
    a_public_document,
    a_short_procedure,
)

pytestmark = pytest.mark.django_db

DECISION = {"reason_en": "Letter of the Chair No. 7.", "reason_ru": "Письмо Председателя № 7."}
FAR = 26 * 60


@pytest.fixture
def procedure(support_unit, members):
    return a_procedure(by=support_unit)


@pytest.fixture
def broken(procedure, kazakhstan, coordinator):
    """A procedure that Kazakhstan's objection ended."""
    silence.break_silence(procedure=procedure, state=kazakhstan, reason="No.", by=coordinator)
    return SilenceProcedure.objects.get(pk=procedure.pk)


@pytest.fixture
def meeting(db):
    return Meeting.objects.create(
        slug="som-to-come",
        type=Meeting.Type.SOM,
        title_en="Senior Officials Meeting",
        title_ru="Встреча старших должностных лиц",
        from_on=almaty_today() + dt.timedelta(days=30),
        last_on=almaty_today() + dt.timedelta(days=31),
    )


def corrected(procedure, **changes):
    """The rows of a procedure's text, with the texts of its operative paragraph replaced."""
    rows = texts.text_rows(Edition.objects.with_text().get(pk=procedure.text_edition().pk))
    rows[2] |= changes
    return rows


class TestWithdrawal:
    def test_ends_the_procedure_and_is_told(self, procedure, support_unit, coordinator):
        """S10: withdrawn before the deadline, not adopted, everybody told at once."""
        outcome = silence.withdraw(procedure=procedure, by=support_unit, **DECISION)
        assert outcome.result == "withdrawn"
        assert outcome.effective_at < procedure.deadline_at
        assert outcome.note_ru == "Письмо Председателя № 7."
        told = Notice.objects.get(event=f"silence-{procedure.pk}-withdrawn", recipient=coordinator)
        assert told.subject == "Отозвано из процедуры умолчания: Учебное решение"
        assert procedure.ledger.get(step="withdrawn").entry["reason"]["en"] == DECISION["reason_en"]
        assert list(verify_ledger()) == []
        assert silence.close_due() == 0

    def test_no_state_objects_after_it(self, procedure, support_unit, kazakhstan, coordinator):
        """S10: the question is no longer put."""
        silence.withdraw(procedure=procedure, by=support_unit, **DECISION)
        with translation.override("en"), pytest.raises(DomainError, match="has ended"):
            silence.break_silence(
                procedure=procedure, state=kazakhstan, reason="No.", by=coordinator
            )

    def test_needs_the_chairs_decision_in_both_languages(self, procedure, support_unit):
        with translation.override("en"), pytest.raises(DomainError, match="both languages"):
            silence.withdraw(
                procedure=procedure, by=support_unit, reason_en="Letter.", reason_ru=" "
            )
        assert not SilenceOutcome.objects.exists()

    def test_not_after_the_deadline(self, settings, support_unit, members):
        """S11: what silence decided cannot be withdrawn, whoever writes it."""
        procedure = a_short_procedure(settings, by=support_unit, seconds=-5)
        with translation.override("en"), pytest.raises(DomainError, match="has ended"):
            silence.withdraw(procedure=procedure, by=support_unit, **DECISION)
        with pytest.raises(IntegrityError, match="does not follow"), transaction.atomic():
            SilenceOutcome.objects.create(
                procedure=procedure,
                result="withdrawn",
                effective_at=procedure.deadline_at,
                recorded_at=procedure.deadline_at,
            )


class TestCorrection:
    def test_is_an_edition_of_its_own_and_restarts_nothing(
        self, procedure, support_unit, kazakhstan, coordinator
    ):
        """S10: both languages, told to all; the deadline and what was said stand."""
        silence.acknowledge(procedure=procedure, state=kazakhstan, by=coordinator)
        deadline = procedure.deadline_at
        correction = silence.correct_text(
            procedure=procedure,
            rows=corrected(
                procedure,
                text_en="Decide to protect all refugees.",
                text_ru="Постановляют защищать всех беженцев.",
            ),
            note_en="Paragraph 1: a word was missing.",
            note_ru="Пункт 1: пропущено слово.",
            by=support_unit,
        )
        assert correction.edition.label == "Corr.1"
        assert correction.edition.issued_at is not None
        procedure = SilenceProcedure.objects.get(pk=procedure.pk)
        assert procedure.deadline_at == deadline
        assert procedure.responses.count() == 1
        assert procedure.text_edition() == correction.edition
        assert current_edition(procedure.edition.document, support_unit) == correction.edition
        entry = procedure.ledger.get(step="corrected").entry
        assert entry["paragraphs"] == ["1."]
        assert entry["text_sha256"] == texts.text_hashes(correction.edition)
        told = Notice.objects.get(event__contains="-corrected-", recipient=coordinator)
        assert told.subject == "Техническое исправление: Учебное решение"
        words = told.email.message
        assert "1. (русский)\nБыло: Постановляют защищать беженцев.\n" in words
        assert "\nСтало: Постановляют защищать всех беженцев.\n" in words
        assert "Напоминают" not in words
        assert list(verify_ledger()) == []

    def test_an_objection_written_before_it_counts(
        self, procedure, support_unit, kazakhstan, coordinator
    ):
        """S6, S10: a correction restarts nothing; the points are those of the same paragraphs."""
        point = (procedure.edition.paragraphs.get(number="1."), "Decide now.", "")
        silence.correct_text(
            procedure=procedure,
            rows=corrected(procedure, text_en="Decide to protect the refugees."),
            note_en="An article.",
            note_ru="Артикль.",
            by=support_unit,
        )
        objection = silence.break_silence(
            procedure=procedure, state=kazakhstan, reason="No.", points=[point], by=coordinator
        )
        assert objection.points.get().paragraph.edition.label == "Corr.1"
        assert SilenceOutcome.objects.get().result == "broken"

    def test_both_languages_still_agree(self, procedure, support_unit):
        """S4, S10: no number in one language alone."""
        with translation.override("en"), pytest.raises(DomainError, match="corrected texts differ"):
            silence.correct_text(
                procedure=procedure,
                rows=corrected(procedure, text_en="Decide to protect 72 refugees."),
                note_en="x",
                note_ru="x",
                by=support_unit,
            )

    def test_the_corrected_text_is_adopted(self, settings, support_unit, members):
        """S10, S12."""
        procedure = a_short_procedure(settings, by=support_unit, seconds=60)
        silence.correct_text(
            procedure=procedure,
            rows=corrected(procedure, text_en="Decide to protect the refugees."),
            note_en="An article.",
            note_ru="Артикль.",
            by=support_unit,
        )
        from tests.factories.documents import move_deadline

        move_deadline(procedure, -FAR)
        assert silence.close_due() == 1
        final = SilenceOutcome.objects.get().edition_issued
        assert final.paragraphs.get(number="1.").text_en == "Decide to protect the refugees."
        assert final.supersedes == TechnicalCorrection.objects.get().edition

    def test_is_not_public_while_silence_runs(self, procedure, support_unit, client_of, anonymous):
        """T6: a corrected proposal is for those who read the proposal."""
        correction = silence.correct_text(
            procedure=procedure,
            rows=corrected(procedure, text_en="Decide to protect the refugees."),
            note_en="An article.",
            note_ru="Артикль.",
            by=support_unit,
        )
        assert not Edition.objects.visible_to(anonymous).filter(pk=correction.edition.pk).exists()

    @pytest.mark.parametrize(
        ("change", "sentence"),
        [
            ({}, "Nothing was corrected"),
            ({"number": "2."}, "keeps all paragraphs and their numbers"),
            ({"text_en": "Decide with {KZ|Kazakhstan}."}, "keeps the States named"),
            ({"text_ru": "Постановляют [защищать] беженцев."}, "keeps the States named"),
            ({"text_ru": " "}, "keeps the States named"),
        ],
    )
    def test_substance_is_refused(self, procedure, support_unit, change, sentence):
        """S10: a change of substance is withdrawn and reissued."""
        with translation.override("en"), pytest.raises(DomainError, match=sentence):
            silence.correct_text(
                procedure=procedure,
                rows=corrected(procedure, **change),
                note_en="x",
                note_ru="x",
                by=support_unit,
            )
        assert not TechnicalCorrection.objects.exists()
        assert procedure.edition.document.editions.count() == 1


class TestFollowUp:
    def test_reissue_takes_over_the_accepted_wording(
        self, procedure, support_unit, kazakhstan, coordinator
    ):
        """S10, S14: Rev.1 with what was accepted, under a new period; the chain is on record."""
        proposal = (
            procedure.edition.paragraphs.get(number="1."),
            "Decide to protect refugees by 2027.",
            "Постановляют защищать беженцев к 2027 году.",
        )
        objection = silence.break_silence(
            procedure=procedure,
            state=kazakhstan,
            reason="No day is set.",
            points=[proposal],
            by=coordinator,
        )
        broken, point = SilenceProcedure.objects.get(pk=procedure.pk), objection.points.get()
        edition = silence.prepare_reissue(
            procedure=broken, accepted=[point], by=support_unit, **DECISION
        )
        assert edition.label == "Rev.1"
        assert edition.issued_at is None
        assert edition.supersedes == broken.edition
        assert edition.paragraphs.get(number="1.").text_ru.endswith("к 2027 году.")
        assert edition.paragraphs.get(number="(i)").text_en == "Recalling the Almaty Declaration;"
        assert FollowUp.objects.get().edition == edition
        told = Notice.objects.get(event=f"silence-{broken.pk}-followed_up", recipient=coordinator)
        assert told.subject == "Будет переиздано: Учебное решение"
        again = a_procedure(by=support_unit, edition=edition)
        assert again.reissue_of == broken
        assert list(verify_ledger()) == []

    def test_referral_becomes_an_agenda_item(self, broken, support_unit, meeting):
        """S14."""
        silence.refer(procedure=broken, meeting=meeting, by=support_unit, **DECISION)
        item = AgendaItem.objects.get(meeting=meeting)
        assert item.title_ru == "Текст, переданный из процедуры умолчания"
        assert FollowUp.objects.get().agenda_item == item

    def test_the_agenda_names_it_only_to_those_who_may_know(
        self, broken, support_unit, meeting, client_of, coordinator, anonymous
    ):
        """T6: a text that was not adopted exists nowhere for the public."""
        silence.refer(procedure=broken, meeting=meeting, by=support_unit, **DECISION)
        address = f"/en{meeting.get_absolute_url()[3:]}"
        public = client_of(anonymous).get(address).content.decode()
        assert "A text referred from the silence procedure" not in public
        assert "Demonstration decision" not in public
        assert "Demonstration decision" in client_of(coordinator).get(address).content.decode()

    def test_referral_to_a_past_meeting_is_refused(self, broken, support_unit, meeting):
        meeting.from_on = meeting.last_on = almaty_today() - dt.timedelta(days=1)
        meeting.save()
        with translation.override("en"), pytest.raises(DomainError, match="is past"):
            silence.refer(procedure=broken, meeting=meeting, by=support_unit, **DECISION)
        assert not AgendaItem.objects.exists()

    def test_one_way_only(self, broken, support_unit, meeting):
        """S14: what becomes of a text is decided once."""
        silence.abandon(procedure=broken, by=support_unit, **DECISION)
        for act, more in (
            (silence.abandon, {}),
            (silence.refer, {"meeting": meeting}),
            (silence.prepare_reissue, {"accepted": []}),
        ):
            with translation.override("en"), pytest.raises(DomainError, match="decided already"):
                act(procedure=broken, by=support_unit, **DECISION, **more)

    def test_only_what_was_not_adopted(self, procedure, support_unit):
        """S14; kept by the action and by a trigger."""
        with translation.override("en"), pytest.raises(DomainError, match="still running"):
            silence.abandon(procedure=procedure, by=support_unit, **DECISION)
        with pytest.raises(IntegrityError, match="not adopted"), transaction.atomic():
            FollowUp.objects.create(
                procedure=procedure,
                kind="abandonment",
                at=procedure.opened_at,
                by=support_unit,
                **DECISION,
            )


class TestSettlement:
    @pytest.mark.parametrize("formalised", [True, False])
    def test_chair_settles_what_silence_left_open(
        self, settings, support_unit, members, iran, formalised, coordinator
    ):
        """S2, M1, T5: the former result stays on record, standing and brackets follow."""
        edition = a_public_document(rows=BRACKETED)
        procedure = a_short_procedure(
            settings,
            by=support_unit,
            seconds=-FAR,
            edition=edition,
            kind="participation_window",
            silence_means="to_be_settled_by_chair",
            states=[iran],
        )
        silence.close_due()
        assert current_edition(edition.document) == edition
        held = silence.settle_state(
            procedure=procedure,
            state=iran,
            formalised=formalised,
            note_en="Letter of the Chair.",
            note_ru="Письмо Председателя.",
            by=support_unit,
        )
        assert StateOutcome.objects.count() == 2
        assert StateOutcome.objects.standing().get() == held
        clean = current_edition(edition.document)
        assert clean.kind == "clean"
        text = clean.paragraphs.get(number="2.").text_en
        assert ("{IR|Iran}" in text) is formalised
        assert "[" not in text
        member = Standing.objects.in_force().filter(state=iran, kind="member").exists()
        assert member is formalised
        assert not Standing.objects.in_force().filter(state=iran, kind="in_brackets").exists()
        assert Notice.objects.filter(event__contains="-settled-", recipient=coordinator).exists()
        assert list(verify_ledger()) == []
        with translation.override("en"), pytest.raises(DomainError, match="not left for the Chair"):
            silence.settle_state(
                procedure=procedure,
                state=iran,
                formalised=True,
                note_en="x",
                note_ru="x",
                by=support_unit,
            )

    def test_brackets_fall_everywhere(self, settings, support_unit, members, iran):
        """S12: in every text in force in which the State stands in brackets."""
        put, other = a_public_document(rows=BRACKETED), a_public_document(rows=BRACKETED)
        a_short_procedure(
            settings,
            by=support_unit,
            seconds=-FAR,
            edition=put,
            kind="participation_window",
            silence_means="formalised",
            states=[iran],
        )
        silence.close_due()
        for edition in (put, other):
            assert current_edition(edition.document).kind == "clean"
        assert Standing.objects.in_force().get(state=iran).kind == "member"

    def test_a_text_that_was_not_adopted_is_not_put_in_force(
        self, settings, support_unit, members, iran, kazakhstan, coordinator
    ):
        """S12, S14: a window cleans texts in force alone."""
        draft = a_document(by=support_unit, rows=BRACKETED)
        broken = a_procedure(by=support_unit, edition=draft)
        silence.break_silence(procedure=broken, state=kazakhstan, reason="No.", by=coordinator)
        a_short_procedure(
            settings,
            by=support_unit,
            seconds=-FAR,
            edition=a_public_document(rows=BRACKETED),
            kind="participation_window",
            silence_means="formalised",
            states=[iran],
        )
        silence.close_due()
        assert not draft.document.editions.filter(kind="clean").exists()

    def test_nothing_founds_another_result(self, settings, support_unit, members, iran):
        """S13: kept by a trigger, whoever writes it."""
        a_short_procedure(
            settings,
            by=support_unit,
            seconds=-FAR,
            edition=a_public_document(rows=BRACKETED),
            kind="participation_window",
            silence_means="lapses",
            states=[iran],
        )
        silence.close_due()
        former = StateOutcome.objects.get()
        with pytest.raises(IntegrityError, match="nothing founds"), transaction.atomic():
            StateOutcome.objects.create(
                outcome=former.outcome, state=iran, result="formalised", replaces=former
            )


@pytest.mark.parametrize("name", ["extended", "corrected", "withdrawn", "settled", "abandoned"])
@pytest.mark.parametrize(
    ("person", "allowed"),
    [
        ("support_unit", True),
        ("coordinator", False),
        ("other_coordinator", False),
        ("deputy", False),
        ("chair", False),
        ("observer", False),
        ("anonymous", False),
    ],
)
def test_who_enters_the_chairs_decisions(request, procedure, name, person, allowed):
    """S1, S3, S9: the Support Unit, and nobody else."""
    assert TABLE[name].may(request.getfixturevalue(person), procedure) is allowed


def test_history_is_directed_by_nobody(support_unit, members):
    """S16."""
    procedure = a_procedure(by=support_unit, edition=a_document(by=support_unit))
    procedure.historic = True
    assert not TABLE["extended"].may(support_unit, procedure)
