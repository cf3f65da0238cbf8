"""Evidence bundles as a ministry holds them, and as somebody might forge them (rule S15)."""

import io
import json
import subprocess
import sys
import zipfile
import zlib
from pathlib import Path

import pytest

from documents.actions import evidence
from documents.evidence import certificate
from documents.models import Rendition
from documents.offline import verify
from documents.renditions import make_rendition


def a_pdf(text: str) -> bytes:
    """What `verify.py` looks for in a certificate: a stream with the record."""
    packed = zlib.compress(text.encode())
    return b"%PDF-1.7\n1 0 obj\n<</Type /EmbeddedFile>>\nstream\n" + packed + b"\nendstream\n"


def make_quickly(monkeypatch, settings) -> None:
    """Files that take no time; the real ones are tested beside."""
    settings.SIGNING_KEY = ""
    monkeypatch.setattr(
        "documents.pdf.render_content", lambda printed, progress=None: b"%PDF-1.7 of a text"
    )
    monkeypatch.setattr(
        certificate.pdf, "make_pdf", lambda html, attached=(), **_more: a_pdf(attached[0].text)
    )


def a_bundle(procedure, by) -> bytes:
    """The bundle that the portal hands out, its PDF files made first."""
    with pytest.raises(evidence.Waiting):
        evidence.make_bundle(procedure=procedure, by=by)
    for one in Rendition.objects.filter(edition=procedure.edition):
        make_rendition(rendition_id=one.pk)
    made = evidence.make_bundle(procedure=procedure, by=by)
    with made.file.open() as file:
        return file.read()


def unpack(data: bytes, folder: Path) -> Path:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        archive.extractall(folder)
    return folder


def run(*arguments: str, cwd: Path | None = None) -> tuple[int, str]:
    done = subprocess.run(
        [sys.executable, "-I", *arguments], capture_output=True, cwd=cwd, timeout=30, check=False
    )
    assert not done.stderr, done.stderr.decode()
    return done.returncode, done.stdout.decode()


def entries(folder: Path) -> list[dict]:
    return [json.loads(one) for one in (folder / "ledger.jsonl").read_text().splitlines()]


def write(folder: Path, rows: list[dict]) -> None:
    lines = [verify.canonical(one) + "\n" for one in rows]
    (folder / "ledger.jsonl").write_text("".join(lines))


def forge(folder: Path, rows: list[dict]) -> None:
    """Compute every hash anew, in the ledger, the record and the manifest."""
    before = None
    for row in rows:
        row["entry"]["previous_of_procedure"] = before
        row["entry_hash"] = before = verify.chained(
            row["previous_hash"], verify.canonical(row["entry"])
        )
    write(folder, rows)
    record = json.loads((folder / "record.json").read_text())
    record["entries"] = rows
    (folder / "record.json").write_text(json.dumps(record))
    relist(folder)


def relist(folder: Path) -> None:
    files = verify.from_folder(folder)
    listed = {name: verify.sha256(data) for name, data in files.items() if name != "manifest.json"}
    (folder / "manifest.json").write_text(json.dumps({"files": listed}))
