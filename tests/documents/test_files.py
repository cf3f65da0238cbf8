"""Attached files: who gets them, and as what (P3)."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from documents.actions.access import set_access
from documents.actions.archive import withdraw_document
from documents.actions.attachments import add_attachment
from tests.factories.documents import a_public_document

pytestmark = pytest.mark.django_db

TEXT = "Записка".encode()


@pytest.fixture
def attachment(support_unit):
    edition = a_public_document()
    return add_attachment(
        document=edition.document,
        file=SimpleUploadedFile("note <b>.txt", TEXT, content_type="text/html"),
        title_en="Note",
        title_ru="Записка",
        language="ru",
        by=support_unit,
    )


@pytest.fixture
def address(attachment):
    return reverse("attachment_download", args=[attachment.document.slug, attachment.pk])


def test_comes_as_a_download_of_no_named_kind(client, attachment, address):
    answer = client.get(address)
    assert b"".join(answer.streaming_content) == TEXT
    assert answer["Content-Disposition"].startswith("attachment")
    assert answer["Content-Type"] == "application/octet-stream"
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in answer["Content-Security-Policy"]


def test_the_page_of_the_document_leads_to_it(client, attachment, address):
    assert address in client.get(attachment.document.get_absolute_url()).content.decode()


def test_media_has_no_address_of_its_own(client, attachment):
    assert client.get(f"/media/{attachment.file.name}").status_code == 404


@pytest.mark.parametrize(
    ("reader", "status"), [("anonymous", 404), ("observer", 404), ("support_unit", 200)]
)
def test_follows_the_access_of_the_document(
    request, client_of, attachment, address, reader, status
):
    """T6."""
    set_access(
        document=attachment.document,
        access="members",
        reason_en="To be revised.",
        reason_ru="На доработку.",
        by=None,
    )
    answer = client_of(request.getfixturevalue(reader)).get(address)
    assert answer.status_code == status
    answer.close()


def test_dies_with_the_withdrawal(client, attachment, address):
    withdraw_document(
        document=attachment.document, reason_en="An error.", reason_ru="Ошибка.", by=None
    )
    answer = client.get(address)
    assert answer.status_code == 410
    assert "An error." in answer.content.decode()


def test_belongs_to_its_document_alone(client, attachment):
    other = a_public_document()
    address = reverse("attachment_download", args=[other.document.slug, attachment.pk])
    assert client.get(address).status_code == 404
