"""The evidence bundle: a zip that anyone can verify offline, the same bytes for the same record."""

import io
import json
import zipfile
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.files.storage import default_storage
from django.db.models import Min, QuerySet
from django.db.models.fields.files import FieldFile

from documents.evidence.record import record_of, row
from documents.ledger import instant
from documents.models import DailyHead, Edition, LedgerEntry, SilenceProcedure
from documents.offline import verify
from documents.text import canonical_text

PACKED_AT = (2013, 6, 5, 0, 0, 0)  # a fixed date, so that the same record makes the same file
README = """EVIDENCE OF A SILENCE PROCEDURE OF THE ALMATY PROCESS
{title_en}
{demonstration_en}
ledger.jsonl        the entries of the procedure, each with its hash and the hash before it
record.json         the same entries with the facts that follow from them
text-en.txt, -ru    the texts put under silence, as their hashes fix them (corrected ones beside)
text-en.pdf, -ru    the same texts as PDF
certificate.pdf     the certificate, where one is issued (PDF/A-3a, record.json embedded)
heads.json, heads/  the heads of the days that cover the entries, with their time stamps (RFC 3161)
manifest.json       the SHA-256 of every file
verify.py           the program that checks all of this; it needs Python 3.9 and no network

To verify, with the bundle unpacked:        python verify.py
or, with the bundle as it is:               python verify.py bundle.zip
It names the first entry that does not agree, and then ends with status 1.

Each entry's hash is sha256(previous_hash + canonical JSON). "previous_hash" belongs to the chain
of the whole portal; "previous_of_procedure" ties the entries of this procedure to one another.
Compare the head of a day with the one that was mailed to every National Coordinator.
A time stamp: openssl ts -verify -in heads/DAY.tsr -data heads/DAY.txt -CAfile authority.pem
The signature of certificate.pdf is shown by any PDF reader. Of Notes Verbales record.json has the
hashes; the files stay with the portal. A copy of verify.py from {portal} is as good as this one.

ДОКАЗАТЕЛЬСТВА ПРОЦЕДУРЫ УМОЛЧАНИЯ АЛМАТИНСКОГО ПРОЦЕССА
{title_ru}
{demonstration_ru}
ledger.jsonl        записи процедуры в реестре, каждая со своим хешем и хешем предыдущей
record.json         те же записи и вытекающие из них сведения
text-en.txt, -ru    тексты, вынесенные на процедуру, в том виде, который закреплен хешами
text-en.pdf, -ru    те же тексты в PDF
certificate.pdf     свидетельство, если оно выдано (PDF/A-3a, record.json вложен)
heads.json, heads/  итоговые хеши дней, охватывающих записи, и метки времени (RFC 3161)
manifest.json       SHA-256 каждого файла
verify.py           программа проверки; ей нужен Python 3.9 и не нужна сеть

Проверка распакованного пакета:             python verify.py
или пакета как он есть:                     python verify.py bundle.zip
Программа называет первую запись, которая не сходится, и завершается с кодом 1.

Хеш записи – sha256(previous_hash + канонический JSON). «previous_hash» относится к цепочке всего
портала, «previous_of_procedure» связывает записи этой процедуры между собой. Сверьте итоговый хеш
дня с тем, который был разослан всем Национальным координаторам. Подпись свидетельства показывает
любая программа просмотра PDF. О вербальных нотах record.json содержит хеши; сами файлы остаются
на портале. Программу verify.py можно взять и с портала: {portal}
"""


def build(procedure: SilenceProcedure, entries: list[LedgerEntry], pdfs: dict[str, bytes]) -> bytes:
    """The bundle of a procedure with the given entries and PDF files of its text."""
    files: dict[str, bytes] = {
        "README.txt": readme(procedure),
        "record.json": pretty(record_of(procedure, entries)),
        "ledger.jsonl": "".join(verify.canonical(row(one)) + "\n" for one in entries).encode(),
        "verify.py": Path(verify.__file__).read_bytes(),
        **{f"text-{language}.pdf": data for language, data in pdfs.items()},
        **texts(procedure),
        **heads(procedure, entries[-1].number),
    }
    issued = procedure.certificates.filter(upto__lte=entries[-1].number).order_by("-pk").first()
    if issued is not None:
        files["certificate.pdf"] = kept(issued.file)
    listed = {name: verify.sha256(data) for name, data in sorted(files.items())}
    files["manifest.json"] = pretty({"format": "almaty-process/evidence/1", "files": listed})
    return packed(files)


def kept(file: FieldFile) -> bytes:
    """The content of a kept file, on a disk or in a bucket."""
    with default_storage.open(str(file)) as opened:
        return opened.read()


def readme(procedure: SilenceProcedure) -> bytes:
    demonstration = procedure.is_demonstration
    return README.format(
        title_en=procedure.title_en,
        title_ru=procedure.title_ru,
        demonstration_en="DEMONSTRATION: it is not real.\n" if demonstration else "",
        demonstration_ru="ДЕМОНСТРАЦИЯ: процедура не настоящая.\n" if demonstration else "",
        portal=settings.PORTAL_URL,
    ).encode()


def pretty(value: Any) -> bytes:
    return (json.dumps(value, ensure_ascii=False, indent=1, sort_keys=True) + "\n").encode()


def texts(procedure: SilenceProcedure) -> dict[str, bytes]:
    """Both texts as put, and as each technical correction left them (rule S10)."""
    put = {"": procedure.edition_id}
    for at, correction in enumerate(procedure.corrections.order_by("pk"), start=1):
        put[f"-corrected-{at}"] = correction.edition_id
    found = {}
    for suffix, edition_id in put.items():
        edition = Edition.objects.with_text().get(pk=edition_id)
        for language in verify.LANGUAGES:
            text = canonical_text(edition, language)
            found[f"text-{language}{suffix}.txt"] = text.encode()
    return found


def heads_of(procedure: SilenceProcedure, upto: int) -> "QuerySet[DailyHead]":
    """The heads of the days from the first entry to the one that covers entry `upto`."""
    first = procedure.ledger.aggregate(first=Min("number"))["first"] or 0
    covering = DailyHead.objects.filter(number__gte=upto).order_by("day").first()
    found = DailyHead.objects.filter(number__gte=first)
    return found.filter(day__lte=covering.day) if covering else found


def heads(procedure: SilenceProcedure, upto: int) -> dict[str, bytes]:
    found = list(heads_of(procedure, upto).order_by("day"))
    files = {
        "heads.json": pretty(
            [
                {
                    "day": f"{one.day:%Y-%m-%d}",
                    "number": one.number,
                    "entry_hash": one.entry_hash,
                    "sealed_at": instant(one.sealed_at),
                }
                for one in found
            ]
        )
    }
    for one in found:
        if one.token is not None:
            files[f"heads/{one.day:%Y-%m-%d}.tsr"] = bytes(one.token)
            files[f"heads/{one.day:%Y-%m-%d}.txt"] = one.entry_hash.encode()
    return files


def packed(files: dict[str, bytes]) -> bytes:
    """The zip of the files, always the same bytes for the same files."""
    into = io.BytesIO()
    with zipfile.ZipFile(into, "w", zipfile.ZIP_DEFLATED, compresslevel=6) as archive:
        for name, data in sorted(files.items()):
            member = zipfile.ZipInfo(name, PACKED_AT)
            member.compress_type = zipfile.ZIP_DEFLATED
            member.create_system = 3
            member.external_attr = 0o100644 << 16
            archive.writestr(member, data)
    return into.getvalue()
