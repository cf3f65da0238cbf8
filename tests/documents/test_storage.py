"""Kept files on a disk or in a bucket, by one setting (issue 4, point 8)."""

import boto3
import moto
import pytest
from django.core.exceptions import ImproperlyConfigured
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from almaty_portal import env
from documents import preparing
from documents.actions.attachments import add_attachment
from documents.evidence.bundle import kept
from documents.models import Attachment
from tests.factories.documents import a_public_document


def stored_at(monkeypatch, address, folder):
    monkeypatch.setenv("FILES_URL", address)
    return env.files("FILES_URL", folder)


def test_a_folder(monkeypatch, tmp_path):
    assert stored_at(monkeypatch, "", tmp_path)["OPTIONS"] == {"location": str(tmp_path)}
    named = stored_at(monkeypatch, "file:///srv/%20files", tmp_path)
    assert named["OPTIONS"] == {"location": "/srv/ files"}


def test_a_bucket_with_all_that_can_be_said(monkeypatch, tmp_path):
    address = "s3://K:a%2Fb@files/portal/?endpoint=https://s3.example.org&region=kz-1"
    options = stored_at(monkeypatch, address, tmp_path)["OPTIONS"]
    told = ["access_key", "secret_key", "bucket_name", "location", "endpoint_url", "region_name"]
    values = ["K", "a/b", "files", "portal", "https://s3.example.org", "kz-1"]
    assert [options[name] for name in told] == values


@pytest.mark.parametrize("address", ["media", "file:media", "ftp://x/y", "s3:///prefix"])
def test_another_address_says_how_to_write_it(monkeypatch, tmp_path, address):
    with pytest.raises(ImproperlyConfigured, match="write file:///"):
        stored_at(monkeypatch, address, tmp_path)


@pytest.fixture
def bucket(monkeypatch, settings, tmp_path):
    """A bucket, as moto plays one; nothing of it is this portal's."""
    with moto.mock_aws():
        keys = {"aws_access_key_id": "key", "aws_secret_access_key": "se/cret"}
        client = boto3.client("s3", region_name="us-east-1", **keys)
        client.create_bucket(Bucket="portal-files")
        address = "s3://key:se%2Fcret@portal-files/media?region=us-east-1"
        settings.STORAGES = {
            **settings.STORAGES,
            "default": stored_at(monkeypatch, address, tmp_path),
        }
        yield client
        client.close()


@pytest.mark.django_db
def test_a_file_in_a_bucket_is_kept_and_served_by_the_portal(bucket, client):
    """P3: never from an address of the bucket."""
    attachment = add_attachment(
        document=a_public_document().document,
        file=SimpleUploadedFile("a.txt", b"text"),
        title_en="A",
        title_ru="А",
        by=None,
    )
    assert Attachment.objects.get().size == 4
    key = f"media/attachments/{attachment.sha256[:2]}/{attachment.sha256}"
    assert bucket.get_object(Bucket="portal-files", Key=key)["Body"].read() == b"text"
    address = reverse("attachment_download", args=[attachment.document.slug, attachment.pk])
    answer = client.get(address)
    assert b"".join(answer.streaming_content) == b"text"
    assert answer["Content-Disposition"].startswith("attachment")
    assert "sandbox" in answer["Content-Security-Policy"]
    assert "portal-files" not in client.get(attachment.document.get_absolute_url()).content.decode()


def test_what_is_made_is_kept_and_read(bucket):
    preparing.write("renditions/1.pdf", b"%PDF")
    preparing.write("renditions/1.pdf", b"%PDF")  # once more, as after a fault
    assert kept("renditions/1.pdf") == b"%PDF"
    assert default_storage.listdir("renditions")[1] == ["1.pdf"]


def test_a_fault_of_the_bucket_is_that_of_a_disk(bucket):
    bucket.delete_bucket(Bucket="portal-files")
    with pytest.raises(OSError, match="NoSuchBucket"):
        preparing.write("renditions/2.pdf", b"%PDF")
