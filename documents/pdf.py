"""An edition as PDF: what it prints, in which languages, and whether a file still says it."""

import datetime as dt
import hashlib
import json
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

from django.db.models import Q
from django.template import Engine
from django.template.loader import get_template
from django.utils import translation
from django.utils.formats import date_format
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe
from django.utils.text import slugify
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from almaty_portal.common import pdf
from almaty_portal.common.instants import ALMATY, Precision
from documents import markup
from documents.models import (
    Document,
    Edition,
    LanguageVersion,
    Paragraph,
    Rendition,
    SilenceOutcome,
    SilenceProcedure,
)
from documents.models.archive import Access
from documents.reading import editions_of, superseding
from documents.text import standing_in

Result = SilenceOutcome.Result
TEMPLATE = "pdf/edition.html"
PARTS = (TEMPLATE, "pdf/_paragraph.html")
Content = dict[str, Any]

# A date, or № and its number, stays on one line.
KEPT_TOGETHER = re.compile(
    r"\b\d{1,2} (?:January|February|March|April|May|June|July|August|September|October|November"
    r"|December|января|февраля|марта|апреля|мая|июня|июля|августа|сентября|октября|ноября|декабря)"
    r"(?: \d{4}(?: года?)?)?\b|№ ?\d+|\b\d{4} год[ау]?\b"
)


def languages_of(layout: str) -> list[str]:
    """The languages of a layout, in the order of its columns."""
    return ["en", "ru"] if layout == Rendition.Layout.BILINGUAL else [layout]


def layouts_of(edition: Edition) -> list[Rendition.Layout]:
    """The layouts for which an edition has the texts (rule T2: nothing stands in for a missing
    language)."""
    present = {
        version.language
        for version in edition.language_versions.all()
        if version.standing != LanguageVersion.Standing.MISSING
    }
    return [layout for layout in Rendition.Layout if present.issuperset(languages_of(layout))]


def render(edition: Edition, layout: str, progress: pdf.Progress | None = None) -> bytes:
    """The PDF/UA-1 of an edition in a layout. `progress` is called with "text", "layout", "pages".

    Raises almaty_portal.common.pdf.PdfError or one of its kinds.
    """
    if progress:
        progress("text")
    return render_content(content(edition, layout), progress)


def render_content(printed: Content, progress: pdf.Progress | None = None) -> bytes:
    """The PDF of what `content` gathered."""
    languages = [column["language"] for column in printed["columns"]]
    return pdf.make_pdf(
        page(printed),
        languages=languages if len(languages) > 1 else (),
        first=("en", "ru"),
        progress=progress,
    )


def page(printed: Content) -> str:
    """The HTML page that becomes the PDF."""
    columns, set_rows = printed["columns"], list(rows(printed))
    with translation.override(columns[0]["language"]):
        return get_template(TEMPLATE).render(
            {
                **printed,
                "rows": set_rows,
                "titled": any(row["tag"] == "h1" for row in set_rows),
                "emblem": f"static:{pdf.EMBLEM}" if pdf.EMBLEM in pdf.allowed_files() else "",
                "styles": f"static:{pdf.STYLES}",
                "bilingual": len(columns) > 1,
            }
        )


def fingerprint(printed: Content) -> str:
    """SHA-256 over all that the PDF prints and how it is set: another one, another file (S4)."""
    told = json.dumps(printed, ensure_ascii=False, sort_keys=True)
    return hashlib.sha256((told + setting()).encode()).hexdigest()


@cache
def setting() -> str:
    """The hash of the template, the style sheet and the files that a PDF is set with."""
    digest = hashlib.sha256()
    for name in PARTS:
        digest.update(Path(Engine.get_default().get_template(name).origin.name).read_bytes())
    for _name, path in sorted(pdf.allowed_files().items()):
        digest.update(Path(path).read_bytes())
    return digest.hexdigest()


def file_name(edition: Edition, layout: str) -> str:
    """The name under which a reader saves the file: reference, edition, language."""
    document = edition.document
    name = slugify((document.reference or "").replace("/", "-")) or document.slug
    key = "" if edition.kind == Edition.Kind.FINAL and not edition.number else f"-{edition.key}"
    language = "en-ru" if layout == Rendition.Layout.BILINGUAL else layout
    return f"{name}{key}-{language}.pdf"


# What is printed, as plain values


def content(edition: Edition, layout: str) -> Content:
    """All that the PDF of an edition prints, each language's words in that language."""
    columns = []
    for language in languages_of(layout):
        with translation.override(language):
            columns.append(column(edition, language))
    return {
        "columns": columns,
        "title": " / ".join(one["title"] for one in columns),
        "paragraphs": [
            {
                "role": one.role,
                "level": one.level,
                "number": one.number,
                "texts": [getattr(one, f"text_{each['language']}") or "" for each in columns],
            }
            for one in edition.paragraphs.all()
        ],
    }


def column(edition: Edition, language: str) -> Content:
    """What is said of an edition in one language, which is the active one."""
    document = edition.document
    procedures = list(
        SilenceProcedure.objects.filter(
            Q(edition=edition) | Q(corrections__edition=edition), historic=False
        ).select_related("outcome__annulment")
    )
    proposed = is_proposed(procedures)
    reference = "" if proposed else document.reference or ""
    unadopted = proposed or edition.kind == Edition.Kind.DRAFT
    shown = reference or (_("no reference before adoption") if unadopted else "")
    title = getattr(document, f"title_{language}") or ""
    standing = standing_in(edition, language)
    name, label = language_name(language), label_of(edition)
    return {
        "language": language,
        "name": capital(name),
        "title": f"{reference}: {title}" if reference else title,
        "heading": title,
        "reference": shown or title,
        "facts": [
            *([[_("Reference"), shown]] if shown else []),
            [_("Date"), dated(document.issued_on, document.issued_precision, edition.dated_on)],
            [_("Language"), f"{name} ({LanguageVersion.Standing(standing).label})"],
            [_("Distribution"), distribution(document)],
            [_("Edition"), f"{label}, {day(edition.dated_on)}"],
        ],
        "demonstration": _("DEMONSTRATION") if document.is_demonstration else "",
        "marking": marking(edition, procedures),
        "notices": list(notices(edition, procedures)),
        "note": getattr(edition, f"note_{language}") or "",
        "statement": _("Working translation of the Support Unit, not an official text")
        if standing == LanguageVersion.Standing.WORKING
        else "",
        "page": [pgettext("page number", "Page"), pgettext("page number", "of")],
        "missing": _("This paragraph has no text in this language."),
        "notes": _("Footnotes"),
        "author": _("Support Unit of the Almaty Process"),
        "emblem": _("Emblem of the Almaty Process"),
    }


def is_proposed(procedures: list[SilenceProcedure]) -> bool:
    """Whether the text was put under silence and is not adopted, and so bears no final reference
    (rule S4)."""
    return any(
        one.kind == SilenceProcedure.Kind.ADOPTION and result_of(one) != Result.ADOPTED
        for one in procedures
    )


def result_of(procedure: SilenceProcedure) -> str | None:
    """The result of a procedure, None before its outcome is recorded; an annulled adoption is
    none."""
    outcome = getattr(procedure, "outcome", None)
    if outcome is None:
        return None
    return "annulled" if getattr(outcome, "annulment", None) else outcome.result


def marking(edition: Edition, procedures: list[SilenceProcedure]) -> str:
    """The words that stand on every page of a text that is a draft, under silence, or was not
    adopted (rule S4)."""
    if edition.annulled_at is not None:
        return _("ANNULLED")
    running = [one for one in procedures if result_of(one) is None]
    if running:
        until = instant(max(one.deadline_at for one in running))
        if is_proposed(running) or edition.kind == Edition.Kind.DRAFT:
            return _("DRAFT under silence until %(instant)s") % {"instant": until}
        return _("Under silence until %(instant)s") % {"instant": until}
    if is_proposed(procedures):
        return _("NOT ADOPTED")
    return _("DRAFT") if edition.kind == Edition.Kind.DRAFT else ""


def notices(edition: Edition, procedures: list[SilenceProcedure]) -> Iterator[str]:
    """What became of the edition: superseded, adopted, not adopted."""
    for procedure in procedures:
        outcome = getattr(procedure, "outcome", None)
        if outcome is None or procedure.kind != SilenceProcedure.Kind.ADOPTION:
            continue
        at = {"instant": instant(outcome.effective_at)}
        if annulment := getattr(outcome, "annulment", None):
            yield _(
                "Not adopted: the adoption recorded on %(instant)s was annulled on %(annulled)s, "
                "since an objection had been received in time."
            ) % {**at, "annulled": instant(annulment.annulled_at)}
            continue
        if outcome.result == outcome.Result.BROKEN:
            yield _("Not adopted: silence was broken on %(instant)s.") % at
        elif outcome.result == outcome.Result.WITHDRAWN:
            yield _("Not adopted: withdrawn by the Chair on %(instant)s.") % at
        elif outcome.result == outcome.Result.ADOPTED:
            yield _("Adopted under silence on %(instant)s.") % at
    if edition.annulled_at is not None:
        yield _(
            "Annulled on %(instant)s with the adoption that issued it. This text is not in force "
            "and is kept for the record."
        ) % {"instant": instant(edition.annulled_at)}
    if later := superseding(edition, editions_of(edition.document)):
        yield _("Superseded by: %(edition)s, %(date)s. This text is kept for the record.") % {
            "edition": label_of(later),
            "date": day(later.dated_on),
        }


def distribution(document: Document) -> str:
    """To whom the text is distributed (rule T6)."""
    if document.access == Access.PUBLIC:
        return pgettext("distribution of a document", "General")
    return capital(str(document.get_access_display()))


def label_of(edition: Edition) -> str:
    return capital(str(edition.label))


def language_name(language: str) -> str:
    return {"en": _("English"), "ru": _("Russian")}[language]


def capital(words: str) -> str:
    return words[:1].upper() + words[1:]


def day(date: dt.date) -> str:
    """A day as the active language writes it: 5 June 2013, 5 июня 2013 года."""
    if translation.get_language() == "ru":
        return f"{date_format(date, 'j E Y')} года"
    return date_format(date, "j F Y")


def dated(date: dt.date | None, precision: str, edition_on: dt.date) -> str:
    """The document's date as precisely as it is known; the edition's before it has one."""
    if date is None:
        return day(edition_on)
    match precision:
        case Precision.MONTH:
            return date_format(date, "F Y")
        case Precision.YEAR:
            return date_format(date, "Y")
        case Precision.UNKNOWN:
            return _("not known")
        case _:
            return day(date)


def instant(at: dt.datetime) -> str:
    """An instant in UTC and Almaty time (rule S5)."""
    utc, almaty = at.astimezone(dt.UTC), at.astimezone(ALMATY)
    there = f"{almaty:%H:%M}"
    if almaty.date() != utc.date():
        there = f"{day(almaty.date())}, {there}"
    return _("%(day)s, %(utc)s UTC (%(almaty)s Almaty time)") % {
        "day": day(utc.date()),
        "utc": f"{utc:%H:%M}",
        "almaty": there,
    }


# How the text is set


def rows(printed: Content) -> Iterator[Content]:
    """The paragraphs as the template sets them: a row with a cell for each language.

    In one language a footnote goes to the foot of the page with its mark; side by side the
    footnotes are the last rows, aligned as everything else.
    """
    columns = printed["columns"]
    alone = len(columns) == 1
    notes = {
        one["number"]: one
        for one in printed["paragraphs"]
        if one["role"] == Paragraph.Role.FOOTNOTE
    }
    placed: set[str] = set()
    headed = False
    for one in printed["paragraphs"]:
        if one["role"] == Paragraph.Role.FOOTNOTE:
            continue
        level = min(max(one["level"], 1), 4) if one["role"] == Paragraph.Role.HEADING else 0
        if level == 1 and headed:
            level = 2
        headed = headed or level == 1
        yield {
            "role": one["role"],
            "tag": f"h{level}" if level else "p",
            "number": one["number"],
            "cells": [
                cell(each, text, notes if alone else {}, placed)
                for each, text in zip(columns, one["texts"], strict=True)
            ],
        }
    left = [note for number, note in notes.items() if number not in placed]
    for index, note in enumerate(left):
        yield {
            "role": "footnote",
            "tag": "p",
            "first": index == 0,
            "number": note["number"],
            "cells": [
                cell(each, text, {}, placed)
                for each, text in zip(columns, note["texts"], strict=True)
            ],
        }


def cell(each: Content, text: str, notes: dict[str, Any], placed: set[str]) -> Content:
    return {
        "language": each["language"],
        "text": words(text, notes, placed) if text else "",
        "missing": each["missing"],
    }


def words(text: str, notes: dict[str, Any], placed: set[str]) -> SafeString:
    """A marked text as HTML, everything escaped, its footnotes beside their first mark."""
    return mark_safe("".join(pieces(text, notes, placed)))  # noqa: S308 (escaped below)


def pieces(text: str, notes: dict[str, Any], placed: set[str]) -> Iterator[str]:
    for piece in markup.parse(text):
        if piece.kind != "footnote":
            yield KEPT_TOGETHER.sub(r'<span class="together">\g<0></span>', escape(piece.text))
        elif piece.text in notes and piece.text not in placed:
            placed.add(piece.text)
            note = words(notes[piece.text]["texts"][0], {}, placed)
            yield f'<span class="page-note" data-number="{escape(piece.text)}">{note}</span>'
        else:
            yield f"<sup>{escape(piece.text)}</sup>"
