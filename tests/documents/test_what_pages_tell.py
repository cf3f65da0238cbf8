"""What pages tell of dates, of sizes and of paragraphs without a number."""

import datetime as dt

import pytest
from django.urls import reverse
from django.utils import translation
from django.utils.formats import date_format

from documents import preparing
from documents.actions.renditions import ask_for_rendition
from documents.models import Document, Edition, Paragraph, Rendition
from tests.documents.test_pack_files import attach
from tests.factories.documents import a_public_document
from tests.factories.files import a_pdf

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("language", "of_edition", "comparison"),
    [
        ("en", "edition of 1 January 2026", "Comparison of editions"),
        ("ru", "редакция: 1 января 2026 года", "Сопоставление редакций"),
    ],
)
def test_a_document_without_a_date_has_that_of_its_edition(
    client, support_unit, language, of_edition, comparison
):
    """And nothing is compared with nothing."""
    document = a_public_document(by=support_unit).document
    page = client.get(f"/{language}/documents/{document.slug}/").content.decode()
    assert page.count(of_edition) == 3
    assert comparison not in page
    Document.objects.filter(pk=document.pk).update(issued_on=dt.date(2025, 2, 3))
    page = client.get(f"/{language}/documents/{document.slug}/").content.decode()
    assert of_edition not in page and "2025" in page


def test_a_file_says_its_kind_and_size(client, support_unit):
    edition = a_public_document(by=support_unit)
    attach(edition.document, "Budget", a_pdf())
    row = ask_for_rendition(edition=edition, layout="en")
    address = f"/ru/documents/{edition.document.slug}/"
    assert "PDF/UA" not in client.get(address).content.decode()
    row = preparing.begin(Rendition, row.pk)
    preparing.keep(row, b"%PDF-1.7" + b" " * 2040, "renditions/x")
    page = client.get(address).content.decode()
    assert "2,0\xa0КБ, PDF/UA" in page
    size = Edition.objects.get(pk=edition.pk).document.attachments.get().size
    assert f"(PDF, {size}\xa0байт" in page


def test_a_paragraph_without_a_number_says_what_it_is():
    masthead = Paragraph(role="masthead", position=1)
    with translation.override("ru"):
        assert masthead.label == "шапка, по порядку 1"
    assert Paragraph(role="operative", position=7, number="1.").label == "1."


def test_fields_and_days_of_the_admin_are_in_the_readers_words(client_of, support_unit):
    """The language of a field once, in words; days as the portal writes them."""
    with translation.override("en"):
        assert date_format(dt.date(2013, 6, 5)) == "5 June 2013"
        assert Document._meta.get_field("title_ru").verbose_name == "title (Russian)"
    client = client_of(support_unit)
    page = client.get(reverse("admin:documents_document_add")).content.decode()
    assert "на английском языке)" in page
    assert "[en]" not in page


@pytest.mark.parametrize("rest", ["nonsense/change/", "1/import/", "nonsense/concordance/"])
def test_an_address_of_the_admin_that_names_no_record_is_not_found(client_of, support_unit, rest):
    assert client_of(support_unit).get(f"/admin/documents/edition/{rest}").status_code == 404


@pytest.mark.parametrize("language", ["en", "ru"])
def test_the_page_about_the_process_leads_to_what_the_portal_offers(client, language):
    page = client.get(f"/{language}/about/").content.decode()
    section = page.partition('id="portal"')[2].partition("</ul>")[0]
    for path in ("documents", "decisions", "glossary", "verify", "documents/feed", "about/data"):
        address = f"/{language}/{path}/"
        assert f'href="{address}"' in section
        assert client.get(address).status_code == 200
