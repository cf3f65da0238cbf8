"""The certificate of a procedure: what was asked, what was said, what came of it, and its proof.

It is told from the ledger's entries alone, in both languages side by side; the entries themselves
are embedded as `record.json`.
"""

import datetime as dt
from collections.abc import Iterator
from typing import Any

from django.conf import settings
from django.template.loader import get_template
from django.utils import translation
from django.utils.html import format_html
from django.utils.text import Truncator
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from almaty_portal.common import pdf
from almaty_portal.common.instants import ALMATY, write_day
from documents.evidence.record import entries_of, names_of, record_of, states_of, told_by
from documents.ledger import read_instant
from documents.models import (
    LedgerEntry,
    Paragraph,
    SilenceOutcome,
    SilenceProcedure,
    SilenceResponse,
    StateOutcome,
)
from documents.offline.verify import Line, Told, canonical
from documents.text import effect_in_short, paragraph_name
from documents.transitions import label_of

LANGUAGES = ("en", "ru")
TEMPLATE = "pdf/certificate.html"
NO_BREAK = "\N{NO-BREAK SPACE}"
HEAD = 70  # letters of the title in the running head, where each language has one line
Rows = list[tuple[str, list[str]]]


def render(procedure: SilenceProcedure, upto: int, *, seconds: float = pdf.SECONDS) -> bytes:
    """The PDF/A-3a of a procedure's certificate to one of its entries, not signed yet.

    Raises almaty_portal.common.pdf.PdfError or one of its kinds.
    """
    entries = entries_of(procedure, upto)
    record = pdf.Attached(
        name="record.json",
        text=canonical(record_of(procedure, entries)),
        description="The record of the procedure: its ledger entries and what they tell",
        relationship="Source",
    )
    return pdf.make_pdf(
        page(procedure, entries),
        languages=LANGUAGES,
        first=LANGUAGES,
        variant=pdf.RECORD,
        attached=[record],
        seconds=seconds,
    )


def page(procedure: SilenceProcedure, entries: list[LedgerEntry]) -> str:
    """The HTML page that becomes the PDF."""
    told = told_by(entries)
    columns = []
    for language in LANGUAGES:
        with translation.override(language):
            columns.append(column(procedure, told, entries, language))
    with translation.override("en"):
        return get_template(TEMPLATE).render(
            {
                "columns": columns,
                "title": " / ".join(one["title"] for one in columns),
                "sections": [
                    {
                        "headings": [one["sections"][at][0] for one in columns],
                        "rows": [
                            [
                                {"language": one["language"], "label": row[0], "lines": row[1]}
                                for one, row in zip(columns, rows, strict=True)
                            ]
                            for rows in zip(
                                *(one["sections"][at][1] for one in columns), strict=True
                            )
                        ],
                    }
                    for at in range(len(columns[0]["sections"]))
                ],
                "entries": [
                    {
                        "number": one.number,
                        "labels": [labels(one.step, language) for language in LANGUAGES],
                        "at": clock(one.recorded_at),
                        "hash": one.entry_hash,
                    }
                    for one in entries
                ],
                "emblem": f"static:{pdf.EMBLEM}" if pdf.EMBLEM in pdf.allowed_files() else "",
                "styles": f"static:{pdf.STYLES}",
            }
        )


def labels(step: str, language: str) -> dict[str, str]:
    with translation.override(language):
        return {"language": language, "text": label_of(step)}


def clock(value: dt.datetime) -> str:
    """An instant in UTC to the second, in figures alone."""
    return f"{value.astimezone(dt.UTC):%d.%m.%Y %H:%M:%S} UTC"


def column(
    procedure: SilenceProcedure, told: Told, entries: list[LedgerEntry], language: str
) -> dict[str, Any]:
    """What the certificate says in one language, which is the active one."""
    title = getattr(procedure, f"title_{language}")
    heading = _("Certificate of a silence procedure")
    return {
        "language": language,
        "name": {"en": "English", "ru": "Русский"}[language],
        "title": f"{heading}: {title}",
        "running": f"{heading}: {Truncator(title).chars(HEAD)}",
        "heading": heading,
        "subject": title,
        "author": _("Support Unit of the Almaty Process"),
        "emblem": _("Emblem of the Almaty Process"),
        "demonstration": _("DEMONSTRATION") if procedure.is_demonstration else "",
        "page": [pgettext("page number", "Page"), pgettext("page number", "of")],
        "ledger": _("Entries of the ledger"),
        "heads": [_("No."), _("Step"), _("Recorded"), "SHA-256"],
        "sections": list(sections(procedure, told, entries, language)),
    }


def sections(
    procedure: SilenceProcedure, told: Told, entries: list[LedgerEntry], language: str
) -> Iterator[tuple[str, Rows]]:
    """The parts of the certificate, of one shape in both languages."""
    assert told.opened is not None
    yield _("What was asked"), list(asked(procedure, told, entries, language))
    yield _("Period"), list(period(told, language))
    yield _("States entitled and what each said"), list(answers(procedure, told, language))
    yield _("Outcome"), list(outcome(procedure, told, entries, language))
    yield _("Texts and proof"), list(proof(told, entries))


def asked(
    procedure: SilenceProcedure, told: Told, entries: list[LedgerEntry], language: str
) -> Iterator[tuple[str, list[str]]]:
    opening = told.opened.entry if told.opened else {}
    document, edition = procedure.edition.document, procedure.edition
    yield _("Text"), [getattr(document, f"title_{language}") or "—"]
    yield _("Edition"), [f"{edition.label}, {write_day(edition.dated_on)}"]
    references = [one.entry["reference"] for one in entries if one.entry.get("reference")]
    annulled = [_("annulled")] if told.annulled is not None else []
    if references:
        yield _("Reference"), [references[-1], *annulled]
    kind = SilenceProcedure.Kind(opening["kind"])
    yield _("Kind of procedure"), [str(kind.label)]
    means = SilenceProcedure.SilenceMeans(opening["silence_means"])
    yield _("Silence means"), [str(means.label)]
    effect = getattr(procedure, "effect", None)
    if effect is not None:
        yield _("Effect of the adoption"), [effect_in_short(effect), *annulled]
    directive = opening["directive"]
    yield (
        _("Directive of the Chair"),
        [
            f"{write_day(dt.date.fromisoformat(directive['on']))}, {directive['form'][language]}, "
            f"{directive['by'][language]}"
        ],
    )
    urgency = (opening.get("urgency") or {}).get(language)
    if urgency:
        yield _("Reason of urgency given by the Chair"), [urgency]


def period(told: Told, language: str) -> Iterator[tuple[str, list[str]]]:
    opening = told.opened.entry if told.opened else {}
    yield _("Opened"), written(opening["opened_at"])
    yield _("Deadline"), written(told.deadline)
    for line in told.extensions:
        reason = (line.entry.get("reason") or {}).get(language, "")
        yield (
            _("Extended"),
            [
                *written(line.entry["recorded_at"]),
                _("the deadline had been: %(before)s")
                % {"before": "; ".join(written(line.entry["deadline_before"]))},
                *([reason] if reason else []),
            ],
        )
    for line in told.corrections:
        yield _("Technical correction"), written(line.entry["recorded_at"])


def written(text: str) -> list[str]:
    """An instant of the ledger by the clocks of UTC and of Almaty, in the active language."""
    at = read_instant(text)
    utc, almaty = at.astimezone(dt.UTC), at.astimezone(ALMATY)
    here = almaty.strftime("%H:%M:%S")
    if almaty.date() != utc.date():
        here = f"{write_day(almaty.date())}, {here}"
    # A line breaks between the clocks, and not within one of them.
    beside = f"({_('Almaty')}: {here})".replace(" ", NO_BREAK)
    return [f"{write_day(utc.date())}, {utc:%H:%M:%S}{NO_BREAK}UTC {beside}"]


def answers(
    procedure: SilenceProcedure, told: Told, language: str
) -> Iterator[tuple[str, list[str]]]:
    """Each State entitled with what it said, in the order of receipt (S6–S8)."""
    said: dict[str, list[str]] = {}
    named = {one.anchor: one for one in procedure.edition.paragraphs.all()}
    for line in sorted([*told.answers, *told.late], key=received):
        said.setdefault(line.entry["state"], []).extend(answer(line, named, language))
    for state in states_of(procedure):
        yield names_of(state)[language], said.get(state.code) or [_("kept silent")]


def received(line: Line) -> tuple[dt.datetime, int]:
    return read_instant(line.entry["received_at"]), line.number


def answer(line: Line, named: dict[str, Paragraph], language: str) -> list[str]:
    """What a State said once: when, with its reason and the wording that it proposed (S7)."""
    kind = str(SilenceResponse.Kind(line.entry["answer"]).label)
    if line.entry.get("paper"):
        kind = _("%(answer)s – by a Note Verbale on paper") % {"answer": kind}
    if line.entry.get("late"):
        kind = _("%(answer)s – late, without effect") % {"answer": kind}
    lines = [f"{kind}: {written(line.entry['received_at'])[0]}"]
    if line.entry.get("reason"):
        lines.append(_("“%(words)s”") % {"words": line.entry["reason"]})
    for point in line.entry.get("points") or []:
        paragraph = named.get(point["anchor"])
        name = paragraph_name(paragraph.number, paragraph.role) if paragraph else point["anchor"]
        if point[language]:
            words = _("proposed: “%(words)s”") % {"words": point[language]}
        elif point["en"] or point["ru"]:
            words = _("proposed in the other language alone")
        else:
            words = _("objected to, without wording of its own")
        lines.append(f"{name}: {words}")
    return lines


def outcome(
    procedure: SilenceProcedure, told: Told, entries: list[LedgerEntry], language: str
) -> Iterator[tuple[str, list[str]]]:
    if told.outcome is None:
        yield _("Outcome"), [_("none is recorded yet")]
        return
    entry = told.outcome.entry
    label = str(SilenceOutcome.Result(entry["result"]).label)
    if told.annulled is not None:
        yield _("Outcome"), [str(SilenceProcedure.Status.ANNULLED.label)]
        yield _("Recorded before"), [label]
    else:
        yield _("Outcome"), [label]
    if told.annulled is not None:
        yield _("Recorded as effective"), [*written(entry["effective_at"]), _("annulled")]
    else:
        yield _("Effective"), written(entry["effective_at"])
    yield _("Recorded"), written(entry["recorded_at"])
    names = {one.code: names_of(one)[language] for one in states_of(procedure)}
    if entry.get("broken_by"):
        yield _("Silence broken by"), [names.get(entry["broken_by"], entry["broken_by"])]
    by_state = dict(entry.get("by_state") or {})
    by_state |= {
        str(one.entry["state"]): one.entry["state_result"]
        for one in entries
        if one.step in ("settled", "result_corrected")
    }
    for code, result in by_state.items():
        yield str(names.get(code, code)), [str(StateOutcome.Result(result).label)]
    for one in entries:
        if one.step == "effects_applied":
            yield _("Effects applied"), written(one.entry["recorded_at"])
        elif one.step in ("reissue_prepared", "referred", "abandoned"):
            yield label_of(one.step).capitalize(), written(one.entry["recorded_at"])
        elif one.step == "annulled":
            state = one.entry.get("objection", "")
            by_paper = _("by a Note Verbale on paper received in time: %(state)s")
            yield (
                _("Adoption annulled"),
                [*written(one.entry["recorded_at"]), by_paper % {"state": names.get(state, state)}],
            )


def proof(told: Told, entries: list[LedgerEntry]) -> Iterator[tuple[str, list[str]]]:
    put = [told.opened, *told.corrections]
    for line in put:
        hashes = (line.entry.get("text_sha256") or {}) if line else {}
        label = _("SHA-256 of both texts, entry %(number)s") % {
            "number": line.number if line else 0
        }
        yield (
            label,
            [f"{code.upper()}{NO_BREAK}{hashes.get(code, '')}" for code in LANGUAGES],
        )
    yield _("Version of the rules"), [str(entries[-1].entry.get("rules", ""))]
    address = f"{settings.PORTAL_URL}/{translation.get_language()}/verify/"
    how = _(
        "Upload this file at %(address)s: the portal answers from its ledger whether it is "
        "genuine. The evidence bundle, from the page of the procedure, is verified without "
        "the portal: run python verify.py in it."
    ) % {"address": address}
    yield _("How to verify"), [unbroken(how, address)]


def unbroken(sentence: str, part: str) -> str:
    """The sentence as HTML, in which a line breaks before the part and not within it."""
    before, _part, after = sentence.partition(part)
    return format_html('{}<span class="unbroken">{}</span>{}', before, part, after)
