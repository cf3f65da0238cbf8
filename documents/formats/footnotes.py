"""Footnotes of a DOCX, which python-docx does not write: the part that holds them."""

from docx.document import Document as Word
from docx.opc.constants import RELATIONSHIP_TYPE
from docx.opc.packuri import PackURI
from docx.opc.part import Part
from docx.oxml import OxmlElement, parse_xml
from docx.oxml.ns import nsdecls, qn
from docx.text.paragraph import Paragraph as Line
from lxml import etree

CONTENT_TYPE = "application/vnd.openxmlformats-officedocument.wordprocessingml.footnotes+xml"
# The two that Word wants in any file with footnotes: the line above them, and above what runs over.
START = f"""<w:footnotes {nsdecls("w")}>
<w:footnote w:type="separator" w:id="-1"><w:p><w:r><w:separator/></w:r></w:p></w:footnote>
<w:footnote w:type="continuationSeparator" w:id="0"><w:p><w:r><w:continuationSeparator/></w:r></w:p>
</w:footnote></w:footnotes>"""


class Footnotes:
    """The footnotes of a file: `place` one at its mark, `close` when all are placed.

    `order` has the printed numbers as their marks follow each other. Where the word processor would
    count the same it does, from the first one on; else each mark bears its printed number.
    """

    def __init__(self, word: Word, order: list[str]) -> None:
        self.word = word
        first = int(order[0]) if order and order[0].isdecimal() else 1
        self.counted = order == [str(first + at) for at in range(len(order))]
        if self.counted and first != 1:
            word.sections[0]._sectPr.insert_element_before(
                parse_xml(
                    f'<w:footnotePr {nsdecls("w")}><w:numStart w:val="{first}"/></w:footnotePr>'
                ),
                *("w:endnotePr", "w:type", "w:pgSz"),
            )
        self.root = parse_xml(START)
        self.placed: set[str] = set()
        self.mark_style = word.styles["footnote reference"]

    def place(self, line: Line, number: str) -> Line:
        """Put the mark at the end of a line, as printed; the note's own line is returned."""
        self.placed.add(number)
        key = str(len(self.placed))
        mark = line.add_run(style=self.mark_style)
        reference = OxmlElement("w:footnoteReference")
        reference.set(qn("w:id"), key)
        mark._r.append(reference)
        if not self.counted:
            reference.set(qn("w:customMarkFollows"), "1")
            mark.add_text(number)
        note = OxmlElement("w:footnote")
        note.set(qn("w:id"), key)
        paragraph = OxmlElement("w:p")
        note.append(paragraph)
        self.root.append(note)
        told = Line(paragraph, line._parent)
        told.style = self.word.styles["footnote text"]
        if self.counted:
            told.add_run(style=self.mark_style)._r.append(OxmlElement("w:footnoteRef"))
        else:
            told.add_run(number, style=self.mark_style)
        told.add_run(" ")
        return told

    def close(self) -> None:
        if not self.placed:
            return
        part = Part(
            PackURI("/word/footnotes.xml"),
            CONTENT_TYPE,
            etree.tostring(self.root, xml_declaration=True, encoding="UTF-8", standalone=True),
            self.word.part.package,
        )
        self.word.part.relate_to(part, RELATIONSHIP_TYPE.FOOTNOTES)
