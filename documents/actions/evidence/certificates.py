"""Issuing the certificate of a procedure that has ended (rule S15)."""

import hashlib
import logging
import time

from django.core.files.storage import default_storage
from django.db import connection, transaction
from django.db.models import F, Max, OuterRef, Q, QuerySet, Subquery

from almaty_portal.common import audit
from almaty_portal.common.instants import database_now
from almaty_portal.common.pdf import PdfError
from documents import preparing
from documents.evidence import certificate, signing
from documents.evidence.record import BOOKKEEPING
from documents.ledger import lock_chain, record_step
from documents.models import Certificate, Rendition, SilenceProcedure

logger = logging.getLogger(__name__)
# Any fixed number: the advisory lock of the one process that issues certificates.
ISSUER_LOCK = 19_05_2013
# A run begins no further certificate after so many seconds, and none may take longer than this:
# together they end before the worker would be killed (fault F11).
BEGIN_SECONDS = 5
RENDER_SECONDS = 40


def without_certificate() -> "QuerySet[SilenceProcedure]":
    """Procedures that have ended, with all that follows applied, whose latest act no certificate
    covers."""
    certified = (
        Certificate.objects.filter(procedure=OuterRef("pk")).order_by("-upto").values("upto")[:1]
    )
    return (
        SilenceProcedure.objects.filter(
            # nothing follows from an adoption that was annulled before its effects were applied
            Q(outcome__effects_at__isnull=False) | Q(outcome__annulment__isnull=False),
            historic=False,
        )
        .annotate(
            last_act=Max("ledger__number", filter=~Q(ledger__step__in=BOOKKEEPING)),
            certified=Subquery(certified),
        )
        .filter(Q(certified__isnull=True) | Q(certified__lt=F("last_act")))
        .order_by("pk")
    )


def issue_due() -> int:
    """Issue the certificates that are owed, one after another, as far as a run may last.

    One that cannot be made is logged and tried again by a later run; it is never in the way of
    anything else. One process at a time.
    """
    begun, issued = time.monotonic(), 0
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s)", [ISSUER_LOCK])
        if not cursor.fetchone()[0]:
            return 0
        try:
            for procedure in without_certificate().select_related("edition__document"):
                if time.monotonic() - begun > BEGIN_SECONDS:
                    break
                issued += issue_or_log(procedure)
        finally:
            cursor.execute("SELECT pg_advisory_unlock(%s)", [ISSUER_LOCK])
    return issued


def issue_or_log(procedure: SilenceProcedure) -> int:
    try:
        return int(issue_certificate(procedure=procedure) is not None)
    except (PdfError, signing.SigningError, OSError) as error:
        logger.error("The certificate of %s is still owed: %s", procedure.slug, error)  # noqa: TRY400 (expected: the sentence says it)
    except Exception:
        logger.exception("The certificate of %s is still owed", procedure.slug)
    return 0


def issue_certificate(*, procedure: SilenceProcedure) -> Certificate | None:
    """Make, sign and store the certificate to the present entry; None where one covers it already.

    The file is written whole before its row; both the row and the ledger entry are stored in one
    transaction, or neither. Raises PdfError, SigningError or OSError.
    """
    upto = procedure.ledger.aggregate(last=Max("number"))["last"]
    if upto is None:
        return None
    pdf = certificate.render(procedure, upto, seconds=RENDER_SECONDS)
    signed = signing.sign(pdf)
    sha256 = hashlib.sha256(signed.data).hexdigest()
    name = f"certificates/{procedure.pk}-{upto}-{sha256[:20]}.pdf"
    preparing.write(name, signed.data)
    stored = None
    try:
        stored = store(procedure, upto, name, sha256, signed.by)
    finally:
        if stored is None and not Certificate.objects.filter(file=name).exists():
            default_storage.delete(name)
    return stored


@transaction.atomic
def store(
    procedure: SilenceProcedure, upto: int, name: str, sha256: str, signed_by: str
) -> Certificate | None:
    """Row, ledger entry and audit record; None where another run was first."""
    lock_chain()
    if not without_certificate().filter(pk=procedure.pk).exists():
        return None
    now = database_now()
    made = Certificate.objects.create(
        procedure=procedure,
        upto=upto,
        file=name,
        sha256=sha256,
        signed_by=signed_by,
        made_at=now,
    )
    record_step(
        step="certificate_issued",
        procedure=procedure,
        at=now,
        entry={
            "certificate_sha256": sha256,
            "upto": upto,
            "signed_by": signed_by,
            "pdf_sha256": printed(procedure),
        },
    )
    audit.record(
        by=None,
        action="issue_certificate",
        target=made,
        detail={"procedure": procedure.slug, "sha256": sha256, "upto": upto},
    )
    return made


def printed(procedure: SilenceProcedure) -> dict[str, str]:
    """The hashes of the PDF files of the text that are ready, by language."""
    ready = Rendition.objects.filter(
        edition=procedure.text_edition(),
        layout__in=[Rendition.Layout.EN, Rendition.Layout.RU],
        status=Rendition.Status.READY,
    )
    return {one.layout: one.sha256 for one in ready}
