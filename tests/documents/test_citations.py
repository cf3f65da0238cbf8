"""What the page of a document tells programs, and of what it tells nothing."""

import datetime as dt
import html
import json
import re

import pytest

from documents.actions import archive, texts
from tests.factories.documents import ROWS, a_document, a_procedure, a_public_document

pytestmark = pytest.mark.django_db
TAGS = ("DC.", "citation_", "application/ld+json")


@pytest.fixture(autouse=True)
def no_second_factor(settings):
    settings.SECOND_FACTOR_REQUIRED = False
    settings.PORTAL_URL = "https://portal.example"


def page(client, address: str) -> str:
    response = client.get(address)
    assert response.status_code == 200
    return response.content.decode()


def metas(source: str) -> list[tuple[str, str]]:
    found = re.findall(r'<meta name="([^"]+)" content="([^"]*)">', source)
    return [(name, html.unescape(value)) for name, value in found]


def canonical(source: str) -> str:
    [found] = re.findall(r'<link rel="canonical" href="([^"]+)">', source)
    return found


def alternates(source: str) -> dict[str, str]:
    return dict(re.findall(r'<link rel="alternate" hreflang="([^"]+)" href="([^"]+)">', source))


def revised(first):
    second = archive.create_edition(
        document=first.document,
        kind="rev",
        number=1,
        dated_on=dt.date(2026, 2, 1),
        supersedes=first,
        by=None,
    )
    texts.set_text(edition=second, rows=ROWS, by=None)
    return archive.issue_edition(
        edition=second, standings={"en": "original", "ru": "authentic"}, by=None
    )


def test_a_text_is_cited_in_the_language_of_the_page(client):
    """Dublin Core, citation_* and schema.org say the same, escaped, in the page's language."""
    a_public_document(
        slug="one",
        title_en='</script><script>t()</script> & "x"',
        title_ru="Решение",
        reference="Almaty Process/09/01/2013",
        issued_on=dt.date(2013, 6, 5),
    )
    for language, title in (("en", '</script><script>t()</script> & "x"'), ("ru", "Решение")):
        source = page(client, f"/{language}/documents/one/")
        assert "<script>t()" not in source
        tags = metas(source)
        address = f"https://portal.example/{language}/documents/one/"
        for expected in [
            ("DC.title", title),
            ("DC.date", "2013-06-05"),
            ("DC.language", language),
            ("DC.identifier", "Almaty Process/09/01/2013"),
            ("DC.identifier", address),
            ("citation_title", title),
            ("citation_publication_date", "2013/06/05"),
            ("citation_technical_report_number", "Almaty Process/09/01/2013"),
        ]:
            assert expected in tags
        [data] = re.findall(r'<script type="application/ld\+json">(.*?)</script>', source)
        told = json.loads(data)
        assert told["name"] == title
        assert told["url"] == canonical(source) == address
        assert told["inLanguage"] == language
        for one in told["encoding"]:
            answer = client.get(one["contentUrl"].removeprefix("https://portal.example"))
            assert answer["Content-Type"].partition(";")[0] == one["encodingFormat"]


def test_one_address_for_the_text_in_force_and_one_for_each_other(client):
    """T3: the edition in force leads to the document's page, an older one stands for itself."""
    first = a_public_document(slug="one")
    site = "https://portal.example"
    for path in ("/ru/documents/one/", "/ru/documents/one/editions/final/"):
        source = page(client, path)
        assert canonical(source) == f"{site}/ru/documents/one/"
        assert alternates(source) == {
            "en": f"{site}/en/documents/one/",
            "ru": f"{site}/ru/documents/one/",
            "x-default": f"{site}/ru/documents/one/",
        }
    revised(first)
    source = page(client, "/ru/documents/one/editions/final/")
    assert canonical(source) == f"{site}/ru/documents/one/editions/final/"
    assert alternates(source)["en"] == f"{site}/en/documents/one/editions/final/"
    for path in ("/en/documents/one/", "/en/documents/one/editions/rev-1/"):
        assert canonical(page(client, path)) == f"{site}/en/documents/one/"


def test_nothing_is_told_of_what_is_not_public(client, client_of, coordinator, support_unit):
    """T6, S4: neither of a restricted document nor of a text under silence, even to a Member."""
    a_document(slug="one", issued=True, kind="final", access="members")
    a_procedure(by=support_unit, edition=a_document(slug="two", access="public"))
    member = client_of(coordinator)
    for path in ("/en/documents/one/", "/en/documents/two/"):
        source = page(member, path)
        assert not [tag for tag in TAGS if tag in source]
        assert canonical(source)
    edition = a_document(
        slug="three",
        kind="final",
        access="public",
        rows=[{"role": "paragraph", "text_en": "E.", "text_ru": ""}],
    )
    archive.issue_edition(edition=edition, standings={"en": "original"}, by=None)
    assert "citation_title" in page(client, "/en/documents/three/")
    assert "citation_title" not in page(client, "/ru/documents/three/")
