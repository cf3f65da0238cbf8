"""Files made to do harm: refused within 5 seconds with a sentence, nothing stored (F14, P3)."""

import io
import resource
import subprocess
import sys
import time
import zipfile
import zlib

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.handlers.wsgi import WSGIRequest
from django.urls import reverse
from django.utils import translation

from almaty_portal.common.errors import DomainError
from documents import inspection, uploads
from documents.inspection import child
from documents.models import Attachment
from tests.factories.documents import a_document
from tests.factories.files import a_docx, a_file, a_pdf, a_zip, an_odt

ALL = Attachment.SUFFIXES


@pytest.fixture(autouse=True)
def patience(monkeypatch):
    """What these tests measure is processor time: others may be at work on the machine."""
    monkeypatch.setattr(inspection.judging, "SECONDS", 60)
    with translation.override("en"):
        yield


def spent():
    """Processor time of this process and those that it started, in seconds."""
    return sum(
        used.ru_utime + used.ru_stime
        for used in map(resource.getrusage, (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    )


def check(name, content):
    uploads.check_file(SimpleUploadedFile(name, content), ALL)


def deflated_zeros(size):
    """A packed part of so many zeros, made without the memory for them."""
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    block = b"\0" * 1024 * 1024
    return b"".join(packer.compress(block) for _n in range(size // len(block))) + packer.flush()


def a_bomb(main, *, declared=None):
    """A ZIP of 600 MB unpacked; `declared` lies about its size."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.text")
        with archive.open(main, "w") as part:
            block = b"\0" * 1024 * 1024
            for _n in range(600):
                part.write(block)
    content = made.getvalue()
    if declared is not None:
        content = content.replace((600 * 1024 * 1024).to_bytes(4, "little"), declared)
    return content


def an_encrypted_zip():
    """An office file whose parts say that they are encrypted (bit 0 of their flags)."""
    content = bytearray(a_docx())
    for mark, place in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        at = 0
        while (at := content.find(mark, at)) >= 0:
            content[at + place] |= 1
            at += 4
    return bytes(content)


def an_office_file_with_a_password():
    """What Word makes of a DOCX with a password: a compound file with an encrypted package."""
    return b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 504 + child.ENCRYPTED_PACKAGE


LAUGHS = '<!DOCTYPE d [<!ENTITY a "ha"><!ENTITY b "&a;&a;">]><d>&b;</d>'
PASSWORD = "protected by a password"
BROKEN = "broken or was cut off"
NAME = "not what its name says"
INTRICATE = "too large inside"
ACTIVE = "macros or scripts"


@pytest.mark.parametrize("suffix", ALL)
def test_a_whole_file_of_each_kind_is_taken(suffix):
    check(f"file.{suffix}", a_file(suffix))


@pytest.mark.parametrize("suffix", ["pdf", "docx", "odt", "xlsx", "png", "jpg"])
def test_a_file_that_was_cut_off_is_broken(suffix):
    content = a_file(suffix)
    with pytest.raises(DomainError, match=BROKEN):
        check(f"file.{suffix}", content[: len(content) * 2 // 3])


@pytest.mark.parametrize(
    ("name", "make", "sentence"),
    [
        ("a.pdf", lambda: a_pdf(pages=10_000), "more than 2000 pages"),
        ("a.pdf", lambda: a_pdf(password="secret"), PASSWORD),
        ("a.pdf", lambda: a_pdf(script="app.alert(1)"), ACTIVE),
        ("a.pdf", lambda: b"%PDF-1.7\n" + b"1 0 obj\n" * 999 + b"startxref\n0\n%%EOF", BROKEN),
        ("a.pdf", lambda: a_file("png"), NAME),
        ("a.png", lambda: a_file("pdf"), NAME),
        ("a.docx", lambda: a_bomb("word/document.xml"), INTRICATE),
        ("a.docx", lambda: a_bomb("word/document.xml", declared=b"\x10\0\0\0"), BROKEN),
        ("a.odt", lambda: a_bomb("content.xml"), INTRICATE),
        ("a.docx", lambda: a_docx(LAUGHS), INTRICATE),
        ("a.docx", lambda: a_docx("<document>"), BROKEN),
        ("a.docx", an_encrypted_zip, PASSWORD),
        ("a.docx", an_office_file_with_a_password, PASSWORD),
        ("a.docx", lambda: a_docx("<d/>", ("word/vbaProject.bin", b"x")), ACTIVE),
        ("a.docx", lambda: a_zip(("xl/workbook.xml", "<w/>")), NAME),
        ("a.docx", lambda: a_file("odt"), NAME),
        (
            "a.odt",
            lambda: an_odt("x", ("META-INF/manifest.xml", "<m:encryption-data/>")),
            PASSWORD,
        ),
        ("a.odt", lambda: an_odt("<c/>", ("Basic/script-lc.xml", "<x/>")), ACTIVE),
        ("a.docx", lambda: a_zip(*((f"{n}", "") for n in range(5000))), INTRICATE),
        ("a.svg", lambda: b"<svg onload='alert(1)'/>", "Files of this kind are not kept"),
        ("a.html", lambda: b"<script>alert(1)</script>", "Files of this kind are not kept"),
        ("a.txt", lambda: b"<!doctype html><script>alert(1)</script>", NAME),
        ("a.txt", lambda: b"\xef\xbb\xbf <!-- a --> <svg onload='alert(1)'/>", NAME),
        ("a.png", lambda: b"<svg onload='alert(1)'/>", NAME),
        ("a.pdf", lambda: b"", "The file is empty"),
    ],
)
def test_is_refused_within_five_seconds_with_a_sentence(name, make, sentence):
    """F14."""
    content = make()
    assert len(content) < uploads.MAX_BYTES  # or its size alone would tell
    began = spent()
    with pytest.raises(DomainError, match=sentence):
        check(name, content)
    assert spent() - began < 5


def test_memory_of_the_judging_process_is_bounded():
    """F14: memory < 512 MB, whatever the file."""
    assert child.MEMORY_BYTES < 512 * 1024 * 1024
    measured = (
        "import re, runpy, sys\n"
        f"sys.argv = ['child.py', 'docx']\n"
        f"runpy.run_path({child.__file__!r}, run_name='__main__')\n"
        # not ru_maxrss, which begins with the memory of whoever started the process
        "print(re.search(r'VmHWM:\\s+(\\d+)', open('/proc/self/status').read())[1])"
    )
    lying = a_bomb("word/document.xml", declared=b"\xff\xff\xff\x07")
    for content in (lying, a_docx(b"<a>" * 10**7)):
        done = subprocess.run(
            [sys.executable, "-I", "-c", measured], input=content, capture_output=True, check=True
        )
        answer, kibibytes = done.stdout.split(b'"')[1:]
        assert answer != b"ok"
        assert int(kibibytes) < 512 * 1024


def test_a_file_that_takes_all_memory_is_a_bomb(monkeypatch, tmp_path):
    greedy = tmp_path / "greedy.py"
    greedy.write_text(
        f"import runpy; runpy.run_path({child.__file__!r})['limit']()\nx = b'x' * 10**9"
    )
    monkeypatch.setattr(inspection.judging, "CHILD", greedy)
    assert inspection.judge(b"x", "pdf") == inspection.Fault.BOMB


def test_a_process_that_hangs_is_ended(monkeypatch, tmp_path):
    hanging = tmp_path / "hanging.py"
    hanging.write_text("import time; time.sleep(60)")
    monkeypatch.setattr(inspection.judging, "CHILD", hanging)
    monkeypatch.setattr(inspection.judging, "SECONDS", 0.5)
    began = time.monotonic()
    assert inspection.judge(b"x", "pdf") == inspection.Fault.TIME
    assert time.monotonic() - began < 5


@pytest.mark.django_db
class TestSent:
    def send(self, client, support_unit, content, name="a.txt"):
        client.force_login(support_unit, backend="django.contrib.auth.backends.ModelBackend")
        document = a_document(by=support_unit).document
        file = SimpleUploadedFile(name, content)
        data = {"document": document.pk, "title_en": "F", "title_ru": "Ф", "file": file}
        address = reverse("admin:documents_attachment_add")
        return client.post(address, data, headers={"accept-language": "en"})

    def test_200_megabytes(self, client, support_unit, tmp_path):
        """F14: a sentence within 5 seconds, and neither a row nor a file."""
        content = b"a" * (200 * 1024 * 1024)
        began = time.process_time()
        page = self.send(client, support_unit, content)
        assert time.process_time() - began < 5
        assert "larger than 25 MB" in page.content.decode()
        assert not Attachment.objects.exists()
        assert not list((tmp_path / "media").rglob("*"))

    def test_a_bomb_leaves_nothing(self, client, support_unit, tmp_path):
        page = self.send(client, support_unit, a_bomb("word/document.xml"), "a.docx")
        assert INTRICATE in page.content.decode()
        assert not Attachment.objects.exists()
        assert not list((tmp_path / "media").rglob("*"))


def test_an_upload_that_is_cut_off_is_no_file():
    """Issue, bad input: an upload cut off; what arrived of it is not taken for the whole."""
    head = b'--B\r\nContent-Disposition: form-data; name="file"; filename="a.txt"\r\n\r\n'
    body = head + b"x" * 300_000 + b"\r\n--B--\r\n"
    for arrived in (len(body), len(body) - 10, len(body) // 2):
        request = WSGIRequest(
            {
                "REQUEST_METHOD": "POST",
                "CONTENT_TYPE": "multipart/form-data; boundary=B",
                "CONTENT_LENGTH": str(len(body)),
                "wsgi.input": io.BytesIO(body[:arrived]),
            }
        )
        whole = arrived == len(body)
        assert [file.size for file in request.FILES.values()] == ([300_000] if whole else [])
