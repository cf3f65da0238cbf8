"""The site map and robots.txt: every public page in both languages, nothing else (T6, P2)."""

import datetime as dt

import pytest
from django.conf import settings
from lxml import etree

from almaty_portal import sitemaps
from documents.actions import archive
from documents.models import Decision, PublicRecord, Topic
from meetings.models import Meeting
from tests.documents.test_public_records import commit
from tests.factories.documents import a_document, a_public_document

pytestmark = pytest.mark.django_db
MAP = {
    "s": "http://www.sitemaps.org/schemas/sitemap/0.9",
    "x": "http://www.w3.org/1999/xhtml",
}


def read(client, path):
    commit()
    response = client.get(path)
    assert response.status_code == 200, path
    assert response["Content-Type"] == "application/xml; charset=utf-8"
    return etree.fromstring(response.content)


def local(address):
    return address.removeprefix(settings.PORTAL_URL)


def everything(client):
    """The entries of all pages of the map by their address."""
    index = read(client, "/sitemap.xml")
    assert index.tag == f"{{{MAP['s']}}}sitemapindex"
    entries = [
        entry
        for one in index.iterfind("s:sitemap/s:loc", MAP)
        for entry in read(client, local(one.text)).iterfind("s:url", MAP)
    ]
    found = {local(one.find("s:loc", MAP).text): one for one in entries}
    assert len(found) == len(entries)
    return found


@pytest.fixture
def archive_of_all_kinds(kazakhstan):
    Topic.objects.create(slug="asylum", position=1, name_en="Asylum", name_ru="Убежище")
    meeting = Meeting.objects.create(
        slug="conference",
        type=Meeting.Type.MINISTERIAL,
        title_en="Conference",
        title_ru="Конференция",
        from_on=dt.date(2026, 1, 1),
        last_on=dt.date(2026, 1, 1),
    )
    documents = [
        a_public_document(slug="open").document,
        a_document(slug="canary-1", issued=True, kind="final", access="members").document,
        a_document(slug="canary-2", access="public").document,
        a_public_document(slug="canary-3").document,
    ]
    for number, document in enumerate(documents):
        Decision.objects.create(
            slug=f"taken-{document.slug}",
            title_en=f"Decision {number}",
            title_ru=f"Решение {number}",
            taken_on=dt.date(2026, 1, 1),
            meeting=meeting,
            document=document,
        )
    archive.set_access(document=documents[3], access="support_unit", by=None)


def test_every_page_in_it_opens_and_names_its_other_language(client, archive_of_all_kinds):
    """Each entry has both languages and x-default as alternates, as the head of its page has."""
    found = everything(client)
    assert {"/en/documents/open/", "/ru/documents/open/", "/en/decisions/taken-open/"} <= set(found)
    assert {"/ru/meetings/conference/", "/en/members/kazakhstan/", "/en/topics/asylum/"} <= set(
        found
    )
    for path, entry in found.items():
        response = client.get(path)
        assert response.status_code == 200, path
        page = response.content.decode()
        for one in entry.iterfind("x:link", MAP):
            link = f'hreflang="{one.get("hreflang")}" href="{one.get("href")}"'
            assert link in page, path
        codes = [one.get("hreflang") for one in entry.iterfind("x:link", MAP)]
        assert codes == ["en", "ru", "x-default"]
    assert "canary" not in " ".join(found)


def test_it_says_when_a_document_changed(client, archive_of_all_kinds):
    found = everything(client)
    record = PublicRecord.objects.get(document__slug="open")
    expected = f"{record.changed_at:%Y-%m-%dT%H:%M:%SZ}"
    for path in ("/en/documents/open/", "/ru/documents/open/", "/ru/decisions/taken-open/"):
        assert found[path].find("s:lastmod", MAP).text == expected


def test_it_is_cut_into_pages(client, monkeypatch, django_assert_num_queries):
    """The protocol's 50,000 addresses of a file; the queries do not grow with what is in it."""
    assert sitemaps.PER_PAGE * len(sitemaps.LANGUAGES) <= 50_000
    monkeypatch.setattr(sitemaps, "PER_PAGE", 2)
    for _number in range(5):
        a_public_document()
    assert len(everything(client)) == 2 * (len(sitemaps.PAGES) + 5)
    assert client.get("/sitemap-documents-4.xml").status_code == 404
    assert client.get("/sitemap-nothing-1.xml").status_code == 404
    with django_assert_num_queries(1):
        client.get("/sitemap-documents-1.xml")
    with django_assert_num_queries(len(sitemaps.SECTIONS)):
        client.get("/sitemap.xml")


def test_robots_are_told_of_the_map_and_of_what_is_closed(client):
    told = client.get("/robots.txt")
    assert told["Content-Type"] == "text/plain; charset=utf-8"
    lines = told.content.decode().splitlines()
    assert f"Sitemap: {settings.PORTAL_URL}/sitemap.xml" in lines
    assert {"Disallow: /admin/", "Disallow: /en/portal/", "Disallow: /ru/portal/"} <= set(lines)
