"""The rows of a text that is being written: moved, divided, joined, added, taken out."""

import re
from collections.abc import Sequence
from typing import Any

from documents.models.archive import LANGUAGES

Row = dict[str, Any]
CODES = [code for code, _name in LANGUAGES]
NEW = {"role": "paragraph", "level": 2, "number": "", "anchor": "", "was": ""}


class CannotDivide(Exception):
    """No blank line says where."""


def rearranged(rows: Sequence[Row], act: str) -> tuple[list[Row], int | None]:
    """The rows after an act as a button sends it, `up:3` for the form 3, and the place acted on.

    An act on a row that is not there changes nothing. Raises CannotDivide.
    """
    what, _colon, index = act.partition(":")
    made = list(rows)
    at = next((place for place, row in enumerate(made) if str(row["index"]) == index), None)
    if at is None:
        return made, None
    match what:
        case "up" if at > 0:
            made[at - 1], made[at] = made[at], made[at - 1]
            return made, at - 1
        case "down" if at + 1 < len(made):
            made[at], made[at + 1] = made[at + 1], made[at]
            return made, at + 1
        case "remove":
            del made[at]
        case "add":
            made.insert(at + 1, {**NEW, **{f"text_{code}": "" for code in CODES}})
            return made, at + 1
        case "join" if at + 1 < len(made):
            made[at : at + 2] = [joined(made[at], made[at + 1])]
        case "divide":
            made[at : at + 1] = divided(made[at])
    return made, min(at, len(made) - 1)


def joined(row: Row, following: Row) -> Row:
    texts = {
        name: " ".join(filter(None, [(row[name] or "").strip(), (following[name] or "").strip()]))
        for name in (f"text_{code}" for code in CODES)
    }
    return {**row, **texts}


def divided(row: Row) -> list[Row]:
    """Two rows, parted at the first blank line of each language; the second has no number yet."""
    parts = {
        code: re.split(r"\r?\n[ \t]*\r?\n\s*", (row[f"text_{code}"] or "").strip(), maxsplit=1)
        for code in CODES
    }
    if all(len(part) == 1 for part in parts.values()):
        raise CannotDivide
    first = {f"text_{code}": part[0] for code, part in parts.items()}
    second = {f"text_{code}": part[1] if len(part) > 1 else "" for code, part in parts.items()}
    return [{**row, **first}, {**NEW, "role": row["role"], "level": row["level"], **second}]
