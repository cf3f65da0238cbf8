"""Is this file, or this hash, genuine: answered from the ledger (rules S15, T6).

What the reader may not see is not named: such an answer tells the number of the ledger entry that
proves it and when it was recorded, and no more.
"""

import datetime as dt
import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import IO, Any

from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from documents.models import (
    Annulment,
    Certificate,
    DailyHead,
    Edition,
    EvidenceBundle,
    LanguageVersion,
    LedgerEntry,
    PaperNote,
    Rendition,
    SilenceProcedure,
    SilenceResponse,
)
from documents.models.archive import Reader
from documents.offline import verify
from documents.transitions import label_of

MOST_TEXT = 5 * 1024 * 1024
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


def of_hash(sha256: str, reader: Reader) -> Answer | None:
    """The answer about a SHA-256 in lower-case hexadecimal; None where the portal knows nothing."""
    return next(answers(sha256, reader), None)


def answers(sha256: str, reader: Reader) -> Iterator[Answer]:
    yield from of_certificate(sha256, reader)
    yield from of_bundle(sha256, reader)
    yield from of_entry(sha256, reader)
    yield from of_note(sha256, reader)
    yield from of_text(sha256, reader)
    yield from of_pdf(sha256, reader)


def proved(kind: str, entry: LedgerEntry, reader: Reader, note: str = "") -> Answer:
    """An answer that rests on an entry; the procedure is named to those who may follow it."""
    answer = Answer(KINDS[kind], entry, entry.recorded_at, note=note)
    procedure = SilenceProcedure.objects.visible_to(reader).filter(pk=entry.procedure_id).first()
    if procedure is not None:
        answer.title, answer.link = str(procedure), procedure.get_absolute_url()
    if Annulment.objects.filter(outcome__procedure=entry.procedure_id).exists():
        answer.note = f"{annulled()} {note}".strip()
    return answer


def annulled() -> str:
    return _("The adoption that it belongs to was annulled: the text is not in force.")


def entry_of(step: str, key: str, sha256: str, procedure_id: int) -> LedgerEntry | None:
    return LedgerEntry.objects.filter(
        step=step, procedure=procedure_id, **{f"entry__{key}": sha256}
    ).first()


def of_certificate(sha256: str, reader: Reader) -> Iterator[Answer]:
    for one in Certificate.objects.filter(sha256=sha256):
        entry = entry_of("certificate_issued", "certificate_sha256", sha256, one.procedure_id)
        if entry is not None:
            later = Certificate.objects.filter(procedure=one.procedure_id, pk__gt=one.pk).exists()
            note = _("The record went on: a later certificate was issued.") if later else ""
            yield proved("certificate", entry, reader, note)


def of_bundle(sha256: str, reader: Reader) -> Iterator[Answer]:
    for one in EvidenceBundle.objects.filter(sha256=sha256):
        entry = entry_of("bundle_issued", "bundle_sha256", sha256, one.procedure_id)
        if entry is not None:
            yield proved("bundle", entry, reader)


def of_entry(sha256: str, reader: Reader) -> Iterator[Answer]:
    """An entry; where it is the head of a day, which everybody was told, that is said too."""
    for entry in LedgerEntry.objects.filter(entry_hash=sha256):
        head = DailyHead.objects.filter(entry_hash=sha256).order_by("day").first()
        answer = proved("head" if head else "entry", entry, reader)
        if answer.link:
            answer.note = label_of(entry.step)
        yield answer


def of_note(sha256: str, reader: Reader) -> Iterator[Answer]:
    """A Note Verbale, by the entry that tells its hash."""
    for model in (SilenceResponse, PaperNote):
        for one in model.objects.filter(note_sha256=sha256):
            entry = LedgerEntry.objects.filter(
                procedure=one.procedure_id, canonical__contains=sha256
            ).first()
            if entry is not None:
                yield proved("note", entry, reader)


def of_text(sha256: str, reader: Reader) -> Iterator[Answer]:
    """The canonical text of an edition, for those who may read it; else by its entry alone."""
    for version in LanguageVersion.objects.filter(text_hash=sha256).select_related("edition"):
        if Edition.objects.visible_to(reader).filter(pk=version.edition_id).exists():
            yield readable("text", version.edition, sha256)
    yield from told("text", sha256, reader)


def of_pdf(sha256: str, reader: Reader) -> Iterator[Answer]:
    """The PDF of a text, as it is served now, or as an entry tells it."""
    ready = Rendition.objects.filter(sha256=sha256, status=Rendition.Status.READY)
    for rendition in ready.select_related("edition"):
        if Edition.objects.visible_to(reader).filter(pk=rendition.edition_id).exists():
            yield readable("pdf", rendition.edition, sha256)
    yield from told("pdf", sha256, reader)


def readable(kind: str, edition: Edition, sha256: str) -> Answer:
    """About the text of an edition that the reader may see; its own procedure's entry, if any."""
    entry = first_told(sha256, edition)
    return Answer(
        KINDS[kind],
        entry,
        entry.recorded_at if entry else None,
        title=str(edition),
        link=edition.get_absolute_url(),
        note=annulled()
        if edition.annulled_at
        else ("" if entry else _("It is in the archive; no entry of the ledger tells of it.")),
    )


def told(kind: str, sha256: str, reader: Reader) -> Iterator[Answer]:
    entry = first_told(sha256)
    named = entry.entry.get("pdf_sha256" if kind == "pdf" else "text_sha256") if entry else None
    if entry is not None and isinstance(named, dict) and sha256 in named.values():
        yield proved(kind, entry, reader)


def first_told(sha256: str, edition: Edition | None = None) -> LedgerEntry | None:
    """The first entry that tells a hash, of the procedures on an edition's document where named."""
    entries = LedgerEntry.objects.filter(canonical__contains=sha256).order_by("number")
    if edition is not None:
        entries = entries.filter(procedure__edition__document=edition.document_id)
    return entries.first()


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


def of_unknown_bundle(file: IO[bytes], reader: Reader) -> Answer | None:
    """A bundle whose file the portal does not know: what in it is not as it was; None for none."""
    file.seek(0)
    if file.read(4) != b"PK\x03\x04":
        return None
    file.seek(0)
    try:
        files = verify.from_zip(file)
        report = verify.check(files)
    except verify.NoBundle:
        return None
    lines = verify.lines_of(files["ledger.jsonl"].decode(), verify.Report())
    numbers = [one.number for one in lines if 0 < one.number < 2**63]
    own = dict(LedgerEntry.objects.filter(number__in=numbers).values_list("number", "entry_hash"))
    strangers = [one for one in lines if own.get(one.number) != one.entry_hash]
    if lines and len(strangers) == len(lines):
        return None  # not one entry is ours
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
    last = LedgerEntry.objects.filter(number=lines[-1].number).first() if lines else None
    if last is None:
        return None
    note = _("The file itself is another one than the portal made; all that is in it verifies.")
    return proved("bundle", last, reader, note)
