"""`/{l}/verify/`: is it genuine, for those who may know of it (rules S15, T6)."""

import io
import logging
from pathlib import Path

import pytest
from django.core.cache import cache
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import RequestFactory

from almaty_portal.common import limits
from almaty_portal.common.instants import database_now
from documents.actions import evidence, silence
from documents.evidence import answering
from documents.evidence.bundle import packed
from documents.models import Certificate, DailyHead, Decision, Edition, LedgerEntry
from documents.offline import verify
from tests.documents.bundles import a_bundle, make_quickly
from tests.factories.documents import a_procedure, a_short_procedure
from tests.factories.files import a_file

pytestmark = pytest.mark.django_db
UNKNOWN = "0" * 64


def a_note() -> SimpleUploadedFile:
    return SimpleUploadedFile("note.pdf", a_file("pdf"))


@pytest.fixture(autouse=True)
def quick(monkeypatch, settings):
    make_quickly(monkeypatch, settings)
    cache.clear()


@pytest.fixture
def broken(support_unit, members, coordinator, kazakhstan):
    procedure = a_procedure(by=support_unit, slug="asked")
    silence.break_silence(
        procedure=procedure, state=kazakhstan, reason="No.", by=coordinator, note=a_note()
    )
    evidence.issue_due()
    return procedure


@pytest.fixture
def adopted(settings, support_unit, members):
    procedure = a_short_procedure(settings, by=support_unit, seconds=-1600, slug="adopted")
    silence.close_due()
    evidence.issue_due()
    return procedure


def ask(client, *, language="en", **given) -> tuple[int, str]:
    response = client.post(f"/{language}/verify/", given)
    return response.status_code, " ".join(response.content.decode().split())


def answer(page: str) -> str:
    """What the page answers, without the hash that was asked."""
    return page.partition('id="answer"')[2].partition("SHA-256:")[0]


def everything_of(procedure, by) -> dict[str, dict]:
    """All that the portal knows of a procedure, as it can be asked for."""
    data = a_bundle(procedure, by)
    files = verify.from_zip(io.BytesIO(data))
    [note] = procedure.responses.exclude(note_sha256="").values_list("note_sha256", flat=True)
    return {
        "certificate": {"sha256": Certificate.objects.get().sha256},
        "its file": {"file": io.BytesIO(Path(Certificate.objects.get().file.path).read_bytes())},
        "note": {"sha256": note},
        "entry": {"sha256": procedure.ledger.order_by("number")[0].entry_hash},
        "bundle": {"file": io.BytesIO(data)},
        "bundle packed anew": {"file": io.BytesIO(packed({**files, "more.txt": b"x"}))},
        "bundle altered": {
            "file": io.BytesIO(
                packed(
                    {
                        **files,
                        "ledger.jsonl": files["ledger.jsonl"].replace(
                            b'"reason":"No."', b'"reason":"Yes"'
                        ),
                    }
                )
            )
        },
        "text": {"file": io.BytesIO(files["text-ru.txt"])},
        "text of another system": {
            "file": io.BytesIO(files["text-ru.txt"].replace(b"\n", b"\r\n"))
        },
        "pdf": {"file": io.BytesIO(files["text-en.pdf"])},
    }


def test_what_is_restricted_is_answered_like_what_is_unknown(
    broken, support_unit, client, client_of, coordinator, observer
):
    """T6: word for word, to the public and to an observer; those who may follow it are told."""
    asked = everything_of(broken, support_unit)
    for reader in (client, client_of(observer)):
        _status, unknown = ask(reader, sha256=UNKNOWN)
        assert "Not known" in answer(unknown)
        for what, given in asked.items():
            status, page = ask(reader, **given)
            said = answer(page).split('<p class="muted">')[0]
            assert (status, said) == (200, answer(unknown).split('<p class="muted">')[0]), what
            if "file" in given:
                given["file"].seek(0)
    cache.clear()
    for what, given in asked.items():
        status, page = ask(client_of(coordinator), **given)
        assert status == 200
        if what == "bundle altered":
            number = broken.ledger.get(step="objection").number
            assert f"<li>entry {number}: its hash differs from its content" in page
        else:
            assert "of the ledger tells it" in answer(page), what
            assert "<a href=" in answer(page), what
    _status, page = ask(client_of(coordinator), sha256=asked["note"]["sha256"])
    assert "a Note Verbale that the portal received" in page


def test_of_a_public_decision_certificate_and_text_are_confirmed(adopted, client):
    """D3, T6: with the decision's page, and the entry of the decision alone."""
    _status, page = ask(client, sha256=Certificate.objects.get().sha256)
    assert "This is a certificate that the portal issued." in page
    assert Decision.objects.get().get_absolute_url() in page
    final = Edition.objects.get(kind="final")
    _status, page = ask(client, sha256=final.language_versions.get(language="ru").text_hash)
    number = adopted.ledger.get(step="effects_applied").number
    assert f"Entry {number} of the ledger tells it" in page
    _status, page = ask(client, sha256=adopted.ledger.get(step="opened").entry_hash)
    assert "Not known" in page


def test_the_head_of_a_day_is_known_to_everybody(broken, client):
    """S15: it is listed in public; which procedure it is of is not told."""
    last = LedgerEntry.objects.order_by("number").last()
    DailyHead.objects.create(
        day=last.recorded_at.date(),
        number=last.number,
        entry_hash=last.entry_hash,
        sealed_at=database_now(),
    )
    _status, page = ask(client, sha256=last.entry_hash)
    assert "This is the head of a day." in page
    assert "Demonstration decision" not in page


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ({}, "Choose a file, or write a SHA-256."),
        ({"sha256": "xyz"}, "This is no SHA-256"),
        ({"file": io.BytesIO(b"")}, "The file is empty"),
    ],
)
def test_what_cannot_be_asked_gets_a_sentence(client, given, sentence):
    status, page = ask(client, **given)
    assert status == 422
    assert sentence in page


def test_more_than_25_mb_is_refused_and_not_kept(client, settings):
    """F14."""
    status, page = ask(client, file=io.BytesIO(bytes(26 * 1024 * 1024)))
    assert status == 422
    assert "larger than 25 MB" in page
    assert not list(Path(settings.MEDIA_ROOT).rglob("*.upload"))


def test_a_record_of_more_than_4_mb_is_refused_with_a_sentence(client):
    """F14: read as JSON it would take ten times as much memory."""
    huge = packed({"ledger.jsonl": b"[" * (5 * 1024 * 1024)})
    status, page = ask(client, file=io.BytesIO(huge))
    assert status == 422
    assert "The record in this bundle is larger than 4 MB" in page
    status, page = ask(client, language="ru", file=io.BytesIO(huge))
    assert "больше 4 МБ" in page


def test_the_unknown_and_the_hostile_are_unknown(client):
    bomb = packed({"ledger.jsonl": bytes(70 * 1024 * 1024)})
    for file in (b"%PDF-1.7 nobody's", b"PK\x03\x04 no zip", bomb, packed({"a.txt": b"a"})):
        status, page = ask(client, file=io.BytesIO(file))
        assert status == 200
        assert "Not known" in page


def test_a_hash_is_looked_up_by_an_index():
    """The ledger is never read through, however long it is: the planner's own choice."""
    LedgerEntry.objects.bulk_create(
        LedgerEntry(
            number=number,
            step="note",
            recorded_at=database_now(),
            entry={"number": number, "text_sha256": {"en": f"{number:064x}", "ru": "x"}},
            canonical="{}",
            previous_hash=UNKNOWN,
            entry_hash=f"{number:064x}",
        )
        for number in range(1, 5001)
    )
    with connection.cursor() as cursor:
        cursor.execute("SELECT gin_clean_pending_list('ledger_hashes')")
        cursor.execute("ANALYZE documents_ledgerentry")
    plan = answering.entries_telling(f"{77:064x}").explain()
    assert "ledger_hashes" in plan
    assert "Seq Scan" not in plan
    [found] = answering.entries_telling(f"{77:064x}")
    assert found.number == 77


class TestLimits:
    def test_an_address_asks_60_times_a_minute(self, client, monkeypatch):
        """P13: then a page with a sentence, and when to come again."""
        monkeypatch.setattr(limits.time, "time", lambda: 1_000_000_000)  # 40 s into a minute
        for _ in range(60):
            assert client.get("/en/verify/", {"sha256": UNKNOWN}).status_code == 200
        refused = client.get("/en/verify/", {"sha256": UNKNOWN})
        assert refused.status_code == 429
        assert refused["Retry-After"] == "20"
        assert "Wait 20 seconds and ask again." in refused.content.decode()
        assert client.post("/en/verify/", {"sha256": UNKNOWN}).status_code == 429
        russian = client.get("/ru/verify/", {"sha256": UNKNOWN}).content.decode()
        assert "Подождите 20 секунд и повторите запрос." in russian
        assert client.get("/en/verify/").status_code == 200  # the form alone is no question
        other = client.get("/en/verify/", {"sha256": UNKNOWN}, REMOTE_ADDR="192.0.2.7")
        assert other.status_code == 200
        monkeypatch.setattr(limits.time, "time", lambda: 1_000_000_020)
        assert client.get("/en/verify/", {"sha256": UNKNOWN}).status_code == 200

    def test_a_session_asks_20_times_a_minute(self, client_of, coordinator, monkeypatch):
        monkeypatch.setattr(limits.time, "time", lambda: 1_000_000_000)
        reader = client_of(coordinator)
        for number in range(20):
            address = f"192.0.2.{number}"
            asked = reader.get("/en/verify/", {"sha256": UNKNOWN}, REMOTE_ADDR=address)
            assert asked.status_code == 200
        assert reader.get("/en/verify/", {"sha256": UNKNOWN}).status_code == 429

    def test_without_the_cache_nobody_is_refused(self, client, settings, caplog):
        """F8: the broker is down; verifying is open to everybody."""
        settings.CACHES = {
            "default": {
                "BACKEND": "django.core.cache.backends.redis.RedisCache",
                "LOCATION": "redis://127.0.0.1:1/0",
            }
        }
        with caplog.at_level(logging.WARNING):
            assert client.get("/en/verify/", {"sha256": UNKNOWN}).status_code == 200
        assert "The cache does not count verify-address" in caplog.text

    def test_a_forged_address_is_not_believed(self, settings):
        """P5: behind our proxy the last address is the one it wrote; without one none is read."""
        asked = RequestFactory().get(
            "/en/verify/", REMOTE_ADDR="10.0.0.9", HTTP_X_FORWARDED_FOR="198.51.100.1, 192.0.2.7"
        )
        settings.ALLAUTH_TRUSTED_PROXY_COUNT = 1
        assert limits.client_address(asked) == "192.0.2.7"
        settings.ALLAUTH_TRUSTED_PROXY_COUNT = 0
        assert limits.client_address(asked) == "10.0.0.9"
