"""An edition as DOCX: real styles, numbers and footnotes, in the language of the text.

The numbers are numbering of the word processor's own that comes out as printed (`numbering`); a
footnote is a footnote that bears its printed number. The same text gives the same bytes.
"""

import io
import zipfile
from typing import Any

from django.utils.translation import override
from docx import Document as new_document
from docx.document import Document as Word
from docx.enum.style import WD_STYLE_TYPE
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls, qn
from docx.shared import Cm, Pt, RGBColor
from docx.text.paragraph import Paragraph as Line
from lxml import etree

from documents import markup
from documents.formats.footnotes import Footnotes
from documents.formats.numbering import Numbering
from documents.formats.record import Record
from documents.models import Paragraph

Role = Paragraph.Role
LOCALES = {"en": "en-GB", "ru": "ru-RU"}
FACE = "Times New Roman"  # it is everywhere, and has every letter of both languages
STYLES = {
    Role.MASTHEAD: "Masthead",
    Role.PARAGRAPH: "Body Text",
    Role.PREAMBULAR: "Preambular Paragraph",
    Role.OPERATIVE: "Operative Paragraph",
    Role.ARTICLE: "Article",
    Role.ITEM: "Item",
    Role.FOOTNOTE: "footnote text",
}
HANGING = Cm(1.25)


def make(record: Record) -> bytes:
    with override(record.language):
        word = Writer(record).write()
    out = io.BytesIO()
    word.save(out)
    return steady(out.getvalue())


class Writer:
    """One file in the making."""

    def __init__(self, record: Record) -> None:
        self.record = record
        self.word = new_document()
        set_page(self.word)
        set_styles(self.word, LOCALES[record.language])
        self.numbering = Numbering(self.word)
        self.notes = {one.number: one for one in record.paragraphs if one.role == Role.FOOTNOTE}
        marks = [
            number
            for one in record.paragraphs
            if one.role != Role.FOOTNOTE
            for number in markup.footnotes(record.text(one))
            if number in self.notes
        ]
        self.footnotes = Footnotes(self.word, list(dict.fromkeys(marks)))

    def write(self) -> Word:
        record = self.record
        self.properties()
        self.running_lines()
        if record.marking:
            self.line("Portal Marking", record.marking)
        for name, value in record.facts:
            self.line("Portal Facts", f"{name}\t{value}")
        for notice in record.notices:
            self.line("Portal Notice", notice)
        self.word.paragraphs[-1].paragraph_format.space_after = Pt(16)
        titled = False
        headings = [one.level for one in record.paragraphs if one.role == Role.HEADING]
        if 1 not in headings:
            self.line("Title", record.title)
            titled = True
        for one in record.paragraphs:
            if one.role == Role.FOOTNOTE:
                continue
            style = STYLES.get(Role(one.role), "Body Text")
            if one.role == Role.HEADING:
                style = "Title" if one.level <= 1 and not titled else f"Heading {heading(one)}"
                titled = titled or one.level <= 1
            self.paragraph(one, style)
        for number, one in self.notes.items():
            if number not in self.footnotes.placed:
                self.paragraph(one, "footnote text")
        self.footnotes.close()
        return self.word

    def line(self, style: str, text: str) -> Line:
        return self.word.add_paragraph(text, style=style)

    def paragraph(self, one: Paragraph, style: str) -> None:
        line = self.word.add_paragraph(style=style)
        if one.number:
            self.numbering.number(line, one.number)
        self.runs(line, one)

    def runs(self, line: Line, one: Paragraph) -> None:
        """The text with its marks; a paragraph without one says so (rule T2)."""
        text = self.record.text(one)
        if not text:
            line.add_run(self.record.words["missing"]).italic = True
            return
        style = None
        for piece in markup.parse(text):
            match piece.kind:
                case "text" | "state":
                    line.add_run(piece.text, style=style)
                case "bracket_open":
                    style = "Bracketed"
                    line.add_run("[", style=style)
                case "bracket_close":
                    line.add_run("]", style=style)
                    style = None
                case "footnote":
                    self.footnote(line, piece.text)

    def footnote(self, line: Line, number: str) -> None:
        note = self.notes.get(number)
        if note is None or number in self.footnotes.placed:
            line.add_run(number).font.superscript = True
        else:
            self.runs(self.footnotes.place(line, number), note)

    def properties(self) -> None:
        record, properties = self.record, self.word.core_properties
        properties.title = record.title
        properties.subject = record.reference
        properties.author = properties.last_modified_by = record.words["author"]
        properties.identifier = record.address
        properties.language = LOCALES[record.language]
        properties.comments = record.marking
        properties.keywords = ""
        properties.revision = 1
        properties.created = properties.modified = (
            record.edition.issued_at or properties.created
        ).replace(tzinfo=None, microsecond=0)

    def running_lines(self) -> None:
        """On every page: what the text is, its marking (rule S4), the page number."""
        section = self.word.sections[0]
        head = section.header.paragraphs[0]
        head.text = "\t\t".join([self.record.words["reference"], self.record.words["name"]])
        if self.record.marking:
            section.header.add_paragraph(self.record.marking, style="Portal Marking")
        foot = section.footer.paragraphs[0]
        foot.alignment = WD_ALIGN_PARAGRAPH.CENTER
        page, of = self.record.words["page"]
        for words, field in ((f"{page} ", "PAGE"), (f" {of} ", "NUMPAGES")):
            foot.add_run(words)
            foot._p.append(
                parse_xml(
                    f'<w:fldSimple {nsdecls("w")} w:instr="{field}">'
                    "<w:r><w:t>1</w:t></w:r></w:fldSimple>"
                )
            )


def heading(one: Paragraph) -> int:
    """The style below the title: a chapter is Heading 1."""
    return min(max(one.level - 1, 1), 6)


def set_page(word: Word) -> None:
    section = word.sections[0]
    section.page_width, section.page_height = Cm(21), Cm(29.7)
    section.left_margin = section.right_margin = section.top_margin = Cm(2.5)
    section.bottom_margin = Cm(2.5)


def set_styles(word: Word, locale: str) -> None:
    """The template's styles in one face and ink, and those of a text of the Process."""
    styles = word.styles
    for lang in styles.element.iter(qn("w:lang")):
        lang.set(qn("w:val"), locale)
        lang.attrib.pop(qn("w:eastAsia"), None)
    shape(styles["Normal"], size=11.5, after=6)
    shape(styles["Title"], size=16, bold=True, before=12, after=12, centred=True)
    border = styles["Title"].element.pPr.find(qn("w:pBdr"))
    if border is not None:
        styles["Title"].element.pPr.remove(border)
    for level, size in ((1, 14), (2, 12.5), (3, 11.5), (4, 11.5), (5, 11.5), (6, 11.5)):
        shape(styles[f"Heading {level}"], size=size, bold=True, before=14, after=4)
    shape(styles["Body Text"], after=6)
    for name in ("Preambular Paragraph", "Operative Paragraph", "Article", "Item"):
        style = added(word, name)
        style.paragraph_format.left_indent = HANGING
        shape(style, after=6)
    shape(added(word, "Masthead"), after=2, centred=True)
    facts = added(word, "Portal Facts")
    shape(facts, size=10, after=1)
    facts.paragraph_format.left_indent = Cm(5)
    facts.paragraph_format.first_line_indent = Cm(-5)
    facts.paragraph_format.tab_stops.add_tab_stop(Cm(5))
    shape(added(word, "Portal Notice"), size=10, after=2, italic=True)
    shape(added(word, "Portal Marking"), size=11, bold=True, after=6, centred=True)
    shape(added(word, "footnote text"), size=9.5, after=2)
    mark = styles.add_style("footnote reference", WD_STYLE_TYPE.CHARACTER)
    mark.font.superscript = True
    styles.add_style("Bracketed", WD_STYLE_TYPE.CHARACTER)
    shape(styles["Header"], size=9)
    shape(styles["Footer"], size=9)
    width = word.sections[0]
    stops = styles["Header"].paragraph_format.tab_stops
    stops.clear_all()
    stops.add_tab_stop((width.page_width - width.left_margin * 2) // 2)
    stops.add_tab_stop(width.page_width - width.left_margin * 2, alignment=2)


def added(word: Word, name: str) -> Any:
    style = word.styles.add_style(name, WD_STYLE_TYPE.PARAGRAPH)
    style.base_style = word.styles["Normal"]
    style.quick_style = True
    return style


def shape(
    style: Any,
    *,
    size: float | None = None,
    bold: bool | None = None,
    italic: bool | None = None,
    before: float = 0,
    after: float = 0,
    centred: bool = False,
) -> None:
    style.font.name = FACE
    fonts = style.element.rPr.rFonts
    for name in list(fonts.attrib):
        if "heme" in name:
            del fonts.attrib[name]
    for script in ("ascii", "hAnsi", "cs", "eastAsia"):
        fonts.set(qn(f"w:{script}"), FACE)
    if size:
        style.font.size = Pt(size)
    style.font.bold, style.font.italic = bold, italic
    style.font.color.rgb = RGBColor(0, 0, 0)
    for spacing in style.element.rPr.findall(qn("w:spacing")):
        style.element.rPr.remove(spacing)
    style.paragraph_format.space_before, style.paragraph_format.space_after = Pt(before), Pt(after)
    if centred:
        style.paragraph_format.alignment = WD_ALIGN_PARAGRAPH.CENTER


def steady(data: bytes) -> bytes:
    """The same package without the moment it was made and without the template's thumbnail."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(out, "w") as new:
        for name in old.namelist():
            if name == "docProps/thumbnail.jpeg":
                continue
            part = old.read(name)
            if name == "_rels/.rels":
                part = without_thumbnail(part)
            entry = zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))
            entry.compress_type, entry.external_attr = zipfile.ZIP_DEFLATED, 0o600 << 16
            new.writestr(entry, part)
    return out.getvalue()


def without_thumbnail(part: bytes) -> bytes:
    root = parse_xml(part)
    for one in list(root):
        if one.get("Type", "").endswith("/thumbnail"):
            root.remove(one)
    return etree.tostring(root, xml_declaration=True, encoding="UTF-8", standalone=True)
