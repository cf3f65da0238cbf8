"""A translation as XLIFF 2.1 (OASIS), out and back: marks are codes that a translator keeps."""

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from django.utils.translation import gettext as _
from lxml import etree

from almaty_portal.common.errors import DomainError
from documents import markup
from documents.exchange.xml import parse
from documents.models import Paragraph, TranslationWork

NS = "urn:oasis:names:tc:xliff:document:2.0"
X = f"{{{NS}}}"
SPACE = "{http://www.w3.org/XML/1998/namespace}space"
FIXED = {"canCopy": "no", "canDelete": "no"}
# Letters that XML cannot hold.
CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
Status = TranslationWork.Status
STATES = {Status.REVIEW: "translated", Status.FINAL: "final"}


@dataclass(frozen=True)
class Code:
    """A mark as an inline code: what stands before and after the words that it wraps."""

    id: str
    start: str
    end: str = ""


def name_of(work: TranslationWork) -> str:
    """What the file says that it is a translation of."""
    return f"{work.edition.document.slug}/{work.edition.key}"


def keyed(text: str) -> Iterator[tuple[markup.Piece, tuple[str, str, int]]]:
    """The pieces of a text, each mark with its kind, what it names, and which of these it is."""
    count: Counter[tuple[str, str]] = Counter()
    for piece in markup.parse(CONTROL.sub("", text)):
        what = piece.code or (piece.text if piece.kind == "footnote" else "")
        count[piece.kind, what] += 1
        yield piece, (piece.kind, what, count[piece.kind, what])


def codes_of(*texts: str) -> dict[tuple[str, str, int], Code]:
    """The codes of a paragraph: a mark has the same id in both languages."""
    codes: dict[tuple[str, str, int], Code] = {}
    for text in texts:
        for piece, key in keyed(text):
            if key in codes:
                continue
            number = len(codes) + 1
            if piece.kind == "state":
                codes[key] = Code(f"c{number}", f"{{{piece.code}|", "}")
            elif piece.kind == "bracket_open":
                codes[key] = Code(f"c{number}", "[", "]")
            elif piece.kind == "footnote":
                codes[key] = Code(f"c{number}", f"[^{piece.text}]")
    return codes


def to_xliff(work: TranslationWork) -> bytes:
    """The edition as an XLIFF file: a unit for each paragraph that has words in the source."""
    root = etree.Element(
        f"{X}xliff",
        {"version": "2.1", "srcLang": work.source, "trgLang": work.language},
        nsmap={None: NS},  # type: ignore[dict-item]
    )
    file = etree.SubElement(root, f"{X}file", {"id": "edition", "original": name_of(work)})
    for paragraph in work.edition.paragraphs.all():
        source, target = texts_of(paragraph, work)
        if source:
            add_unit(file, paragraph, source, target, STATES.get(Status(work.status), "translated"))
    return etree.tostring(root, xml_declaration=True, encoding="UTF-8")


def texts_of(paragraph: Paragraph, work: TranslationWork) -> tuple[str, str]:
    return (
        getattr(paragraph, f"text_{work.source}") or "",
        getattr(paragraph, f"text_{work.language}") or "",
    )


def add_unit(
    file: etree._Element, paragraph: Paragraph, source: str, target: str, state: str
) -> None:
    codes = codes_of(source, target)
    name = paragraph.number or paragraph.get_role_display()
    unit = etree.SubElement(file, f"{X}unit", {"id": f"p-{paragraph.anchor}", "name": name})
    if codes:
        kept = etree.SubElement(unit, f"{X}originalData")
        for code in codes.values():
            for suffix, words in (("s", code.start), ("e", code.end)):
                if words:
                    etree.SubElement(kept, f"{X}data", {"id": code.id + suffix}).text = words
    segment = etree.SubElement(
        unit, f"{X}segment", {"id": "s", "state": state if target else "initial"}
    )
    fill(etree.SubElement(segment, f"{X}source", {SPACE: "preserve"}), source, codes)
    if target:
        fill(etree.SubElement(segment, f"{X}target", {SPACE: "preserve"}), target, codes)


def fill(parent: etree._Element, text: str, codes: dict[tuple[str, str, int], Code]) -> None:
    """Write a marked text into an element, its marks as codes."""
    outer = parent
    for piece, key in keyed(text):
        if piece.kind == "text":
            append(parent, piece.text)
        elif piece.kind == "bracket_close":
            parent = outer
        elif piece.kind == "footnote":
            code = codes[key]
            given = {"id": code.id, "dataRef": f"{code.id}s", "disp": code.start, **FIXED}
            etree.SubElement(parent, f"{X}ph", given)
        else:
            code = codes[key]
            given = {
                "id": code.id,
                "dataRefStart": f"{code.id}s",
                "dataRefEnd": f"{code.id}e",
                "dispStart": code.start,
                "dispEnd": code.end,
                **FIXED,
            }
            wrapping = etree.SubElement(parent, f"{X}pc", given)
            if piece.kind == "state":
                append(wrapping, piece.text)
            else:
                parent = wrapping


def append(parent: etree._Element, text: str) -> None:
    if len(parent):
        parent[-1].tail = (parent[-1].tail or "") + text
    else:
        parent.text = (parent.text or "") + text


def refused(sentence: str, **values: object) -> DomainError:
    return DomainError(sentence % values if values else sentence, fields=["file"])


def from_xliff(data: bytes, work: TranslationWork) -> dict[str, str]:
    """The translations that a file has, by the address of their paragraph.

    Raises DomainError where it is no XLIFF 2 file, of another edition or language, names a
    paragraph that the text has not, was made from another source text, or lacks a mark.
    """
    root = parse(data)
    if root.tag != f"{X}xliff" or not root.get("version", "").startswith("2."):
        raise refused(
            _(
                "This is no XLIFF 2 file: take the file that this page gives out, and export it "
                "from your program as XLIFF 2. Nothing was stored."
            )
        )
    files = root.findall(f"{X}file")
    if len(files) != 1 or files[0].get("original") != name_of(work):
        raise refused(
            _(
                "The file is not a translation of this edition (%(edition)s): choose the file that "
                "was made from it. Nothing was stored."
            ),
            edition=name_of(work),
        )
    if (root.get("srcLang"), root.get("trgLang")) != (work.source, work.language):
        raise refused(
            _(
                "The file translates from “%(source)s” into “%(target)s”, and not as this "
                "translation does. Nothing was stored."
            ),
            source=root.get("srcLang", ""),
            target=root.get("trgLang", ""),
        )
    paragraphs = {f"p-{one.anchor}": one for one in work.edition.paragraphs.all()}
    found: dict[str, str] = {}
    for unit in files[0].iter(f"{X}unit"):
        paragraph = paragraphs.get(unit.get("id", ""))
        if paragraph is None or paragraph.anchor in found:
            raise refused(
                _(
                    "The unit “%(unit)s” of the file is no paragraph of the text, or stands twice. "
                    "Make the file anew from this page. Nothing was stored."
                ),
                unit=unit.get("id", ""),
            )
        text = read_unit(unit, paragraph, work)
        if text:
            found[paragraph.anchor] = text
    if not found:
        raise refused(_("The file has no translation in it. Nothing was stored."))
    return found


def read_unit(unit: etree._Element, paragraph: Paragraph, work: TranslationWork) -> str:
    """The translation of one paragraph, its segments joined; empty where it has none."""
    source, target = texts_of(paragraph, work)
    codes = {code.id: code for code in codes_of(source, target).values()}
    place = paragraph.label
    parts = [one for one in unit if one.tag in (f"{X}segment", f"{X}ignorable")]
    own = "".join(marked(part.find(f"{X}source"), codes, place) for part in parts)
    if same(own) != same(source):
        raise refused(
            _(
                "Paragraph %(paragraph)s: the source text was changed since the file was made, or "
                "in the file. Make the file anew from this page. Nothing was stored."
            ),
            paragraph=place,
        )
    if all(part.find(f"{X}target") is None for part in parts):
        return ""
    text = ""
    for part in parts:
        one = part.find(f"{X}target")
        if one is None and part.tag == f"{X}ignorable":
            one = part.find(f"{X}source")  # white space between segments is as in the source
        text += marked(one, codes, place)
    text = text.strip()
    if text:
        require_marks(source, text, place)
    return text


def same(text: str) -> str:
    return " ".join(CONTROL.sub("", text).split())


def marked(element: etree._Element | None, codes: dict[str, Code], place: str) -> str:
    """What an element says, as a marked text."""
    if element is None:
        return ""
    text = escaped(element.text)
    for one in element:
        tag = str(one.tag).removeprefix(X)
        if tag in ("ph", "pc", "sc", "ec"):
            name = (tag == "ec" and one.get("startRef")) or one.get("id") or ""
            code = codes.get(name)
            if code is None or (tag == "ph") == bool(code.end):
                raise refused(
                    _(
                        "Paragraph %(paragraph)s: the code “%(code)s” is none of the text. Keep "
                        "the codes as they are. Nothing was stored."
                    ),
                    paragraph=place,
                    code=name,
                )
            text += "" if tag == "ec" else code.start
            text += marked(one, codes, place) if tag == "pc" else ""
            text += "" if tag == "sc" else code.end
        elif isinstance(one.tag, str):  # marks of a program (mrk): their words count
            text += marked(one, codes, place)
        text += escaped(one.tail)
    return text


def escaped(text: str | None) -> str:
    return re.sub(r"([\[\]{}\\])", r"\\\1", text or "")


def marks(text: str) -> Counter[str]:
    return Counter(
        piece.code or piece.text
        for piece in markup.parse(CONTROL.sub("", text))
        if piece.kind in ("state", "bracket_open", "footnote")
    )


def require_marks(source: str, target: str, place: str) -> None:
    """Raise DomainError where a translation lacks a mark of its source, or has one too many."""
    try:
        wanted, given = marks(source), marks(target)
    except markup.MarkupError as error:
        raise refused(
            _("Paragraph %(paragraph)s. %(error)s Nothing was stored."),
            paragraph=place,
            error=error,
        ) from error
    for one in sorted((wanted - given) | (given - wanted)):
        sentence = (
            _(
                "Paragraph %(paragraph)s: the translation lacks the mark “%(mark)s”. Put it back "
                "where it belongs. Nothing was stored."
            )
            if one in wanted - given
            else _(
                "Paragraph %(paragraph)s: the translation has the mark “%(mark)s” more often than "
                "the source. Nothing was stored."
            )
        )
        raise refused(sentence, paragraph=place, mark=one)
