"""Catalogues of translations: read `.po`, write `.mo`, without gettext's programs.

`python -m almaty_portal.messages` compiles every catalogue under `locale/` that is newer than its
compiled form; the Makefile does so before anything that shows pages.
"""

import re
import struct
import sys
from dataclasses import dataclass, field
from pathlib import Path

PROJECT = Path(__file__).resolve().parent.parent
ESCAPES = {"n": "\n", "t": "\t", "r": "\r", '"': '"', "\\": "\\"}
FIELD = re.compile(r'(msgctxt|msgid_plural|msgid|msgstr(?:\[\d\])?)?\s*"(.*)"\s*$')


@dataclass
class Message:
    """One entry of a catalogue."""

    line: int
    context: str | None = None
    text: str = ""
    plural: str | None = None
    translations: dict[int, str] = field(default_factory=dict)
    fuzzy: bool = False

    @property
    def key(self) -> str:
        """How the compiled catalogue names it."""
        key = self.text if self.plural is None else f"{self.text}\0{self.plural}"
        return key if self.context is None else f"{self.context}\x04{key}"

    @property
    def is_translated(self) -> bool:
        return bool(self.translations) and all(t.strip() for t in self.translations.values())


def read(path: Path) -> list[Message]:
    """Every entry of a `.po` file, the header (with an empty text) first; obsolete ones left out.

    Raises ValueError with the line that can't be read.
    """
    messages: list[Message] = []
    fuzzy, part = False, ""
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        line = line.strip()
        if not line or line.startswith("#"):
            fuzzy = (fuzzy or "fuzzy" in line) if line.startswith("#,") else fuzzy and bool(line)
            continue
        found = FIELD.match(line)
        if not found:
            raise ValueError(f"{path}:{number}: this line is no part of a catalogue: {line}")
        value = re.sub(r"\\(.)", lambda e: ESCAPES.get(e[1], e[1]), found[2])
        starts_entry = found[1] == "msgctxt" or (found[1] == "msgid" and part != "msgctxt")
        if starts_entry:
            messages.append(Message(line=number, fuzzy=fuzzy))
            fuzzy = False
        part = found[1] or part
        message = messages[-1]
        if part == "msgctxt":
            message.context = (message.context or "") + value
        elif part == "msgid":
            message.text += value
        elif part == "msgid_plural":
            message.plural = (message.plural or "") + value
        else:
            index = int(part[7]) if part[6:] else 0
            message.translations[index] = message.translations.get(index, "") + value
    return messages


def compiled(messages: list[Message]) -> bytes:
    """The `.mo` form: header, table of texts, table of translations, the strings (GNU gettext)."""
    pairs = sorted(
        (m.key.encode(), "\0".join(text for _, text in sorted(m.translations.items())).encode())
        for m in messages
        if m.is_translated and not (m.fuzzy and m.text)
    )
    start = 28 + 16 * len(pairs)
    strings = bytearray()
    tables: list[list[int]] = [[], []]
    for column, table in enumerate(tables):
        for pair in pairs:
            table += [len(pair[column]), start + len(strings)]
            strings += pair[column] + b"\0"
    header = (0x950412DE, 0, len(pairs), 28, 28 + 8 * len(pairs), 0, start)
    return struct.pack(f"<7I{4 * len(pairs)}I", *header, *tables[0], *tables[1]) + bytes(strings)


def main() -> int:
    """Compile what is newer than its compiled form."""
    for source in sorted((PROJECT / "locale").glob("*/LC_MESSAGES/*.po")):
        target = source.with_suffix(".mo")
        if target.exists() and target.stat().st_mtime_ns >= source.stat().st_mtime_ns:
            continue
        draft = target.with_suffix(".mo.new")
        draft.write_bytes(compiled(read(source)))
        draft.replace(target)
    return 0


if __name__ == "__main__":
    sys.exit(main())
