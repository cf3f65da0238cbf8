"""The text of an edition that is not issued yet: its paragraphs, checked and stored."""

import re
from collections.abc import Iterable, Mapping, Sequence
from copy import copy
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from almaty_portal.common import audit
from almaty_portal.common.errors import DomainError
from documents import markup
from documents.models import (
    Edition,
    Paragraph,
)
from documents.models.archive import LANGUAGES
from documents.text import text_hash
from membership.models import State, User

CODES = [code for code, _name in LANGUAGES]


@transaction.atomic
def set_text(*, edition: Edition, rows: Sequence[Mapping[str, Any]], by: User | None) -> None:
    """Replace the text of an edition that is not issued yet.

    A row has `role`, `text_en`, `text_ru` and, where it differs from the default, `level`,
    `number`, `anchor`, `explains_brackets`. A paragraph changed in one language marks the other as
    stale, until that is changed too or the row is `confirmed`; `was` is the anchor that the
    paragraph had, where it differs. Raises DomainError naming the paragraph whose mark is
    malformed, whose State is unknown, or whose address is taken; nothing is stored then.
    """
    if edition.issued_at is not None:
        raise DomainError(
            _("This edition is issued and its text is fixed. Make a corrigendum or a revision.")
        )
    before = text_hashes(edition)
    write_paragraphs(edition, rows)
    audit.record(
        by=by,
        action="set_text",
        target=edition,
        detail={"before": before, "after": text_hashes(edition)},
    )


def check_footnotes(edition: Edition) -> None:
    """Raise DomainError where a footnote mark has no footnote, or a footnote no mark (rule T5)."""
    paragraphs = list(edition.paragraphs.all())
    notes = {one.number for one in paragraphs if one.role == Paragraph.Role.FOOTNOTE}
    for language in CODES:
        texts = [getattr(one, f"text_{language}") or "" for one in paragraphs]
        if not any(texts):
            continue  # the language is missing altogether, which is told elsewhere
        marks = {number for text in texts for number in markup.footnotes(text)}
        for number in sorted(marks ^ notes):
            sentence = (
                _("%(language)s: the text has the mark [^%(number)s] and no footnote %(number)s.")
                if number in marks
                else _("%(language)s: footnote %(number)s has no mark [^%(number)s] in the text.")
            )
            raise DomainError(
                sentence % {"language": dict(LANGUAGES)[language], "number": number},
                fields=[f"text_{language}"],
            )


def text_hashes(edition: Edition) -> dict[str, str]:
    return hashes_of(Edition.objects.with_text().get(pk=edition.pk))


def hashes_of(edition: Edition) -> dict[str, str]:
    """The hashes of an edition whose text is fetched."""
    return {language: text_hash(edition, language) for language in CODES}


def copy_texts(copies: Iterable[tuple[Edition, Edition]]) -> None:
    """Write the fetched text of one edition into another that has none yet; for many pairs."""
    paragraphs = []
    for source, target in copies:
        for one in source.paragraphs.all():
            paragraph = copy(one)
            paragraph.pk, paragraph.edition = None, target
            paragraphs.append(paragraph)
    Paragraph.objects.bulk_create(paragraphs)


def write_paragraphs(edition: Edition, rows: Sequence[Mapping[str, Any]]) -> None:
    known = set(State.objects.values_list("code", flat=True))
    paragraphs = [
        new_paragraph(edition, position, row, known) for position, row in enumerate(rows, start=1)
    ]
    former = {one.anchor: one for one in edition.paragraphs.all()}
    anchors: set[str] = set()
    for paragraph, row in zip(paragraphs, rows, strict=True):
        before = former.get(row.get("was") or paragraph.anchor)
        paragraph.stale = stale_language(before, paragraph, confirmed=bool(row.get("confirmed")))
        if paragraph.anchor in anchors:
            raise DomainError(
                _(
                    "Paragraph %(position)s: the address “%(anchor)s” is taken by a paragraph "
                    "above it. Give it one of its own."
                )
                % {"position": paragraph.position, "anchor": paragraph.anchor}
            )
        anchors.add(paragraph.anchor)
    edition.paragraphs.all().delete()
    Paragraph.objects.bulk_create(paragraphs)


def stale_language(before: Paragraph | None, after: Paragraph, *, confirmed: bool) -> str:
    """The language whose text did not follow a change of the other; empty where both agree.

    A language without any text is missing, not stale.
    """
    if before is None or not all(written(after, code) for code in CODES):
        return ""
    changed = [code for code in CODES if written(before, code) != written(after, code)]
    if not changed:
        return "" if confirmed else before.stale
    if len(changed) == len(CODES) or changed == [before.stale]:
        return ""
    return next(code for code in CODES if code not in changed)


def written(paragraph: Paragraph, language: str) -> str:
    return " ".join((getattr(paragraph, f"text_{language}") or "").split())


def new_paragraph(
    edition: Edition, position: int, row: Mapping[str, Any], known: set[str]
) -> Paragraph:
    number = row.get("number") or ""
    for language in CODES:
        text = row.get(f"text_{language}") or ""
        try:
            named = markup.states(text)
        except markup.MarkupError as error:
            raise DomainError(
                _("Paragraph %(position)s, %(language)s. %(error)s")
                % {
                    "position": number or position,
                    "language": dict(LANGUAGES)[language],
                    "error": error,
                },
                fields=[f"text_{language}"],
            ) from error
        unknown = sorted(set(named) - known)
        if unknown:
            raise DomainError(
                _(
                    "Paragraph %(position)s, %(language)s: no State has the code %(code)s. "
                    "Write the ISO 3166 code, as in {KZ|the Republic of Kazakhstan}."
                )
                % {
                    "position": number or position,
                    "language": dict(LANGUAGES)[language],
                    "code": unknown[0],
                },
                fields=[f"text_{language}"],
            )
    return Paragraph(
        edition=edition,
        position=position,
        role=row.get("role") or Paragraph.Role.PARAGRAPH,
        level=row.get("level") or 2,
        number=number,
        anchor=row.get("anchor") or default_anchor(row.get("role") or "", number, position),
        explains_brackets=bool(row.get("explains_brackets")),
        text_en=row.get("text_en") or "",
        text_ru=row.get("text_ru") or "",
    )


def default_anchor(role: str, number: str, position: int) -> str:
    """The address of a paragraph without one of its own: its number, or its place in the text."""
    plain = re.sub(r"[^A-Za-z0-9.-]", "", number).strip(".-")
    if role == Paragraph.Role.FOOTNOTE and plain:
        return f"fn-{plain}"
    return plain or f"p{position}"


def settled_rows(
    edition: Edition, settlements: Mapping[str, markup.Settlement]
) -> list[dict[str, Any]]:
    """The paragraphs of an edition as they stand when States in brackets are settled (rule S12).

    One that named nothing else than a State that is struck falls with it; when no State stands in
    brackets any more, so do the footnotes that explain the brackets, with their marks.
    """
    rows = text_rows(edition)
    for row in rows:
        said = [row[f"text_{language}"] for language in CODES]
        for language in CODES:
            row[f"text_{language}"] = markup.settle(row[f"text_{language}"], settlements)
        row["fell"] = any(
            markup.plain(before).strip() and not markup.plain(row[f"text_{language}"]).strip(" ,;.")
            for language, before in zip(CODES, said, strict=True)
        ) and any(markup.bracketed_states(before) for before in said)
    rows = [row for row in rows if not row.pop("fell")]
    if not any(markup.bracketed_states(row[f"text_{code}"]) for row in rows for code in CODES):
        fallen = [row["number"] for row in rows if row["explains_brackets"]]
        rows = [row for row in rows if not row["explains_brackets"]]
        for row in rows:
            for language in CODES:
                row[f"text_{language}"] = markup.without_footnotes(row[f"text_{language}"], fallen)
    return rows


def text_rows(edition: Edition) -> list[dict[str, Any]]:
    """An edition's paragraphs as rows that `set_text` takes."""
    return [
        {
            "role": one.role,
            "level": one.level,
            "number": one.number,
            "anchor": one.anchor,
            "explains_brackets": one.explains_brackets,
            "stale": one.stale,
            "text_en": one.text_en or "",
            "text_ru": one.text_ru or "",
        }
        for one in edition.paragraphs.all()
    ]
