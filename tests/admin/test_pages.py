"""Every page of the Support Unit's site: who opens it, in both languages, at what cost."""

import datetime as dt
from typing import Any

import pytest
from django.contrib import admin
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from almaty_portal.common import audit
from almaty_portal.common.models import AuditRecord, Notice
from chairmanship.models import Chairmanship, Volunteer
from documents.actions import attachments as attachment_actions
from documents.models import (
    Attachment,
    Decision,
    Entitlement,
    FormerAddress,
    LedgerEntry,
    Peculiarity,
    Rendition,
    SilenceOutcome,
    SilenceProcedure,
    SilenceResponse,
    StateOutcome,
    Topic,
)
from meetings.models import AgendaItem, Delegation, ListEntry, Meeting, Participant
from membership.models import Contribution
from tests.factories.documents import a_document, a_procedure, a_public_document
from tests.factories.membership import (
    DesignationFactory,
    ObserverFactory,
    OrganizationFactory,
    StandingFactory,
    StateFactory,
    UserFactory,
)

OWN = ("common", "membership", "meetings", "documents", "chairmanship")
MODELS = sorted(admin.site._registry, key=lambda model: model._meta.label)
OWN_MODELS = [model for model in MODELS if model._meta.app_label in OWN]
READ_ONLY = [
    AuditRecord,
    LedgerEntry,
    SilenceOutcome,
    StateOutcome,
    SilenceResponse,
    Entitlement,
    Notice,
]


def address(model: type, page: str, *args: Any) -> str:
    return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_{page}", args=args)


def a_meeting(number: int) -> Meeting:
    return Meeting.objects.create(
        slug=f"meeting-{number}",
        type=Meeting.Type.SOM,
        title_en=f"Meeting {number}",
        title_ru=f"Встреча {number}",
        from_on=dt.date(2026, 1, 1),
        last_on=dt.date(2026, 1, 2),
    )


def fill(by: Any, start: int, count: int) -> None:
    """Records of every kind, each row with relations of its own."""
    for number in range(start, start + count):
        state = StateFactory(
            code=f"{number:02}",
            iso3=f"{number:03}",
            english=f"State {number}",
            russian=f"Страна {number}",
        )
        StandingFactory(state=state)
        DesignationFactory(state=state)
        ObserverFactory(organization=OrganizationFactory(country=state))
        Contribution.objects.create(
            state=state, year=2026, purpose="meeting", currency="USD", pledged=5
        )
        meeting = a_meeting(number)
        Chairmanship.objects.create(
            state=state,
            from_on=dt.date(2030 + number, 1, 1),
            until_on=dt.date(2031 + number, 1, 1),
            representative=by,
        )
        Volunteer.objects.create(state=state, declared_on=dt.date(2026, 1, 1), note_verbale="Note")
        AgendaItem.objects.create(meeting=meeting, position=1, title_en="Item", title_ru="Пункт")
        delegation = Delegation.objects.create(meeting=meeting, state=state)
        ListEntry.objects.create(
            meeting=meeting,
            number=1,
            group="observers",
            delegation=delegation,
            printed_en="One",
            printed_ru="Один",
        )
        Participant.objects.create(
            meeting=meeting, delegation=delegation, name_en="A", name_ru="Б", role="speaker"
        )
        Topic.objects.create(
            slug=f"topic-{number}", position=number, name_en="Topic", name_ru="Тема"
        )
        edition = a_public_document(by=by, meeting=meeting)
        document = edition.document
        FormerAddress.objects.create(slug=f"former-{number}", document=document)
        Peculiarity.objects.create(document=document, position=1, text_en="x", text_ru="х")
        attachment_actions.add_attachment(
            document=document,
            file=SimpleUploadedFile("a.txt", b"text"),
            title_en="File",
            title_ru="Файл",
            by=by,
        )
        Rendition.objects.get_or_create(edition=edition, layout="en")
        Decision.objects.create(
            slug=f"decision-{number}",
            title_en="Decision",
            title_ru="Решение",
            taken="meeting",
            taken_on=dt.date(2026, 1, 1),
            document=document,
            meeting=meeting,
        )
        procedure = a_procedure(by=by)
        response = SilenceResponse.objects.create(
            procedure=procedure,
            state=procedure.electorate.first(),
            kind="objection",
            reason="Reason",
            received_at=procedure.opened_at,
            by=by,
        )
        outcome = SilenceOutcome.objects.create(
            procedure=procedure,
            result="broken",
            broken_by=response,
            effective_at=procedure.opened_at,
            recorded_at=procedure.opened_at,
            edition_issued=edition,
        )
        StateOutcome.objects.create(
            outcome=outcome, state=procedure.electorate.first(), result="lapsed"
        )


@pytest.fixture
def filled(support_unit, members):
    fill(support_unit, 1, 1)


@pytest.fixture(params=["en", "ru"])
def language(request):
    return request.param


def speak(client: Any, language: str) -> Any:
    client.cookies["django_language"] = language
    return client


def test_lists_open_for_the_support_unit(filled, support_unit, client_of):
    """In English; in Russian `test_russian` opens them."""
    client = speak(client_of(support_unit), "en")
    for model in MODELS:
        response = client.get(address(model, "changelist"))
        assert response.status_code == 200, model
        assert 'lang="en"' in response.content.decode()
        found = client.get(address(model, "changelist"), {"q": "a"})
        assert found.status_code == 200, model


def test_records_open_for_the_support_unit(filled, support_unit, client_of):
    """In English; in Russian `test_russian` opens them."""
    client = speak(client_of(support_unit), "en")
    for model in MODELS:
        record = model._base_manager.first()
        if record is not None:
            assert client.get(address(model, "change", record.pk)).status_code == 200, model
        addable = admin.site._registry[model].has_add_permission(as_request(support_unit))
        expected = 200 if addable else 403
        assert client.get(address(model, "add")).status_code == expected, model


def as_request(user: Any) -> Any:
    from django.test import RequestFactory

    request = RequestFactory().get("/admin/")
    request.user = user
    return request


def test_every_own_model_is_in_the_admin():
    from django.apps import apps

    missing = [
        model._meta.label
        for label in OWN
        for model in apps.get_app_config(label).get_models()
        if not admin.site.is_registered(model)
    ]
    assert missing == []


@pytest.mark.parametrize("model", OWN_MODELS, ids=[model._meta.label for model in OWN_MODELS])
def test_every_list_has_search_and_columns(model):
    shown = admin.site._registry[model]
    assert shown.search_fields
    assert tuple(shown.list_display) != ("__str__",)


def test_nobody_else_opens_a_list(coordinator, observer, anonymous, client_of):
    for person in (coordinator, observer, anonymous):
        client = client_of(person)
        for model in MODELS:
            response = client.get(address(model, "changelist"))
            assert response.status_code in (302, 403), model
            if response.status_code == 302:
                assert "/login/" in response.url


def test_the_site_has_no_sign_in_of_its_own(client):
    """Its own page would ask for no second factor."""
    response = client.get("/admin/login/")
    assert response.status_code == 302
    assert response.url.startswith("/accounts/login/")


def test_append_only_records_are_read_only_even_for_a_superuser(filled, admin_person, client_of):
    """S15"""
    client = client_of(admin_person)
    for model in READ_ONLY:
        record = model._base_manager.first()
        assert client.get(address(model, "add")).status_code == 403
        assert client.post(address(model, "change", record.pk), {}).status_code == 403
        gone = client.post(address(model, "delete", record.pk), {"post": "yes"})
        assert gone.status_code == 403


@pytest.fixture
def admin_person(db):
    return UserFactory(email="root@example.org", is_staff=True, is_superuser=True)


def test_the_support_unit_deletes_nothing(filled, support_unit, client_of):
    """T8"""
    client = client_of(support_unit)
    for model in MODELS:
        record = model._base_manager.first()
        if record is not None:
            response = client.post(address(model, "delete", record.pk), {"post": "yes"})
            assert response.status_code == 403, model
            assert model._base_manager.filter(pk=record.pk).exists()


def test_a_list_costs_the_same_with_twenty_rows(members, support_unit, client_of):
    """Every list of every model, with one row of each kind and with twenty."""
    client = client_of(support_unit)
    fill(support_unit, 1, 1)

    for model in MODELS:
        client.get(address(model, "changelist"))  # what is kept in the process is there from now on

    def costs() -> dict[str, int]:
        found = {}
        for model in MODELS:
            with CaptureQueriesContext(connection) as queries:
                client.get(address(model, "changelist"))
            found[model._meta.label] = len(queries)
        return found

    one = costs()
    fill(support_unit, 2, 19)
    twenty = costs()
    assert {label: (one[label], twenty[label]) for label in one if twenty[label] > one[label]} == {}


def test_the_first_page_tells_what_runs(members, support_unit, client_of, language):
    procedure = a_procedure(by=support_unit)
    a_document(by=support_unit, title_ru="")
    client = speak(client_of(support_unit), language)
    text = client.get("/admin/").content.decode()
    assert str(procedure.title_en if language == "en" else procedure.title_ru) in text
    assert address(SilenceProcedure, "change", procedure.pk) in text
    assert text.count("/admin/common/auditrecord/") > 2


def test_the_navigation_names_every_list_once():
    from documents.admin.navigation import GROUPS

    named = [name for _title, _icon, names in GROUPS for name in names]
    assert sorted(named) == sorted(
        f"{model._meta.app_label}_{model._meta.model_name}" for model in MODELS
    )


def test_history_of_a_record_is_its_audit_records(support_unit, client_of):
    state = StateFactory()
    audit.record(by=support_unit, action="change_state", target=state)
    response = client_of(support_unit).get(address(type(state), "history", state.pk), follow=True)
    assert response.status_code == 200
    assert "change_state" in response.content.decode()


def test_attachment_is_sent_as_a_download(filled, support_unit, coordinator, client_of):
    attachment = Attachment.objects.first()
    url = reverse("admin:documents_attachment_download", args=[attachment.pk])
    response = client_of(support_unit).get(url)
    assert b"".join(response.streaming_content) == b"text"
    assert "attachment" in response["Content-Disposition"]
    assert client_of(coordinator).get(url).status_code in (302, 403)
