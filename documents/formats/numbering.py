"""Numbers of a DOCX: automatic numbering that comes out exactly as the numbers are printed.

A number as "(iv)" or "4." belongs to a list of its shape; where the printed number is not the next
one, a list of the same shape begins anew at it. A number of no such shape is a level whose text is
that number. So an editor who adds a paragraph gets a number, and what is printed stays.
"""

import re
from typing import NamedTuple

from django.utils.html import escape
from docx.document import Document as Word
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls, qn
from docx.text.paragraph import Paragraph as Line

SHAPE = re.compile(
    r"(?P<before>\(?)(?P<value>\d{1,4}|[ivxlc]{1,8}|[IVXLC]{1,8}|[a-zA-Z])(?P<after>[.)]{0,2})"
)
ROMAN = (
    ("c", 100),
    ("xc", 90),
    ("l", 50),
    ("xl", 40),
    ("x", 10),
    ("ix", 9),
    ("v", 5),
    ("iv", 4),
    ("i", 1),
)


class Shape(NamedTuple):
    """How a list writes its numbers: `kind` is Word's name, `text` has %1 for the value."""

    kind: str
    text: str


class Numbering:
    """The lists of one file."""

    def __init__(self, word: Word) -> None:
        self.root = word.part.numbering_part.element
        for child in list(self.root):
            self.root.remove(child)
        self.kinds: dict[Shape, int] = {}
        self.running: dict[Shape, tuple[int, int]] = {}  # the list that goes on, its next value
        self.lists = 0

    def number(self, line: Line, number: str) -> None:
        """Give a line its printed number."""
        shape, value = read(number)
        key, following = self.running.get(shape, (0, 0))
        if not key or value != following:
            key = self.begin(shape, value)
        self.running[shape] = (key, value + 1)
        properties = line._p.get_or_add_pPr().get_or_add_numPr()
        properties.get_or_add_ilvl().val = 0
        properties.get_or_add_numId().val = key

    def begin(self, shape: Shape, value: int) -> int:
        kind = self.kinds.get(shape) or self.define(shape)
        self.lists += 1
        self.root.append(
            parse_xml(
                f'<w:num {nsdecls("w")} w:numId="{self.lists}"><w:abstractNumId w:val="{kind}"/>'
                f'<w:lvlOverride w:ilvl="0"><w:startOverride w:val="{value}"/>'
                "</w:lvlOverride></w:num>"
            )
        )
        return self.lists

    def define(self, shape: Shape) -> int:
        """A kind of list; all kinds stand before the first list, as the format wants."""
        kind = self.kinds[shape] = len(self.kinds) + 1
        element = parse_xml(
            f'<w:abstractNum {nsdecls("w")} w:abstractNumId="{kind}">'
            '<w:multiLevelType w:val="singleLevel"/><w:lvl w:ilvl="0"><w:start w:val="1"/>'
            f'<w:numFmt w:val="{shape.kind}"/><w:lvlText w:val="{escape(shape.text)}"/>'
            '<w:lvlJc w:val="left"/><w:pPr><w:tabs><w:tab w:val="num" w:pos="709"/></w:tabs>'
            '<w:ind w:left="709" w:hanging="709"/></w:pPr></w:lvl></w:abstractNum>'
        )
        lists = self.root.findall(qn("w:num"))
        if lists:
            lists[0].addprevious(element)
        else:
            self.root.append(element)
        return kind


def read(number: str) -> tuple[Shape, int]:
    """The shape of a printed number and its value; of no known shape, the number itself and 1."""
    found = SHAPE.fullmatch(number)
    if found:
        before, value, after = found["before"], found["value"], found["after"]
        text = f"{before}%1{after}"
        if value.isdigit() and value == str(int(value)):
            return Shape("decimal", text), int(value)
        lower = value.lower()
        kind = "lower" if value == lower else "upper"
        if (count := arabic(lower)) and value in (lower, lower.upper()):
            return Shape(f"{kind}Roman", text), count
        if len(value) == 1 and value.isalpha():
            return Shape(f"{kind}Letter", text), ord(lower) - ord("a") + 1
    return Shape("decimal", number.replace("%", "%%")), 1


def arabic(roman: str) -> int:
    """The value of a Roman number in small letters; 0 where it is none."""
    rest, value = roman, 0
    for sign, worth in ROMAN:
        while rest.startswith(sign):
            rest, value = rest[len(sign) :], value + worth
    return value if not rest and written(value) == roman else 0


def written(value: int) -> str:
    out = ""
    for sign, worth in ROMAN:
        while value >= worth:
            out, value = out + sign, value - worth
    return out
