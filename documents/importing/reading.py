"""The lines of a text as its file has them: paragraphs, their list numbers, headings, footnotes."""

import io
import json
import re
import subprocess
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import pypandoc
from lxml import etree

from documents.inspection import pdf_pages

SECONDS = 15
MEMORY = "-M512m"  # of pandoc's own heap
W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
TEXT = "{urn:oasis:names:tc:opendocument:xmlns:text:1.0}"
SUPERSCRIPT = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹", "0123456789")
MARK = re.compile(r"\[\^[0-9A-Za-z*]+\]")
# The styles, in a DOCX of the portal's own, of what is printed before the text and is none of it.
AHEAD = {"Portal Facts", "Portal Notice", "Portal Marking"}


class Unreadable(Exception):
    """The file cannot be read as a text; the portal's judgement of it found nothing wrong."""


@dataclass(frozen=True, slots=True)
class Line:
    """A paragraph as it stands: `text` with marks (`documents.markup`), without its number.

    `number` is that of a list, as printed; `level` that of a heading, 0 for none; `note` says that
    it is a footnote of that number.
    """

    text: str
    number: str = ""
    level: int = 0
    bullet: bool = False
    note: bool = False


def lines_of_file(content: bytes, suffix: str) -> list[Line]:
    """The lines of a file that was judged (`documents.uploads.check_file`)."""
    if suffix == "txt":
        return lines_of_text(content.decode("utf-8-sig"))
    if suffix == "pdf":
        pages = pdf_pages(content)
        if pages is None:
            raise Unreadable
        return lines_of_text(unfolded(pages))
    return lines_of_office(content, suffix)


# Plain text


def lines_of_text(text: str) -> list[Line]:
    """The lines of a plain text: one for each paragraph, parted by line ends or blank lines.

    Where blank lines part the paragraphs, the lines inside one are joined.
    """
    text = (
        text.replace("\r\n", "\n").replace("\r", "\n").replace("\u00a0", " ").replace("\f", "\n\n")
    )
    text = re.sub(r"[⁰¹²³⁴⁵⁶⁷⁸⁹]+", lambda found: f"[^{found[0].translate(SUPERSCRIPT)}]", text)
    parts = re.split(r"\n[ \t]*\n", text) if re.search(r"\n[ \t]*\n", text) else text.split("\n")
    parts = [" ".join(part.split()) for part in parts]
    return noted([part for part in parts if part])


def noted(parts: Sequence[str]) -> list[Line]:
    """Lines whose footnotes are recognised: a line at the end that begins with the number of a mark
    in the text, written [5], [^5] or 5 after a word."""
    lines: list[Line] = []
    body = list(parts)
    notes: dict[int, tuple[str, str]] = {}
    for place in range(len(body) - 1, 0, -1):
        found = re.match(r"(?:\[\^?(\d{1,3}|\*+)\]:?|(\d{1,3}|\*+))\s+(\S.*)$", body[place])
        if not found:
            continue
        number, words = found[1] or found[2], found[3]
        mark = re.compile(
            rf"\[\^?{re.escape(number)}\]|(?<=[^\W\d\]]){re.escape(number)}(?![\w])"
            rf"|(?<=\]){re.escape(number)}(?!\w)"
        )
        marked = [
            at for at, line in enumerate(body[:place]) if at not in notes and mark.search(line)
        ]
        if not marked:
            continue
        for at in marked[-1:]:
            body[at] = mark.sub(f"[^{number}]", body[at], count=1)
        notes[place] = (number, words)
    for place, part in enumerate(body):
        if place not in notes:
            lines.append(Line(marked_up(part)))
    for _place, (number, words) in sorted(notes.items()):
        lines.append(Line(marked_up(words), number=number, note=True))
    return lines


NEW = re.compile(
    r"\(?(?:[ivxlc]+|\d{1,3}|[a-zа-я])[.)]\s|[-–—•]\s|\d{1,2}[.:]\d\d\b|\[\^?\d+\]\s"
    r"|(?:Annex|Article|Chapter|Приложение|Статья|Глава)\b"
)


def unfolded(pages: Sequence[str]) -> str:
    """Paragraphs, parted by blank lines, of the lines into which a printed page folds them."""
    lines = [line.strip() for page in pages for line in page.split("\n")]
    last = ""
    width = sorted(len(line) for line in lines if line)
    full = width[len(width) * 3 // 4] * 0.8 if width else 0
    paragraphs: list[str] = []
    for line in lines:
        if not line or re.fullmatch(r"(?:\d{1,4}|\d+\s*[/из–-]+\s*\d+)", line):
            continue  # the number of a page
        goes_on = (
            paragraphs
            and not NEW.match(line)
            and not re.match(r"\d{1,2} ?[A-ZА-ЯЁ]", line)
            and (
                (
                    len(last) >= full
                    and not (last[-1] in ".;" and (line[0].isupper() or line[0] in '«“"'))
                )
                or line[0].islower()
            )
        )
        if goes_on:
            word = paragraphs[-1].endswith("-") and line[0].islower()
            paragraphs[-1] = paragraphs[-1] + ("" if word else " ") + line
        else:
            paragraphs.append(line)
        last = line
    return "\n\n".join(paragraphs)


def marked_up(text: str) -> str:
    """A text whose signs that are no marks are escaped; footnote marks and square brackets stay.

    Brackets that do not fit each other are escaped, as signs.
    """
    kept: list[str] = []
    for part in re.split(rf"({MARK.pattern})", text):
        kept.append(part if MARK.fullmatch(part) else re.sub(r"([{}\\])", r"\\\1", part))
    text = "".join(kept)
    opened, fit = False, True
    for sign in re.findall(r"[\[\]]", MARK.sub("", text)):
        fit = fit and opened == (sign == "]")
        opened = sign == "["
    if fit and not opened:
        return text
    return "".join(
        part if MARK.fullmatch(part) else re.sub(r"([\[\]])", r"\\\1", part)
        for part in re.split(rf"({MARK.pattern})", text)
    )


# Office files


def lines_of_office(content: bytes, suffix: str) -> list[Line]:
    """The lines of a DOCX or ODT, by pandoc; footnotes at the end, numbered as the file does."""
    reading = Reading(labels_of(content, suffix))
    tree = pandoc(content, suffix)
    title = tree["meta"].get("title", {}).get("c")
    lines = []
    if isinstance(title, list):
        inlines = title if tree["meta"]["title"]["t"] == "MetaInlines" else []
        lines += [Line(reading.words(inlines), level=1)] if inlines else []
    lines += reading.blocks(tree["blocks"])
    return [line for line in [*lines, *reading.notes] if line.text]


def pandoc(content: bytes, suffix: str) -> dict[str, Any]:
    named = {"docx": "docx+styles"}.get(suffix, suffix)
    command = [pypandoc.get_pandoc_path(), "--sandbox", "-f", named, "-t", "json"]
    try:
        done = subprocess.run(  # noqa: S603 (the program is pandoc's, the suffix one of ours)
            [*command, "+RTS", MEMORY, "-RTS"],
            input=content,
            capture_output=True,
            timeout=SECONDS,
            check=True,
        )
        return json.loads(done.stdout)
    except (subprocess.SubprocessError, ValueError) as error:
        raise Unreadable from error


def labels_of(content: bytes, suffix: str) -> Iterator[str]:
    """The numbers of the footnotes, as the file prints them; then onwards by one."""
    first, labels = 1, []
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        names = archive.namelist()
        if suffix == "odt":
            tree = parsed(archive.read("content.xml"))
            labels = ["".join(one.itertext()).strip() for one in tree.iter(f"{TEXT}note-citation")]
        for part in ("word/settings.xml", "word/document.xml"):
            if suffix == "docx" and part in names:
                for one in parsed(archive.read(part)).iter(f"{W}footnotePr"):
                    start = one.find(f"{W}numStart")
                    value = start.get(f"{W}val", "") if start is not None else ""
                    first = int(value) if value.isdigit() else first
    yield from (label or "*" for label in labels)
    number = first + len(labels)
    while True:
        yield str(number)
        number += 1


def parsed(content: bytes) -> Any:
    parser = etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=False)
    return etree.fromstring(content, parser)


class Reading:
    """What pandoc's tree of a text says, as lines."""

    def __init__(self, labels: Iterator[str]) -> None:
        self.labels = labels
        self.notes: list[Line] = []

    def blocks(self, blocks: Sequence[dict], number: str = "", bullet: bool = False) -> list[Line]:
        """The lines of blocks; the first bears the number of the list's item that they make."""
        lines: list[Line] = []
        for block in blocks:
            lines += self.block(block)
        if lines and (number or bullet) and not lines[0].number:
            first = lines[0]
            lines[0] = Line(first.text, number=number, level=first.level, bullet=bullet)
        return lines

    def block(self, block: dict) -> list[Line]:
        kind = block["t"]
        content: Any = block.get("c")
        match kind:
            case "Para" | "Plain":
                return [Line(one) for one in self.words(content).split("\n") if one.strip()]
            case "Header":
                return [Line(self.words(content[2]).replace("\n", " "), level=content[0])]
            case "OrderedList":
                (start, style, delimiter), items = content
                return [
                    line
                    for place, item in enumerate(items)
                    for line in self.blocks(
                        item, number=list_number(start + place, style["t"], delimiter["t"])
                    )
                ]
            case "BulletList":
                return [line for item in content for line in self.blocks(item, bullet=True)]
            case "BlockQuote":
                return self.blocks(content)
            case "Div" if dict(content[0][2]).get("custom-style") in AHEAD:
                return []
            case "Div" | "Figure":
                return self.blocks(content[-1])
            case "LineBlock":
                return [Line(self.words(one)) for one in content]
            case "DefinitionList":
                return [
                    line
                    for term, told in content
                    for line in [
                        Line(self.words(term)),
                        *(line for one in told for line in self.blocks(one)),
                    ]
                ]
            case "Table":
                return self.table(content)
            case "CodeBlock":
                return lines_of_text(content[1])
        return []

    def table(self, content: list) -> list[Line]:
        """A line for each row, its cells parted by a tab's width."""
        _attributes, _caption, _columns, head, bodies, foot = content
        rows = [*head[1], *(row for body in bodies for row in (*body[2], *body[3])), *foot[1]]
        return [
            Line(" ".join(line.text for cell in cells for line in self.blocks(cell[4])))
            for _attributes, cells in rows
        ]

    def words(self, inlines: Sequence[dict]) -> str:
        """The words, with white space made single; line breaks stay."""
        raw = "".join(self.raw(inlines))
        return "\n".join(marked_up(" ".join(part.split())) for part in raw.split("\n"))

    def raw(self, inlines: Sequence[dict]) -> Iterator[str]:
        for inline in inlines:
            kind = inline["t"]
            content: Any = inline.get("c")
            match kind:
                case "Str":
                    yield content.replace("\u00a0", " ")
                case "Space" | "SoftBreak":
                    yield " "
                case "LineBreak":
                    yield "\n"
                case "Emph" | "Strong" | "Underline" | "Strikeout" | "Subscript" | "SmallCaps":
                    yield from self.raw(content)
                case "Superscript":
                    inside = "".join(self.raw(content))
                    yield f"[^{inside}]" if re.fullmatch(r"\d{1,3}|\*+", inside) else inside
                case "Quoted":
                    marks = "‘’" if content[0]["t"] == "SingleQuote" else "“”"
                    yield marks[0]
                    yield from self.raw(content[1])
                    yield marks[1]
                case "Link" | "Span" | "Cite":
                    yield from self.raw(content[1])
                case "Code" | "Math":
                    yield content[1]
                case "Note":
                    number = next(self.labels)
                    text = " ".join(line.text for line in self.blocks(content))
                    self.notes.append(Line(text, number=number, note=True))
                    yield f"[^{number}]"


def list_number(number: int, style: str, delimiter: str) -> str:
    """The number of a list's item as it is printed, as in “(iv)”, “4.”, “b)”."""
    if style in ("LowerRoman", "UpperRoman"):
        told = roman(number)
        told = told.upper() if style == "UpperRoman" else told
    elif style in ("LowerAlpha", "UpperAlpha"):
        told = chr(ord("a" if style == "LowerAlpha" else "A") + (number - 1) % 26)
    else:
        told = str(number)
    return {"TwoParens": f"({told})", "OneParen": f"{told})"}.get(delimiter, f"{told}.")


def roman(number: int) -> str:
    told = ""
    for value, sign in (
        *((1000, "m"), (900, "cm"), (500, "d"), (400, "cd"), (100, "c"), (90, "xc")),
        *((50, "l"), (40, "xl"), (10, "x"), (9, "ix"), (5, "v"), (4, "iv"), (1, "i")),
    ):
        while number >= value:
            told, number = told + sign, number - value
    return told
