"""`verify.py` as a ministry runs it: a process of its own, without the portal (rule S15)."""

import sys
import zipfile
from pathlib import Path

import pytest

from documents.actions import evidence, silence
from documents.models import EvidenceBundle
from documents.offline import verify
from tests.documents.bundles import (
    a_bundle,
    a_pdf,
    entries,
    forge,
    make_quickly,
    relist,
    run,
    unpack,
    write,
)
from tests.factories.documents import a_procedure, a_short_procedure

pytestmark = pytest.mark.django_db
PROGRAM = Path(verify.__file__)


@pytest.fixture(autouse=True)
def quick(monkeypatch, settings):
    make_quickly(monkeypatch, settings)


@pytest.fixture
def broken(support_unit, members, coordinator, kazakhstan):
    procedure = a_procedure(by=support_unit, slug="asked")
    silence.break_silence(procedure=procedure, state=kazakhstan, reason="No.", by=coordinator)
    evidence.issue_due()
    return procedure


@pytest.fixture
def adopted(settings, support_unit, members):
    procedure = a_short_procedure(settings, by=support_unit, seconds=-1600, slug="asked")
    silence.close_due()
    evidence.issue_due()
    return procedure


@pytest.mark.parametrize("which", ["broken", "adopted"])
def test_a_good_bundle_verifies_in_both_forms(which, request, support_unit, tmp_path):
    """S15: unpacked and packed; told in both languages."""
    data = a_bundle(request.getfixturevalue(which), support_unit)
    folder = unpack(data, tmp_path / "unpacked")
    status, told = run("verify.py", cwd=folder)
    assert status == 0, told
    assert "The bundle verifies." in told
    assert "Пакет подтверждён." in told
    result = {"broken": "silence broken", "adopted": "adopted by consensus"}[which]
    assert f"Outcome: {result}" in told
    assert "the certificate, and the" in told
    (tmp_path / "bundle.zip").write_bytes(data)
    assert run(str(PROGRAM), str(tmp_path / "bundle.zip"))[0] == 0


def test_the_same_record_makes_the_same_bytes(broken, support_unit):
    """S15: a bundle asked for twice is one bundle, and one made anew is the same."""
    first = a_bundle(broken, support_unit)
    again = evidence.make_bundle(procedure=broken, by=support_unit)
    assert EvidenceBundle.objects.get() == again
    Path(again.file.path).unlink()
    assert evidence.make_bundle(procedure=broken, by=support_unit) == again
    assert Path(again.file.path).read_bytes() == first


class TestAltered:
    @pytest.fixture
    def folder(self, broken, support_unit, tmp_path):
        return unpack(a_bundle(broken, support_unit), tmp_path / "unpacked")

    def wrong(self, folder: Path) -> str:
        """The first thing that is wrong, as the program names it."""
        status, told = run("verify.py", cwd=folder)
        assert status == 1, told
        assert "Пакет НЕ подтверждён." in told
        return next(one for one in told.splitlines() if one.startswith("WRONG"))

    def test_an_entry_edited(self, folder):
        rows = entries(folder)
        at = next(n for n, one in enumerate(rows) if one["entry"]["step"] == "objection")
        rows[at]["entry"]["reason"] = "Yes."
        write(folder, rows)
        number = rows[at]["entry"]["number"]
        assert self.wrong(folder).startswith(f"WRONG – entry {number}: its hash differs")

    def test_an_entry_edited_with_its_own_hash(self, folder):
        """The certificate still says what it was."""
        rows = entries(folder)
        at = next(n for n, one in enumerate(rows) if one["entry"]["step"] == "objection")
        rows[at]["entry"]["reason"] = "Yes."
        rows[at]["entry_hash"] = verify.chained(
            rows[at]["previous_hash"], verify.canonical(rows[at]["entry"])
        )
        write(folder, rows)
        number = rows[at]["entry"]["number"]
        assert self.wrong(folder).startswith(f"WRONG – entry {number}: ")

    @pytest.mark.parametrize("at", [0, 2, -1])
    def test_an_entry_removed(self, folder, at):
        rows = entries(folder)
        removed = rows.pop(at)["entry"]["number"]
        write(folder, rows)
        line = self.wrong(folder)
        assert f"entry {removed}: " in line or f"entry {removed + 1}: " in line

    @pytest.mark.parametrize("name", ["text-en.txt", "text-ru.txt", "text-en.pdf", "text-ru.pdf"])
    @pytest.mark.parametrize("listed", [False, True])
    def test_a_text_or_its_pdf_changed(self, folder, name, listed):
        """Even where the manifest is made anew."""
        (folder / name).write_bytes((folder / name).read_bytes() + b" ")
        if listed:
            relist(folder)
        assert name in self.wrong(folder)

    def test_the_certificate_exchanged(self, folder):
        (folder / "certificate.pdf").write_bytes(a_pdf('{"entries": []}'))
        relist(folder)
        assert "is not the certificate that was issued" in self.wrong(folder)

    def test_the_certificate_left_out(self, folder):
        (folder / "certificate.pdf").unlink()
        relist(folder)
        assert "its certificate is missing" in self.wrong(folder)

    def test_an_outcome_forged_with_every_hash(self, folder):
        """The deadline and the answers say otherwise."""
        rows = entries(folder)
        [outcome] = [one for one in rows if one["entry"]["step"].startswith("outcome_")]
        outcome["entry"] |= {"result": "adopted", "step": "outcome_adopted", "broken_by": None}
        forge(folder, rows)
        number = outcome["entry"]["number"]
        status, told = run("verify.py", cwd=folder)
        assert status == 1
        assert f"entry {number}: the outcome does not follow: “result” is 'adopted'" in told

    def test_the_objection_forged_away_with_every_hash(self, folder):
        """What follows from the entries is whole; the certificate inside which they are is not."""
        rows = entries(folder)
        for row in rows:
            if row["entry"]["step"] == "objection":
                row["entry"] |= {"answer": "acknowledgement", "step": "acknowledgement"}
                number = row["entry"]["number"]
        forge(folder, rows)
        assert f"entry {number}: is another one than the certificate certifies" in self.wrong(
            folder
        )

    def test_a_file_beside_it_is_left_aside(self, folder):
        """Who writes what the program says into the folder has not tampered with the bundle."""
        (folder / "more.txt").write_text("More.")
        status, told = run("verify.py", cwd=folder)
        assert status == 0
        assert "more.txt: not of this bundle, left aside" in told


class TestHostile:
    def told(self, files: dict[str, bytes], tmp_path) -> tuple[int, str]:
        path = tmp_path / "bundle.zip"
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            for name, data in files.items():
                archive.writestr(name, data)
        return run(str(PROGRAM), str(path))

    def test_a_zip_bomb_is_refused(self, tmp_path):
        """F14: a gigabyte of nothing."""
        path = tmp_path / "bomb.zip"
        with (
            zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive,
            archive.open("ledger.jsonl", "w", force_zip64=True) as file,
        ):
            for _ in range(256):
                file.write(bytes(1 << 20))
        status, told = run(str(PROGRAM), str(path))
        assert status == 2
        assert "too large unpacked" in told

    def test_names_that_leave_the_folder_are_refused(self, tmp_path):
        assert self.told({"../evil.py": b"x"}, tmp_path)[0] == 2

    def test_what_is_no_zip_is_no_bundle(self, tmp_path):
        (tmp_path / "bundle.zip").write_bytes(b"PK\x03\x04 but no more")
        status, told = run(str(PROGRAM), str(tmp_path / "bundle.zip"))
        assert status == 2
        assert "Это не пакет доказательств" in told

    @pytest.mark.parametrize(
        "line",
        [
            b"{}",
            b"[]",
            b"\xd0",
            b'{"entry": {"number": "1", "step": 1}, "previous_hash": 1, "entry_hash": 2}',
            b'{"entry": {"number": 1, "step": "opened", "procedure": "\\ud800"},'
            b' "previous_hash": "' + b"0" * 64 + b'", "entry_hash": "' + b"0" * 64 + b'"}',
            b"[" * 100_000,
            b'{"entry": {"number": 1, "step": "opened", "deadline_at": 5, "text_sha256": 7},'
            b' "previous_hash": "' + b"0" * 64 + b'", "entry_hash": "' + b"0" * 64 + b'"}',
        ],
    )
    def test_malformed_entries_are_named_and_never_a_trace(self, line, tmp_path):
        files = dict.fromkeys(verify.NEEDED, b"{}") | {"ledger.jsonl": line}
        status, told = self.told(files, tmp_path)
        assert status in (1, 2)
        assert "Traceback" not in told


def test_it_needs_nothing_but_the_standard_library():
    """S15."""
    source = PROGRAM.read_text()
    modules = {
        line.split()[1].split(".")[0]
        for line in source.splitlines()
        if line.startswith(("import ", "from "))
    }
    assert modules <= set(sys.stdlib_module_names)
    compile(source, "verify.py", "exec")
