"""An edition in one language as a file: for writing on, for programs, for lists of references.

`FORMATS` has each by the suffix of its address; `make` gives the bytes, the same bytes as long as
what they tell is the same. A PDF takes longer and comes by a job: `documents.renditions`.
"""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import PurePath

from documents import pdf
from documents.formats import akoma, bibliography, data, word
from documents.formats.record import Record, record
from documents.models import Edition


@dataclass(frozen=True, slots=True)
class Format:
    """A kind of file: its name for readers, its media type, what makes it."""

    label: str
    content_type: str
    make: Callable[[Record], bytes]


FORMATS = {
    "docx": Format(
        "Word (DOCX)",
        "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
        word.make,
    ),
    "xml": Format("Akoma Ntoso (XML)", "application/akn+xml", akoma.make),
    "json": Format("JSON", "application/json; charset=utf-8", data.make),
    "bib": Format("BibTeX", "application/x-bibtex; charset=utf-8", bibliography.bibtex),
    "ris": Format("RIS", "application/x-research-info-systems; charset=utf-8", bibliography.ris),
}


def make(edition: Edition, language: str, suffix: str) -> bytes:
    """The file of an edition (one of `documents.reading`) in a language that it exists in."""
    return FORMATS[suffix].make(record(edition, language))


def file_name(edition: Edition, language: str, suffix: str) -> str:
    """The name under which a reader saves the file, in Latin letters."""
    return PurePath(pdf.file_name(edition, language)).with_suffix(f".{suffix}").name
