"""RFC 3161 time stamps of the heads of days, by the authority that is configured.

What is stamped are the 64 hexadecimal digits of the head, as UTF-8: `openssl ts -verify` checks a
token with a file of just these.
"""

import urllib.request
from pathlib import Path
from urllib.parse import urlsplit

from cryptography import x509
from django.conf import settings
from rfc3161_client import (
    HashAlgorithm,
    TimestampRequestBuilder,
    VerificationError,
    VerifierBuilder,
    decode_timestamp_response,
)

SECONDS = 15
MOST_BYTES = 100_000
LOOPBACK = {"127.0.0.1", "localhost", "::1"}


class TimestampError(Exception):
    """No token that proves anything came back; the message says why."""


class NoRedirect(urllib.request.HTTPRedirectHandler):
    """The authority answers at its own address or not at all."""

    def redirect_request(self, *args: object, **kwargs: object) -> None:
        return None


def stamp(head: str) -> bytes:
    """The authority's answer (a TimeStampResp in DER) about a head, verified. TimestampError else.

    Verified are the status, the nonce, the imprint and the signature to a root of TIMESTAMP_CA.
    """
    url = urlsplit(settings.TIMESTAMP_URL)
    if url.scheme != "https" and not (url.scheme == "http" and url.hostname in LOOPBACK):
        raise TimestampError("TIMESTAMP_URL must begin with https://")
    builder = TimestampRequestBuilder().data(head.encode()).hash_algorithm(HashAlgorithm.SHA256)
    request = builder.nonce(nonce=True).cert_request(cert_request=True).build()
    asked = urllib.request.Request(  # noqa: S310 (https, or this machine: judged above)
        settings.TIMESTAMP_URL,
        data=request.as_bytes(),
        headers={"Content-Type": "application/timestamp-query"},
    )
    try:
        with urllib.request.build_opener(NoRedirect).open(asked, timeout=SECONDS) as answer:
            data = answer.read(MOST_BYTES)
        response = decode_timestamp_response(data)
        verifier = VerifierBuilder.from_request(request)
        roots = Path(settings.TIMESTAMP_CA).read_bytes()
        for root in x509.load_pem_x509_certificates(roots):
            verifier = verifier.add_root_certificate(root)
        verifier.build().verify_message(response, head.encode())
    except (OSError, ValueError, VerificationError) as error:
        raise TimestampError(f"{type(error).__name__}: {error}") from error
    return data
