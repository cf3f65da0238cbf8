"""Is this file, or this hash, genuine: answered from the ledger (rules S15, T6).

What the reader may not see is answered exactly like what nobody knows (docs/adr/0013): that a Note
Verbale or a text under silence exists is told to those alone who may follow the procedure. Of a
decision that stands in the register for the reader, certificate and bundle are confirmed.
Every hash is looked up by an index; the ledger is never read through.
"""

import datetime as dt
import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import IO, Any

from django.db.models import Q, QuerySet
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from documents.models import (
    Annulment,
    Certificate,
    DailyHead,
    Decision,
    Edition,
    EvidenceBundle,
    LanguageVersion,
    LedgerEntry,
    Rendition,
    SilenceProcedure,
)
from documents.models.archive import Reader
from documents.offline import verify
from documents.transitions import label_of

MOST_TEXT = 5 * 1024 * 1024
# Read as JSON it takes ten times as much memory (fault F14); the largest of ours is a tenth of it.
MOST_JSON = 4 * 1024 * 1024
BOM = b"\xef\xbb\xbf"


@dataclass
class Answer:
    """What the portal says of a hash or a file: genuine, altered or unknown.

    `what` is what it is, in words; `entry` proves it; `link` and `title` are for those who may see.
    """

    what: Any
    entry: LedgerEntry | None = None
    recorded_at: dt.datetime | None = None
    title: str = ""
    link: str = ""
    note: str = ""
    faults: list[str] = field(default_factory=list)


KINDS = {
    "certificate": gettext_lazy("a certificate that the portal issued"),
    "bundle": gettext_lazy("an evidence bundle that the portal made"),
    "note": gettext_lazy("a Note Verbale that the portal received"),
    "entry": gettext_lazy("an entry of the ledger"),
    "head": gettext_lazy("the head of a day"),
    "text": gettext_lazy("the text of an edition"),
    "pdf": gettext_lazy("the PDF of a text"),
}


# Where entries tell hashes of files and texts, and of what kind each is.
TELL = {
    ("note_sha256",): "note",
    ("text_sha256", "en"): "text",
    ("text_sha256", "ru"): "text",
    ("pdf_sha256", "en"): "pdf",
    ("pdf_sha256", "ru"): "pdf",
}


def of_hash(sha256: str, reader: Reader) -> Answer | None:
    """The answer about a SHA-256 in lower-case hexadecimal; None where the portal knows nothing
    that the reader may see."""
    return next(answers(sha256, reader), None)


def answers(sha256: str, reader: Reader) -> Iterator[Answer]:
    yield from of_certificate(sha256, reader)
    yield from of_bundle(sha256, reader)
    yield from of_entry(sha256, reader)
    yield from of_text(sha256, reader)
    yield from of_pdf(sha256, reader)
    yield from of_told(sha256, reader)


def entries_telling(sha256: str) -> "QuerySet[LedgerEntry]":
    """The entries that tell a hash, by the index `ledger_hashes`, in the order of the chain."""
    told = Q()
    for path in TELL:
        content: Any = sha256
        for name in reversed(path):
            content = {name: content}
        told |= Q(entry__contains=content)
    return LedgerEntry.objects.filter(told).order_by("number")


def followed(entries: "QuerySet[LedgerEntry]", reader: Reader) -> "QuerySet[LedgerEntry]":
    """Those of procedures that the reader may follow."""
    return entries.filter(procedure__in=SilenceProcedure.objects.visible_to(reader))


def published(entries: "QuerySet[LedgerEntry]", reader: Reader) -> "QuerySet[LedgerEntry]":
    """Those of procedures whose decision stands in the register for the reader (rule D3)."""
    return entries.filter(procedure__decision__in=Decision.objects.visible_to(reader))


def proved(kind: str, entry: LedgerEntry, reader: Reader, note: str = "") -> Answer:
    """An answer that rests on an entry; the procedure is named to those who may follow it, else the
    decision to those who may read that."""
    answer = Answer(KINDS[kind], entry, entry.recorded_at, note=note)
    procedure = SilenceProcedure.objects.visible_to(reader).filter(pk=entry.procedure_id).first()
    decision = Decision.objects.visible_to(reader).filter(procedure=entry.procedure_id).first()
    if (named := procedure or decision) is not None:
        answer.title, answer.link = str(named), named.get_absolute_url()
        if Annulment.objects.filter(outcome__procedure=entry.procedure_id).exists():
            answer.note = f"{annulled()} {note}".strip()
    return answer


def annulled() -> str:
    return _("The adoption that it belongs to was annulled: the text is not in force.")


def shown(step: str, key: str, sha256: str, procedure_id: int, reader: Reader) -> Any:
    """The entry of a certificate or a bundle that the reader may know of; None for none."""
    entries = LedgerEntry.objects.filter(
        step=step, procedure=procedure_id, entry__contains={key: sha256}
    )
    return followed(entries, reader).first() or published(entries, reader).first()


def of_certificate(sha256: str, reader: Reader) -> Iterator[Answer]:
    for one in Certificate.objects.filter(sha256=sha256):
        entry = shown("certificate_issued", "certificate_sha256", sha256, one.procedure_id, reader)
        if entry is not None:
            later = Certificate.objects.filter(procedure=one.procedure_id, pk__gt=one.pk).exists()
            note = _("The record went on: a later certificate was issued.") if later else ""
            yield proved("certificate", entry, reader, note)


def of_bundle(sha256: str, reader: Reader) -> Iterator[Answer]:
    for one in EvidenceBundle.objects.filter(sha256=sha256):
        entry = shown("bundle_issued", "bundle_sha256", sha256, one.procedure_id, reader)
        if entry is not None:
            yield proved("bundle", entry, reader)


def of_entry(sha256: str, reader: Reader) -> Iterator[Answer]:
    """An entry, to those who may follow its procedure; the head of a day, which is listed for
    everybody, to everybody."""
    entries = LedgerEntry.objects.filter(entry_hash=sha256)
    head = DailyHead.objects.filter(entry_hash=sha256).order_by("day").first()
    for entry in entries if head else followed(entries, reader):
        answer = proved("head" if head else "entry", entry, reader)
        if followed(entries, reader).exists():
            answer.note = label_of(entry.step)
        yield answer


def of_text(sha256: str, reader: Reader) -> Iterator[Answer]:
    """The canonical text of an edition, for those who may read it."""
    versions = LanguageVersion.objects.filter(
        text_hash=sha256, edition__in=Edition.objects.visible_to(reader)
    )
    for version in versions.select_related("edition__document").order_by("pk"):
        yield readable("text", version.edition, sha256, reader)


def of_pdf(sha256: str, reader: Reader) -> Iterator[Answer]:
    """The PDF of a text that the reader may read, as it is served now."""
    ready = Rendition.objects.filter(
        sha256=sha256,
        status=Rendition.Status.READY,
        edition__in=Edition.objects.visible_to(reader),
    )
    for rendition in ready.select_related("edition__document").order_by("pk"):
        yield readable("pdf", rendition.edition, sha256, reader)


def readable(kind: str, edition: Edition, sha256: str, reader: Reader) -> Answer:
    """About a text that the reader may see, with the entry of its own procedures that tells it;
    who may not follow them is told the entry of the decision alone."""
    entries = entries_telling(sha256).filter(procedure__edition__document=edition.document_id)
    decided = published(entries.filter(step="effects_applied"), reader)
    entry = followed(entries, reader).first() or decided.first()
    return Answer(
        KINDS[kind],
        entry,
        entry.recorded_at if entry else None,
        title=str(edition),
        link=edition.get_absolute_url(),
        note=annulled() if edition.annulled_at else ("" if entry else _("It is in the archive.")),
    )


def of_told(sha256: str, reader: Reader) -> Iterator[Answer]:
    """What an entry alone tells, to those who may follow its procedure: a Note Verbale, a text, a
    PDF that was made anew since."""
    for entry in followed(entries_telling(sha256), reader)[:1]:
        for path in TELL:
            told: Any = entry.entry
            for name in path:
                told = told.get(name) if isinstance(told, dict) else None
            if told == sha256:
                yield proved(TELL[path], entry, reader)
                return


def of_file(file: IO[bytes], reader: Reader) -> tuple[str, Answer | None]:
    """The SHA-256 of a file, and the answer about it.

    A text is also known with the line ends and the mark that other systems put into it; a bundle
    that is not known as a file is verified by what is in it, against the portal's own ledger.
    """
    sha256, size = digest(file)
    answer = of_hash(sha256, reader)
    if answer is None and size <= MOST_TEXT:
        file.seek(0)
        data = file.read(MOST_TEXT)
        plain = data.removeprefix(BOM).replace(b"\r\n", b"\n")
        if plain != data:
            answer = of_hash(hashlib.sha256(plain).hexdigest(), reader)
    if answer is None:
        answer = of_unknown_bundle(file, reader)
    return sha256, answer


def digest(file: IO[bytes]) -> tuple[str, int]:
    made, size = hashlib.sha256(), 0
    file.seek(0)
    while chunk := file.read(1 << 16):
        made.update(chunk)
        size += len(chunk)
    return made.hexdigest(), size


class TooMuch(Exception):
    """A bundle whose record is larger than the portal reads."""


def of_unknown_bundle(file: IO[bytes], reader: Reader) -> Answer | None:
    """A bundle whose file the portal does not know: what in it is not as it was; None for none, and
    for one whose procedure the reader may not know of. Raises TooMuch."""
    file.seek(0)
    if file.read(4) != b"PK\x03\x04":
        return None
    file.seek(0)
    try:
        files = verify.from_zip(file)
    except verify.NoBundle:
        return None
    if sum(len(data) for name, data in files.items() if ".json" in name) > MOST_JSON:
        raise TooMuch
    try:
        text = files.get("ledger.jsonl", b"").decode()
    except UnicodeDecodeError:
        return None
    lines = verify.lines_of(text, verify.Report())
    numbers = [one.number for one in lines if 0 < one.number < 2**63]
    entries = LedgerEntry.objects.filter(number__in=numbers)
    known = followed(entries, reader).union(published(entries, reader), all=False)
    own = {one.number: one.entry_hash for one in known}
    strangers = [one for one in lines if own.get(one.number) != one.entry_hash]
    if len(strangers) == len(lines):
        return None  # not one entry is ours and the reader's to know
    try:
        report = verify.check(files)
    except verify.NoBundle:
        return None
    for line in strangers:
        report.fault(
            line.number,
            "is not this entry in the ledger of the portal",
            "в реестре портала эта запись другая",
        )
    report.sort()
    language = "ru" if (get_language() or "ru").startswith("ru") else "en"
    if report.faults:
        return Answer(KINDS["bundle"], faults=[one.line(language) for one in report.faults[:20]])
    last = LedgerEntry.objects.filter(number=lines[-1].number).first()
    if last is None:
        return None
    note = _("The file itself is another one than the portal made; all that is in it verifies.")
    return proved("bundle", last, reader, note)
