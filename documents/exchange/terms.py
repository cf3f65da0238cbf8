"""The term base as a table (CSV) and as TBX (ISO 30042:2019, dialect TBX-Basic, style DCA)."""

import csv
import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from django.utils.translation import gettext as _
from lxml import etree

from almaty_portal.common.errors import DomainError
from documents.exchange.xml import parse, text_of
from documents.models import Concept, Term
from documents.models.archive import LANGUAGES

CODES = [code for code, _name in LANGUAGES]
TBX = "urn:iso:std:iso:30042:ed-2"
XML_LANG = "{http://www.w3.org/XML/1998/namespace}lang"
STATUSES = {
    Term.Status.AGREED: "preferredTerm-admn-sts",
    Term.Status.ADMITTED: "admittedTerm-admn-sts",
    Term.Status.FORBIDDEN: "deprecatedTerm-admn-sts",
}
BY_NAME = {
    **{name: status for status, name in STATUSES.items()},
    "supersededTerm-admn-sts": Term.Status.FORBIDDEN,
}
PARTED = " | "
COLUMNS = [
    "key",
    *(
        name
        for code in CODES
        for name in (code, f"{code}_admitted", f"{code}_forbidden", f"{code}_definition")
    ),
    *(f"{code}_source" for code in CODES),
]
# A spreadsheet takes a cell that begins so for a formula and computes it.
FORMULA = ("=", "+", "-", "@", "\t", "\r")


@dataclass
class Entry:
    """A concept as a file tells it: terms by language and status, words by language."""

    key: str
    terms: dict[tuple[str, str], list[str]] = field(default_factory=dict)
    definition: dict[str, str] = field(default_factory=dict)
    source: dict[str, str] = field(default_factory=dict)

    def add(self, language: str, status: str, text: str) -> None:
        """Take up a term, once; a second agreed one is admitted."""
        if not text or any(
            text in one for (code, _s), one in self.terms.items() if code == language
        ):
            return
        if status == Term.Status.AGREED and self.terms.get((language, status)):
            status = Term.Status.ADMITTED
        self.terms.setdefault((language, str(status)), []).append(text)


def entries_of(concepts: Iterable[Concept]) -> list[Entry]:
    """Concepts whose terms are fetched, as a file tells them."""
    entries = []
    for concept in concepts:
        entry = Entry(
            concept.slug,
            definition={code: getattr(concept, f"definition_{code}") or "" for code in CODES},
            source={code: getattr(concept, f"source_{code}") or "" for code in CODES},
        )
        for term in concept.terms.all():
            entry.add(term.language, term.status, term.text)
        entries.append(entry)
    return entries


def neutral(cell: str) -> str:
    """A cell that no spreadsheet computes: an apostrophe stands before what begins a formula."""
    return f"'{cell}" if cell.startswith(FORMULA) else cell


def as_written(cell: str) -> str:
    """The cell without the apostrophe that `neutral` set before it."""
    cell = cell.strip()
    return cell[1:] if cell.startswith("'") and cell[1:].startswith(FORMULA) else cell


def to_csv(entries: Iterable[Entry]) -> bytes:
    """The table, in UTF-8 with the mark by which spreadsheets know it."""
    out = io.StringIO()
    table = csv.writer(out)
    table.writerow(COLUMNS)
    for entry in entries:
        row = [entry.key]
        for code in CODES:
            for status in Term.Status:
                row.append(PARTED.join(entry.terms.get((code, status), [])))
            row.append(entry.definition.get(code, ""))
        row += [entry.source.get(code, "") for code in CODES]
        table.writerow([neutral(cell) for cell in row])
    return out.getvalue().encode("utf-8-sig")


def refused(sentence: str) -> DomainError:
    return DomainError(sentence, fields=["file"])


def from_csv(data: bytes) -> list[Entry]:
    """The entries of a table; DomainError naming the first line that cannot be taken."""
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise refused(
            _("The table is not written in UTF-8: save it as “CSV UTF-8”. Nothing was stored.")
        ) from error
    separator = (
        ";" if text.split("\n", 1)[0].count(";") > text.split("\n", 1)[0].count(",") else ","
    )
    entries: list[Entry] = []
    try:
        table = csv.DictReader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
        missing = [name for name in ("key", *CODES) if name not in (table.fieldnames or [])]
        if missing:
            raise refused(
                _(
                    "The first line of the table must name the columns; “%(column)s” is missing. "
                    "Export the glossary and fill in that table. Nothing was stored."
                )
                % {"column": missing[0]}
            )
        for row in table:
            if None in row:
                raise refused(
                    _("Line %(line)s of the table has more cells than columns. Nothing was stored.")
                    % {"line": table.line_num}
                )
            cells = {name: as_written(value or "") for name, value in row.items()}
            if any(cells.values()):
                entries.append(entry_of_cells(cells))
    except csv.Error as error:
        raise refused(
            _("The file cannot be read as a table (%(error)s): save it as CSV. Nothing was stored.")
            % {"error": error}
        ) from error
    return entries


def entry_of_cells(cells: dict[str, str]) -> Entry:
    entry = Entry(cells["key"])
    for code in CODES:
        columns = (code, f"{code}_admitted", f"{code}_forbidden")
        for status, column in zip(Term.Status, columns, strict=True):
            for one in cells.get(column, "").split(PARTED.strip()):
                entry.add(code, status, one.strip())
        entry.definition[code] = cells.get(f"{code}_definition", "")
        entry.source[code] = cells.get(f"{code}_source", "")
    return entry


def to_tbx(entries: Sequence[Entry], title: str) -> bytes:
    """The term base as TBX; `title` tells what it is."""
    root = etree.Element(
        f"{{{TBX}}}tbx",
        {"type": "TBX-Basic", "style": "dca", XML_LANG: "en"},
        nsmap={None: TBX},  # type: ignore[dict-item]
    )
    header = etree.SubElement(root, f"{{{TBX}}}tbxHeader")
    about = etree.SubElement(etree.SubElement(header, f"{{{TBX}}}fileDesc"), f"{{{TBX}}}sourceDesc")
    etree.SubElement(about, f"{{{TBX}}}p").text = title
    body = etree.SubElement(etree.SubElement(root, f"{{{TBX}}}text"), f"{{{TBX}}}body")
    for entry in entries:
        concept = etree.SubElement(body, f"{{{TBX}}}conceptEntry", {"id": entry.key})
        for code in CODES:
            own = [
                (status, text)
                for status in Term.Status
                for text in entry.terms.get((code, status), [])
            ]
            if not own:
                continue  # a section of a language has at least one term
            section = etree.SubElement(concept, f"{{{TBX}}}langSec", {XML_LANG: code})
            if entry.definition.get(code):
                words = etree.SubElement(section, f"{{{TBX}}}descrip", {"type": "definition"})
                words.text = entry.definition[code]
            if entry.source.get(code):
                words = etree.SubElement(section, f"{{{TBX}}}admin", {"type": "source"})
                words.text = entry.source[code]
            for status, text in own:
                term = etree.SubElement(section, f"{{{TBX}}}termSec")
                etree.SubElement(term, f"{{{TBX}}}term").text = text
                note = {"type": "administrativeStatus"}
                etree.SubElement(term, f"{{{TBX}}}termNote", note).text = STATUSES[status]
    return etree.tostring(root, xml_declaration=True, encoding="UTF-8", pretty_print=True)


def from_tbx(data: bytes) -> list[Entry]:
    """The entries of a TBX file; DomainError where it is none."""
    root = parse(data)
    if root.tag != f"{{{TBX}}}tbx":
        raise refused(
            _(
                "This is no TBX file of the edition of 2019 (ISO 30042:2019): export the terms in "
                "that format, or as CSV. Nothing was stored."
            )
        )
    entries = []
    for concept in root.iter(f"{{{TBX}}}conceptEntry"):
        entry = Entry(concept.get("id", ""))
        for section in concept.iterchildren(f"{{{TBX}}}langSec"):
            code = section.get(XML_LANG, "").split("-")[0].lower()
            if code not in CODES:
                continue
            entry.definition[code] = first(section, "descrip", "definition")
            entry.source[code] = first(section, "admin", "source")
            for term in section.iterchildren(f"{{{TBX}}}termSec"):
                name = first(term, "termNote", "administrativeStatus")
                status = BY_NAME.get(name, Term.Status.AGREED if not name else Term.Status.ADMITTED)
                entry.add(code, status, text_of(term.find(f"{{{TBX}}}term")))
        entries.append(entry)
    return entries


def first(parent: etree._Element, tag: str, kind: str) -> str:
    """The words of the first element of a type below another, in a group or not."""
    for one in parent.iter(f"{{{TBX}}}{tag}"):
        if one.get("type") == kind:
            return text_of(one)
    return ""
