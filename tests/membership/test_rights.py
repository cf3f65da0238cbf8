"""What a person's rights rest on, and when they end."""

import datetime as dt

import pytest
from allauth.mfa.models import Authenticator
from guardian.shortcuts import assign_perm

from membership.actions import end_designation
from membership.models import NationalCoordinator
from membership.permissions import acting_state
from tests.factories.documents import a_document
from tests.factories.membership import DesignationFactory

pytestmark = pytest.mark.django_db
PAGES = ["/en/documents/one/", "/en/documents/one/editions/final/", "/en/documents/one.pdf"]
READERS = ["coordinator", "deputy", "support_unit", "given"]


@pytest.fixture
def given(chair):
    return chair


@pytest.fixture
def text_for_members(given):
    edition = a_document(
        slug="one", kind="final", issued=True, access="members", title_en="The zebra"
    )
    assign_perm("documents.view_document", given, edition.document)
    return edition


def statuses(client) -> list[int]:
    return [client.get(page).status_code for page in PAGES]


@pytest.mark.parametrize("reader", READERS)
def test_without_the_second_factor_one_reads_as_the_public(
    request, settings, client_of, text_for_members, reader
):
    """T6: no text for Members, no hit of the search, no file, until the second factor is set up."""
    settings.SECOND_FACTOR_REQUIRED = True
    person = request.getfixturevalue(reader)
    client = client_of(person)
    assert statuses(client) == [404, 404, 404]
    assert "/documents/one/" not in client.get("/en/documents/?q=zebra").content.decode()
    assert client.get("/en/portal/").headers["Location"] == "/accounts/2fa/totp/activate/"
    Authenticator.objects.create(user=person, type=Authenticator.Type.TOTP, data={})
    assert statuses(client) == [200, 200, 303]
    assert "/documents/one/" in client.get("/en/documents/?q=zebra").content.decode()


def test_rights_end_with_the_next_request(settings, client_of, coordinator, text_for_members):
    """M3: what was found out for one request holds for no other."""
    settings.SECOND_FACTOR_REQUIRED = False
    client = client_of(coordinator)
    assert statuses(client) == [200, 200, 303]
    end_designation(
        designation=NationalCoordinator.objects.get(user=coordinator),
        until_on=dt.date(2021, 1, 1),
        by=None,
    )
    assert statuses(client) == [404, 404, 404]


def test_staff_act_for_no_state(kazakhstan, support_unit):
    """S3: a member of the Support Unit acts for no State, even when designated."""
    DesignationFactory(state=kazakhstan, user=support_unit)
    assert acting_state(support_unit) is None
    support_unit.is_staff = False
    assert acting_state(support_unit) == kazakhstan
