"""The text of attached files is found by those who may read the document."""

import io

import docx
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from pypdf import PdfWriter

from documents import search
from documents.actions import filetexts
from documents.actions.attachments import add_attachment
from documents.models import AttachmentText
from tests.factories.documents import a_document, a_public_document

pytestmark = pytest.mark.django_db


def a_docx(text: str) -> bytes:
    file, document = io.BytesIO(), docx.Document()
    document.add_paragraph("Introduction.")
    document.add_table(1, 1).rows[0].cells[0].text = text
    document.save(file)
    return file.getvalue()


def a_scan() -> bytes:
    file, pdf = io.BytesIO(), PdfWriter()
    pdf.add_blank_page(200, 200)
    pdf.write(file)
    return file.getvalue()


def attached(edition, name: str, content: bytes):
    return add_attachment(
        document=edition.document,
        file=SimpleUploadedFile(name, content),
        title_en="Paper",
        title_ru="Документ",
        by=None,
    )


def found(text: str, reader) -> list[int]:
    return search.find(
        reader=reader,
        question=search.Question.read(text),
        filters={},
        sort="relevance",
        language="en",
    ).ids


def test_the_words_of_an_attached_docx_find_its_document(anonymous, client):
    """Point 5: text in a table of a DOCX is searched, in both languages, once it is read."""
    edition = a_public_document(slug="one")
    attached(edition, "paper.docx", a_docx("A zebra. О жирафе."))
    assert found("zebra", anonymous) == []
    assert filetexts.read_waiting() == 1
    assert filetexts.read_waiting() == 0
    assert found("zebra", anonymous) == found("жирафы", anonymous) == [edition.document.pk]
    assert "text layer" not in client.get("/en/documents/one/").content.decode()


def test_a_file_of_a_restricted_document_is_found_by_its_readers_alone(anonymous, support_unit):
    """T6, P2: rights are those of the document."""
    edition = a_document(issued=True, kind="final", access="support_unit")
    attached(edition, "paper.docx", a_docx("A hippopotamus."))
    filetexts.read_waiting()
    assert found("hippopotamus", anonymous) == []
    assert found("hippopotamus", support_unit) == [edition.document.pk]


def test_a_scan_says_that_it_has_no_text_layer(client):
    """Point 5: the page says where the words of a file are not searched."""
    edition = a_public_document(slug="one")
    attached(edition, "scan.pdf", a_scan())
    filetexts.read_waiting()
    assert "no text layer" in client.get("/en/documents/one/").content.decode()
    assert "нет текстового слоя" in client.get("/ru/documents/one/").content.decode()


def test_a_file_that_cannot_be_read_is_told_and_not_tried_again(client):
    """F14: a broken file costs one attempt."""
    edition = a_public_document(slug="one")
    file = attached(edition, "paper.docx", a_docx("Text."))
    with file.file.storage.open(file.file.name, "wb") as kept:
        kept.write(b"%PDF-1.7 broken")
    filetexts.read_waiting()
    assert AttachmentText.objects.get().state == AttachmentText.State.BROKEN
    assert filetexts.read_waiting() == 0
    assert "cannot be read" in client.get("/en/documents/one/").content.decode()
