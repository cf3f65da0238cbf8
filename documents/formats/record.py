"""What every format tells of an edition in one language, gathered once."""

import datetime as dt
import re
from dataclasses import dataclass
from pathlib import PurePath
from typing import Any

from django.conf import settings
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _

from almaty_portal.common.instants import Precision
from documents import pdf
from documents.models import Document, Edition, Paragraph
from documents.search import title_of
from documents.text import standing_in

NO_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")  # what no XML may hold


@dataclass(frozen=True, slots=True)
class Record:
    """An edition in one language: its words are in that language, its days are ISO dates.

    `reference` is empty while the text is put forward (rule S4); `marking` is what stands on every
    page of a draft, a text under silence, not adopted or annulled, or of a demonstration.
    """

    edition: Edition
    language: str
    key: str
    reference: str
    title: str
    title_language: str
    date: str
    standing: str
    marking: str
    notices: list[str]
    facts: list[list[str]]
    address: str
    author: str
    words: dict[str, Any]

    @property
    def document(self) -> Document:
        return self.edition.document

    @property
    def paragraphs(self) -> list[Paragraph]:
        return list(self.edition.paragraphs.all())

    def text(self, paragraph: Paragraph) -> str:
        """The marked text of a paragraph; empty where it has none in this language."""
        return NO_XML.sub("", getattr(paragraph, f"text_{self.language}") or "")


def record(edition: Edition, language: str) -> Record:
    """Gather what is told of an edition, one of `documents.reading.editions_of`, in a language."""
    document = edition.document
    with translation.override(language):
        printed = pdf.column(edition, language)
        title, title_language = title_of(document, language)
        statement, note = printed["statement"], printed["note"]
        return Record(
            edition=edition,
            language=language,
            key=PurePath(pdf.file_name(edition, language)).stem,
            reference="" if edition.proposed else document.reference or "",
            title=title,
            title_language=title_language,
            date=partial_iso(document.issued_on or edition.dated_on, document),
            standing=standing_in(edition, language),
            marking=". ".join(filter(None, [printed["demonstration"], printed["marking"]])),
            notices=[one for one in [statement, *printed["notices"], note] if one],
            facts=printed["facts"],
            address=absolute(reverse("edition_detail", args=[document.slug, edition.key])),
            author=_("Almaty Process"),
            words=printed,
        )


def partial_iso(date: dt.date, document: Document) -> str:
    """2013-06-05, 2013-06 or 2013, as precisely as the date is known; "" where it isn't."""
    if document.issued_on is None:
        return date.isoformat()
    match document.issued_precision:
        case Precision.UNKNOWN:
            return ""
        case Precision.YEAR:
            return f"{date:%Y}"
        case Precision.MONTH:
            return f"{date:%Y-%m}"
        case _:
            return date.isoformat()


def absolute(path: str) -> str:
    return f"{settings.PORTAL_URL}{path}"
