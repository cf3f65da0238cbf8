"""The page of a procedure after the Chair's acts and notes on paper: what happened (S10–S14)."""

import datetime as dt
import io
import re

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import translation

from almaty_portal.common.instants import almaty_today
from documents.actions import silence
from documents.actions.ledger import verify_ledger
from documents.models import Decision, SilenceProcedure
from documents.offline import verify
from documents.reading import current_edition
from meetings.models import Meeting
from tests.documents.test_verify_program import a_bundle
from tests.factories.documents import (
    BRACKETED,
    a_procedure,
    a_public_document,
    a_short_procedure,
)
from tests.factories.files import a_pdf

pytestmark = pytest.mark.django_db

DECISION = {"reason_en": "Letter of the Chair No. 7.", "reason_ru": "Письмо Председателя № 7."}


def page(client, procedure, language: str) -> str:
    with translation.override(language):
        address = reverse("silence_detail", args=[procedure.slug])
    response = client.get(address)
    assert response.status_code == 200
    return response.content.decode()


def paper(procedure, state, kind, by):
    return silence.enter_paper_note(
        procedure=procedure,
        state=state,
        kind=kind,
        reason="Paragraph 1.",
        received_at=procedure.deadline_at - dt.timedelta(minutes=5),
        received_how="Stamp No. 41",
        file=SimpleUploadedFile("note.pdf", a_pdf()),
        by=by,
    )


@pytest.fixture
def broken(support_unit, members, kazakhstan, coordinator):
    procedure = a_procedure(by=support_unit)
    silence.break_silence(procedure=procedure, state=kazakhstan, reason="No.", by=coordinator)
    return SilenceProcedure.objects.get(pk=procedure.pk)


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("en", ["withdrawn by the Chair", "Letter of the Chair No. 7."]),
        ("ru", ["отозвано Председателем", "Письмо Председателя № 7."]),
    ],
)
def test_withdrawn(client_of, support_unit, members, coordinator, language, words):
    """S10."""
    procedure = a_procedure(by=support_unit)
    silence.withdraw(procedure=procedure, by=support_unit, **DECISION)
    text = page(client_of(coordinator), procedure, language)
    assert all(one in text for one in words)


@pytest.mark.parametrize(
    ("language", "words"), [("en", "Technical correction"), ("ru", "Техническое исправление")]
)
def test_corrected(client_of, support_unit, members, coordinator, language, words):
    """S10: what was corrected is marked, word by word."""
    procedure = a_procedure(by=support_unit)
    rows = [
        {
            "role": one.role,
            "level": one.level,
            "number": one.number,
            "anchor": one.anchor,
            "text_en": (one.text_en or "").replace("refugees", "all refugees"),
            "text_ru": one.text_ru,
        }
        for one in procedure.edition.paragraphs.all()
    ]
    silence.correct_text(
        procedure=procedure, rows=rows, note_en="A word.", note_ru="Слово.", by=support_unit
    )
    text = page(client_of(coordinator), procedure, language)
    assert words.lower() in text.lower()
    added = " ".join(re.findall(r"<ins[^>]*>(.*?)</ins>", text))
    assert "all" in re.sub(r"<[^>]+>|[\[\]]", " ", added).split()


@pytest.mark.parametrize(
    ("language", "reissued", "referred", "abandoned"),
    [
        ("en", "Rev.1", "Meeting to come", "abandoned"),
        ("ru", "Rev.1", "Предстоящая встреча", "работа прекращена"),
    ],
)
def test_followed_up(
    client_of, support_unit, broken, coordinator, language, reissued, referred, abandoned
):
    """S14: the page leads on to what became of the text."""
    client = client_of(coordinator)
    other = a_procedure(by=support_unit)
    silence.withdraw(procedure=other, by=support_unit, **DECISION)
    third = a_procedure(by=support_unit)
    silence.withdraw(procedure=third, by=support_unit, **DECISION)
    silence.prepare_reissue(procedure=broken, accepted=[], by=support_unit, **DECISION)
    meeting = Meeting.objects.create(
        slug="to-come",
        type=Meeting.Type.SOM,
        title_en="Meeting to come",
        title_ru="Предстоящая встреча",
        from_on=almaty_today() + dt.timedelta(days=3),
        last_on=almaty_today() + dt.timedelta(days=3),
    )
    silence.refer(procedure=other, meeting=meeting, by=support_unit, **DECISION)
    silence.abandon(procedure=third, by=support_unit, **DECISION)
    assert reissued in page(client, broken, language)
    assert referred in page(client, other, language)
    assert abandoned in page(client, third, language)


@pytest.mark.parametrize(
    ("language", "waiting", "annulled"),
    [
        ("en", "waits", "adoption annulled"),
        ("ru", "ожидает", "принятие аннулировано"),
    ],
)
def test_annulled_on_paper(
    settings,
    client_of,
    support_unit,
    other_staff,
    members,
    kazakhstan,
    coordinator,
    language,
    waiting,
    annulled,
    monkeypatch,
):
    """S13, S15: the page tells the note that waits, then the annulment; the bundle verifies."""
    monkeypatch.setattr(
        "documents.pdf.render_content", lambda printed, progress=None: b"%PDF-1.7 of a text"
    )
    procedure = a_short_procedure(settings, by=support_unit, seconds=-26 * 60)
    silence.close_due()
    note = paper(procedure, kazakhstan, "objection", support_unit)
    client = client_of(coordinator)
    assert waiting in page(client, procedure, language)
    silence.confirm_paper_note(note=note, by=other_staff)
    assert annulled in page(client, procedure, language)
    bundle_verifies(procedure, support_unit)


def bundle_verifies(procedure, by) -> None:
    """The bundle of a procedure, judged by the program that goes into it."""
    report = verify.check(verify.from_zip(io.BytesIO(a_bundle(procedure, by))))
    assert [one.line("en") for one in report.faults] == []
    assert list(verify_ledger()) == []


@pytest.mark.parametrize("language", ["en", "ru"])
def test_a_result_that_was_replaced(
    settings, client_of, support_unit, other_staff, members, iran, coordinator, language
):
    """S2, S13: both results stand on the page, and in the register."""
    procedure = a_short_procedure(
        settings,
        by=support_unit,
        seconds=-26 * 60,
        edition=a_public_document(rows=BRACKETED),
        kind="participation_window",
        silence_means="lapses",
        states=[iran],
    )
    silence.close_due()
    note = paper(procedure, iran, "participates", support_unit)
    silence.confirm_paper_note(note=note, by=other_staff)
    text = page(client_of(coordinator), procedure, language)
    formalised, lapsed = {
        "en": ("participation formalised", "the offer lapsed"),
        "ru": ("участие оформлено", "предложение"),
    }[language]
    assert formalised in text
    assert lapsed in text
    with translation.override(language):
        clean = current_edition(procedure.edition.document)
        assert clean.kind == "clean"
        assert f'<a href="{clean.get_absolute_url()}">' in text
        address = reverse("decision_detail", args=[Decision.objects.get().slug])
    register = client_of(coordinator).get(address).content.decode()
    names = {"en": "<dt>Iran</dt>", "ru": "<dt>Иран</dt>"}
    assert register.count(names[language]) == 1  # what held before stands beside what holds
    assert formalised in register.lower()
    assert lapsed in register


def what_is_next(client, procedure, language="en") -> str:
    """The words of the outcome's box, without marks."""
    box = page(client, procedure, language).split('id="outcome"')[1].split("</section>")[0]
    return " ".join(re.sub(r"<[^>]+>", " ", box).split())


class TestOutcomeBox:
    """S14: who reads the outcome alone knows what stands, and what happens next."""

    def test_names_a_withdrawn_objection_and_the_way_back(
        self, broken, client_of, coordinator, kazakhstan, support_unit
    ):
        client = client_of(coordinator)
        assert "has withdrawn its objection" not in what_is_next(client, broken)
        silence.withdraw_objection(procedure=broken, state=kazakhstan, reason="", by=coordinator)
        box = what_is_next(client, broken)
        assert "has withdrawn its objection since" in box
        assert "the text stays not adopted" in box
        assert "What happens next: The Chair decides the way back" in box
        silence.prepare_reissue(procedure=broken, accepted=[], by=support_unit, **DECISION)
        assert "being reissued as Rev.1" in what_is_next(client, broken)
        russian = what_is_next(client, broken, "ru")
        assert "возражение отозвано" in russian
        assert "Что дальше: Текст переиздается как Rev.1." in russian

    def test_abandoned(self, broken, client_of, coordinator, support_unit):
        silence.abandon(procedure=broken, by=support_unit, **DECISION)
        assert "The text is not pursued any further" in what_is_next(client_of(coordinator), broken)

    def test_adopted_leads_to_the_register(
        self, settings, support_unit, members, client_of, coordinator
    ):
        procedure = a_short_procedure(settings, by=support_unit, seconds=-26 * 60)
        silence.close_due()
        box = what_is_next(client_of(coordinator), procedure)
        assert "Nothing more is asked of the States. The text is in force" in box
        assert "/en/decisions/" in page(client_of(coordinator), procedure, "en")

    @pytest.mark.parametrize(
        ("means", "sentence"),
        [
            ("to_be_settled_by_chair", "The Chair settles what"),
            ("lapses", "Nothing more is asked of the States"),
        ],
    )
    def test_a_window(
        self, settings, support_unit, members, iran, client_of, coordinator, means, sentence
    ):
        edition = a_public_document(rows=BRACKETED)
        procedure = a_short_procedure(
            settings,
            by=support_unit,
            seconds=-26 * 60,
            edition=edition,
            kind="participation_window",
            silence_means=means,
            states=[iran],
        )
        silence.close_due()
        assert sentence in what_is_next(client_of(coordinator), procedure)
