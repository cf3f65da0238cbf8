"""References as people write them: their plain form, and where they stand in a text (rule T1)."""

import re
import unicodedata
from collections.abc import Iterator
from string import Formatter

from django.conf import settings

from documents.models import Document, ReferencePattern, SearchText
from documents.models.archive import Reader
from documents.search import Question

# A reference is the same in all languages (T1); these are what a Russian keyboard makes of it.
IN_RUSSIAN = {"алматинский процесс": "almaty process", "алматинского процесса": "almaty process"}


def plain_form(reference: str) -> str:
    """What all spellings of a reference have in common: “almaty-process-3-1-2013”.

    Small letters, no zeros before a number, a hyphen for whatever parts the pieces. In the
    database it is the column `Document.reference_key`.
    """
    text = unicodedata.normalize("NFKC", reference).lower()
    for russian, written in IN_RUSSIAN.items():
        text = re.sub(r"[\W_]+".join(russian.split()), written, text)
    pieces = re.findall(r"[^\W_]+", text)
    return "-".join(re.sub(r"^0+(?=[0-9])", "", piece) for piece in pieces)


def document_of(reference: str, reader: Reader) -> Document | None:
    """The document of a reference that the reader may see, however the reference is written.

    Its numbers alone do (“03/01/2013”) where they name one document only; so does its address.
    """
    reference = reference.replace("\0", "")
    documents = Document.objects.visible_to(reader)
    if found := documents.filter(reference_key=plain_form(reference)).first():
        return found
    numbers = Question.read(unicodedata.normalize("NFKC", reference)).reference
    bearers = SearchText.objects.filter(reference_numbers=numbers).values("document")
    found_by_numbers = list(documents.filter(pk__in=bearers)[:2]) if numbers else []
    if len(found_by_numbers) == 1:
        return found_by_numbers[0]
    return documents.filter(slug=reference.strip("/ ").lower()).first()


class Finder:
    """Finds references in texts, by every pattern that was ever in force; one query when made."""

    def __init__(self) -> None:
        known = [settings.REFERENCE_PATTERN]
        known += ReferencePattern.objects.values_list("pattern", flat=True)
        self.pattern = re.compile("|".join(map(expression_of, dict.fromkeys(known))), re.IGNORECASE)

    def find(self, text: str) -> Iterator[tuple[int, int, str]]:
        """Each reference in a text: where it begins and ends, and its plain form."""
        for match in self.pattern.finditer(text):
            yield match.start(), match.end(), plain_form(match.group())

    def keys(self, text: str) -> set[str]:
        """The plain forms of the references in a text."""
        return {key for _start, _end, key in self.find(text)}


def expression_of(pattern: str) -> str:
    """A regular expression for the references that a pattern makes, whatever their numbers."""
    parts = []
    for literal, field, _spec, _conversion in Formatter().parse(pattern):
        for piece in re.findall(r"\d+|\s+|[^\d\s]+", literal):
            blank = r"\s+" if piece.isspace() else re.escape(piece)
            parts.append(r"\d+" if piece.isdigit() else blank)
        if field:
            parts.append(r"\d+")
    return r"(?<!\w)" + "".join(parts) + r"(?!\d)"
