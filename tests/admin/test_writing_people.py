"""Writing names, people and decisions in the admin site: each refusal is a sentence."""

from typing import Any

import pytest
from django.urls import reverse

from almaty_portal.common.models import AuditRecord
from documents.models import Decision
from meetings.models import AgendaItem
from membership.models import State, User
from tests.admin.test_pages import a_meeting, address, speak
from tests.admin.test_writing import no_rows, refused, stored
from tests.factories.documents import a_document
from tests.factories.membership import StateFactory, UserFactory


@pytest.fixture
def client(support_unit, client_of):
    return speak(client_of(support_unit), "en")


@pytest.fixture
def superuser(db):
    return UserFactory(email="root@example.org", is_staff=True, is_superuser=True)


def names_of(state: State) -> dict[str, Any]:
    name = state.names.get()
    return {
        "code": state.code,
        "iso3": state.iso3,
        "slug": state.slug,
        **no_rows("standings"),
        "names-TOTAL_FORMS": 2,
        "names-INITIAL_FORMS": 1,
        "names-0-id": name.pk,
        "names-0-state": state.pk,
        "names-0-short_en": name.short_en,
        "names-0-short_ru": name.short_ru,
        "names-0-formal_en": name.formal_en,
        "names-0-formal_ru": name.formal_ru,
        "names-0-until_on": "2020-01-01",
        "names-0-precision": "day",
        "names-1-state": state.pk,
        "names-1-short_en": "Türkiye",
        "names-1-short_ru": "Турция",
        "names-1-formal_en": "Republic of Türkiye",
        "names-1-formal_ru": "Турецкая Республика",
        "names-1-from_on": "2020-01-01",
        "names-1-precision": "day",
    }


def test_a_new_name_moves_the_state_in_the_order_of_protocol(client):
    """M2"""
    state = StateFactory(code="TR", iso3="TUR", english="Turkey", russian="Турция")
    stored(client.post(address(State, "change", state.pk), names_of(state)))
    state.refresh_from_db()
    assert state.protocol_key == "turkiye"
    record = AuditRecord.objects.get()
    assert record.action == "change_state"
    assert len(record.detail["rows"]) == 2


def test_two_names_at_once_are_refused_whole(client):
    """Neither row is stored: not even the database's own refusal is an error page."""
    state = StateFactory(code="TR", iso3="TUR", english="Turkey", russian="Турция")
    data = {**names_of(state), "names-0-until_on": "2021-01-01"}
    response = client.post(address(State, "change", state.pk), data)
    refused(response, "The State already has a name in that period")
    assert state.names.get().until_on is None
    assert not AuditRecord.objects.exists()


def test_what_a_row_gets_wrong_is_shown_at_the_row(client):
    state = StateFactory(code="TR", iso3="TUR", english="Turkey", russian="Турция")
    data = {**names_of(state), "names-1-until_on": "2019-01-01"}
    response = client.post(address(State, "change", state.pk), data)
    refused(response, "The period ends before it starts: correct one of its dates.")
    assert state.names.count() == 1


def test_only_a_superuser_takes_out_an_agenda_item(client, superuser, client_of):
    """T8"""
    item = AgendaItem.objects.create(meeting=a_meeting(1), position=1, title_en="A", title_ru="Б")
    url = address(AgendaItem, "delete", item.pk)
    assert client.post(url, {"post": "yes"}).status_code == 403
    assert client_of(superuser).post(url, {"post": "yes"}).status_code == 302
    assert not AgendaItem.objects.exists()
    assert AuditRecord.objects.get().action == "delete_agendaitem"


def person(**fields: Any) -> dict[str, Any]:
    return {
        "email": "new@example.org",
        "name": "New Person",
        "language": "en",
        "time_zone": "Asia/Almaty",
        **fields,
    }


def test_a_person_is_entered_and_no_password_is_on_record(client):
    secret = "a long enough passphrase"
    data = person(usable_password="true", password1=secret, password2=secret)
    stored(client.post(address(User, "add"), data))
    assert User.objects.get(email="new@example.org").check_password(secret)
    record = AuditRecord.objects.get()
    assert record.action == "add_user"
    assert secret not in str(record.detail)
    assert "password" not in str(record.detail)


def test_the_support_unit_cannot_make_itself_a_superuser(client, support_unit, superuser):
    data = person(
        email=support_unit.email, is_superuser="on", is_staff="on", is_active="on", **no_rows()
    )
    client.post(address(User, "change", support_unit.pk), data)
    support_unit.refresh_from_db()
    assert not support_unit.is_superuser
    assert client.post(address(User, "change", superuser.pk), data).status_code == 403
    url = reverse("admin:auth_user_password_change", args=[superuser.pk])
    assert client.get(url).status_code == 403


def test_setting_a_password_is_on_record(client, coordinator):
    url = reverse("admin:auth_user_password_change", args=[coordinator.pk])
    secret = "another long passphrase"
    data = {"usable_password": "true", "password1": secret, "password2": secret}
    before = AuditRecord.objects.count()
    assert client.post(url, data).status_code == 302
    coordinator.refresh_from_db()
    assert coordinator.check_password(secret)
    assert AuditRecord.objects.count() == before + 1
    assert AuditRecord.objects.first().action == "set_password"


def test_a_decision_names_its_meeting(client, support_unit):
    """D3"""
    entered = a_document(by=support_unit).document
    data = {
        "title_en": "A",
        "title_ru": "Б",
        "slug": "a",
        "taken": "meeting",
        "taken_on": "2026-01-01",
        "document": entered.pk,
    }
    refused(client.post(address(Decision, "add"), data), "Name the meeting that took the decision")
    assert not Decision.objects.exists()
    stored(client.post(address(Decision, "add"), {**data, "meeting": a_meeting(1).pk}))
    assert AuditRecord.objects.filter(action="add_decision").count() == 1
