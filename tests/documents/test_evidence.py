"""Certificates, bundles, deliveries and heads of days, as the portal makes them (rule S15)."""

import datetime as dt
import hashlib
import io
import subprocess
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pypdf
import pytest
from django.core import mail as outbox
from django.urls import reverse
from post_office.models import STATUS, Email
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.validation import validate_pdf_signature
from pyhanko_certvalidator import ValidationContext

from almaty_portal.common.instants import ALMATY, database_now
from almaty_portal.common.mail import send_waiting
from almaty_portal.common.models import Notice
from almaty_portal.common.pdf import PdfTimeout
from documents.actions import evidence, silence
from documents.actions.ledger import verify_ledger
from documents.evidence import certificate, signing
from documents.models import Certificate, DailyHead, EvidenceBundle, Rendition, SilenceOutcome
from documents.offline import verify
from documents.renditions import make_rendition
from tests.documents.bundles import a_bundle, make_quickly
from tests.factories.documents import a_procedure, a_short_procedure

pytestmark = pytest.mark.django_db


def faults() -> list[str]:
    return [str(one) for one in verify_ledger()]


@pytest.fixture
def quick(monkeypatch, settings):
    make_quickly(monkeypatch, settings)


@pytest.fixture
def broken(support_unit, members, coordinator, kazakhstan):
    procedure = a_procedure(by=support_unit, slug="asked")
    silence.break_silence(procedure=procedure, state=kazakhstan, reason="No.", by=coordinator)
    return procedure


class TestDeliveries:
    def test_what_was_sent_and_what_was_not_is_on_the_ledger_once(self, broken):
        """S12, S15, F10."""
        assert evidence.record_deliveries() == 0
        sent, failed = Email.objects.order_by("pk")[:2]
        Email.objects.filter(pk=sent.pk).update(status=STATUS.sent)
        Email.objects.filter(pk=failed.pk).update(status=STATUS.failed)
        assert evidence.record_deliveries() == 2
        assert evidence.record_deliveries() == 0
        [entry] = broken.ledger.filter(step="delivered")
        told = {one["to"]: one for one in entry.entry["deliveries"]}
        assert told[sent.to[0]]["delivered"] is True
        assert told[sent.to[0]]["event"] == f"silence-{broken.pk}-opened"
        assert [one["delivered"] for one in told.values()].count(False) == 1
        assert Notice.objects.filter(delivered__isnull=False).count() == 2
        assert faults() == []

    def test_a_mail_that_is_tried_again_is_not_told_yet(self, broken):
        """F10."""
        Email.objects.update(status=STATUS.requeued)
        assert evidence.record_deliveries() == 0

    def test_one_that_could_not_be_written_is_told_as_not_delivered(self, broken):
        """F10."""
        Notice.objects.all().update(email=None)
        assert evidence.record_deliveries() == Notice.objects.count()
        assert not Notice.objects.filter(delivered=True).exists()


class TestCertificates:
    def test_it_is_pdf_a_3a_with_its_record_and_a_sound_signature(self, broken, settings, tmp_path):
        """S15: judged by pypdf and by pyHanko's validator."""
        settings.SIGNING_KEY = str(tmp_path / "key.p12")
        settings.SIGNING_PASSPHRASE = "demonstration"
        signing.make_demonstration_key(Path(settings.SIGNING_KEY), "demonstration")
        assert Path(settings.SIGNING_KEY).stat().st_mode & 0o077 == 0
        assert evidence.issue_due() == 1
        made = Certificate.objects.get()
        data = Path(made.file.path).read_bytes()
        assert hashlib.sha256(data).hexdigest() == made.sha256
        assert made.signed_by == signing.DEMONSTRATION
        reader = pypdf.PdfReader(io.BytesIO(data))
        root = reader.trailer["/Root"]
        xmp = root["/Metadata"].get_object().get_data().decode()
        assert 'pdfaid:part="3"' in xmp
        assert 'pdfaid:conformance="A"' in xmp
        assert root["/MarkInfo"]["/Marked"]
        assert root["/OutputIntents"]
        assert "/Extensions" not in root
        assert root.get("/Version") in (None, "/1.7")
        [attached] = {one.idnum: one for one in root["/AF"]}.values()
        assert attached.get_object()["/AFRelationship"] == "/Source"
        assert [one["number"] for one in verify.record_in(data)] == list(
            broken.ledger.filter(number__lte=made.upto).values_list("number", flat=True)
        )
        words = " ".join(page.extract_text() for page in reader.pages)
        for told in ("Certificate of a silence procedure", "Свидетельство о процедуре", "“No.”"):
            assert told in words
        [signature] = PdfFileReader(io.BytesIO(data)).embedded_signatures
        status = validate_pdf_signature(
            signature, ValidationContext(trust_roots=[signature.signer_cert])
        )
        assert status.bottom_line
        assert faults() == []

    def test_exactly_once_for_each_state_of_the_record(
        self, quick, broken, azerbaijan, other_coordinator
    ):
        """S15: deliveries and bundles are no act; a second objection is."""
        assert [evidence.issue_due() for _ in range(2)] == [1, 0]
        Email.objects.update(status=STATUS.sent)
        evidence.record_deliveries()
        assert evidence.issue_due() == 0
        silence.break_silence(
            procedure=broken, state=azerbaijan, reason="Nor we.", by=other_coordinator
        )
        assert [evidence.issue_due() for _ in range(2)] == [1, 0]
        assert broken.ledger.filter(step="certificate_issued").count() == 2

    def test_two_at_once_store_one(self, quick, broken, monkeypatch):
        """S15: the one that comes second keeps neither row nor file."""
        real, runs = certificate.render, []

        def meanwhile(procedure, upto, **more):
            if not runs:
                runs.append(1)
                assert evidence.issue_certificate(procedure=procedure) is not None
            return real(procedure, upto, **more)

        monkeypatch.setattr(certificate, "render", meanwhile)
        monkeypatch.setattr(signing, "sign", lambda data: signing.Signed(data + bytes(len(runs))))
        assert evidence.issue_certificate(procedure=broken) is None
        assert Certificate.objects.count() == 1
        assert faults() == []

    def test_running_and_historic_procedures_have_none(self, quick, support_unit, members):
        a_procedure(by=support_unit)
        assert evidence.issue_due() == 0

    @pytest.mark.parametrize("broke", ["render", "sign"])
    def test_what_is_broken_is_never_in_the_way(self, quick, broken, monkeypatch, broke, caplog):
        """F11: logged, tried again; the outcome stands."""

        def fails(*args, **kwargs):
            raise PdfTimeout("It hangs.") if broke == "render" else signing.SigningError("No key.")

        module = certificate if broke == "render" else signing
        with monkeypatch.context() as patched:
            patched.setattr(module, broke, fails)
            assert evidence.issue_due() == 0
        assert "still owed" in caplog.text
        assert SilenceOutcome.objects.get().result == "broken"
        assert evidence.issue_due() == 1

    def test_a_key_that_cannot_be_used_signs_nothing(self, settings, tmp_path):
        settings.SIGNING_KEY, settings.SIGNING_PASSPHRASE = str(tmp_path / "none.p12"), "x"
        with pytest.raises(signing.SigningError, match=r"none\.p12"):
            signing.sign(b"%PDF-1.7")
        (tmp_path / "none.p12").write_bytes(b"no key")
        with pytest.raises(signing.SigningError):
            signing.sign(b"%PDF-1.7")

    def test_a_file_that_was_exchanged_is_named(self, quick, broken):
        """S15: verify_ledger reads the files too."""
        evidence.issue_due()
        made = Certificate.objects.get()
        Path(made.file.path).write_bytes(b"%PDF-1.7 another")
        assert faults() == [f"the file of the certificate {made.file} is not the one on record"]
        Path(made.file.path).unlink()
        assert faults() == [f"the file of the certificate {made.file} cannot be read"]

    def test_who_may_download_it(
        self, quick, broken, client_of, coordinator, observer, anonymous, chair
    ):
        """T6, P3, P6."""
        address = reverse("silence_certificate", args=["asked"])
        assert client_of(coordinator).get(address).status_code == 404
        evidence.issue_due()
        response = client_of(coordinator).get(address)
        assert response["Content-Type"] == "application/pdf"
        assert response["X-Content-Type-Options"] == "nosniff"
        assert response["Cache-Control"].startswith("private, no-store")
        assert response["Content-Disposition"].startswith("attachment")
        assert b"".join(response).startswith(b"%PDF")
        for person in (observer, chair):
            assert client_of(person).get(address).status_code == 404
        assert client_of(anonymous).get(address).status_code == 302


class TestBundles:
    def test_reading_makes_none_and_the_button_makes_one(
        self, quick, broken, client_of, coordinator, observer, support_unit
    ):
        """P7, T6."""
        client, address = client_of(coordinator), reverse("silence_evidence", args=["asked"])
        assert client.get(address).status_code == 200
        assert not EvidenceBundle.objects.exists()
        a_bundle(broken, support_unit)
        made = [client.post(address)["Location"] for _ in range(2)]
        assert made[0] == made[1]
        assert EvidenceBundle.objects.count() == 1
        response = client.get(made[0])
        files = verify.from_zip(io.BytesIO(b"".join(response)))
        assert not verify.check(files).faults
        assert response["Cache-Control"].startswith("private, no-store")
        for method in ("get", "post"):
            assert getattr(client_of(observer), method)(address).status_code == 404
        assert client_of(observer).get(made[0]).status_code == 404

    def test_the_page_says_that_it_waits(self, quick, broken, client_of, coordinator):
        address = reverse("silence_evidence", args=["asked"]).replace("/ru/", "/en/")
        page = client_of(coordinator).post(address, follow=True).content.decode()
        assert "The PDF files of the text are being made" in page
        assert Rendition.objects.filter(status="waiting").count() >= 2

    def test_it_is_asked_for_once_while_its_pdfs_are_made(
        self, quick, broken, client_of, coordinator, other_coordinator
    ):
        """P7: the page that was sent makes it when they are ready; nobody else's page does."""
        client, address = client_of(coordinator), reverse("silence_evidence", args=["asked"])
        client.post(address)
        client.get(address)
        assert not EvidenceBundle.objects.exists()
        for one in Rendition.objects.filter(edition=broken.edition):
            make_rendition(rendition_id=one.pk)
        client_of(other_coordinator).get(address)
        assert not EvidenceBundle.objects.exists()
        page = client.get(address).content.decode()
        assert EvidenceBundle.objects.get().by == coordinator
        assert EvidenceBundle.objects.get().sha256 in page
        client.get(address)
        assert EvidenceBundle.objects.count() == 1

    def test_the_record_goes_on_and_so_does_the_bundle(self, quick, broken, support_unit):
        first = a_bundle(broken, support_unit)
        evidence.issue_due()
        made = evidence.make_bundle(procedure=broken, by=support_unit)
        with made.file.open() as file:
            later = file.read()
        assert later != first
        assert "certificate.pdf" in verify.from_zip(io.BytesIO(later))


class TestHeads:
    def test_a_day_is_sealed_and_mailed_once(
        self, broken, coordinator, deputy, other_coordinator, support_unit
    ):
        """S15: to Coordinators and deputies in office, in their language."""
        tomorrow = database_now() + dt.timedelta(days=1)
        [head] = evidence.seal_heads(now=tomorrow)
        assert evidence.seal_heads(now=tomorrow) == []
        last = broken.ledger.last()
        assert (head.number, head.entry_hash) == (last.number, last.entry_hash)
        assert head.day == database_now().astimezone(ALMATY).date()
        told = Notice.objects.filter(event=f"ledger-head-{head.day:%Y-%m-%d}")
        assert {one.recipient for one in told} == {coordinator, deputy, other_coordinator}
        send_waiting()
        mails = [one for one in outbox.outbox if last.entry_hash in one.body]
        assert len(mails) == 3
        assert any("Алматы" in one.body for one in mails)
        assert faults() == []

    def test_missed_days_are_made_up_and_only_the_newest_is_mailed(self, broken, coordinator):
        start = database_now() + dt.timedelta(days=1)
        evidence.seal_heads(now=start)
        assert len(evidence.seal_heads(now=start + dt.timedelta(days=3))) == 3
        assert Notice.objects.filter(event__startswith="ledger-head-").count() == 2

    def test_a_head_that_the_ledger_contradicts_is_named(self, broken):
        DailyHead.objects.create(
            day=dt.date(2026, 1, 1), number=2, entry_hash="0" * 64, sealed_at=database_now()
        )
        assert faults() == ["entry 2: differs from the head of 2026-01-01, or is missing"]


@pytest.fixture
def authority(tmp_path, settings):
    """A time-stamping authority of OpenSSL's, behind a small server on this machine."""
    if subprocess.run(["which", "openssl"], capture_output=True, check=False).returncode:
        pytest.skip("OpenSSL is not installed")
    config = tmp_path / "tsa.cnf"
    config.write_text(
        "[tsa]\ndefault_tsa = one\n[one]\n"
        f"serial = {tmp_path}/serial\ncrypto_device = builtin\nsigner_cert = {tmp_path}/tsa.pem\n"
        f"signer_key = {tmp_path}/tsa.key\nsigner_digest = sha256\n"
        "default_policy = 1.2.3.4.1\ndigests = sha256\naccuracy = secs:1\n"
        "[ext]\nextendedKeyUsage = critical,timeStamping\nkeyUsage = critical,digitalSignature\n"
        "[ca]\nbasicConstraints = critical,CA:TRUE\nkeyUsage = critical,keyCertSign\n"
        "[req]\ndistinguished_name = dn\n[dn]\n"
    )
    (tmp_path / "serial").write_text("01\n")

    def openssl(*words: str, given: bytes = b"") -> bytes:
        return subprocess.run(
            ["openssl", *words], input=given, capture_output=True, check=True, cwd=tmp_path
        ).stdout

    request = ["req", "-config", "tsa.cnf", "-newkey", "rsa:2048", "-nodes"]
    openssl(
        *request,
        "-x509",
        "-keyout",
        "ca.key",
        "-out",
        "ca.pem",
        "-subj",
        "/CN=CA",
        "-extensions",
        "ca",
        "-days",
        "30",
    )
    openssl(*request, "-keyout", "tsa.key", "-out", "tsa.csr", "-subj", "/CN=TSA")
    openssl(
        "x509",
        "-req",
        "-in",
        "tsa.csr",
        "-CA",
        "ca.pem",
        "-CAkey",
        "ca.key",
        "-CAcreateserial",
        "-out",
        "tsa.pem",
        "-days",
        "30",
        "-extfile",
        "tsa.cnf",
        "-extensions",
        "ext",
    )

    class Answers(BaseHTTPRequestHandler):
        def do_POST(self):
            (tmp_path / "query").write_bytes(self.rfile.read(int(self.headers["Content-Length"])))
            reply = openssl("ts", "-reply", "-config", "tsa.cnf", "-queryfile", "query")
            self.send_response(200)
            self.end_headers()
            self.wfile.write(reply)

        def log_message(self, *args):
            pass

    server = HTTPServer(("127.0.0.1", 0), Answers)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    settings.TIMESTAMP_URL = f"http://127.0.0.1:{server.server_port}/"
    settings.TIMESTAMP_CA = str(tmp_path / "ca.pem")
    yield openssl
    server.shutdown()
    server.server_close()
    thread.join()


class TestTimeStamps:
    @pytest.fixture
    def head(self, broken):
        [head] = evidence.seal_heads(now=database_now() + dt.timedelta(days=1))
        return head

    def test_a_real_authority_stamps_a_head_once(self, head, authority, tmp_path, client):
        """S15: and OpenSSL, that knows nothing of us, verifies what the portal hands out."""
        assert [evidence.stamp_heads() for _ in range(2)] == [1, 0]
        page = client.get(f"/en/verify/heads/{head.day:%Y-%m-%d}.tsr")
        (tmp_path / "head.tsr").write_bytes(page.content)
        (tmp_path / "head.txt").write_text(head.entry_hash)
        told = authority(
            "ts", "-verify", "-in", "head.tsr", "-data", "head.txt", "-CAfile", "ca.pem"
        )
        assert b"Verification: OK" in told
        assert head.entry_hash in client.get("/en/verify/").content.decode()

    def test_a_bundle_holds_the_stamp(self, quick, broken, authority, support_unit):
        data = a_bundle(broken, support_unit)
        [head] = evidence.seal_heads(now=database_now() + dt.timedelta(days=1))
        evidence.stamp_heads()
        made = evidence.make_bundle(procedure=broken, by=support_unit)
        with made.file.open() as file:
            later = file.read()
        assert later != data
        files = verify.from_zip(io.BytesIO(later))
        assert f"heads/{head.day:%Y-%m-%d}.tsr" in files
        assert not verify.check(files).faults

    def test_another_root_or_no_answer_stamps_nothing(self, head, authority, settings, tmp_path):
        authority(
            "req",
            "-config",
            "tsa.cnf",
            "-newkey",
            "rsa:2048",
            "-nodes",
            "-x509",
            "-keyout",
            "o.key",
            "-out",
            "other.pem",
            "-subj",
            "/CN=Other",
        )
        settings.TIMESTAMP_CA = str(tmp_path / "other.pem")
        assert evidence.stamp_heads() == 0
        settings.TIMESTAMP_URL = "http://127.0.0.1:9/"
        assert evidence.stamp_heads() == 0
        settings.TIMESTAMP_URL = "http://authority.example.org/"
        assert evidence.stamp_heads() == 0
        assert DailyHead.objects.get().token is None


def test_an_adoption_at_its_deadline_is_proved(quick, settings, support_unit, members):
    """S11, S15: the bundle works the outcome out anew."""
    procedure = a_short_procedure(settings, by=support_unit, seconds=-1600, slug="asked")
    silence.close_due()
    evidence.issue_due()
    report = verify.check(verify.from_zip(io.BytesIO(a_bundle(procedure, support_unit))))
    assert [one.line("en") for one in report.faults] == []
    assert report.told.result() == "adopted"
