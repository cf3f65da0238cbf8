"""What the Support Unit does on a procedure's page: the Chair's decisions, notes on paper."""

import datetime as dt
import re

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from almaty_portal.common.instants import ALMATY, almaty_today, database_now
from almaty_portal.common.models import Notice
from documents.actions import silence
from documents.models import (
    Annulment,
    FollowUp,
    PaperNote,
    SilenceOutcome,
    SilenceProcedure,
    TechnicalCorrection,
)
from meetings.models import Meeting
from tests.factories.documents import a_procedure, a_short_procedure
from tests.factories.files import a_pdf

pytestmark = pytest.mark.django_db

DECISION = {"reason_en": "Letter of the Chair.", "reason_ru": "Письмо Председателя."}


@pytest.fixture
def staff(client_of, support_unit):
    client = client_of(support_unit)
    client.cookies["django_language"] = "en"
    return client


@pytest.fixture
def colleague(client_of, other_staff):
    client = client_of(other_staff)
    client.cookies["django_language"] = "en"
    return client


@pytest.fixture
def procedure(support_unit, members):
    return a_procedure(by=support_unit)


@pytest.fixture
def broken(procedure, kazakhstan, coordinator):
    silence.break_silence(procedure=procedure, state=kazakhstan, reason="No.", by=coordinator)
    return procedure


def page(procedure, act: str) -> str:
    return reverse(f"admin:documents_silenceprocedure_{act}", args=[procedure.pk])


def buttons(client, procedure) -> set[str]:
    """The acts that the page of a procedure offers."""
    address = reverse("admin:documents_silenceprocedure_change", args=[procedure.pk])
    content = client.get(address).content.decode()
    acts = ["extend", "correct", "withdraw", "enter_paper", "reissue", "refer", "abandon"]
    return {act for act in acts if page(procedure, act) in content}


def test_each_button_while_its_step_is_open(staff, procedure, kazakhstan, coordinator):
    assert buttons(staff, procedure) == {"extend", "correct", "withdraw", "enter_paper"}
    silence.break_silence(procedure=procedure, state=kazakhstan, reason="No.", by=coordinator)
    assert buttons(staff, procedure) == {"enter_paper", "reissue", "refer", "abandon"}


def test_withdrawn_once(staff, procedure):
    """A form that is sent twice acts once; the second tells what happened since (P7)."""
    response = staff.post(page(procedure, "withdraw"), DECISION)
    assert response.status_code == 302
    assert SilenceOutcome.objects.get().result == "withdrawn"
    again = staff.post(page(procedure, "withdraw"), DECISION, follow=True)
    assert "The procedure has ended (withdrawn" in again.content.decode()
    assert SilenceOutcome.objects.count() == 1


def test_an_act_whose_step_was_closed_meanwhile(staff, broken, client_of, coordinator):
    """Issue: forbidden moves give a sentence, on the page that tells what happened since."""
    told = staff.get(page(broken, "extend"), follow=True)
    assert told.redirect_chain[0][0].endswith(f"/{broken.pk}/change/")
    assert "this could be done only while it ran" in told.content.decode()
    assert staff.post(page(broken, "abandon"), DECISION).status_code == 302
    told = staff.post(page(broken, "abandon"), DECISION, follow=True)
    assert "This has been done meanwhile" in told.content.decode()
    assert FollowUp.objects.count() == 1
    assert client_of(coordinator).get(page(broken, "extend")).status_code in (302, 403)


def test_a_missing_language_is_told_at_its_field(staff, procedure):
    response = staff.post(page(procedure, "withdraw"), {"reason_en": "x", "reason_ru": ""})
    assert response.status_code == 200
    assert response.context["form"].errors["reason_ru"]
    assert not SilenceOutcome.objects.exists()


def corrected(procedure, **changes):
    data = {"note_en": "A word.", "note_ru": "Слово."}
    for index, one in enumerate(procedure.edition.paragraphs.all()):
        data |= {f"text_en_{index}": one.text_en, f"text_ru_{index}": one.text_ru}
    return {**data, **changes}


def test_a_slip_is_corrected(staff, procedure):
    """S10."""
    response = staff.get(page(procedure, "correct"))
    assert "Decide to protect refugees." in response.content.decode()
    data = corrected(procedure, text_en_2="Decide to protect a refugee.")
    data["text_ru_1"] += " "  # which is no correction
    response = staff.post(page(procedure, "correct"), data)
    shown = " ".join(response.content.decode().split())
    assert re.findall(r"<h3[^>]*>([^<]*)</h3>", shown.split('id="preview"')[1]) == ["Paragraph 1"]
    assert 'text-red-700 dark:text-red-400">refugees</del>' in shown
    assert not TechnicalCorrection.objects.exists()
    assert not procedure.edition.document.editions.filter(kind="corrigendum").exists()
    response = staff.post(page(procedure, "correct"), {**data, "checked": checked(response)})
    assert response.status_code == 302
    assert TechnicalCorrection.objects.get().note_ru == "Слово."


def checked(response) -> str:
    """What the form of a page that was looked at sends with the same values."""
    return response.context["checked"]


def test_an_extension_is_looked_at_before_it_is_made(staff, procedure):
    """S9: it is never taken back; a Sunday is told, and other values are looked at anew."""
    sunday = procedure.deadline_at + dt.timedelta(days=13 - procedure.deadline_at.weekday())
    data = {
        "deadline_at_0": sunday.strftime("%Y-%m-%d"),
        "deadline_at_1": "09:00",
        "deadline_zone": "UTC",
        **DECISION,
    }
    response = staff.post(page(procedure, "extend"), data)
    shown = response.content.decode()
    assert "Nothing is stored yet" in shown
    assert 'id="days-off"' in shown
    assert SilenceProcedure.objects.get().deadline_at == procedure.deadline_at
    later = {**data, "deadline_at_1": "10:00", "checked": checked(response)}
    response = staff.post(page(procedure, "extend"), later)
    assert response.status_code == 200
    assert SilenceProcedure.objects.get().deadline_at == procedure.deadline_at
    assert not Notice.objects.filter(event__contains="extended").exists()
    response = staff.post(page(procedure, "extend"), {**later, "checked": checked(response)})
    assert response.status_code == 302
    assert SilenceProcedure.objects.get().deadline_at.hour == 10
    assert Notice.objects.filter(event__contains="extended").exists()


def test_substance_is_not_corrected(staff, procedure):
    """S10: the sentence says what to do instead, and what was typed stays."""
    response = staff.post(
        page(procedure, "correct"), corrected(procedure, text_en_2="Decide with [brackets].")
    )
    content = response.content.decode()
    assert "withdraw the text and reissue it as a revision" in content
    assert "Decide with [brackets]." in content
    assert not TechnicalCorrection.objects.exists()


def test_reissued_with_the_wording_accepted(staff, broken):
    """S14: the page shows each proposal beside the text; what is chosen stands in Rev.1."""
    point = broken.responses.get(kind="objection").points.create(
        paragraph=broken.edition.paragraphs.get(number="1."),
        proposed_en="Decide to protect refugees now.",
        proposed_ru="Постановляют защищать беженцев сейчас.",
    )
    offered = staff.get(page(broken, "reissue")).content.decode()
    assert "<p><del>Decide to protect refugees.</del></p>" in offered
    assert "Постановляют защищать беженцев сейчас." in offered
    response = staff.post(page(broken, "reissue"), {**DECISION, "accepted": [point.pk]})
    assert response.status_code == 302
    edition = FollowUp.objects.get().edition
    assert response.headers["Location"] == reverse(
        "admin:documents_edition_change", args=[edition.pk]
    )
    assert edition.paragraphs.get(number="1.").text_en == "Decide to protect refugees now."


def test_referred_to_a_meeting_to_come(staff, broken):
    """S14."""
    meeting = Meeting.objects.create(
        slug="som",
        type=Meeting.Type.SOM,
        title_en="SOM",
        title_ru="ВСДЛ",
        from_on=almaty_today() + dt.timedelta(days=3),
        last_on=almaty_today() + dt.timedelta(days=3),
    )
    staff.post(page(broken, "refer"), {**DECISION, "meeting": meeting.pk})
    assert FollowUp.objects.get().agenda_item.meeting == meeting


def test_a_note_on_paper_needs_two_people(
    settings, staff, colleague, support_unit, members, kazakhstan
):
    """S13: entered in the admin by one, confirmed by another; the scan is a download."""
    procedure = a_short_procedure(settings, by=support_unit, seconds=-26 * 60)
    silence.close_due()
    received = (procedure.deadline_at - dt.timedelta(minutes=10)).astimezone(ALMATY)
    data = {
        "state": kazakhstan.pk,
        "kind": "objection",
        "received_at_0": f"{received:%Y-%m-%d}",
        "received_at_1": f"{received:%H:%M}",
        "received_zone": "Asia/Almaty",
        "received_how": "Stamp No. 41",
        "reason": "Paragraph 1.",
        "p-1_object": "on",
        "p-1_en": "Decide to protect refugees at once.",
        "p-1_ru": procedure.edition.paragraphs.get(number="1.").text_ru,
    }
    response = staff.post(page(procedure, "enter_paper"), data)
    assert response.context["form"].errors["file"]
    assert "Decide to protect refugees at once." in response.content.decode()  # nothing typed twice
    data["file"] = SimpleUploadedFile("note.pdf", a_pdf())
    response = staff.post(page(procedure, "enter_paper"), data)
    note = PaperNote.objects.get()
    address = reverse("admin:documents_papernote_change", args=[note.pk])
    assert response.headers["Location"] == address
    confirm = reverse("admin:documents_papernote_confirm", args=[note.pk])
    assert confirm not in staff.get(address).content.decode()
    assert staff.post(confirm, {"compared": "on"}).status_code in (403, 302)
    assert not Annulment.objects.exists()
    assert confirm in colleague.get(address).content.decode()
    scan = colleague.get(reverse("admin:documents_papernote_scan", args=[note.pk]))
    assert scan.headers["Content-Disposition"].startswith("attachment")
    assert b"".join(scan.streaming_content) == a_pdf()
    assert "Decide to protect refugees at once." in colleague.get(confirm).content.decode()
    assert "Compare the entry" in colleague.post(confirm, {"compared": ""}).content.decode()
    assert colleague.post(confirm, {"compared": "on"}).status_code == 302
    point = Annulment.objects.get().objection.points.get()
    assert point.paragraph.number == "1."
    assert (point.proposed_en, point.proposed_ru) == ("Decide to protect refugees at once.", "")
    offered = staff.get(page(procedure, "reissue")).content.decode()
    assert "Decide to protect refugees at once." in offered  # S14: accepted with a tick
    staff.post(page(procedure, "reissue"), {**DECISION, "accepted": [point.pk]})
    revised = FollowUp.objects.get().edition.paragraphs.get(number="1.")
    assert revised.text_en == "Decide to protect refugees at once."
    assert revised.text_ru == procedure.edition.paragraphs.get(number="1.").text_ru
    status = SilenceProcedure.objects.get(pk=procedure.pk).status(database_now())
    assert status == SilenceProcedure.Status.ANNULLED


@pytest.mark.parametrize(
    "person", ["coordinator", "other_coordinator", "deputy", "observer", "chair", "anonymous"]
)
def test_nobody_else_opens_these_pages(request, client_of, procedure, person):
    """S1, S13, P12."""
    client = client_of(request.getfixturevalue(person))
    for act in ("withdraw", "correct", "enter_paper"):
        assert client.post(page(procedure, act), DECISION).status_code in (302, 403, 404)
    assert not SilenceOutcome.objects.exists()
