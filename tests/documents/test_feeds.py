"""Atom feeds of the archive: by the rules of RFC 4287, and of what everybody may read (T6)."""

import datetime as dt

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import translation
from lxml import etree

from documents.actions import archive
from documents.models import Document, Topic
from documents.search import finding
from meetings.models import Meeting
from tests.conftest import signed_in_client
from tests.documents.test_public_records import commit
from tests.factories.documents import a_document, a_public_document

pytestmark = pytest.mark.django_db
ATOM = {"a": "http://www.w3.org/2005/Atom"}
LANG = "{http://www.w3.org/XML/1998/namespace}lang"


def read(client, path):
    """A feed as a tree, checked against what RFC 4287 asks of every feed and entry."""
    commit()
    response = client.get(path)
    assert response.status_code == 200
    assert response["Content-Type"].startswith("application/atom+xml")
    feed = etree.fromstring(response.content)
    assert feed.tag == "{http://www.w3.org/2005/Atom}feed"
    [author] = feed.findall("a:author/a:name", ATOM)
    assert author.text
    links = {one.get("rel"): one.get("href") for one in feed.findall("a:link", ATOM)}
    assert links["self"].endswith(path)
    ids = []
    for element in [feed, *feed.findall("a:entry", ATOM)]:
        for name in ("id", "title", "updated"):
            [one] = element.findall(f"a:{name}", ATOM)
            assert one.text
        moment = dt.datetime.fromisoformat(element.find("a:updated", ATOM).text)
        assert moment.utcoffset() == dt.timedelta(0)
        ids.append(element.find("a:id", ATOM).text)
        if element is not feed:
            assert element.find("a:link", ATOM).get("href")
    assert len(set(ids)) == len(ids)
    return feed


def titles(feed):
    return [one.text for one in feed.findall("a:entry/a:title", ATOM)]


def path_of(name, *args, language="en"):
    with translation.override(language):
        return reverse(name, args=args)


@pytest.fixture
def canaries(support_unit):
    """A draft, a restricted and a withdrawn document: invisible to the public (P2)."""
    a_document(title_en="canary", title_ru="canary", access="public")
    a_document(title_en="canary", title_ru="canary", issued=True, kind="final", access="members")
    gone = a_public_document(title_en="canary", title_ru="canary").document
    archive.withdraw_document(document=gone, reason_en="canary", reason_ru="canary", by=None)


@pytest.mark.parametrize("language", ["en", "ru"])
def test_the_latest_changed_comes_first_in_the_language_of_the_address(
    client, canaries, support_unit, language
):
    documents = [a_public_document().document for _number in range(3)]
    commit()
    Document.objects.filter(pk=documents[0].pk).update(title_en="Changed", title_ru="Изменено")
    path = path_of("document_feed", language=language)
    feed = read(client, path)
    assert feed.get(LANG) == language
    later = [getattr(one, f"title_{language}") for one in documents[:0:-1]]
    assert titles(feed) == [{"en": "Changed", "ru": "Изменено"}[language], *later]
    assert titles(read(signed_in_client(support_unit), path)) == titles(feed)
    assert "canary" not in etree.tostring(feed, encoding="unicode")


def test_a_topic_and_a_meeting_have_feeds_of_their_own(client, canaries):
    topic = Topic.objects.create(slug="asylum", position=1, name_en="Asylum", name_ru="Убежище")
    meeting = Meeting.objects.create(
        slug="conference",
        type=Meeting.Type.MINISTERIAL,
        title_en="Conference",
        title_ru="Конференция",
        from_on=dt.date(2026, 1, 1),
        last_on=dt.date(2026, 1, 1),
    )
    a_public_document(title_en="On asylum").document.topics.add(topic)
    a_public_document(title_en="Of the conference", meeting=meeting)
    Document.objects.filter(title_en="canary").update(meeting=meeting)
    for document in Document.objects.filter(title_en="canary"):
        document.topics.add(topic)
    assert titles(read(client, path_of("topic_feed", "asylum"))) == ["On asylum"]
    assert titles(read(client, path_of("meeting_feed", "conference"))) == ["Of the conference"]
    assert client.get(path_of("topic_feed", "nothing")).status_code == 404
    for name, args in (
        ("archive", []),
        ("topic_detail", ["asylum"]),
        ("meeting_detail", ["conference"]),
    ):
        head = client.get(path_of(name, *args)).content.decode()
        assert '<link rel="alternate" type="application/atom+xml" href="/en/' in head


def test_an_entry_keeps_its_id_and_a_title_of_any_kind_is_xml(client):
    """T8: the id outlives the address; a character that XML cannot hold is left out."""
    document = a_public_document(title_en="A\x0btitle & <more>").document
    before = read(client, path_of("document_feed"))
    archive.assign_reference(document=document, reference="Almaty Process/09/01/2026", by=None)
    after = read(client, path_of("document_feed"))
    assert [one.find("a:entry/a:id", ATOM).text for one in (before, after)] == [
        f"tag:127.0.0.1,2026:document/{document.public_record.identifier}"
    ] * 2
    assert titles(after) == ["A title & <more>"]
    link = after.find("a:entry/a:link", ATOM).get("href")
    assert link.endswith("/en/documents/almaty-process-09-01-2026/")


def test_the_register_names_its_author(client):
    """RFC 4287, 4.1.1: a feed has an author."""
    read(client, path_of("decision_feed"))


def test_a_feed_takes_one_query(client, django_assert_num_queries):
    for _round in range(2):
        a_public_document()
        commit()
        with django_assert_num_queries(1):
            client.get(path_of("document_feed"))


def test_a_search_has_a_feed_of_its_own(client, canaries, support_unit):
    """What the search finds with its filters, the latest changed first, whoever asks (T6)."""
    topic = Topic.objects.create(slug="asylum", position=1, name_en="Asylum", name_ru="Убежище")
    first, second, other = (
        a_public_document(title_en=name, type=kind).document
        for name, kind in (
            ("Canary of reports", "report"),
            ("Canary", "report"),
            ("Canary", "note"),
        )
    )
    for one in (first, second, other):
        one.topics.add(topic)
    a_public_document(title_en="Of reports without the word", type="report")
    commit()
    path = path_of("document_feed") + "?q=canary&type=report&topic=asylum"
    feed = read(client, path)
    assert titles(feed) == ["Canary", "Canary of reports"]
    assert titles(read(signed_in_client(support_unit), path)) == titles(feed)
    Document.objects.filter(pk=first.pk).update(title_ru="Изменено")
    changed = read(client, path)
    assert titles(changed) == ["Canary of reports", "Canary"]
    [title, identity, of_all] = (
        changed.findtext("a:title", namespaces=ATOM),
        changed.findtext("a:id", namespaces=ATOM),
        read(client, path_of("document_feed")).findtext("a:id", namespaces=ATOM),
    )
    assert title == "Almaty Process: documents, “canary” · Type: Report · Topic: Asylum"
    assert identity == f"{of_all}?q=canary&type=report&topic=asylum"
    [page] = [one for one in changed.findall("a:link", ATOM) if one.get("rel") == "alternate"]
    assert page.get("href").endswith("/en/documents/?q=canary&type=report&topic=asylum")
    assert titles(read(client, path_of("document_feed") + "?topic=nothing")) == []


def test_what_is_not_public_takes_no_place_among_those_that_a_search_follows(client, monkeypatch):
    """T6: the search behind a feed is the public's own, not only its entries: the latest documents
    that it follows are the latest that everybody may read."""
    monkeypatch.setattr(finding, "CANDIDATES", 2)
    for day in (1, 2):
        a_public_document(title_en="Canary", issued_on=dt.date(2020, 1, day))
    for access in ("members", "observers", "support_unit"):
        a_document(
            title_en="Canary",
            issued=True,
            kind="final",
            access=access,
            issued_on=dt.date(2024, 1, 1),
        )
    assert titles(read(client, path_of("document_feed") + "?q=canary")) == ["Canary", "Canary"]


def test_the_page_of_results_leads_to_the_feed_of_its_search(client):
    a_public_document(title_en="Canary", type="report")
    href = "/en/documents/feed/?q=canary&amp;type=report"
    page = client.get("/en/documents/?q=canary&type=report&sort=oldest&page=1").content.decode()
    assert f'<link rel="alternate" type="application/atom+xml" href="{href}"' in page
    assert f'<a href="{href}" type="application/atom+xml">Follow this search' in page
    assert "Follow this search" not in client.get("/en/documents/").content.decode()


@pytest.mark.parametrize("question", ["я" * 501, "-only", "!!!", "nul%00"])
def test_a_question_that_the_page_refuses_is_refused_by_the_feed(client, question):
    """P13: with the sentence of the page."""
    answer = client.get(path_of("document_feed", language="ru") + f"?q={question}")
    assert answer.status_code == 400
    assert answer["Content-Type"] == "text/plain; charset=utf-8"
    page = client.get(f"/ru/documents/?q={question}")
    [sentence] = page.context["form"].errors["q"]
    assert answer.content.decode() == sentence
    assert sentence in page.content.decode()


def test_a_feed_is_sent_again_only_when_it_changed(client):
    """Also when an entry goes, of which no date is left in the feed (T6)."""
    first, _other = (a_public_document(title_en="Canary").document for _ in range(2))
    commit()
    for path in (path_of("document_feed"), path_of("document_feed") + "?q=canary"):
        answer = client.get(path)
        assert "Last-Modified" not in answer
        same = client.get(path, headers={"If-None-Match": answer["ETag"]})
        assert (same.status_code, same.content) == (304, b"")
    archive.withdraw_document(document=first, reason_en="x", reason_ru="х", by=None)
    commit()
    again = client.get(path, headers={"If-None-Match": answer["ETag"]})
    assert again.status_code == 200
    assert again.content.count(b"<entry>") == 1


def test_a_feed_of_a_search_takes_as_many_queries_for_many(client):
    counts = []
    for number in (1, 5):
        for _round in range(number):
            a_public_document(title_en="Canary")
        commit()
        with CaptureQueriesContext(connection) as queries:
            assert client.get(path_of("document_feed") + "?q=canary").status_code == 200
        counts.append(len(queries))
    assert counts[0] == counts[1]
