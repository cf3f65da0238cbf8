"""Searches that people save: who may, what is kept, the pages (U1, U4, T6)."""

import pytest
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import translation

from almaty_portal.common.errors import DomainError
from almaty_portal.common.models import AuditRecord
from documents.actions import searches
from documents.models import SavedSearch, SearchHit, Topic
from documents.models.searches import SEARCHES
from documents.permissions import can_save_searches
from membership.models import NationalCoordinator
from tests.factories.documents import a_public_document
from tests.factories.membership import UserFactory

pytestmark = pytest.mark.django_db
PAGE = "/en/portal/searches/"


@pytest.fixture(autouse=True)
def no_second_factor(settings):
    settings.SECOND_FACTOR_REQUIRED = False


def save(by, *, name="Canaries", question="canary", frequency="daily", **filters) -> SavedSearch:
    return searches.save_search(
        name=name, question=question, filters=filters, frequency=frequency, by=by
    )


ALLOWED = ["support_unit", "coordinator", "deputy", "observer"]
REFUSED = ["anonymous", "chair", "former", "inactive"]


@pytest.fixture
def former(other_coordinator):
    """A Coordinator whose office has ended."""
    NationalCoordinator.objects.filter(user=other_coordinator).update(until_on="2021-01-01")
    return other_coordinator


@pytest.fixture
def inactive(deputy):
    deputy.is_active = False
    deputy.save()
    return deputy


@pytest.mark.parametrize("who", [*ALLOWED, *REFUSED])
def test_who_may_save_searches(request, who):
    person = request.getfixturevalue(who)
    assert can_save_searches(person) == (who in ALLOWED)


@pytest.mark.parametrize("who", [*ALLOWED, "chair", "former"])
def test_the_page_of_results_offers_to_save_to_those_who_may(request, client_of, who):
    """Sent to the portal it is saved by the first, and refused to the others with a sentence."""
    client = client_of(request.getfixturevalue(who))
    page = client.get("/en/documents/?q=canary&type=report").content.decode()
    assert ('action="/en/portal/searches/"' in page) == (who in ALLOWED)
    sent = {"q": "canary", "type": "report", "name": "Canaries", "frequency": "weekly"}
    answer = client.post(PAGE, sent)
    if who in ALLOWED:
        assert answer.url == PAGE
        [kept] = SavedSearch.objects.all()
        assert (kept.asked, kept.frequency) == ({"q": "canary", "type": "report"}, "weekly")
        assert AuditRecord.objects.filter(action="add_savedsearch", by=kept.owner).count() == 1
    else:
        assert answer.status_code == 422
        assert "Everybody can follow a search by its feed" in answer.content.decode()
        assert not SavedSearch.objects.exists()


def test_nobody_without_an_account_saves_or_sees_a_list(client):
    page = client.get("/en/documents/?q=canary").content.decode()
    assert "Save this search" not in page
    assert "It needs no account" in page
    for answer in (client.get(PAGE), client.post(PAGE, {"q": "x", "name": "x"})):
        assert answer.url.startswith("/accounts/login/")


def test_the_name_proposed_is_what_is_searched_in_words(client_of, support_unit):
    Topic.objects.create(slug="asylum", position=1, name_en="Asylum", name_ru="Убежище")
    client = client_of(support_unit)
    for language, words in (
        ("en", "“canary” · Type: Report · Topic: Asylum"),
        ("ru", "«canary» · Вид: Доклад · Тема: Убежище"),
    ):
        page = client.get(f"/{language}/documents/?q=canary&type=report&topic=asylum")
        assert page.context["save_form"]["name"].value() == words
    long = "word " * 60
    page = client.get(f"/en/documents/?q={long}")
    assert len(page.context["save_form"]["name"].value()) == 120
    assert client.get("/en/documents/").context["save_form"]["name"].value() == "All documents"


@pytest.mark.parametrize(
    ("sent", "sentence"),
    [
        ({"q": "x" * 100_000}, "The question is too long: shorten it to 500 characters or fewer."),
        ({"q": "-only"}, "a question cannot consist of exclusions only"),
        ({"name": " \n "}, "This field is required."),
        ({"name": "x" * 121}, "Ensure this value has at most 120 characters"),
        ({"frequency": "hourly"}, "Select a valid choice"),
        ({"topic": "x" * 200}, "Ensure this value has at most 120 characters"),
    ],
)
def test_what_is_wrong_is_told_and_nothing_is_stored(client_of, coordinator, sent, sentence):
    """P13: 100 kB are refused with the sentence of the search page."""
    answer = client_of(coordinator).post(
        PAGE, {"q": "canary", "name": "Canaries", "frequency": "daily", **sent}
    )
    assert answer.status_code == 422
    assert sentence in answer.content.decode()
    assert len(answer.content) < 60_000
    assert not SavedSearch.objects.exists()


def test_a_search_is_saved_once_and_fifty_of_one_person(coordinator, other_coordinator):
    save(coordinator)
    save(other_coordinator)
    save(coordinator, type="report")
    with translation.override("en"), pytest.raises(DomainError, match="already: Canaries"):
        save(coordinator, name="Again")
    for number in range(SEARCHES - 2):
        save(coordinator, question=f"word{number}")
    with translation.override("en"), pytest.raises(DomainError, match="delete one first"):
        save(coordinator, question="one more")
    assert SavedSearch.objects.filter(owner=coordinator).count() == SEARCHES


def test_the_database_keeps_the_limits_too(coordinator):
    kept = save(coordinator)
    rows = SavedSearch.objects.filter(pk=kept.pk)
    for wrong, rule in (
        ({"name": ""}, "saved_search_has_a_name"),
        ({"filters": {"type": "x" * 1000}}, "saved_search_has_short_filters"),
    ):
        with pytest.raises(IntegrityError, match=rule), transaction.atomic():
            rows.update(**wrong)
    values = {"owner": coordinator, "saved_at": kept.saved_at, "looked_at": kept.saved_at}
    with pytest.raises(IntegrityError, match="one_saved_search_of_a_kind"), transaction.atomic():
        SavedSearch.objects.create(name="Again", question="canary", **values)
    for number in range(SEARCHES - 1):
        SavedSearch.objects.create(name="x", question=str(number), **values)
    with pytest.raises(IntegrityError, match="50 searches at most"), transaction.atomic():
        SavedSearch.objects.create(name="x", question="one more", **values)


def test_what_is_found_when_it_is_saved_is_known(coordinator):
    found = a_public_document(title_en="Canary").document
    a_public_document(title_en="Another")
    kept = save(coordinator)
    assert list(SearchHit.objects.values_list("search", "document", "told_at")) == [
        (kept.pk, found.pk, None)
    ]


def test_a_person_renames_changes_and_deletes_their_own(client_of, coordinator):
    client, kept = client_of(coordinator), save(coordinator)
    address = f"{PAGE}{kept.pk}/"
    answer = client.post(address, {"name": "Birds\n of  song", "frequency": "weekly"})
    assert answer.url == f"{PAGE}#search-{kept.pk}"
    kept.refresh_from_db()
    assert (kept.name, kept.frequency) == ("Birds of song", "weekly")
    [record] = AuditRecord.objects.filter(action="change_savedsearch")
    assert record.detail == {
        "name": ["Canaries", "Birds of song"],
        "frequency": ["daily", "weekly"],
    }
    answer = client.post(address, {"name": "", "frequency": "weekly"})
    assert answer.status_code == 422
    assert f'href="#id_{kept.pk}_name"' in answer.content.decode()
    assert client.get(address).url == f"{PAGE}#search-{kept.pk}"
    page = client.get(f"{address}delete/").content.decode()
    assert "Delete this search?" in page
    assert "<strong>Birds of song</strong>" in page
    assert client.post(f"{address}delete/").url == PAGE
    assert not SavedSearch.objects.exists()
    assert AuditRecord.objects.filter(action="delete_savedsearch", by=coordinator).exists()


@pytest.mark.parametrize("who", ["other_coordinator", "support_unit", "deputy"])
def test_the_search_of_another_person_is_not_found(request, client_of, coordinator, who):
    """P2: neither read, changed nor deleted, nor in the list."""
    kept = save(coordinator)
    client = client_of(request.getfixturevalue(who))
    assert "Canaries" not in client.get(PAGE).content.decode()
    for address in (f"{PAGE}{kept.pk}/", f"{PAGE}{kept.pk}/delete/"):
        assert client.get(address).status_code == 404
        assert client.post(address, {"name": "x", "frequency": "never"}).status_code == 404
    kept.refresh_from_db()
    assert kept.name == "Canaries"


def test_the_list_tells_what_is_searched_in_the_language_of_the_page(client_of, coordinator):
    save(coordinator, type="report")
    client = client_of(coordinator)
    page = client.get("/ru/portal/searches/").content.decode()
    assert "«canary» · Вид: Доклад" in page
    assert "ежедневно" in page
    assert "Нового пока нет." in page
    page = client.get(PAGE).content.decode()
    assert "“canary” · Type: Report" in page
    assert 'href="/en/documents/?q=canary&amp;type=report"' in page
    assert 'href="/en/portal/searches/"' in client.get("/en/portal/").content.decode()


def test_the_list_takes_as_many_queries_for_many(client_of, coordinator):
    client = client_of(coordinator)

    def queries() -> int:
        with CaptureQueriesContext(connection) as seen:
            assert client.get(PAGE).status_code == 200
        return len(seen)

    save(coordinator)
    few = queries()
    for number in range(20):
        save(coordinator, question=f"word{number}", type="report")
    assert queries() == few


def test_a_form_of_another_site_saves_nothing(coordinator):
    client = Client(enforce_csrf_checks=True)
    client.force_login(coordinator, backend="django.contrib.auth.backends.ModelBackend")
    sent = {"q": "canary", "name": "Canaries", "frequency": "daily"}
    assert client.post(PAGE, sent).status_code == 403
    assert not SavedSearch.objects.exists()


def test_the_support_unit_reads_them_and_changes_none(client_of, support_unit, coordinator):
    kept = save(coordinator)
    client = client_of(support_unit)
    page = client.get(f"/admin/documents/savedsearch/{kept.pk}/change/").content.decode()
    assert "Canaries" in page
    assert client.get("/admin/documents/searchhit/").status_code == 200
    assert client.post(f"/admin/documents/savedsearch/{kept.pk}/delete/").status_code == 403
    assert UserFactory().searches.count() == 0
