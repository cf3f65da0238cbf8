"""An edition as JSON; `docs/formats.md` tells its shape, `edition.schema.json` checks it."""

import json
from typing import Any

from django.urls import reverse
from django.utils import translation

from almaty_portal.common.languages import CODES
from documents import markup
from documents.formats.record import Record, absolute
from documents.models import LanguageVersion, Paragraph
from documents.text import standing_in

FORMAT, VERSION = "almaty-process-edition", 1


def make(record: Record) -> bytes:
    return (json.dumps(told(record), ensure_ascii=False, indent=2) + "\n").encode()


def told(record: Record) -> dict[str, Any]:
    """All that the file tells. A paragraph's `id` is the same in both languages (rule T4)."""
    document, edition = record.document, record.edition
    return {
        "format": FORMAT,
        "version": VERSION,
        "language": record.language,
        "address": record.address,
        "reference": record.reference or None,
        "title": {code: getattr(document, f"title_{code}") or None for code in CODES},
        "type": document.type,
        "date": record.date or None,
        "distribution": document.access,
        "meeting": document.meeting.slug if document.meeting else None,
        "demonstration": document.is_demonstration,
        "marking": record.marking or None,
        "notices": record.notices,
        "edition": {
            "key": edition.key,
            "kind": edition.kind,
            "number": edition.number,
            "label": record.words["facts"][-1][1],
            "dated_on": edition.dated_on.isoformat(),
        },
        "languages": [language(record, code) for code in CODES],
        "paragraphs": [paragraph(record, one) for one in record.paragraphs],
    }


def language(record: Record, code: str) -> dict[str, Any]:
    """The standing of the text in a language, its hash, where it is (rule T2: or that it isn't)."""
    standing = standing_in(record.edition, code)
    missing = standing == LanguageVersion.Standing.MISSING
    with translation.override(code):
        args = [record.document.slug, record.edition.key, "json"]
        address = None if missing else absolute(reverse("edition_download", args=args))
    hashes = {one.language: one.text_hash for one in record.edition.language_versions.all()}
    return {
        "language": code,
        "standing": standing,
        "sha256": hashes.get(code) or None,
        "address": address,
    }


def paragraph(record: Record, one: Paragraph) -> dict[str, Any]:
    """A paragraph: as read (`text`, brackets kept), and with its marks (`marked`, ADR 0006)."""
    text = record.text(one)
    pieces = markup.parse(text)
    return {
        "id": one.anchor,
        "role": one.role,
        "level": one.level if one.role == Paragraph.Role.HEADING else None,
        "number": one.number or None,
        "text": markup.plain(text) or None,
        "marked": text or None,
        "states": [{"code": p.code, "words": p.text} for p in pieces if p.kind == "state"],
        "bracketed_states": markup.bracketed_states(text),
        "footnotes": markup.footnotes(text),
        "languages": [code for code in CODES if getattr(one, f"text_{code}")],
    }
