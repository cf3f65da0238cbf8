"""Putting a text under silence in the admin site: checked, confirmed, refused (S1–S5)."""

import datetime as dt

import pytest
from django.urls import reverse
from django.utils import translation

from documents.models import SilenceProcedure
from tests.admin.test_pages import address, speak
from tests.admin.test_writing import confirmed, silence_form
from tests.factories.documents import a_document, a_procedure
from tests.factories.membership import UserFactory


@pytest.fixture
def client(support_unit, client_of):
    return speak(client_of(support_unit), "en")


@pytest.fixture
def superuser(db):
    return UserFactory(email="root@example.org", is_staff=True, is_superuser=True)


def test_a_procedure_is_checked_and_then_opened(client, members, support_unit):
    """S1, S5"""
    edition = a_document(by=support_unit)
    url = reverse("admin:documents_edition_open_silence", args=[edition.pk])
    page = client.get(url)
    assert "No National Coordinator in office today" in page.content.decode()
    data = silence_form()
    checked = client.post(url, data)
    assert "Open the procedure" in checked.content.decode()
    assert not SilenceProcedure.objects.exists()  # the check keeps nothing
    edition.refresh_from_db()
    assert edition.issued_at is None
    response = confirmed(client, url, data)
    procedure = SilenceProcedure.objects.get()
    assert response.status_code == 302
    assert response.url == address(SilenceProcedure, "change", procedure.pk)
    assert procedure.opened_by == support_unit
    assert procedure.electorate.count() == 5
    assert procedure.deadline_zone == "Asia/Almaty"
    shown = client.get(response.url).content.decode()
    assert "under silence" in shown
    assert "Kazakhstan" in shown
    assert procedure.ledger.get(step="opened").entry_hash in shown


def test_what_is_opened_is_what_was_checked(client, members, support_unit):
    edition = a_document(by=support_unit)
    url = reverse("admin:documents_edition_open_silence", args=[edition.pk])
    data = silence_form()
    previewed = client.post(url, data).context["form"].data["previewed"]
    changed = {**data, "title_en": "Another", "previewed": previewed, "confirm": "1"}
    response = client.post(url, changed)
    assert response.status_code == 200
    assert response.context["preview"]["title_en"] == "Another"
    assert not SilenceProcedure.objects.exists()


@pytest.mark.parametrize(
    ("fields", "field", "sentence"),
    [
        ({"hours": -2}, "deadline_at", "The deadline is in the past"),
        ({"hours": 60}, "deadline_at", "The period is under 72 hours"),
        ({"hours": 20}, "deadline_at", "The period is under 24 hours"),
        ({"deadline_zone": "Mars/Base"}, "deadline_zone", "Select a valid choice"),
        ({"directive_by_ru": ""}, "directive_by_ru", "This field is required."),
        ({"silence_means": "lapses"}, "silence_means", "In an adoption silence means"),
        (
            {"kind": "participation_window", "silence_means": "lapses"},
            "states",
            "Choose the States that the participation window addresses.",
        ),
    ],
)
def test_what_a_rule_refuses_is_shown_at_its_field(
    client, members, support_unit, fields, field, sentence
):
    """S2, S5"""
    edition = a_document(by=support_unit)
    url = reverse("admin:documents_edition_open_silence", args=[edition.pk])
    response = client.post(url, silence_form(**fields))
    assert response.status_code == 200
    assert sentence in " ".join(response.context["form"].errors[field])
    assert not SilenceProcedure.objects.exists()


def test_a_window_addresses_the_chosen_states(client, members, support_unit):
    """S2"""
    edition = a_document(by=support_unit)
    url = reverse("admin:documents_edition_open_silence", args=[edition.pk])
    chosen = [members["KZ"].pk, members["AZ"].pk]
    data = silence_form(
        kind="participation_window", silence_means="to_be_settled_by_chair", states=chosen
    )
    shown = client.post(url, data).context["preview"]["warnings"]
    assert [("Member State already" in one, "is a proposal" in one) for one in shown] == [
        (True, False),
        (True, False),
        (False, True),
    ]
    assert confirmed(client, url, data).status_code == 302
    entitled = SilenceProcedure.objects.get().electorate.values_list("pk", flat=True)
    assert set(entitled) == set(chosen)


def test_a_time_that_a_clock_shows_twice_is_refused(client, members, support_unit):
    from zoneinfo import ZoneInfo

    from django.core.exceptions import ValidationError

    from documents.admin.forms import instant_in

    translation.activate("en")
    berlin = ZoneInfo("Europe/Berlin")
    with pytest.raises(ValidationError, match="comes twice"):
        instant_in(berlin, dt.datetime(2026, 10, 25, 2, 30))  # noqa: DTZ001 (a clock's face)
    with pytest.raises(ValidationError, match="does not exist"):
        instant_in(berlin, dt.datetime(2026, 3, 29, 2, 30))  # noqa: DTZ001
    assert instant_in(berlin, dt.datetime(2026, 7, 1, 12, 0)).hour == 10  # noqa: DTZ001


def test_a_procedure_is_changed_by_nobody(client, members, superuser, support_unit, client_of):
    procedure = a_procedure(by=support_unit)
    for person in (superuser, support_unit):
        url = address(SilenceProcedure, "change", procedure.pk)
        assert client_of(person).post(url, {"title_en": "x"}).status_code == 403
    assert client.get(address(SilenceProcedure, "add")).status_code == 403
