"""The export of the archive: whole, without the portal, and nothing in it that is not public."""

import datetime as dt
import hashlib
import io
import subprocess
import sys
import zipfile
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command
from django.core.management.base import CommandError
from lxml import html

from almaty_portal.exporting import MANIFEST
from documents import formats, pdf
from documents.actions import archive, texts
from documents.actions.attachments import add_attachment
from documents.models import Decision, Topic
from meetings.models import Meeting
from tests.factories.documents import (
    BRACKETED,
    ROWS,
    a_document,
    a_procedure,
    a_public_document,
)

pytestmark = pytest.mark.django_db
CANARY = "xanthophyll"


@pytest.fixture
def an_archive(members, iran, support_unit, settings, monkeypatch):
    """Public texts of every kind, and the canary in all that is not public."""
    settings.PORTAL_URL = "https://portal.example"
    settings.ALLOWED_HOSTS = ["portal.example"]
    monkeypatch.setattr(pdf, "render", lambda edition, layout: b"%PDF-1.7 quick")
    first = a_public_document(
        slug="one",
        rows=BRACKETED,
        title_en='<script>t()</script> & "x"',
        reference="Almaty Process/09/01/2013",
        issued_on=dt.date(2013, 6, 5),
    )
    Topic.objects.create(slug="topic", position=99, name_en="Topic", name_ru="Тема").documents.add(
        first.document
    )
    second = archive.create_edition(
        document=first.document,
        kind="rev",
        number=1,
        dated_on=dt.date(2026, 2, 1),
        supersedes=first,
        by=None,
    )
    texts.set_text(edition=second, rows=ROWS, by=None)
    archive.issue_edition(edition=second, standings={"en": "original", "ru": "authentic"}, by=None)
    meeting = Meeting.objects.create(
        slug="conference",
        type="ministerial_conference",
        title_en="Conference",
        title_ru="Конференция",
        from_on=dt.date(2013, 6, 5),
        last_on=dt.date(2013, 6, 5),
    )
    Decision.objects.create(
        meeting=meeting,
        slug="first",
        title_en="First",
        title_ru="Первое",
        taken_on="2013-06-05",
        document=first.document,
    )
    add_attachment(
        document=first.document,
        file=SimpleUploadedFile("note é.txt", "Записка".encode()),
        title_en="Note",
        title_ru="Записка",
        language="ru",
        by=support_unit,
    )
    english = a_document(
        slug="two",
        title_ru="",
        kind="final",
        access="public",
        rows=[{"role": "paragraph", "text_en": "Only English here.", "text_ru": ""}],
    )
    archive.issue_edition(edition=english, standings={"en": "original"}, by=None)
    hidden = {
        "rows": [{"role": "paragraph", "text_en": f"{CANARY} E.", "text_ru": f"{CANARY} Р."}],
        "title_en": f"{CANARY} title",
        "title_ru": f"{CANARY} заголовок",
    }
    a_document(slug="draft-canary", access="public", **hidden)
    a_document(slug="members-canary", access="members", issued=True, kind="final", **hidden)
    a_procedure(
        by=support_unit, edition=a_document(slug="silence-canary", access="public", **hidden)
    )
    gone = a_public_document(slug="gone", title_en="Gone", title_ru="Нет", rows=hidden["rows"])
    archive.withdraw_document(
        document=gone.document, reason_en="Error.", reason_ru="Ошибка.", by=None
    )


def exported(folder: Path, **options) -> Path:
    call_command("export_archive", str(folder), verbosity=0, **options)
    return folder


def sums(folder: Path) -> dict[str, str]:
    lines = (folder / MANIFEST).read_text(encoding="utf-8").splitlines()
    return {path: digest for digest, _two, path in (line.partition("  ") for line in lines)}


def unpacked(file: Path) -> bytes:
    data = file.read_bytes()
    if file.suffix != ".docx":
        return data
    with zipfile.ZipFile(io.BytesIO(data)) as package:
        return b"".join(package.read(name) for name in package.namelist())


def test_the_archive_stands_without_the_portal(an_archive, tmp_path):
    """T8, T6: every link leads to a file of the folder, nothing asks another host, no page holds
    what is not public; the manifest tells each file, and a second export is the same."""
    out = exported(tmp_path / "out")
    told = sums(out)
    there = {str(one.relative_to(out)) for one in out.rglob("*") if one.is_file()}
    assert there == {*told, MANIFEST}
    for path, digest in told.items():
        assert hashlib.sha256((out / path).read_bytes()).hexdigest() == digest
        assert CANARY.encode() not in unpacked(out / path), path
        assert "canary" not in path
    reached, waiting = set(), [out / "index.html"]
    while waiting:
        page = waiting.pop()
        if page in reached:
            continue
        reached.add(page)
        if page.suffix != ".html":
            continue
        tree = html.parse(str(page), html.HTMLParser(encoding="utf-8"))
        assert not tree.xpath("//script | //form | //iframe | //@onclick | //@style"), page
        for element in tree.xpath("//*[@href or @src or @action or @data]"):
            value = element.get("href") or element.get("src") or ""
            parts = urlsplit(value)
            assert not parts.scheme and not parts.netloc and not value.startswith("/"), value
            target = (page.parent / unquote(parts.path)).resolve() if parts.path else page
            assert target.is_file(), f"{page}: {value}"
            assert out in target.parents
            if parts.fragment and target.suffix == ".html" and element.tag == "a":
                found = html.parse(str(target)).xpath("//*[@id=$id]", id=parts.fragment)
                assert found, f"{page}: {value}"
            waiting.append(target)
    files = {one for one in there if one.startswith("files/")}
    assert {str(one.relative_to(out)) for one in reached} >= files
    for key in ("", "-rev-1"):
        for language in ("en", "ru"):
            for suffix in [*formats.FORMATS, "pdf"]:
                assert f"files/one/almaty-process-09-01-2013{key}-{language}.{suffix}" in files
    for language, heading, text in (
        ("en", "By type", "Recalling the Almaty"),
        ("ru", "По видам", "Ссылаясь на Алматинскую"),
    ):
        index = (out / language / "documents/index.html").read_text(encoding="utf-8")
        assert heading in index
        for page in ("", "editions/final/", "bilingual/", "editions/final/bilingual/"):
            path = out / language / "documents/one" / page / "index.html"
            assert text in path.read_text(encoding="utf-8")
    russian = (out / "ru/documents/two/index.html").read_text(encoding="utf-8")
    assert "Этого текста нет на русском языке" in russian
    assert "Only English here." not in russian
    assert "Error." in (out / "en/documents/gone/index.html").read_text(encoding="utf-8")
    again = exported(tmp_path / "again")
    assert sums(again) == told


def test_it_is_a_bag_that_others_verify(an_archive, tmp_path):
    """T8: the bag verifies with bagit's own program, and no longer when a file changes."""
    out = exported(tmp_path / "bag", bagit=True)
    command = [sys.executable, "-m", "bagit", "--validate", str(out)]
    assert subprocess.run(command, capture_output=True, check=False).returncode == 0
    (out / "data/en/documents/index.html").write_text("changed")
    assert subprocess.run(command, capture_output=True, check=False).returncode != 0


def test_nothing_is_written_over(an_archive, tmp_path):
    (tmp_path / "mine").write_text("kept")
    with pytest.raises(CommandError, match=r"not empty|не пуст"):
        exported(tmp_path)
    assert [one.name for one in tmp_path.iterdir() if one.suffix == ".html"] == []
