"""An edition as an entry in a list of references: BibTeX and RIS."""

import re
from collections.abc import Iterator

from documents.formats.record import Record
from documents.models import Document

MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
REPORTS = {Document.Type.REPORT, Document.Type.BACKGROUND_PAPER, Document.Type.INFORMATION_SHEET}
TEX = {
    "\\": r"\textbackslash{}",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
    **{sign: f"\\{sign}" for sign in "&%$#_{}"},
}


def bibtex(record: Record) -> bytes:
    """One entry in UTF-8; the note tells the edition, the standing and the marking (S4, T2)."""
    year, month, day = parts(record)
    fields = {
        "author": f"{{{tex(record.author)}}}",
        "title": f"{{{tex(record.title)}}}",
        "year": year,
        "month": MONTHS[int(month) - 1] if month else "",
        "day": str(int(day)) if day else "",
        "number": tex(record.reference),
        "language": {"en": "english", "ru": "russian"}[record.language],
        "note": tex(". ".join(told(record))),
        "url": record.address,
    }
    kind = "techreport" if record.document.type in REPORTS else "misc"
    if kind == "techreport":
        fields["institution"] = f"{{{tex(record.author)}}}"
    lines = [f"  {name} = {{{value}}}," for name, value in fields.items() if value]
    # months are macros of BibTeX itself, and stand without braces
    lines = [re.sub(r"^(  month = )\{(\w+)\}", r"\1\2", line) for line in lines]
    return "\n".join([f"@{kind}{{{record.key},", *lines, "}", ""]).encode()


def ris(record: Record) -> bytes:
    """One entry in UTF-8 with lines that end as the format wants."""
    year, month, day = parts(record)
    fields = [
        ("TY", "RPRT" if record.document.type in REPORTS else "GEN"),
        ("ID", record.key),
        ("TI", record.title),
        ("AU", record.author),
        ("PY", year),
        ("DA", f"{year}/{month}/{day}/" if year else ""),
        ("IS", record.reference),
        ("LA", record.language),
        *(("N1", line) for line in told(record)),
        ("UR", record.address),
    ]
    lines = [f"{tag}  - {line(value)}" for tag, value in fields if value]
    return "\r\n".join([*lines, "ER  - ", ""]).encode()


def parts(record: Record) -> tuple[str, str, str]:
    year, month, day = [*record.date.split("-"), "", ""][:3]
    return year, month, day


def told(record: Record) -> Iterator[str]:
    """What a reader of the reference must know of the text."""
    if record.marking:
        yield record.marking
    for name, value in (record.facts[-3], record.facts[-1]):  # language and edition
        yield f"{name}: {value}"
    yield from (line(one).rstrip(".") for one in record.notices)


def line(text: str) -> str:
    """A text on one line, so that nothing in it begins a field of its own."""
    return " ".join(text.split())


def tex(text: str) -> str:
    """The text with every sign escaped that TeX would act on."""
    return "".join(TEX.get(sign, sign) for sign in line(text))
