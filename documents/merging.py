"""Two people's changes of one text joined: what each changed alone, and where they differ."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

Row = dict[str, Any]
WORDS = ("text_en", "text_ru")
FIELDS = ("role", "level", "number", "anchor", "explains_brackets", *WORDS)


@dataclass
class Merged:
    """Rows to go on with, and for the place of a row what the other person wrote in a field."""

    rows: list[Row] = field(default_factory=list)
    differing: dict[int, dict[str, Any]] = field(default_factory=dict)
    taken_out: set[int] = field(default_factory=set)  # places of rows that one of the two took out


def merge(base: Sequence[Row], theirs: Sequence[Row], mine: Sequence[Row]) -> Merged:
    """Join what two people made of `base`, by the addresses that its paragraphs had.

    A row of `mine` tells its former address as `was`. Where both changed a field, mine stands and
    theirs is told; a row that one took out and the other changed stays, and is told. The order is
    mine; rows that they added follow the row after which they stand.
    """
    former = {row["anchor"]: row for row in base}
    stored = {row["anchor"]: row for row in theirs}
    kept = {row.get("was") or "" for row in mine}
    merged = Merged()
    follow = followers(theirs, former, kept)
    for row in follow.get("", []):
        add(merged, row)
    for row in mine:
        was = row.get("was") or ""
        before, other = former.get(was), stored.get(was)
        if before is None:
            merged.rows.append(row)  # added by me
        elif other is not None:
            joined, differing = join(before, other, row)
            if differing:
                merged.differing[len(merged.rows)] = differing
            merged.rows.append(joined)
        elif changed(before, row):
            merged.taken_out.add(len(merged.rows))
            merged.rows.append({**row, "was": ""})
        for one in follow.get(was, []) if was else []:
            if one["anchor"] in former:
                merged.taken_out.add(len(merged.rows))
            add(merged, one)
    return merged


def followers(
    theirs: Sequence[Row], former: Mapping[str, Row], kept: set[str]
) -> dict[str, list[Row]]:
    """The rows that they added, and those that I took out and they changed, by the address of the
    row of mine that they follow."""
    found: dict[str, list[Row]] = {}
    after = ""
    for row in theirs:
        anchor = row["anchor"]
        if anchor in kept:
            after = anchor
        elif anchor not in former or changed(former[anchor], row):
            found.setdefault(after, []).append(row)
    return found


def add(merged: Merged, row: Row) -> None:
    merged.rows.append({**row, "was": row["anchor"]})


def join(before: Row, theirs: Row, mine: Row) -> tuple[Row, dict[str, Any]]:
    joined, differing = {**mine, "stale": theirs.get("stale", "")}, {}
    for name in FIELDS:
        base, other, own = (plain(row.get(name)) for row in (before, theirs, mine))
        if other in (base, own):
            continue
        if own == base:
            joined[name] = theirs[name]
        else:
            differing[name] = theirs[name]
    return joined, differing


def changed(before: Row, after: Row) -> bool:
    return any(plain(before.get(name)) != plain(after.get(name)) for name in FIELDS)


def plain(value: Any) -> str:
    """A value as a form sends it: white space at line ends does not count, nothing is empty."""
    if value in (None, False):
        return ""
    return str(value).replace("\r\n", "\n").strip()
