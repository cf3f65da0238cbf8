"""Roles and numbers of the lines of a text (rule T4)."""

import re
from collections.abc import Iterable, Sequence
from typing import Any

from documents.importing.reading import Line
from documents.models import Paragraph

Role = Paragraph.Role
Row = dict[str, Any]

ROMAN = r"[ivxlc]+"
NUMBER = re.compile(
    rf"(?P<number>\((?:{ROMAN}|\d{{1,3}}|[a-zа-я])\)|(?:\d{{1,3}}\.)?(?:{ROMAN}|\d{{1,3}}|[a-zа-я])"
    r"[.)]|\d{1,3}\.\d{1,3}\.?)\s+(?=\S)"
)
TIME = re.compile(r"(?P<number>\d{1,2}[.:]\d\d(?:\s*[-–—]\s*\d{1,2}[.:]\d\d)?)\s+(?=\D)")
BULLET = re.compile(r"[-–—•·▪*]\s+(?=\S)")
ARTICLE = re.compile(r"(?P<number>(?:Article|Статья)\s+[\dIVXLC]+)\.?\s*", re.IGNORECASE)
ANNEX = re.compile(
    r"(?:Annex|Appendix|Приложение)(?:\s+[\dIVXLCA-Z]+)?\b[^.;]{0,80}$", re.IGNORECASE
)
TITLE = re.compile(
    r"(?:(?:Joint |Ministerial |The Almaty Process )?"
    r"(?:Communiqu[eé]|Declaration|Decision|Operating Modalities|Agenda|Work ?plan|Concept note)"
    r"|(?:Совместное |Совместная )?"
    r"(?:Коммюнике|Декларация|Решение|Порядок работы|Повестка дня|План работы"
    r"|Концептуальная записка))"
    r"\b[^.;]{0,100}$",
    re.IGNORECASE,
)
EXPLAINS = re.compile(r"\bbrackets\b|\bскобк", re.IGNORECASE)
MAX_HEADING = 90
MAX_NUMBER = 12  # characters, as the model keeps


def recognise(lines: Sequence[Line]) -> list[Row]:
    """The lines as rows that the editor and `set_text` take, with one language's text in `text`.

    Before the title stand the lines of the masthead; (i) is preambular, 1. operative, i. under a
    numbered chapter an article; short lines with a number and no stop at the end are headings.
    """
    rows: list[Row] = []
    title_at = find_title(lines)
    seen = State()
    for place, line in enumerate(lines):
        if line.note:
            row = {"role": Role.FOOTNOTE, "level": 2, "number": line.number, "text": line.text}
            row["explains_brackets"] = bool(EXPLAINS.search(line.text))
        else:
            row = row_of(line, place, title_at, seen)
        rows.append(row)
    address(rows)
    return rows


class State:
    """What stood before a line."""

    numbered = False  # a preambular, operative or chapter number was met
    chapters = False  # the text has numbered chapters


def find_title(lines: Sequence[Line]) -> int | None:
    """The place of the title: the first heading, or the first line that names a kind of document,
    before anything that is numbered."""
    for place, line in enumerate(lines):
        if line.note or (split(line)[0] and not TIME.match(line.text)):
            break
        if line.level or TITLE.match(line.text):
            return place
    return None


def row_of(line: Line, place: int, title_at: int | None, seen: State) -> Row:
    number, text = split(line)
    row: Row = {"role": Role.PARAGRAPH, "level": 2, "number": number, "text": text}
    headed = line.level or short(text)
    if place == title_at:
        row |= {"role": Role.HEADING, "level": 1, "number": "", "text": line.text}
    elif title_at is not None and place < title_at:
        row |= {"role": Role.MASTHEAD, "number": "", "text": line.text}
    elif line.level:
        row |= {"role": Role.HEADING, "level": max(2, min(line.level, 6))}
        seen.numbered = True
        seen.chapters = seen.chapters or bool(number)
    elif ANNEX.match(text) and not number:
        row |= {"role": Role.HEADING, "level": 2}
    elif line.bullet or (not number and BULLET.match(text)):
        row |= {"role": Role.ITEM, "number": "", "text": BULLET.sub("", text, count=1)}
    elif not number:
        if title_at is not None and not seen.numbered and short(text):
            row["role"] = Role.MASTHEAD
    else:
        seen.numbered = True
        row |= numbered(number, bool(headed), seen)
    return row


def numbered(number: str, headed: bool, seen: State) -> Row:
    bare = number.strip("().")
    if TIME.match(f"{number} x") or (number.endswith(")") and not number.startswith("(")):
        return {"role": Role.ITEM}
    if ARTICLE.match(number):
        return {"role": Role.ARTICLE}
    if re.fullmatch(r"\d+\.", number):
        if headed:
            seen.chapters = True
            return {"role": Role.HEADING, "level": 2}
        return {"role": Role.OPERATIVE}
    if re.fullmatch(ROMAN, bare):
        if number.startswith("(") and not seen.chapters:
            return {"role": Role.PREAMBULAR}
        if headed and seen.chapters:
            return {"role": Role.HEADING, "level": 3}
        return {"role": Role.ARTICLE}
    if re.match(r"\d+\.", number):
        return {"role": Role.ARTICLE}
    return {"role": Role.ITEM}


def split(line: Line) -> tuple[str, str]:
    """A line's number as printed, and its text without it."""
    if line.number:
        return line.number[:MAX_NUMBER], line.text
    for pattern in (TIME, ARTICLE, NUMBER):
        if found := pattern.match(line.text):
            number = found["number"]
            number = number if pattern is ARTICLE else "".join(number.split())
            return number[:MAX_NUMBER], line.text[found.end() :]
    return "", line.text


def short(text: str) -> bool:
    """Whether a line looks like a heading: short, and without a stop at its end."""
    return len(text) <= MAX_HEADING and not text.rstrip().endswith((".", ";", ":", ",", "…"))


def address(rows: Iterable[Row]) -> None:
    """Give each row its address: numbers under the chapter that they stand in, as 3.i; a paragraph
    without a number after it, as 3.i-p2."""
    taken: set[str] = set()
    chapter, within, counts = "", "", {"p": 0, "": 0}
    for row in rows:
        plain = re.sub(r"[^A-Za-z0-9.-]", "", row["number"].replace(":", ".")).strip(".-")
        if row["role"] == Role.FOOTNOTE:
            made = f"fn-{plain}"
        elif row["role"] == Role.HEADING and plain:
            made = plain if row["level"] <= 2 else ".".join(filter(None, [chapter, plain]))
            chapter, within = (plain if row["level"] <= 2 else chapter), made
            counts = {"p": 0, "": 0}
        elif plain and row["role"] in (Role.ARTICLE, Role.ITEM):
            made = ".".join(filter(None, [within, plain]))
        elif plain:
            made = plain
        elif within and row["role"] in (Role.PARAGRAPH, Role.ITEM):
            kind = "p" if row["role"] == Role.PARAGRAPH else ""
            counts[kind] += 1
            made = f"{within}-{kind}{counts[kind]}"
        else:
            made = ""
        made = made[:26]
        if made in taken:
            made = next(f"{made}-{n}" for n in range(2, 2001) if f"{made}-{n}" not in taken)
        if made:
            taken.add(made)
        row["anchor"] = made
