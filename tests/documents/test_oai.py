"""The archive for harvesters: OAI-PMH 2.0, read by a client that nobody here wrote."""

import datetime as dt
from pathlib import Path
from threading import Thread
from wsgiref.simple_server import WSGIRequestHandler, make_server

import pytest
import sickle.oaiexceptions as refusals
import time_machine
from django.db import connections
from django.test import Client
from django.utils import timezone
from lxml import etree
from sickle import Sickle

from almaty_portal.common import limits
from documents.actions import archive
from documents.harvest import answer
from documents.harvest.protocol import TOKEN_SECONDS
from documents.models import Document, PublicRecord, Topic
from tests.conftest import signed_in_client
from tests.documents.test_public_records import commit
from tests.factories.documents import a_document, a_public_document

SCHEMA = etree.XMLSchema(etree.parse(Path(__file__).parent / "schemas" / "oai.xsd"))
NAMES = {
    "o": answer.OAI,
    "dc": answer.DC,
    "oai_dc": answer.OAI_DC,
}


def ask(client=None, method="get", **arguments):
    """An answer as a tree, valid by the schema of the protocol."""
    commit()
    if "since" in arguments:
        arguments["from"] = arguments.pop("since")
    response = getattr(client or Client(), method)("/oai", arguments)
    assert response.status_code == 200
    assert response["Content-Type"] == "text/xml; charset=utf-8"
    tree = etree.fromstring(response.content)
    SCHEMA.assertValid(tree)
    return tree


def texts(tree, path):
    return [one.text for one in tree.iterfind(path, NAMES)]


def code(tree):
    [error] = tree.findall("o:error", NAMES)
    assert error.text.endswith(".")
    return error.get("code")


class Quiet(WSGIRequestHandler):
    def log_message(self, *args):
        pass


@pytest.fixture
def portal(wsgi, settings):
    """A server on a port of its own that reads what the test wrote and did not commit."""
    shared = connections["default"]
    shared.inc_thread_sharing()

    def sharing(environ, start_response):
        connections["default"] = shared
        return wsgi(environ, start_response)

    with make_server("127.0.0.1", 0, sharing, handler_class=Quiet) as server:
        thread = Thread(target=server.serve_forever, daemon=True)
        thread.start()
        settings.PORTAL_URL = f"http://127.0.0.1:{server.server_port}"
        yield settings.PORTAL_URL
        server.shutdown()
        thread.join()
    shared.dec_thread_sharing()


@pytest.fixture
def harvested(portal):
    """A live portal with five public documents, one withdrawn, and one never public."""
    topic = Topic.objects.create(slug="asylum", position=1, name_en="Asylum", name_ru="Убежище")
    documents = [a_public_document().document for _number in range(5)]
    documents[0].topics.add(topic)
    gone = a_public_document(title_en="canary").document
    commit()
    archive.withdraw_document(document=gone, reason_en="R", reason_ru="П", by=None)
    a_document(issued=True, kind="final", access="members", title_en="canary")
    commit()
    return documents, gone


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_a_client_harvests_everything_page_by_page(harvested, portal, method, monkeypatch):
    """All six verbs by GET and by POST; what was withdrawn is deleted, the restricted is absent."""
    monkeypatch.setattr(answer, "PAGE", 2)
    client = Sickle(portal + "/oai", http_method=method)
    documents, gone = harvested
    identity = client.Identify()
    assert (identity.protocolVersion, identity.deletedRecord) == ("2.0", "persistent")
    assert identity.baseURL == portal + "/oai"
    assert [one.metadataPrefix for one in client.ListMetadataFormats()] == ["oai_dc"]
    assert {one.setSpec for one in client.ListSets()} == {
        *("language-en", "language-ru", "topic-asylum", "type-decision")
    }
    records = list(client.ListRecords(metadataPrefix="oai_dc"))
    assert len(records) == 6
    assert [one.header.identifier.rpartition(":")[2] for one in records if one.deleted] == [
        gone.slug
    ]
    assert all("canary" not in one.raw for one in records)
    headers = list(client.ListIdentifiers(metadataPrefix="oai_dc", set="topic-asylum"))
    assert [one.identifier.rpartition(":")[2] for one in headers] == [documents[0].slug]
    record = client.GetRecord(identifier=headers[0].identifier, metadataPrefix="oai_dc")
    assert record.metadata["title"] == [documents[0].title_en, documents[0].title_ru]
    assert record.metadata["subject"] == ["Asylum", "Убежище"]
    assert record.metadata["language"] == ["en", "ru"]
    with pytest.raises(refusals.IdDoesNotExist):
        client.GetRecord(identifier="oai:example.org:nothing", metadataPrefix="oai_dc")
    with pytest.raises(refusals.CannotDisseminateFormat):
        client.ListRecords(metadataPrefix="marc21")
    with pytest.raises(refusals.NoRecordsMatch):
        client.ListRecords(metadataPrefix="oai_dc", set="topic-nothing")


def test_what_changes_during_a_harvest_is_met_at_its_end(harvested, portal, monkeypatch):
    """A harvest in course misses nothing: neither a record that moved on nor one that came."""
    monkeypatch.setattr(answer, "PAGE", 2)
    documents, _gone = harvested
    client = Sickle(portal + "/oai")
    harvest = client.ListRecords(metadataPrefix="oai_dc")
    seen = [next(harvest).raw for _number in range(2)]
    Document.objects.filter(pk=documents[3].pk).update(title_en="Moved on")
    Document.objects.filter(pk=documents[0].pk).update(title_en="Seen before")
    new = a_public_document(title_en="Came meanwhile").document
    archive.set_access(document=documents[4], access="members", by=None)
    commit()
    seen += [one.raw for one in harvest]
    for title in ("Moved on", "Seen before", "Came meanwhile"):
        assert sum(title in one for one in seen) == 1
    assert any("deleted" in one and documents[4].slug in one for one in seen)
    assert any(new.slug in one for one in seen)


@pytest.mark.django_db
def test_from_and_until_are_inclusive_in_days_and_seconds():
    """The datestamp is UTC to the second; a day lasts until its midnight in UTC."""
    for slug, moment in (("one", (25, 23, 59, 59)), ("two", (26, 0, 0, 0))):
        document = a_public_document(slug=slug).document
        commit()
        at = dt.datetime(2026, 1, *moment, 500_000, tzinfo=dt.UTC)
        PublicRecord.objects.filter(document=document).update(changed_at=at)

    def found(**bounds):
        tree = ask(verb="ListIdentifiers", metadataPrefix="oai_dc", **bounds)
        return [one.rpartition(":")[2] for one in texts(tree, ".//o:identifier")]

    assert found() == ["one", "two"]
    assert found(until="2026-01-25") == ["one"]
    assert found(since="2026-01-26") == ["two"]
    assert found(since="2026-01-25", until="2026-01-25") == ["one"]
    assert found(since="2026-01-25T23:59:59Z", until="2026-01-25T23:59:59Z") == ["one"]
    assert found(since="2026-01-26T00:00:00Z") == ["two"]
    assert found(until="9999-12-31") == ["one", "two"]
    tree = ask(verb="ListRecords", metadataPrefix="oai_dc", since="2026-01-27")
    assert code(tree) == "noRecordsMatch"


BAD = [
    ("", "badVerb"),
    ("verb=Harvest", "badVerb"),
    ("verb=Identify&verb=Identify", "badVerb"),
    ("verb=Identify&identifier=x", "badArgument"),
    ("verb=ListRecords", "badArgument"),
    ("verb=GetRecord&metadataPrefix=oai_dc", "badArgument"),
    ("verb=ListRecords&metadataPrefix=oai_dc&metadataPrefix=oai_dc", "badArgument"),
    ("verb=ListRecords&metadataPrefix=oai_dc&from=yesterday", "badArgument"),
    ("verb=ListRecords&metadataPrefix=oai_dc&from=2026-13-01", "badArgument"),
    ("verb=ListRecords&metadataPrefix=oai_dc&from=2026-01-01T10:00Z", "badArgument"),
    ("verb=ListRecords&metadataPrefix=oai_dc&from=2026-01-02&until=2026-01-01", "badArgument"),
    (
        "verb=ListRecords&metadataPrefix=oai_dc&from=2026-01-01&until=2026-01-02T00:00:00Z",
        "badArgument",
    ),
    ("verb=ListRecords&metadataPrefix=oai_dc&set=", "badArgument"),
    ("verb=ListRecords&metadataPrefix=oai_dc&set=%00", "badArgument"),
    ("verb=GetRecord&metadataPrefix=oai_dc&identifier=%00", "badArgument"),
    ("verb=GetRecord&metadataPrefix=oai_dc&identifier=" + "x" * 3000, "badArgument"),
    ("verb=ListRecords&metadataPrefix=oai_dc&resumptionToken=x", "badArgument"),
    ("verb=ListRecords&resumptionToken=x", "badResumptionToken"),
    ("verb=ListRecords&resumptionToken=", "badResumptionToken"),
    ("verb=ListSets&resumptionToken=x", "badResumptionToken"),
    ("verb=ListRecords&metadataPrefix=marc21", "cannotDisseminateFormat"),
    ("verb=GetRecord&metadataPrefix=oai_dc&identifier=x", "idDoesNotExist"),
    ("verb=ListMetadataFormats&identifier=x", "idDoesNotExist"),
    ("verb=ListRecords&metadataPrefix=oai_dc&set=none", "noRecordsMatch"),
]


@pytest.mark.django_db
def test_bad_requests_get_the_errors_of_the_protocol(client):
    """Status 200, the code and a sentence; a request that could not be read is not repeated."""
    a_public_document()
    commit()
    for address, expected in BAD:
        for response in (
            client.get("/oai?" + address),
            client.post("/oai", address, content_type="application/x-www-form-urlencoded"),
        ):
            tree = etree.fromstring(response.content)
            SCHEMA.assertValid(tree)
            assert code(tree) == expected, address
            repeated = bool(tree.find("o:request", NAMES).attrib)
            assert repeated == (expected not in {"badVerb", "badArgument"}), address


@pytest.mark.django_db
def test_a_token_is_good_for_a_day_and_cannot_be_forged(monkeypatch):
    """Expired, changed or of another verb: badResumptionToken, never another list."""
    monkeypatch.setattr(answer, "PAGE", 1)
    for _number in range(3):
        a_public_document()
    first = ask(verb="ListRecords", metadataPrefix="oai_dc")
    given = first.find(".//o:resumptionToken", NAMES)
    assert (given.get("completeListSize"), given.get("cursor")) == ("3", "0")
    token = given.text
    assert code(ask(verb="ListIdentifiers", resumptionToken=token)) == "badResumptionToken"
    assert code(ask(verb="ListRecords", resumptionToken="x" + token)) == "badResumptionToken"
    now = timezone.now()
    with time_machine.travel(now + dt.timedelta(seconds=TOKEN_SECONDS - 60), tick=False):
        second = ask(verb="ListRecords", resumptionToken=token)
    assert second.find(".//o:resumptionToken", NAMES).get("cursor") == "1"
    with time_machine.travel(now + dt.timedelta(seconds=TOKEN_SECONDS + 60), tick=False):
        assert code(ask(verb="ListRecords", resumptionToken=token)) == "badResumptionToken"
    last = ask(verb="ListRecords", resumptionToken=second.find(".//o:resumptionToken", NAMES).text)
    assert last.find(".//o:resumptionToken", NAMES).text is None  # the list ends here


@pytest.mark.django_db
def test_the_staff_harvest_what_the_public_sees(support_unit):
    """T6, P6: rights do not reach `/oai`."""
    a_document(issued=True, kind="final", access="members", title_en="canary")
    tree = ask(signed_in_client(support_unit), verb="ListRecords", metadataPrefix="oai_dc")
    assert code(tree) == "noRecordsMatch"


@pytest.mark.django_db
def test_a_page_takes_the_same_number_of_queries_however_long(django_assert_num_queries):
    topic = Topic.objects.create(slug="asylum", position=1, name_en="Asylum", name_ru="Убежище")
    a_public_document().document.topics.add(topic)
    commit()
    for _round in range(2):
        # the clock, the count, the records, their topics
        with django_assert_num_queries(4):
            Client().get("/oai?verb=ListRecords&metadataPrefix=oai_dc")
        for _number in range(20):
            a_public_document().document.topics.add(topic)
        commit()


@pytest.mark.django_db
def test_who_asks_too_often_is_told_when_to_go_on(client, settings, monkeypatch):
    """P13: with 503 and Retry-After, by GET and by POST, as the protocol does (3.1.2.2)."""
    settings.PROGRAM_REQUESTS_PER_MINUTE = 2
    monkeypatch.setattr(limits.time, "time", lambda: 1_000_000_600)  # 40 s into a minute
    for _ in range(2):
        ask(client, verb="Identify")
    for method in (client.get, client.post):
        refused = method("/oai", {"verb": "Identify"})
        assert (refused.status_code, refused["Retry-After"]) == (503, "20")
        assert refused.content == b"Too many requests from this address: go on in 20 seconds."
    monkeypatch.setattr(limits.time, "time", lambda: 1_000_000_620)
    ask(client, verb="Identify")
