"""Opening a silence procedure: concordance, effects, reissue, D2, the circular (S1–S5)."""

import datetime as dt

import pytest
from django.core import mail as sent

from almaty_portal.common.errors import DomainError
from almaty_portal.common.instants import almaty_today, database_now
from almaty_portal.common.mail import send_waiting
from almaty_portal.common.models import Notice
from documents.actions import archive, silence, texts
from documents.actions.ledger import verify_ledger
from documents.mail import circular
from documents.models import (
    Document,
    Edition,
    FollowUp,
    SilenceProcedure,
)
from membership.permissions import is_support_unit
from tests.documents.opening import mail_to, refused
from tests.factories.documents import BRACKETED, ROWS, a_document, a_procedure, a_public_document
from tests.factories.membership import UserFactory

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("english")]

DIFFERENT = [
    *ROWS,
    {"role": "operative", "number": "2.", "text_en": "In 30 days.", "text_ru": "За 20 дней."},
    {"role": "operative", "number": "3.", "text_en": "In 5 days.", "text_ru": "За 6 дней."},
    {"role": "operative", "number": "4.", "text_en": "In 7 days.", "text_ru": "За 8 дней."},
]
REASON = {"discordance_reason_en": "By lunar months.", "discordance_reason_ru": "По луне."}


class TestConcordance:
    def test_texts_that_differ_are_refused_naming_the_first(self, support_unit, members):
        """S4, T2"""
        edition = a_document(by=support_unit, rows=DIFFERENT)
        refused(
            "The two texts differ. Paragraph 2, numbers: English “30”, Russian “20”. There are 2 "
            "more differences.",
            "discordance_reason_en",
            "discordance_reason_ru",
            by=support_unit,
            edition=edition,
        )
        edition.refresh_from_db()
        assert edition.issued_at is None

    def test_a_reason_in_one_language_is_none(self, support_unit, members):
        edition = a_document(by=support_unit, rows=DIFFERENT)
        refused(
            "The two texts differ.",
            "discordance_reason_en",
            "discordance_reason_ru",
            by=support_unit,
            edition=edition,
            discordance_reason_en="By lunar months.",
            discordance_reason_ru="  ",
        )

    def test_a_recorded_reason_opens_and_is_told(self, support_unit, members, coordinator):
        """S15: in the procedure, in the ledger, in the circular."""
        edition = a_document(by=support_unit, rows=DIFFERENT)
        procedure = a_procedure(by=support_unit, edition=edition, **REASON)
        assert [one["kind"] for one in procedure.discordances] == ["number"] * 3
        assert procedure.discordances[0]["english"] == "30"
        entry = procedure.ledger.get(step="opened").entry
        assert entry["discordances"] == procedure.discordances
        assert entry["discordance_reason"] == {"en": "By lunar months.", "ru": "По луне."}
        assert "найдено 3 расхождения. Указанная причина: По луне." in mail_to(coordinator)
        assert list(verify_ledger()) == []

    def test_without_differences_no_reason_is_kept(self, support_unit, members):
        procedure = a_procedure(by=support_unit, **REASON)
        assert procedure.discordances == []
        assert procedure.discordance_reason_en == ""
        assert procedure.ledger.get(step="opened").entry["discordance_reason"] == {
            "en": "",
            "ru": "",
        }

    def test_a_historic_text_in_a_window_passes_the_same_gate(self, support_unit, members, iran):
        edition = archive.issue_edition(
            edition=a_document(by=None, rows=DIFFERENT, kind="final"),
            standings={"en": "original", "ru": "authentic"},
            by=None,
            judged=True,
        )
        refused(
            "The two texts differ.",
            "discordance_reason_en",
            "discordance_reason_ru",
            by=support_unit,
            edition=edition,
            kind="participation_window",
            silence_means="lapses",
            states=[iran],
        )


class TestOperatingModalities:
    """D2: amended by Ministerial meetings only."""

    SENTENCE = "The Operating Modalities are amended by Ministerial meetings only"

    @pytest.mark.parametrize("kind", ["draft", "rev"])
    @pytest.mark.parametrize("asked", ["adoption", "participation_window"])
    def test_no_proposal_to_amend_them(self, support_unit, members, kind, asked):
        edition = a_document(by=support_unit, type="operating_modalities", kind=kind)
        means = "adopted" if asked == "adoption" else "formalised"
        states = None if asked == "adoption" else [members["KZ"]]
        refused(
            self.SENTENCE,
            by=support_unit,
            edition=edition,
            kind=asked,
            silence_means=means,
            states=states,
        )

    def test_nor_an_effect_beside_them(self, support_unit, members, organization):
        edition = a_document(by=support_unit, type="operating_modalities")
        effect = {"kind": "observer", "organization": organization}
        refused(self.SENTENCE, by=support_unit, edition=edition, effect=effect)

    def test_nor_an_annex_of_them(self, support_unit, members):
        modalities = a_public_document(by=support_unit, type="operating_modalities").document
        annex = a_document(by=support_unit, type="decision")
        Document.objects.filter(pk=annex.document_id).update(annex_of=modalities, annex_number=1)
        refused(self.SENTENCE, by=support_unit, edition=annex)

    def test_a_window_settles_the_brackets_of_the_text_in_force(self, support_unit, members, iran):
        """S2: as in 2013."""
        edition = a_public_document(by=support_unit, type="operating_modalities", rows=BRACKETED)
        procedure = a_procedure(
            by=support_unit,
            edition=edition,
            kind="participation_window",
            silence_means="formalised",
            states=[iran],
        )
        assert procedure.kind == "participation_window"


class TestReissue:
    def broken(self, support_unit, kazakhstan, coordinator) -> SilenceProcedure:
        procedure = a_procedure(by=support_unit)
        silence.break_silence(procedure=procedure, state=kazakhstan, reason="No.", by=coordinator)
        return procedure

    def revision(self, document, support_unit, number=1) -> Edition:
        edition = archive.create_edition(
            document=document,
            kind=Edition.Kind.REVISION,
            number=number,
            dated_on=almaty_today(),
            by=support_unit,
        )
        texts.set_text(edition=edition, rows=ROWS, by=support_unit)
        return edition

    def test_a_revision_prepared_for_it_names_the_text_not_adopted(
        self, support_unit, kazakhstan, coordinator
    ):
        """S10, S14"""
        before = self.broken(support_unit, kazakhstan, coordinator)
        edition = self.revision(before.edition.document, support_unit)
        FollowUp.objects.create(
            procedure=before,
            kind=FollowUp.Kind.REISSUE,
            edition=edition,
            reason_en="Letter 13",
            reason_ru="Письмо 13",
            at=database_now(),
            by=support_unit,
        )
        procedure = a_procedure(by=support_unit, edition=edition, title_en="Again")
        assert procedure.reissue_of == before
        assert procedure.ledger.get(step="opened").entry["reissue_of"] == before.slug
        subject_and_text = circular(procedure, "en", coordinator)
        assert (
            "revision, under a new period, of the text “Demonstration decision”"
            in (subject_and_text[1])
        )

    def test_another_revision_reissues_nothing(self, support_unit, kazakhstan, coordinator):
        before = self.broken(support_unit, kazakhstan, coordinator)
        edition = self.revision(before.edition.document, support_unit)
        procedure = a_procedure(by=support_unit, edition=edition)
        assert procedure.reissue_of is None
        assert procedure.ledger.get(step="opened").entry["reissue_of"] is None


class TestCircular:
    def test_it_tells_what_a_coordinator_needs(self, support_unit, members, other_coordinator):
        """S4, S5: what is asked, what silence means, the deadline by three clocks, how to answer
        and to object, the States entitled, the hashes, where to read."""
        procedure = a_procedure(by=support_unit)
        told = mail_to(other_coordinator)
        utc = procedure.deadline_at
        for words in (
            "The Chair's directive: letter, 1 January 2026; the Chair",
            "adopted by consensus unless a Member State objects in writing before the deadline",
            f"{utc:%H:%M} UTC",
            f"{utc + dt.timedelta(hours=5):%H:%M} in Almaty",
            f"{utc + dt.timedelta(hours=4):%H:%M} in Baku",
            "HOW TO ANSWER\nSign in and open the page of the procedure",
            "HOW TO OBJECT\nOn the same page choose “Break silence”",
            "Afghanistan, Azerbaijan, Kazakhstan, Kyrgyzstan, Tajikistan",
            procedure.text_hash_en,
            procedure.text_hash_ru,
            f"/en/portal/silence/{procedure.slug}/",
        ):
            assert words in told
        assert "\n\n\n" not in told
        assert "effect" not in told.split("HOW TO ANSWER")[0]

    def test_the_preview_is_the_mail_that_is_sent(self, support_unit, members, coordinator):
        procedure = a_procedure(by=support_unit)
        subject, text = circular(procedure, "ru", coordinator)
        assert subject == Notice.objects.get(recipient=coordinator).subject
        assert text == mail_to(coordinator)
        send_waiting()
        (mail,) = [one for one in sent.outbox if one.to == ["kz@example.org"]]
        assert (mail.subject, mail.body) == (subject, text)

    def test_a_window_tells_how_it_is_answered(self, support_unit, members, coordinator):
        procedure = a_procedure(
            by=support_unit,
            kind="participation_window",
            silence_means="lapses",
            states=[members["KZ"]],
        )
        _subject, text = circular(procedure, "en", coordinator)
        assert "What silence means: the offer of participation lapses." in text
        assert "say there whether your State formalises its participation" in text
        assert "Break silence" not in text
        assert "\n\n\n" not in text


def test_who_opens(
    support_unit, other_staff, members, coordinator, deputy, chair, observer, anonymous
):
    """S1: the Support Unit alone; the Chair directs, and opens nothing."""
    plain_staff = UserFactory(is_staff=True)
    gone = UserFactory(is_staff=True, is_active=False, is_superuser=True)
    assert is_support_unit(support_unit)
    for person in (coordinator, deputy, chair, observer, anonymous, plain_staff, gone):
        with pytest.raises(DomainError, match="Only the Support Unit opens"):
            a_procedure(by=person, edition=a_document(by=None))
    assert not SilenceProcedure.objects.exists()
    for person in (support_unit, other_staff):
        assert a_procedure(by=person, edition=a_document(by=None)).opened_by == person
