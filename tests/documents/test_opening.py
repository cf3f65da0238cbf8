"""Opening a silence procedure: concordance, effects, reissue, D2, the circular (S1–S5)."""

import datetime as dt

import pytest
from django.core import mail as sent
from django.utils import translation

from almaty_portal.common.errors import DomainError
from almaty_portal.common.instants import almaty_today, database_now
from almaty_portal.common.mail import send_waiting
from almaty_portal.common.models import AuditRecord, Notice
from chairmanship.models import Chairmanship
from documents.actions import archive, silence, texts
from documents.actions.ledger import verify_ledger
from documents.mail import circular
from documents.models import (
    Document,
    Edition,
    Effect,
    FollowUp,
    LedgerEntry,
    SilenceProcedure,
)
from meetings.models import Invitation, Meeting
from membership.models import Observer, Organization
from membership.permissions import is_support_unit
from tests.factories.documents import BRACKETED, ROWS, a_document, a_procedure, a_public_document
from tests.factories.membership import ObserverFactory, OrganizationFactory, UserFactory

pytestmark = pytest.mark.django_db
DIFFERENT = [
    *ROWS,
    {"role": "operative", "number": "2.", "text_en": "In 30 days.", "text_ru": "За 20 дней."},
    {"role": "operative", "number": "3.", "text_en": "In 5 days.", "text_ru": "За 6 дней."},
    {"role": "operative", "number": "4.", "text_en": "In 7 days.", "text_ru": "За 8 дней."},
]
REASON = {"discordance_reason_en": "By lunar months.", "discordance_reason_ru": "По луне."}


@pytest.fixture(autouse=True)
def english():
    with translation.override("en"):
        yield


def refused(sentence: str, *fields: str, **values) -> None:
    """Opening is refused with a sentence at its fields, and nothing at all is stored."""
    before = LedgerEntry.objects.count()
    with pytest.raises(DomainError) as caught:
        a_procedure(**values)
    assert sentence in str(caught.value)
    assert caught.value.fields == fields
    assert not SilenceProcedure.objects.exists()
    assert not Effect.objects.exists()
    assert not Notice.objects.exists()
    assert LedgerEntry.objects.count() == before
    assert not AuditRecord.objects.filter(action="open_silence").exists()


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
        edition = a_document(by=None, rows=DIFFERENT, issued=True, kind="final")
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


def mail_to(person) -> str:
    return Notice.objects.get(recipient=person).email.message


@pytest.fixture
def organization(db):
    return OrganizationFactory(name_en="A Union", name_ru="Союз")


@pytest.fixture
def society(db):
    return OrganizationFactory(
        kind=Organization.Kind.CIVIL_SOCIETY, name_en="A Society", name_ru="Общество"
    )


def a_meeting(days: int) -> Meeting:
    day = almaty_today() + dt.timedelta(days=days)
    return Meeting.objects.create(
        slug=f"meeting-{days}",
        type="workshop",
        title_en=f"Workshop {days}",
        title_ru=f"Семинар {days}",
        from_on=day,
        last_on=day,
    )


def a_term(state, until_on=None) -> Chairmanship:
    return Chairmanship.objects.create(
        state=state, from_on=almaty_today() - dt.timedelta(days=300), until_on=until_on
    )


NEXT_YEAR = dt.timedelta(days=365)


class TestEffect:
    """S2: what an adoption does besides, fixed when it opens."""

    def test_an_observer(self, support_unit, members, coordinator, organization):
        """M4"""
        effect = {"kind": "observer", "organization": organization}
        procedure = a_procedure(by=support_unit, effect=effect)
        assert procedure.effect.organization == organization
        assert procedure.ledger.get(step="opened").entry["effect"] == {
            "kind": "observer",
            "state": None,
            "organization": organization.slug,
            "meeting": None,
            "from_on": None,
            "until_on": None,
        }
        assert "в качестве наблюдателя также допускается: Союз." in mail_to(coordinator)

    def test_an_invitation(self, support_unit, members, other_coordinator, society):
        effect = {"kind": "invitation", "organization": society, "meeting": a_meeting(30)}
        procedure = a_procedure(by=support_unit, effect=effect)
        assert procedure.ledger.get(step="opened").entry["effect"]["meeting"] == "meeting-30"
        assert "to one meeting: A Society; Workshop 30, " in mail_to(other_coordinator)

    def test_an_election(self, support_unit, members, other_coordinator, kazakhstan):
        """C5"""
        effect = {"kind": "chair", "state": kazakhstan, "from_on": dt.date(2030, 1, 1)}
        procedure = a_procedure(by=support_unit, effect=effect)
        assert procedure.effect.state == kazakhstan
        told = "elects to the Chair: Republic of Kazakhstan, from 1 January 2030."
        assert told in mail_to(other_coordinator)

    def test_a_term(self, support_unit, members, other_coordinator, kazakhstan):
        """C2"""
        a_term(kazakhstan, until_on=almaty_today() + dt.timedelta(days=30))
        effect = {"kind": "term", "until_on": dt.date(2040, 1, 1)}
        procedure = a_procedure(by=support_unit, effect=effect)
        assert procedure.ledger.get(step="opened").entry["effect"]["until_on"] == "2040-01-01"
        assert "term of the present Chair until 1 January 2040" in mail_to(other_coordinator)

    def test_no_effect_is_told_as_none(self, support_unit, members):
        procedure = a_procedure(by=support_unit)
        assert procedure.ledger.get(step="opened").entry["effect"] is None
        assert not Effect.objects.exists()

    @pytest.mark.parametrize(
        ("make", "sentence", "fields"),
        [
            (lambda w: {"kind": "observer"}, "Name the one that is admitted", "state organization"),
            (
                lambda w: {"kind": "observer", "state": w.iran, "organization": w.organization},
                "Name the one that is admitted",
                "state organization",
            ),
            (
                lambda w: {"kind": "observer", "organization": w.observer},
                "Observing is an observer already.",
                "organization",
            ),
            (
                lambda w: {"kind": "observer", "state": w.kazakhstan},
                "Kazakhstan is a Member State",
                "state",
            ),
            (
                lambda w: {"kind": "observer", "organization": w.society},
                "A Society is a civil-society organization",
                "organization",
            ),
            (
                lambda w: {
                    "kind": "observer",
                    "organization": w.organization,
                    "from_on": dt.date(2030, 1, 1),
                    "until_on": dt.date(2029, 1, 1),
                },
                "The period ends before it starts",
                "until_on",
            ),
            (
                lambda w: {"kind": "invitation", "organization": w.society},
                "Fill in: meeting.",
                "meeting",
            ),
            (
                lambda w: {
                    "kind": "invitation",
                    "organization": w.organization,
                    "meeting": w.meeting,
                },
                "A Union is not a civil-society organization",
                "organization",
            ),
            (
                lambda w: {"kind": "invitation", "organization": w.society, "meeting": w.past},
                "The meeting “Workshop -3” is past",
                "meeting",
            ),
            (
                lambda w: {"kind": "invitation", "organization": w.invited, "meeting": w.meeting},
                "Invited is invited to this meeting already.",
                "organization",
            ),
            (
                lambda w: {"kind": "chair", "state": w.kazakhstan},
                "Fill in: from.",
                "from_on",
            ),
            (
                lambda w: {"kind": "chair", "state": w.iran, "from_on": dt.date(2030, 1, 1)},
                "Iran is not a Member State on that day",
                "state",
            ),
            (
                lambda w: {
                    "kind": "chair",
                    "state": w.kazakhstan,
                    "from_on": dt.date(2030, 1, 1),
                    "meeting": w.meeting,
                },
                "Leave empty: meeting.",
                "meeting",
            ),
            (lambda w: {"kind": "veto"}, "Choose the effect from the list.", ""),
        ],
    )
    def test_one_that_cannot_be_applied_is_refused(
        self, support_unit, members, iran, organization, society, make, sentence, fields
    ):
        """M4, C5: told at its fields, nothing stored."""

        class World:
            pass

        world = World()
        world.iran, world.kazakhstan = iran, members["KZ"]
        world.organization, world.society = organization, society
        world.observer = OrganizationFactory(name_en="Observing", name_ru="Наблюдатель")
        ObserverFactory(organization=world.observer)
        world.meeting, world.past = a_meeting(30), a_meeting(-3)
        world.invited = OrganizationFactory(
            kind=Organization.Kind.CIVIL_SOCIETY, name_en="Invited", name_ru="Приглашенные"
        )
        Invitation.objects.create(
            meeting=world.meeting, organization=world.invited, decision="A decision"
        )
        named = [f"effect_{one}" for one in fields.split()] or ["effect"]
        refused(sentence, *named, by=support_unit, effect=make(world))

    def test_an_annulled_admission_admits_nobody(self, support_unit, members, organization):
        """S13: it may be put again."""
        ObserverFactory(organization=organization)
        Observer.objects.update(annulled_at=database_now())
        effect = {"kind": "observer", "organization": organization}
        assert a_procedure(by=support_unit, effect=effect).effect

    def test_a_term_is_extended_only_where_one_runs(self, support_unit, members):
        """C2"""
        effect = {"kind": "term", "until_on": dt.date(2040, 1, 1)}
        refused("No State is in the Chair today", "effect", by=support_unit, effect=effect)

    @pytest.mark.parametrize("ends", [True, False])
    def test_a_term_is_extended_to_a_later_day(self, support_unit, members, ends):
        """C2: later than its end, or than its two years where no end is entered."""
        last = almaty_today() + dt.timedelta(days=30)
        a_term(members["KZ"], until_on=last if ends else None)
        effect = {"kind": "term", "until_on": last if ends else almaty_today() + NEXT_YEAR}
        refused("choose a later day", "effect_until_on", by=support_unit, effect=effect)

    def test_a_chair_is_not_elected_into_a_term_that_has_its_end(self, support_unit, members):
        """C2"""
        a_term(members["KZ"], until_on=almaty_today() + dt.timedelta(days=30))
        effect = {"kind": "chair", "state": members["KG"], "from_on": almaty_today()}
        refused("elect from that day", "effect_from_on", by=support_unit, effect=effect)

    def test_a_window_has_none(self, support_unit, members, organization):
        """S2"""
        refused(
            "A participation window has no other effect",
            "effect",
            by=support_unit,
            kind="participation_window",
            silence_means="lapses",
            states=[members["KZ"]],
            effect={"kind": "observer", "organization": organization},
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
