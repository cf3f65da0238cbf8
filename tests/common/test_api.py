"""The JSON API: read-only, what everybody may read, as its OpenAPI says (T2, T6, P2)."""

import datetime as dt
import re

import pytest
import schemathesis
from django.conf import settings
from django.test import Client
from hypothesis import HealthCheck, given
from hypothesis import settings as bounds
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from almaty_portal.api import api
from almaty_portal.common import limits
from documents.actions import archive
from documents.models import Decision, Document, Topic
from meetings.models import Meeting
from tests.conftest import signed_in_client
from tests.documents.test_public_records import commit
from tests.factories.documents import a_document, a_public_document

pytestmark = pytest.mark.django_db
CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
]
LISTS = ["documents", "decisions", "meetings", "members", "observers", "topics", "chairmanships"]


def ask(path, client=None, status=200, **query):
    response = (client or Client()).get(f"/api/v1/{path}", query)
    assert response.status_code == status, response.content
    assert response["Content-Type"].startswith("application/json")
    assert response["Access-Control-Allow-Origin"] == "*"
    return response.json()


@pytest.fixture
def meeting(kazakhstan):
    return Meeting.objects.create(
        slug="conference",
        type=Meeting.Type.MINISTERIAL,
        title_en="Conference",
        title_ru="Конференция",
        from_on=dt.date(2026, 1, 1),
        last_on=dt.date(2026, 1, 1),
        country=kazakhstan,
    )


@pytest.fixture
def canaries(meeting):
    """A draft, a restricted and a withdrawn document, each with a decision."""
    words = {"title_en": "canary", "title_ru": "canary", "meeting": meeting}
    documents = [
        a_document(slug="canary-1", access="public", **words).document,
        *(
            a_document(
                slug=f"canary-{access}", issued=True, kind="final", access=access, **words
            ).document
            for access in ("observers", "members", "support_unit")
        ),
    ]
    for document in documents:
        Decision.objects.create(
            slug=f"taken-{document.slug}",
            title_en="canary",
            title_ru="canary",
            taken_on=dt.date(2026, 1, 1),
            meeting=meeting,
            document=document,
        )
    gone = a_public_document(slug="gone", title_en="canary", title_ru="canary").document
    archive.withdraw_document(document=gone, reason_en="canary", reason_ru="canary", by=None)
    return documents


def test_a_document_with_its_text_in_both_languages(meeting):
    """T2, T4: paragraphs are aligned; hashes and standing are given."""
    topic = Topic.objects.create(slug="asylum", position=1, name_en="Asylum", name_ru="Убежище")
    edition = a_public_document(slug="open", meeting=meeting)
    edition.document.topics.add(topic)
    commit()
    [listed] = ask("documents", topic="asylum", meeting="conference")["items"]
    found = ask("documents/open")
    assert listed == {name: found[name] for name in listed}
    assert found["title"] == {"en": edition.document.title_en, "ru": edition.document.title_ru}
    assert (found["meeting"], found["topics"]) == ("conference", ["asylum"])
    [shown] = found["editions"]
    assert shown["in_force"]
    assert shown["languages"]["en"]["standing"] == "original"
    assert re.fullmatch(r"[0-9a-f]{64}", shown["languages"]["ru"]["sha256"])
    text = ask(shown["url"].removeprefix(f"{settings.PORTAL_URL}/api/v1/"))
    assert [one["text"]["ru"] for one in text["paragraphs"]] == [
        "Коммюнике",
        "Ссылаясь на Алматинскую декларацию;",
        "Постановляют защищать беженцев.",
    ]


def test_a_search_finds_inflected_words_and_is_cut_into_pages():
    for _number in range(3):
        a_public_document()
    first = ask("documents", q="беженцы", per_page=2)
    assert (first["total"], first["more_than_total"], first["previous"]) == (3, False, None)
    second = Client().get(first["next"].removeprefix(settings.PORTAL_URL)).json()
    assert len(first["items"]), len(second["items"]) == (2, 1)
    assert second["next"] is None
    assert "per_page=2" in second["previous"]
    everything = ask("documents", per_page=2)
    assert everything["total"] == 3
    assert ask("documents", q="ничего")["items"] == []


def test_the_list_is_narrowed_with_and_without_words(meeting):
    day = dt.date(2025, 5, 1)
    a_public_document(slug="wanted", type="agenda", meeting=meeting, issued_on=day)
    a_public_document(slug="other")
    commit()
    for filters in (
        {"type": "agenda"},
        {"meeting": "conference"},
        {"year": 2025},
        {"year": 2025, "language": "ru", "type": "agenda"},
    ):
        for words in ({}, {"q": "refugees"}):
            assert [one["slug"] for one in ask("documents", **filters, **words)["items"]] == [
                "wanted"
            ]
    assert ask("documents", language="en")["total"] == 2
    assert ask("documents", state="KZ")["total"] == 0


def test_nothing_restricted_is_there(canaries, support_unit):
    """P2, T6: no list, search, count or address shows it, to the staff neither."""
    for client in (Client(), signed_in_client(support_unit)):
        for path in LISTS:
            assert "canary" not in str(ask(path, client))
        assert ask("documents", client)["total"] == 0
        assert ask("documents", client, q="canary")["total"] == 0
        for document in canaries:
            ask(f"documents/{document.slug}", client, status=404)
            ask(f"documents/{document.slug}/editions/final", client, status=404)
            ask(f"decisions/taken-{document.slug}", client, status=404)
        gone = ask("documents/gone", client, status=410)
        assert gone == {
            "detail": "The document was withdrawn; its page tells why.",
            "parameters": [],
        }


def test_a_former_address_leads_on():
    """T8: an address once public never breaks."""
    document = a_public_document(slug="open").document
    archive.assign_reference(document=document, reference="Almaty Process/09/01/2026", by=None)
    response = Client().get("/api/v1/documents/open")
    assert response.status_code == 301
    assert response["Location"] == "/api/v1/documents/almaty-process-09-01-2026"


@pytest.mark.parametrize(
    ("path", "status", "words"),
    [
        ("documents?page=0", 422, "page: Input should be greater than or equal to 1"),
        ("documents?per_page=1000", 422, "per_page: Input should be less than or equal to 100"),
        ("documents?year=soon", 422, "year: Input should be a valid integer"),
        ("documents?q=" + "x" * 100_000, 422, "q: String should have at most"),
        ("documents?q=%00", 422, "NUL"),
        ("documents/nothing", 404, "nothing at this address"),
        ("nothing", 404, "no such address in the API"),
        ("", 404, "no such address in the API"),
    ],
)
def test_errors_are_sentences_in_json(client, path, status, words):
    response = client.get(f"/api/v1/{path}")
    assert response.status_code == status
    assert words in response.json()["detail"]


def test_it_can_only_be_read(client):
    """P7: every other method is refused with a sentence; HEAD answers as GET does."""
    for method in ("post", "put", "patch", "delete"):
        response = getattr(client, method)("/api/v1/documents")
        assert response.status_code == 405
        assert response.json()["detail"] == "The API is read-only: use GET."
    assert client.head("/api/v1/documents").status_code == 200


def test_what_did_not_change_is_not_sent_again(client):
    a_public_document(slug="open")
    first = client.get("/api/v1/documents/open")
    again = client.get("/api/v1/documents/open", headers={"If-None-Match": first["ETag"]})
    assert (again.status_code, again.content) == (304, b"")
    Document.objects.update(title_en="Changed")
    assert (
        client.get("/api/v1/documents/open", headers={"If-None-Match": first["ETag"]}).status_code
        == 200
    )


@pytest.mark.parametrize("path", ["documents", "documents?q=refugees", "decisions"])
def test_a_list_takes_the_same_number_of_queries(
    client, meeting, django_assert_max_num_queries, path
):
    """With 1 and with 20 rows."""
    counts = []
    topic = Topic.objects.create(slug="asylum", position=1, name_en="Asylum", name_ru="Убежище")
    for number in (1, 19):
        for _row in range(number):
            document = a_public_document(meeting=meeting).document
            document.topics.add(topic)
            Decision.objects.create(
                slug=f"taken-{document.slug}",
                title_en="D",
                title_ru="Р",
                taken_on=dt.date(2026, 1, 1),
                meeting=meeting,
                document=document,
            )
        with django_assert_max_num_queries(40) as asked:
            client.get(f"/api/v1/{path}")
        counts.append(len(asked))
    assert counts[0] == counts[1]


def test_it_does_what_its_openapi_says(wsgi, canaries, members):
    """Every operation, asked as its description allows and as it does not, by schemathesis."""
    a_public_document(slug="open")
    schema = schemathesis.openapi.from_wsgi("/api/v1/openapi.json", wsgi)
    operations = [one.ok() for one in schema.get_all_operations()]
    assert len(operations) == 12
    for operation in operations:

        @given(case=operation.as_strategy())
        @bounds(
            max_examples=15,
            deadline=None,
            database=None,
            suppress_health_check=list(HealthCheck),
        )
        def holds(case):
            response = case.call_and_validate(
                checks=CHECKS, headers={"Accept-Encoding": "identity"}
            )
            assert b"canary" not in response.content

        holds()


def test_who_asks_too_often_is_told_when_to_go_on(client, settings, monkeypatch):
    """P13: an address by itself, in the form of the API's errors, as its OpenAPI says."""
    settings.PROGRAM_REQUESTS_PER_MINUTE = 3
    monkeypatch.setattr(limits.time, "time", lambda: 1_000_000_000)  # 40 s into a minute
    for path in ("topics", "nothing-here", "topics"):
        client.get(f"/api/v1/{path}")
    for path in ("topics", "openapi.json", "nothing-here"):
        refused = client.get(f"/api/v1/{path}")
        assert (refused.status_code, refused["Retry-After"]) == (429, "20")
        assert refused["Access-Control-Allow-Origin"] == "*"
        assert refused.json() == {
            "detail": "Too many requests from this address: wait 20 seconds.",
            "parameters": [],
        }
    assert client.get("/api/v1/topics", REMOTE_ADDR="192.0.2.7").status_code == 200
    assert client.get("/oai", {"verb": "Identify"}).status_code == 200, "counted by itself"
    monkeypatch.setattr(limits.time, "time", lambda: 1_000_000_020)
    described = client.get("/api/v1/openapi.json").json()
    for path, operations in described["paths"].items():
        answer = operations["get"]["responses"]["429"]
        assert "Retry-After" in answer["headers"], path
        assert answer["content"]["application/json"]["schema"]["$ref"].endswith("/Error")
    assert "may ask 120 times a minute" in described["info"]["description"]


@pytest.mark.parametrize("language", ["en", "ru"])
def test_the_page_for_people_names_every_address(client, language):
    page = client.get(f"/{language}/about/data/").content.decode()
    for path in api.get_openapi_schema(path_prefix="/api/v1/")["paths"]:
        assert f"<code>{path}</code>" in page
    assert "/oai?verb=Identify" in page
    assert not re.search(r'(src|href)="https?://(?!127\.0\.0\.1|testserver)', page)
