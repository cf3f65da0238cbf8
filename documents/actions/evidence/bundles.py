"""Making the evidence bundle of a procedure, or finding the one that is current (rule S15)."""

import hashlib

from django.core.files.storage import default_storage
from django.db import connection, transaction
from django.db.models import Max, Q

from almaty_portal.common import audit
from almaty_portal.common.instants import database_now
from documents import preparing, renditions
from documents.actions.renditions import ask_for_rendition
from documents.evidence import bundle
from documents.evidence.record import entries_of
from documents.ledger import record_step
from documents.models import Edition, EvidenceBundle, Rendition, SilenceProcedure
from membership.models import User

# Any fixed number: with the id of a procedure, the advisory lock of its bundle.
BUNDLE_LOCK = 20_130_105


class Waiting(Exception):
    """The PDF files of the text are being made; the bundle waits for them."""


def last_entry(procedure: SilenceProcedure) -> int:
    """The number of the last entry but those about bundles."""
    entries = procedure.ledger.exclude(step="bundle_issued")
    return entries.aggregate(last=Max("number"))["last"] or 0


def current_bundle(procedure: SilenceProcedure) -> EvidenceBundle | None:
    """The bundle that says all that could be said now: no entry, certificate, head of a day or
    time stamp has come since."""
    last = procedure.bundles.order_by("-pk").first()
    if last is None or last.upto < last_entry(procedure):
        return None
    newer = Q(sealed_at__gt=last.made_at) | Q(token_at__gt=last.made_at)
    if bundle.heads_of(procedure, last.upto).filter(newer).exists():
        return None
    return last if default_storage.exists(str(last.file)) else None


def make_bundle(*, procedure: SilenceProcedure, by: User) -> EvidenceBundle:
    """The current bundle of a procedure, made where there is none.

    Raises Waiting while the PDF files of its text are not ready; they are asked for then.
    """
    edition = Edition.objects.with_text().get(pk=procedure.text_edition().pk)
    pdfs = ready_pdfs(edition)
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", [BUNDLE_LOCK, procedure.pk])
        if (current := current_bundle(procedure)) is not None:
            return current
        tell_printed(procedure, edition, pdfs)
        upto = last_entry(procedure)
        data = bundle.build(procedure, entries_of(procedure, upto), pdfs)
        sha256 = hashlib.sha256(data).hexdigest()
        if (same := EvidenceBundle.objects.filter(sha256=sha256).first()) is not None:
            preparing.write(str(same.file), data)  # its file was lost; this is the same one
            return same
        name = f"evidence/{procedure.pk}-{upto}-{sha256[:20]}.zip"
        preparing.write(name, data)
        now = database_now()
        made = EvidenceBundle.objects.create(
            procedure=procedure, upto=upto, file=name, sha256=sha256, made_at=now, by=by
        )
        record_step(
            step="bundle_issued",
            procedure=procedure,
            at=now,
            entry={"bundle_sha256": sha256, "upto": upto, "by": by.email},
        )
        audit.record(
            by=by,
            action="make_bundle",
            target=made,
            detail={"procedure": procedure.slug, "sha256": sha256, "upto": upto},
        )
        return made


def ready_pdfs(edition: Edition) -> dict[str, bytes]:
    """The PDF files of an edition by language; Waiting where one has to be made first."""
    found: dict[str, bytes] = {}
    for layout in (Rendition.Layout.EN, Rendition.Layout.RU):
        row = Rendition.objects.filter(edition=edition, layout=layout).first()
        if row is not None and renditions.is_current(row, edition):
            found[layout.value] = bundle.kept(row.file)
        else:
            ask_for_rendition(edition=edition, layout=layout)
    if len(found) < 2:
        raise Waiting
    return found


def tell_printed(procedure: SilenceProcedure, edition: Edition, pdfs: dict[str, bytes]) -> None:
    """Put the hashes of the PDF files on the ledger, unless its last word on them is the same."""
    hashes = {language: hashlib.sha256(data).hexdigest() for language, data in pdfs.items()}
    told = procedure.ledger.filter(step__in=["text_printed", "certificate_issued"])
    if any(one.entry.get("pdf_sha256") == hashes for one in told):
        return
    record_step(
        step="text_printed",
        procedure=procedure,
        at=database_now(),
        entry={"edition": edition.key, "pdf_sha256": hashes},
    )
