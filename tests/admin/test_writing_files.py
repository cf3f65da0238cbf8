"""Files added to a document in the admin site: judged by what they are (F14)."""

import io
import zipfile

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from almaty_portal.common.models import AuditRecord
from documents import uploads
from documents.models import Attachment
from tests.admin.test_pages import address, speak
from tests.admin.test_writing import refused, stored
from tests.factories.documents import a_document
from tests.factories.files import a_file
from tests.factories.membership import UserFactory


@pytest.fixture
def client(support_unit, client_of):
    return speak(client_of(support_unit), "en")


@pytest.fixture
def superuser(db):
    return UserFactory(email="root@example.org", is_staff=True, is_superuser=True)


def office(part: str, **more: bytes) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as parts:
        parts.writestr("[Content_Types].xml", "<x/>")
        parts.writestr(part, "<x/>")
        for name, content in more.items():
            parts.writestr(name, content)
    return buffer.getvalue()


@pytest.mark.parametrize(
    ("name", "content", "kept"),
    [
        ("a.pdf", a_file("pdf"), True),
        ("a.pdf", b"<html>", False),
        ("a.png", a_file("png"), True),
        ("a.png", b"GIF89a", False),
        ("a.jpg", a_file("jpg"), True),
        ("a.txt", "Заметка".encode(), True),
        ("a.txt", b"\x00\x01", False),
        ("a.docx", office("word/document.xml"), True),
        ("a.docx", office("word/document.xml", vbaProject=b"x"), False),
        ("a.docx", office("xl/workbook.xml"), False),
        ("a.xlsx", b"PK\x03\x04broken", False),
        ("a.exe", b"MZ", False),
        ("a.pdf", b"", False),
    ],
)
def test_a_file_is_judged_by_its_content(client, support_unit, name, content, kept):
    entered = a_document(by=support_unit).document
    data = {
        "document": entered.pk,
        "title_en": "File",
        "title_ru": "Файл",
        "language": "en",
        "file": SimpleUploadedFile(name, content),
    }
    response = client.post(address(Attachment, "add"), data)
    if kept:
        stored(response)
        attachment = Attachment.objects.get()
        assert (attachment.size, attachment.name) == (len(content), name)
        assert len(attachment.sha256) == 64
        assert AuditRecord.objects.filter(action="add_attachment").count() == 1
    else:
        assert response.status_code == 200
        assert response.context["adminform"].form.errors["file"]
        assert not Attachment.objects.exists()


def test_a_file_that_is_too_large_is_refused(client, support_unit, monkeypatch):
    monkeypatch.setattr(uploads, "MAX_BYTES", 1024 * 1024)
    entered = a_document(by=support_unit).document
    data = {
        "document": entered.pk,
        "title_en": "File",
        "title_ru": "Файл",
        "file": SimpleUploadedFile("a.pdf", b"%PDF-" + b"0" * 1024 * 1024),
    }
    refused(client.post(address(Attachment, "add"), data), "The file is larger than 1 MB")
