"""The register of decisions: what it refuses, whoever asks (rule D3, fault P12)."""

import datetime as dt
from xml.etree import ElementTree

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import DatabaseError, IntegrityError, transaction
from django.urls import reverse

from documents.actions import archive, silence
from documents.models import Decision, SilenceProcedure
from meetings.models import Meeting
from tests.factories.documents import a_document, a_procedure, a_short_procedure
from tests.factories.files import a_pdf

pytestmark = pytest.mark.django_db

LONG_AGO = -26 * 60


@pytest.fixture
def meeting():
    return Meeting.objects.create(
        slug="conference",
        type=Meeting.Type.MINISTERIAL,
        title_en="Conference",
        title_ru="Конференция",
        from_on=dt.date(2026, 1, 1),
        last_on=dt.date(2026, 1, 1),
    )


@pytest.fixture
def decision(support_unit, meeting):
    return archive.register_decision(
        by=support_unit,
        slug="taken",
        title_en="Decision",
        title_ru="Решение",
        taken="meeting",
        taken_on=dt.date(2026, 1, 1),
        meeting=meeting,
        document=a_document(by=support_unit).document,
    )


def under_silence(procedure: SilenceProcedure, /, **fields) -> Decision:
    values = {
        "slug": "by-hand",
        "title_en": "Decision",
        "title_ru": "Решение",
        "taken": "silence",
        "taken_on": dt.date(2026, 1, 1),
        "effective_at": procedure.deadline_at,
        "document": procedure.edition.document,
        "procedure": procedure,
        **fields,
    }
    with transaction.atomic():
        return Decision.objects.create(**values)


def test_a_broken_or_running_procedure_has_decided_nothing(
    support_unit, members, coordinator, kazakhstan
):
    """D3, S7."""
    procedure = a_procedure(by=support_unit)
    with pytest.raises(IntegrityError, match="no recorded outcome of silence says so"):
        under_silence(procedure)
    silence.break_silence(procedure=procedure, state=kazakhstan, reason="No.", by=coordinator)
    with pytest.raises(IntegrityError, match="no recorded outcome of silence says so"):
        under_silence(procedure)
    assert not Decision.objects.exists()


def test_the_outcome_registers_its_decision(settings, support_unit, members):
    """D3, S12: with the day and the instant of the outcome."""
    procedure = a_short_procedure(settings, by=support_unit, seconds=LONG_AGO)
    silence.close_due()
    decision = Decision.objects.get()
    assert decision.taken == "silence"
    assert decision.procedure == procedure
    assert decision.effective_at == procedure.outcome.effective_at


@pytest.mark.parametrize(
    "other",
    [
        {"taken_on": dt.date(2001, 1, 1)},
        {"effective_at": dt.datetime(2001, 1, 1, tzinfo=dt.UTC)},
        {"effective_at": None},
        {"document": None},
    ],
)
def test_a_decision_under_silence_says_what_the_outcome_says(
    settings, support_unit, members, monkeypatch, other
):
    """D3, P12: no other day, instant or document than the recorded outcome's."""
    procedure = a_short_procedure(settings, by=support_unit, seconds=LONG_AGO)
    right = {}

    def caught(decisions, by):
        names = ("slug", "title_en", "title_ru", "taken", "taken_on", "effective_at")
        names += ("document", "edition", "procedure")
        right.update({name: getattr(decisions[0], name) for name in names})
        values = {**right, **other}
        if values["document"] is None:
            values["document"] = a_document(by=support_unit).document
        with pytest.raises(IntegrityError, match="no recorded outcome of silence says so"):
            under_silence(procedure, **values)
        return [under_silence(procedure, **right)]

    monkeypatch.setattr(archive, "register_decisions", caught)
    silence.close_due()
    assert right
    assert Decision.objects.get().procedure == procedure


@pytest.mark.parametrize(
    "change",
    [
        {"slug": "other"},
        {"taken": "silence"},
        {"taken_on": dt.date(2001, 1, 1)},
        {"effective_at": dt.datetime(2001, 1, 1, tzinfo=dt.UTC)},
        {"document": None},
    ],
)
def test_what_was_decided_stays(decision, support_unit, change):
    """D3, P12: how and when, on what, and the address."""
    if "document" in change:
        change = {"document": a_document(by=support_unit).document}
    with pytest.raises(DatabaseError, match="Cannot update rows"), transaction.atomic():
        Decision.objects.filter(pk=decision.pk).update(**change)
    Decision.objects.filter(pk=decision.pk).update(title_en="Corrected", note_en="Note")
    decision.refresh_from_db()
    assert decision.title_en == "Corrected"


def test_a_decision_stays(decision):
    """D3, T8."""
    with pytest.raises(DatabaseError, match="Cannot delete rows"), transaction.atomic():
        decision.delete()
    assert Decision.objects.count() == 1


def test_the_support_unit_enters_decisions_of_meetings_alone(
    client_of, support_unit, members, coordinator, kazakhstan, meeting
):
    """A9, D3, P12: a decision under silence cannot be entered or back-dated by hand."""
    client = client_of(support_unit)
    procedure = a_procedure(by=support_unit)
    silence.break_silence(procedure=procedure, state=kazakhstan, reason="No.", by=coordinator)
    add = reverse("admin:documents_decision_add")
    data = {
        "title_en": "A",
        "title_ru": "Б",
        "slug": "a",
        "taken": "silence",
        "taken_on": "2026-01-01",
        "effective_at_0": "",
        "effective_at_1": "",
        "document": procedure.edition.document_id,
        "procedure": procedure.pk,
    }
    assert client.post(add, data).status_code == 200
    assert not Decision.objects.exists()
    assert client.post(add, {**data, "meeting": meeting.pk}).status_code == 302
    decision = Decision.objects.get()
    assert decision.taken == "meeting"
    assert decision.procedure is None
    change = reverse("admin:documents_decision_change", args=[decision.pk])
    later = {**data, "meeting": meeting.pk, "taken_on": "2001-01-01", "title_en": "C"}
    assert client.post(change, later).status_code == 302
    decision.refresh_from_db()
    assert decision.title_en == "C"
    assert decision.taken_on == dt.date(2026, 1, 1)


def test_the_latest_effect_stands_first(settings, support_unit, members):
    """D3: of one day, the decision that took effect last stands first."""
    for seconds in (LONG_AGO, LONG_AGO + 2):
        a_short_procedure(settings, by=support_unit, seconds=seconds)
    silence.close_due()
    effects = [one.effective_at for one in Decision.objects.all()]
    assert len(effects) == 2
    assert effects == sorted(effects, reverse=True)


ATOM = "{http://www.w3.org/2005/Atom}"


@pytest.fixture
def annulled(settings, support_unit, other_staff, members, kazakhstan):
    """A decision under silence that a Note Verbale on paper annulled."""
    procedure = a_short_procedure(settings, by=support_unit, seconds=LONG_AGO)
    silence.close_due()
    note = silence.enter_paper_note(
        procedure=procedure,
        state=kazakhstan,
        kind="objection",
        reason="Paragraph 1.",
        received_at=procedure.deadline_at - dt.timedelta(minutes=5),
        received_how="Stamp No. 41",
        file=SimpleUploadedFile("note.pdf", a_pdf()),
        by=support_unit,
    )
    silence.confirm_paper_note(note=note, by=other_staff)
    return Decision.objects.get()


@pytest.mark.parametrize(
    ("language", "title", "how"),
    [
        ("en", "Annulled: Demonstration: Demonstration decision", "By consensus under the silence"),
        ("ru", "Аннулировано: Демонстрация: Учебное решение", "Консенсусом в процедуре умолчания"),
    ],
)
def test_the_feed_is_atom_and_tells_what_everybody_may_read(client, annulled, language, title, how):
    """D3, S13, T6: read by a parser that knows nothing of us; each entry keeps its id."""
    response = client.get(f"/{language}/decisions/feed/")
    assert response["Content-Type"].startswith("application/atom+xml")
    feed = ElementTree.fromstring(response.content)  # noqa: S314 (our own page)
    assert feed.tag == f"{ATOM}feed"
    for name in ("id", "title", "updated"):
        assert feed.findtext(f"{ATOM}{name}")
    [entry] = feed.findall(f"{ATOM}entry")
    assert entry.findtext(f"{ATOM}title") == title
    assert how in entry.findtext(f"{ATOM}summary")
    assert entry.findtext(f"{ATOM}id").endswith(f"/{language}/decisions/{annulled.slug}/")
    assert dt.datetime.fromisoformat(entry.findtext(f"{ATOM}updated")).replace(
        microsecond=0
    ) == annulled.annulled_at.replace(microsecond=0)


def test_the_feed_names_nothing_that_is_not_public(client, settings, support_unit, members):
    """T6: a decision on a text for Members is no entry of the feed."""
    a_short_procedure(settings, by=support_unit, seconds=LONG_AGO, publish_on_adoption=False)
    silence.close_due()
    assert Decision.objects.exists()
    assert b"<entry>" not in client.get("/en/decisions/feed/").content


@pytest.mark.parametrize(("language", "word"), [("en", "Annulled"), ("ru", "Аннулировано")])
def test_what_was_annulled_says_so_wherever_it_stands(
    client, client_of, coordinator, annulled, language, word
):
    """S13: the decision, the list, the document and the archive."""
    document = annulled.document
    for address in (
        f"/{language}/decisions/",
        f"/{language}/decisions/{annulled.slug}/",
        f"/{language}/documents/{document.slug}/",
        f"/{language}/documents/",
    ):
        assert word in client.get(address).content.decode(), address
    page = client_of(coordinator).get(f"/en/decisions/{annulled.slug}/").content.decode()
    outcome = " ".join(page.split("<dt>Outcome</dt>")[1].split("</div>")[0].split())
    assert outcome == "<dd>Adopted under silence (annulled)</dd>"
    page = client.get(f"/en/documents/{document.slug}/").content.decode()
    assert "Adopted by consensus under the silence procedure" not in page


def test_the_chain_from_the_draft_to_the_final_text(
    client_of, coordinator, anonymous, settings, support_unit, members
):
    """D3, T6: the whole of it for Members; for the public what is public."""
    procedure = a_short_procedure(settings, by=support_unit, seconds=LONG_AGO)
    silence.close_due()
    address = f"/en/decisions/{Decision.objects.get().slug}/"
    page = client_of(coordinator).get(address).content.decode()
    chain = page.split('class="chain"')[1].split("</ol>")[0]
    assert chain.index("Draft") < chain.index("Final text")
    assert procedure.get_absolute_url().split("/", 2)[2] in chain
    assert "are for Member States" not in page
    public = client_of(anonymous).get(address).content.decode()
    assert "/editions/draft/" not in public
    assert procedure.get_absolute_url() not in public
    assert "Drafts, and the silence procedures in which they were considered, are for" in public
    russian = client_of(anonymous).get(address.replace("/en/", "/ru/")).content.decode()
    assert "предназначены для государств-членов" in russian
