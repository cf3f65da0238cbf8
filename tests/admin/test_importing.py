"""A text imported, corrected in the editor and stored (issue 4, point 2)."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from documents import markup
from documents.models import Paragraph
from tests.factories.documents import ROWS, a_document
from tests.factories.files import a_pdf
from tests.factories.office import communique, communique_docx, communique_odt, printed

pytestmark = pytest.mark.django_db


@pytest.fixture
def staff(client_of, support_unit):
    client = client_of(support_unit)
    client.cookies["django_language"] = "en"
    return client


def page(edition, name="import_text"):
    return reverse(f"admin:documents_edition_{name}", args=[edition.pk])


def upload(name, content):
    return SimpleUploadedFile(name, content)


def as_a_browser_sends(response):
    """Every field of the editor's page as it stands."""
    formset = response.context["formset"]
    data = {
        "opened": response.context["opened"],
        "base": response.context["base"],
        "text-TOTAL_FORMS": formset.total_form_count(),
        "text-INITIAL_FORMS": formset.initial_form_count(),
    }
    for form in formset:
        for field in form:
            if field.value() not in (None, False):
                data[field.html_name] = field.value()
    return data


def test_the_communique_in_both_languages(staff, support_unit, members):
    """Nothing is stored before the rows were seen; then each paragraph, number and footnote."""
    edition = a_document(by=support_unit)
    files = {
        "file_en": upload("communique.docx", communique_docx("en")),
        "file_ru": upload("communique.odt", communique_odt("ru")),
    }
    response = staff.post(page(edition), {**files, "mark_states": "on"})
    assert "22 paragraphs were recognised, and nothing is stored yet" in response.content.decode()
    assert edition.paragraphs.count() == len(ROWS)
    data = as_a_browser_sends(response)
    place = next(index for index in range(22) if data.get(f"text-{index}-number") == "2.")
    data[f"text-{place}-text_en"] = "Endorse the corrected row."
    assert staff.post(page(edition, "edit_text"), data).status_code == 302
    stored = list(edition.paragraphs.all())
    assert len(stored) == 22
    for paragraph, row in zip(stored, communique(), strict=True):
        assert (paragraph.role, paragraph.number) == (row["role"], row.get("number", ""))
        assert paragraph.explains_brackets == row.get("explains_brackets", False)
        assert markup.plain(paragraph.text_ru) == markup.plain(printed(row, "ru"))
        if paragraph.number != "2.":
            assert markup.plain(paragraph.text_en) == markup.plain(printed(row, "en"))
    assert edition.paragraphs.get(number="2.").text_en == "Endorse the corrected row."
    first = edition.paragraphs.get(number="(i)")
    assert markup.footnotes(first.text_en) == markup.footnotes(first.text_ru) == ["5"]


def test_one_language_is_pasted_beside_the_other(staff, support_unit):
    edition = a_document(by=support_unit)
    words = "Коммюнике\r\n\r\n(i) Новый текст;\r\n\r\n1. Ещё один.\r\n"
    response = staff.post(page(edition), {"words_ru": words})
    data = as_a_browser_sends(response)
    assert staff.post(page(edition, "edit_text"), data).status_code == 302
    texts = edition.paragraphs.values_list("text_en", "text_ru", "number")
    assert list(texts) == [
        (ROWS[0]["text_en"], "Коммюнике", ""),
        (ROWS[1]["text_en"], "Новый текст;", "(i)"),
        (ROWS[2]["text_en"], "Ещё один.", "1."),
    ]


@pytest.mark.parametrize(
    ("data", "field", "words"),
    [
        ({}, "__all__", "Choose a file or paste a text"),
        ({"file_en": upload("a.txt", b"One"), "words_en": "Two"}, "words_en", "not both at once"),
        ({"file_en": upload("a.pdf", a_pdf())}, "file_en", "has no text in it, as a scan"),
        ({"file_en": upload("a.pdf", a_pdf(password="x"))}, "file_en", "protected by a password"),
        ({"file_ru": upload("a.docx", b"PK\x03\x04")}, "file_ru", "broken or was cut off"),
        ({"file_ru": upload("a.html", b"<p>")}, "file_ru", "Files of this kind are not kept"),
        ({"words_en": "a\n" * 2001}, "file_en", "more than 2000 paragraphs"),
    ],
)
def test_bad_input_is_a_sentence_and_nothing_is_stored(staff, support_unit, data, field, words):
    edition = a_document(by=support_unit)
    response = staff.post(page(edition), data)
    assert response.status_code == 422
    assert words in str(response.context["form"].errors[field])
    assert Paragraph.objects.filter(edition=edition).count() == len(ROWS)


def test_who_may_import(client_of, support_unit, coordinator, chair, anonymous):
    edition = a_document(by=support_unit)
    assert client_of(support_unit).get(page(edition)).status_code == 200
    for stranger in (coordinator, chair, anonymous):
        assert client_of(stranger).get(page(edition)).status_code == 302  # to the sign-in
    issued = a_document(by=support_unit, issued=True)
    assert client_of(support_unit).get(page(issued)).status_code == 403
