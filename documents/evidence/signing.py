"""Signing a certificate with the Support Unit's key (PAdES), and the demonstration's own key."""

import datetime as dt
import io
import logging
import os
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings

logger = logging.getLogger(__name__)
DEMONSTRATION = "Demonstration – Almaty Process portal"


class SigningError(Exception):
    """The configured key cannot be used; the message says why."""


@dataclass(frozen=True)
class Signed:
    """A file as it is handed out, and the name in the certificate that signed it ("" for none)."""

    data: bytes
    by: str = ""


def sign(data: bytes) -> Signed:
    """The PDF with an invisible PAdES signature added to it; as it is where no key is configured.

    The signature is an increment: the bytes that it signs stay as they were made, and the file
    stays PDF/A-3a. Raises SigningError where the key that is configured cannot be used.
    """
    if not settings.SIGNING_KEY:
        return Signed(data)
    from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
    from pyhanko.sign import fields, signers

    class StaysPdfA(IncrementalPdfFileWriter):
        """Leaves version and extensions of the file as PDF/A-3a has them (PDF 1.7)."""

        def ensure_output_version(self, version: object) -> None:
            pass

        def register_extension(self, extension: object) -> None:
            pass

    path = Path(settings.SIGNING_KEY)
    try:
        signer = signers.SimpleSigner.load_pkcs12(
            str(path), passphrase=settings.SIGNING_PASSPHRASE.encode() or None
        )
    except (OSError, ValueError) as error:
        raise SigningError(f"SIGNING_KEY {path}: {error}") from error
    if signer is None or signer.signing_cert is None:
        raise SigningError(f"SIGNING_KEY {path}: not a PKCS#12 file, or another passphrase")
    name = str(signer.signing_cert.subject.native.get("common_name") or signer.subject_name)
    meta = signers.PdfSignatureMetadata(
        field_name="SupportUnit",
        md_algorithm="sha256",
        subfilter=fields.SigSeedSubFilter.PADES,
        name=name,
        location="Almaty",
        reason="Certificate of a silence procedure",
    )
    try:
        written = signers.PdfSigner(meta, signer=signer).sign_pdf(
            StaysPdfA(io.BytesIO(data)), output=io.BytesIO()
        )
    except Exception as error:
        raise SigningError(f"SIGNING_KEY {path}: {error}") from error
    return Signed(written.getvalue(), name[:200])


def make_demonstration_key(path: Path, passphrase: str) -> None:
    """A self-signed key for a demonstration, made once, that only its owner may read."""
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.hazmat.primitives.serialization import pkcs12
    from cryptography.x509.oid import NameOID

    if path.exists():
        return
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name(
        [
            x509.NameAttribute(NameOID.COMMON_NAME, DEMONSTRATION),
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, "Demonstration, no authority"),
        ]
    )
    now = dt.datetime.now(dt.UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(days=1))
        .not_valid_after(now + dt.timedelta(days=3650))
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(
            x509.KeyUsage(
                digital_signature=True,
                content_commitment=True,
                key_encipherment=False,
                data_encipherment=False,
                key_agreement=False,
                key_cert_sign=False,
                crl_sign=False,
                encipher_only=False,
                decipher_only=False,
            ),
            critical=True,
        )
        .sign(key, hashes.SHA256())
    )
    data = pkcs12.serialize_key_and_certificates(
        b"demonstration",
        key,
        certificate,
        None,
        serialization.BestAvailableEncryption(passphrase.encode()),
    )
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_suffix(f".{os.getpid()}")
    beside.touch(mode=0o600)
    beside.write_bytes(data)
    beside.replace(path)
    logger.info("A self-signed key of the demonstration is in %s", path)
