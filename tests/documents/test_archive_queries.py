"""The pages of the archive cost the same number of queries, however much they show."""

import datetime as dt

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from documents.actions import archive, texts
from documents.models import Topic
from tests.factories.documents import ROWS, a_public_document
from tests.factories.meetings import a_decision, a_meeting

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def no_second_factor(settings):
    settings.SECOND_FACTOR_REQUIRED = False


def queries_of(client, address: str) -> int:
    with CaptureQueriesContext(connection) as queries:
        assert client.get(address).status_code == 200
    return len(queries)


@pytest.mark.parametrize("reader", ["anonymous", "coordinator", "observer", "support_unit"])
@pytest.mark.parametrize(
    "page",
    [
        "/en/documents/",
        "/ru/documents/?q=беженец",
        "/en/decisions/",
        "/en/topics/borders/",
        "/en/",
        "/en/meetings/conference/",
    ],
)
def test_lists_ask_the_same_number_of_queries_for_1_and_20(request, client_of, page, reader):
    """A list costs the same number of queries with 1 row and with 20, whoever reads it."""
    client = client_of(request.getfixturevalue(reader))
    topic = Topic.objects.create(slug="borders", position=1, name_en="Borders", name_ru="Границы")
    meeting = a_meeting()
    client.get(page)
    counts = []
    for rows in (1, 19):
        for _number in range(rows):
            edition = a_public_document(meeting=meeting)
            edition.document.topics.add(topic)
            a_decision(edition.document, f"d-{edition.pk}")
        counts.append(queries_of(client, page))
    assert counts[0] == counts[1]


@pytest.mark.parametrize("reader", ["coordinator", "observer", "support_unit"])
@pytest.mark.parametrize("page", ["/en/documents/one/", "/en/", "/en/documents/"])
def test_who_reads_is_asked_once_for_a_page(request, client_of, client, page, reader):
    """M3: a person's rights are looked up once in a request, however many lists ask for them."""
    a_public_document(slug="one")
    for_all = [queries_of(client, page) for _time in range(2)][-1]
    signed_in = client_of(request.getfixturevalue(reader))
    own = [queries_of(signed_in, page) for _time in range(2)][-1]
    # session and person; designation, its State's names, the grant; standing; documents given
    assert own - for_all <= 12, (own, for_all)


@pytest.mark.parametrize("reader", ["anonymous", "coordinator"])
def test_history_asks_the_same_number_of_queries_for_1_and_20(request, client_of, reader):
    """The editions of a document cost the same number of queries with 1 and with 20."""
    client = client_of(request.getfixturevalue(reader))
    edition = a_public_document(slug="one")
    queries_of(client, "/en/documents/one/history/")
    one = queries_of(client, "/en/documents/one/history/")
    for number in range(1, 20):
        next_edition = archive.create_edition(
            document=edition.document,
            kind="rev",
            number=number,
            dated_on=dt.date(2026, 2, 1),
            supersedes=edition,
            by=None,
        )
        texts.set_text(edition=next_edition, rows=ROWS, by=None)
        edition = archive.issue_edition(
            edition=next_edition, standings={"en": "original", "ru": "authentic"}, by=None
        )
    assert queries_of(client, "/en/documents/one/history/") == one
