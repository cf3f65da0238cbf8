"""Two languages side by side: rows aligned by role and number (rule T4)."""

from collections.abc import Sequence
from difflib import SequenceMatcher
from typing import Any

from documents.models.archive import LANGUAGES

Row = dict[str, Any]
CODES = [code for code, _name in LANGUAGES]


def join(texts: dict[str, Sequence[Row]], stored: Sequence[Row]) -> list[Row]:
    """Rows with both languages' text, as the editor takes them.

    `texts` has the recognised rows of each language that is imported; `stored` are the rows of the
    edition, whose other language stays. Rows are aligned by role and number; where the languages
    have as many rows between two that agree, they stand side by side; one too many stands alone.
    """
    joined: list[Row] = []
    sides = {
        code: [placed(row, code) for row in texts[code]]
        if code in texts
        else [one for one in (only(row, code) for row in stored) if one[f"text_{code}"]]
        for code in CODES
    }
    left, right = sides[CODES[0]], sides[CODES[1]]
    matcher = SequenceMatcher(None, [key(one) for one in left], [key(one) for one in right], False)
    for kind, a, b, c, d in matcher.get_opcodes():
        if kind == "equal" or b - a == d - c:
            joined += [beside(one, two) for one, two in zip(left[a:b], right[c:d], strict=True)]
        else:
            joined += left[a:b] + right[c:d]
    return distinct(joined)


def placed(row: Row, code: str) -> Row:
    own = {name: value for name, value in row.items() if name != "text"}
    return {"explains_brackets": False, **own, **empty(), f"text_{code}": row["text"]}


def only(row: Row, code: str) -> Row:
    return {**row, **empty(), f"text_{code}": row[f"text_{code}"]}


def empty() -> Row:
    return {f"text_{code}": "" for code in CODES}


def key(row: Row) -> tuple[str, str]:
    return row["role"], row["number"]


def beside(one: Row, two: Row) -> Row:
    """Both texts in one row; all else is as the first says, and the second where that is bare."""
    ours = {name: value for name, value in one.items() if value not in ("", False)}
    return {**two, **ours, f"text_{CODES[1]}": two[f"text_{CODES[1]}"]}


def distinct(rows: list[Row]) -> list[Row]:
    """No address twice: the editor gives a row without one its place."""
    taken: set[str] = set()
    for row in rows:
        if row["anchor"] in taken:
            row["anchor"] = ""
        taken.add(row["anchor"])
    return rows
