"""What the Support Unit's site stores, refuses and puts on record."""

import datetime as dt
from typing import Any

import pytest
from django.urls import reverse
from django.utils.html import escape

from almaty_portal.common.instants import database_now
from almaty_portal.common.models import AuditRecord
from chairmanship.models import Chairmanship
from documents.models import Document, Edition, Paragraph
from meetings.models import AgendaItem, Meeting
from membership.models import NationalCoordinator, State, User
from membership.permissions import acting_state
from tests.admin.test_pages import a_meeting, address, speak
from tests.factories.documents import ROWS, a_document
from tests.factories.membership import DesignationFactory, UserFactory


@pytest.fixture
def client(support_unit, client_of):
    return speak(client_of(support_unit), "en")


@pytest.fixture
def superuser(db):
    return UserFactory(email="root@example.org", is_staff=True, is_superuser=True)


def refused(response: Any, text: str) -> None:
    """The page came back with the sentence."""
    assert response.status_code == 200, getattr(response, "url", "")
    assert escape(text) in response.content.decode() or text in response.content.decode()


def stored(response: Any) -> None:
    """The page was left, since its form was stored."""
    if response.status_code == 200:
        context = response.context
        form = context.get("adminform").form if "adminform" in context else context["form"]
        raise AssertionError(
            (form.errors, [one.formset.errors for one in context.get("inline_admin_formsets", [])])
        )
    assert response.status_code == 302


def no_rows(*prefixes: str) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for prefix in prefixes:
        found |= {f"{prefix}-TOTAL_FORMS": 0, f"{prefix}-INITIAL_FORMS": 0}
    return found


def test_a_save_leaves_one_audit_record_with_old_and_new(client, support_unit):
    meeting = a_meeting(1)
    data = {
        "title_en": "Another title",
        "title_ru": meeting.title_ru,
        "type": meeting.type,
        "from_on": "2026-01-01",
        "last_on": "2026-01-02",
        "precision": "day",
        "time_zone": "Asia/Almaty",
        "languages": "en,ru",
    }
    stored(client.post(address(Meeting, "change", meeting.pk), data))
    record = AuditRecord.objects.get()
    assert record.by == support_unit
    assert record.action == "change_meeting"
    assert record.detail["title_en"] == ["Meeting 1", "Another title"]
    assert record.detail["languages"] == [[], ["en", "ru"]]
    assert "title_ru" not in record.detail
    meeting.refresh_from_db()
    assert (meeting.title_en, meeting.title_ru) == ("Another title", "Встреча 1")


@pytest.mark.parametrize("language", ["en", "ru"])
def test_clearing_one_language_leaves_the_other(client, language):
    """T2: the field of one language never writes into the other's."""
    speak(client, language)
    meeting = a_meeting(1)
    Meeting.objects.filter(pk=meeting.pk).update(city_en="Almaty", city_ru="Алматы")
    data = {
        "title_en": meeting.title_en,
        "title_ru": meeting.title_ru,
        "type": meeting.type,
        "from_on": "2026-01-01",
        "last_on": "2026-01-02",
        "precision": "day",
        "time_zone": "Asia/Almaty",
        "city_en": "Almaty",
        "city_ru": "",
    }
    stored(client.post(address(Meeting, "change", meeting.pk), data))
    meeting.refresh_from_db()
    assert (meeting.city_en, meeting.city_ru or "") == ("Almaty", "")


def test_saving_without_a_change_leaves_no_record(client):
    meeting = a_meeting(1)
    item = AgendaItem.objects.create(meeting=meeting, position=1, title_en="A", title_ru="Б")
    data = {"meeting": meeting.pk, "position": 1, "title_en": "A", "title_ru": "Б"}
    stored(client.post(address(AgendaItem, "change", item.pk), data))
    assert not AuditRecord.objects.exists()


def designation(state: State, user: User, **fields: Any) -> dict[str, Any]:
    return {
        "state": state.pk,
        "user": user.pk,
        "role": "coordinator",
        "note_verbale": "NV 2",
        "from_on": "2026-01-01",
        **fields,
    }


def test_a_designation_goes_through_its_action(client, members):
    person = UserFactory()
    stored(client.post(address(NationalCoordinator, "add"), designation(members["KZ"], person)))
    assert acting_state(person) == members["KZ"]
    assert AuditRecord.objects.filter(action="designate_coordinator").count() == 1
    assert AuditRecord.objects.count() == 1


@pytest.mark.parametrize(
    ("language", "sentence"),
    [
        ("en", "The State has a National Coordinator in office in that period"),
        ("ru", None),
    ],
)
def test_a_second_coordinator_in_office_is_refused(client, members, language, sentence):
    """M3"""
    speak(client, language)
    DesignationFactory(state=members["KZ"])
    before = NationalCoordinator.objects.count(), AuditRecord.objects.count()
    response = client.post(
        address(NationalCoordinator, "add"), designation(members["KZ"], UserFactory())
    )
    assert response.status_code == 200
    assert response.context["adminform"].form.errors
    if sentence:
        refused(response, sentence)
    assert (NationalCoordinator.objects.count(), AuditRecord.objects.count()) == before


def test_a_period_written_backwards_is_refused(client, members):
    data = designation(members["KZ"], UserFactory(), until_on="2020-01-01")
    response = client.post(address(NationalCoordinator, "add"), data)
    refused(response, "The period ends before it starts")
    assert not NationalCoordinator.objects.exists()


def test_overlapping_terms_of_the_chair_are_refused(client, members):
    """C2"""
    Chairmanship.objects.create(state=members["KZ"], from_on=dt.date(2024, 1, 1))
    data = {
        "state": members["AZ"].pk,
        "from_on": "2025-01-01",
        "from_precision": "day",
        "until_precision": "day",
    }
    response = client.post(address(Chairmanship, "add"), data)
    refused(response, "Another State is in the Chair in that period")
    assert Chairmanship.objects.count() == 1
    assert not AuditRecord.objects.filter(action="add_chairmanship").exists()


def document(**fields: Any) -> dict[str, Any]:
    return {
        "title_en": "A title",
        "title_ru": "Заглавие",
        "type": "decision",
        "access": "members",
        "slug": "a-title",
        "issued_precision": "day",
        "original_language": "en",
        **fields,
    }


def test_a_reference_already_used_is_refused(client, support_unit):
    """T1"""
    a_document(by=support_unit, reference="Almaty Process/01/01/2026")
    before = AuditRecord.objects.count()
    response = client.post(
        address(Document, "add"), document(reference="Almaty Process/01/01/2026")
    )
    refused(response, "a reference is never used twice")
    assert Document.objects.count() == 1
    assert AuditRecord.objects.count() == before


def test_a_document_needs_a_title(client):
    response = client.post(address(Document, "add"), document(title_en="", title_ru=""))
    refused(response, "Give the document a title in one language at least.")
    assert not Document.objects.exists()


def test_a_document_and_its_edition_are_entered(client):
    stored(client.post(address(Document, "add"), document()))
    entered = Document.objects.get()
    assert AuditRecord.objects.get().action == "add_document"
    assert entered.reference is None
    data = {
        "document": entered.pk,
        "kind": "draft",
        "number": 0,
        "dated_on": "2026-01-01",
        "note_en": "",
        "note_ru": "",
    }
    stored(client.post(address(Edition, "add"), data))
    assert AuditRecord.objects.filter(action="create_edition").count() == 1
    response = client.post(address(Edition, "add"), data)
    refused(response, "The document already has an edition of this number.")
    assert Edition.objects.count() == 1


def text_rows(rows: list[dict], client: Any, edition: Edition) -> dict[str, Any]:
    page = client.get(reverse("admin:documents_edition_edit_text", args=[edition.pk]))
    assert page.status_code == 200
    initial = page.context["formset"].initial_form_count()
    data: dict[str, Any] = {
        "text-TOTAL_FORMS": max(len(rows), initial),
        "text-INITIAL_FORMS": initial,
        "opened": page.context["opened"],
    }
    for index, row in enumerate(rows):
        values = {"role": "paragraph", "level": 2, "ORDER": index + 1, **row}
        data |= {f"text-{index}-{name}": value for name, value in values.items()}
    return data


def test_the_text_is_written_side_by_side(client, support_unit):
    """T4"""
    edition = a_document(by=support_unit)
    AuditRecord.objects.count()
    url = reverse("admin:documents_edition_edit_text", args=[edition.pk])
    rows = [
        {"text_en": "Second", "text_ru": "Второй", "ORDER": 2, "number": "2."},
        {"text_en": "First", "text_ru": "Первый", "ORDER": 1, "number": "1."},
        {"text_en": "Gone", "text_ru": "Нет", "ORDER": 3, "DELETE": "on"},
    ]
    data = text_rows(rows, client, edition)
    assert client.post(url, data).status_code == 302
    texts = list(Paragraph.objects.filter(edition=edition).values_list("text_en", "text_ru"))
    assert texts == [("First", "Первый"), ("Second", "Второй")]
    assert AuditRecord.objects.filter(action="set_text").count() == 2  # the factory's, and this


def test_a_paragraph_added_leaves_the_others_alone(client, support_unit):
    """What a browser sends: the rows as they were, blank rows, and a new one at the end."""
    edition = a_document(by=support_unit)
    url = reverse("admin:documents_edition_edit_text", args=[edition.pk])
    formset = client.get(url).context["formset"]
    opened = client.get(url).context["opened"]
    count = formset.total_form_count()
    data = {
        "opened": opened,
        "text-TOTAL_FORMS": count + 1,
        "text-INITIAL_FORMS": formset.initial_form_count(),
        f"text-{count}-role": "paragraph",
        f"text-{count}-level": "2",
        f"text-{count}-text_en": "Last",
        f"text-{count}-text_ru": "Последний",
    }
    for form in formset:
        for field in form:
            if field.value() not in (None, False):
                data[field.html_name] = field.value()
    assert client.post(url, data).status_code == 302
    texts = list(Paragraph.objects.filter(edition=edition).values_list("text_en", flat=True))
    assert texts == [*(row["text_en"] for row in ROWS), "Last"]


def test_a_malformed_mark_is_told_at_its_row_and_nothing_is_stored(client, support_unit):
    """T5"""
    edition = a_document(by=support_unit)
    url = reverse("admin:documents_edition_edit_text", args=[edition.pk])
    rows = [
        {"text_en": "Fine", "text_ru": "Хорошо"},
        {"text_en": "The {KZ Republic", "text_ru": "Ещё [скобка"},
        {"text_en": "{ZZ|Nowhere}", "text_ru": "Нигде"},
    ]
    response = client.post(url, text_rows(rows, client, edition))
    refused(response, "Malformed mark near")
    errors = response.context["formset"].errors
    assert errors[0] == {}
    assert set(errors[1]) == {"text_en", "text_ru"}
    assert "No State has the code ZZ" in errors[2]["text_en"][0]
    assert Paragraph.objects.filter(edition=edition).count() == len(ROWS)


def test_a_text_changed_meanwhile_is_not_overwritten(client, support_unit):
    edition = a_document(by=support_unit)
    url = reverse("admin:documents_edition_edit_text", args=[edition.pk])
    data = text_rows([{"text_en": "Mine", "text_ru": "Моё"}] * 3, client, edition)
    Paragraph.objects.filter(edition=edition, position=2).update(text_en="Theirs")
    refused(client.post(url, data), "Somebody changed this text after you opened it")
    assert Paragraph.objects.filter(text_en="Theirs").exists()


def test_an_issued_edition_is_read_only(client, support_unit):
    """T3"""
    edition = a_document(by=support_unit, issued=True)
    url = reverse("admin:documents_edition_edit_text", args=[edition.pk])
    assert client.get(url).status_code == 403
    assert client.post(address(Edition, "change", edition.pk), {}).status_code == 403
    assert client.get(address(Edition, "change", edition.pk)).status_code == 200


def test_issuing_fixes_the_text(client, support_unit):
    edition = a_document(by=support_unit)
    url = reverse("admin:documents_edition_issue", args=[edition.pk])
    assert client.get(url).context["form"].initial == {
        "text_en": "original",
        "text_ru": "working_translation",
    }
    data = {"text_en": "original", "text_ru": "authentic"}
    assert client.post(url, data).status_code == 302
    edition.refresh_from_db()
    assert edition.issued_at is not None
    assert AuditRecord.objects.filter(action="issue_edition", by=support_unit).count() == 1


def test_issuing_without_a_language_says_which_paragraph(client, support_unit):
    rows = [*ROWS, {"role": "operative", "number": "9.", "text_en": "Only English"}]
    edition = a_document(by=support_unit, rows=rows)
    url = reverse("admin:documents_edition_issue", args=[edition.pk])
    response = client.post(url, {"text_en": "original", "text_ru": "authentic"})
    refused(response, "The Russian text is missing from paragraph 9.")
    edition.refresh_from_db()
    assert edition.issued_at is None


def silence_form(hours: float = 80, **fields: Any) -> dict[str, Any]:
    local = (database_now() + dt.timedelta(hours=hours + 5)).replace(tzinfo=None)
    return {
        "title_en": "A decision",
        "title_ru": "Решение",
        "kind": "adoption",
        "silence_means": "adopted",
        "directive_on": "2026-01-01",
        "directive_form_en": "letter",
        "directive_form_ru": "письмо",
        "directive_by_en": "the Chair",
        "directive_by_ru": "Председатель",
        "deadline_at_0": local.strftime("%Y-%m-%d"),
        "deadline_at_1": local.strftime("%H:%M"),
        "deadline_zone": "Asia/Almaty",
        "publish_on_adoption": "on",
        "check": "1",
        **fields,
    }


def confirmed(client: Any, url: str, data: dict[str, Any]) -> Any:
    """What the check showed, confirmed."""
    checked = client.post(url, data)
    assert checked.status_code == 200
    assert "preview" in checked.context, checked.context["form"].errors
    previewed = checked.context["form"].data["previewed"]
    return client.post(url, {**data, "previewed": previewed, "confirm": "1"})


def test_a_reference_is_assigned_by_its_button_and_once(client, support_unit):
    """T1"""
    entered = a_document(by=support_unit).document
    url = reverse("admin:documents_document_assign_reference", args=[entered.pk])
    assert client.get(url).status_code == 200
    assert client.post(url, {"reference": "Almaty Process/07/01/2026"}).status_code == 302
    entered.refresh_from_db()
    assert entered.reference == "Almaty Process/07/01/2026"
    assert client.get(url).status_code == 403
    page = client.get(address(Document, "change", entered.pk)).content.decode()
    assert 'name="reference"' not in page


def test_a_reference_taken_is_refused_at_the_button(client, support_unit):
    a_document(by=support_unit, reference="Almaty Process/07/01/2026")
    entered = a_document(by=support_unit).document
    url = reverse("admin:documents_document_assign_reference", args=[entered.pk])
    response = client.post(url, {"reference": "Almaty Process/07/01/2026"})
    refused(response, "A reference is never used twice")
    entered.refresh_from_db()
    assert entered.reference is None


def test_withdrawing_leaves_a_reason(client, support_unit):
    """T8"""
    entered = a_document(by=support_unit).document
    url = reverse("admin:documents_document_withdraw", args=[entered.pk])
    assert client.post(url, {"reason_en": "Wrong"}).status_code == 200
    assert client.post(url, {"reason_en": "Wrong", "reason_ru": "Ошибка"}).status_code == 302
    entered.refresh_from_db()
    assert entered.withdrawn_at is not None
    assert client.get(address(Document, "change", entered.pk)).status_code == 200
