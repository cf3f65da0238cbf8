"""Documents with their texts, and silence procedures."""

import datetime as dt

import pgtrigger

from almaty_portal.common.instants import database_now
from documents.actions import archive, silence, texts
from documents.ledger import canonical, chained, instant, read_instant
from documents.models import Document, Edition, LanguageVersion, LedgerEntry, SilenceProcedure
from documents.offline.verify import FIRST_HASH

ROWS = [
    {"role": "heading", "level": 1, "text_en": "Communiqué", "text_ru": "Коммюнике"},
    {
        "role": "preambular",
        "number": "(i)",
        "text_en": "Recalling the Almaty Declaration;",
        "text_ru": "Ссылаясь на Алматинскую декларацию;",
    },
    {
        "role": "operative",
        "number": "1.",
        "text_en": "Decide to protect refugees.",
        "text_ru": "Постановляют защищать беженцев.",
    },
]
BRACKETED = [
    *ROWS,
    {
        "role": "operative",
        "number": "2.",
        "text_en": "{KZ|Kazakhstan}, [{IR|Iran}][^5] and others agree.",
        "text_ru": "{KZ|Казахстан}, [{IR|Иран}][^5] и другие согласны.",
    },
    {
        "role": "footnote",
        "number": "5",
        "explains_brackets": True,
        "text_en": "The State in brackets.",
        "text_ru": "Государство в скобках.",
    },
]
_numbers = iter(range(1, 10**9))


def a_document(
    *, by=None, rows=ROWS, issued=False, kind=Edition.Kind.DRAFT, judged=False, **fields
) -> Edition:
    """A document with one edition, as a draft or issued; the edition is returned.

    `judged` issues texts of which it does not matter that they differ.
    """
    number = next(_numbers)
    values = {
        "slug": f"document-{number}",
        "type": Document.Type.DECISION,
        "title_en": f"Document {number}",
        "title_ru": f"Документ {number}",
        **fields,
    }
    document = archive.create_document(by=by, **values)
    edition = archive.create_edition(
        document=document, kind=kind, dated_on=dt.date(2026, 1, 1), by=by
    )
    texts.set_text(edition=edition, rows=rows, by=by)
    if issued:
        edition = archive.issue_edition(
            edition=edition,
            standings={
                "en": LanguageVersion.Standing.ORIGINAL,
                "ru": LanguageVersion.Standing.AUTHENTIC,
            },
            by=by,
            judged=judged,
        )
    return edition


def a_public_document(**fields) -> Edition:
    """A public document with its final text issued."""
    return a_document(issued=True, kind=Edition.Kind.FINAL, access="public", **fields)


def a_procedure(
    *, by, edition=None, hours: float = 73, kind="adoption", silence_means="adopted", **fields
) -> SilenceProcedure:
    """A running procedure, opened through its action."""
    values = {
        "title_en": "Demonstration decision",
        "title_ru": "Учебное решение",
        "directive_on": dt.date(2026, 1, 1),
        "directive_form_en": "letter",
        "directive_form_ru": "письмо",
        "directive_by_en": "the Chair",
        "directive_by_ru": "Председатель",
        "deadline_at": database_now() + dt.timedelta(hours=hours),
        "deadline_zone": "Asia/Almaty",
        **fields,
    }
    return silence.open_silence(
        edition=edition or a_document(by=by),
        kind=kind,
        silence_means=silence_means,
        by=by,
        **values,
    )


def a_short_procedure(settings, *, by, seconds: float, edition=None, **fields) -> SilenceProcedure:
    """A demonstration procedure whose deadline is `seconds` away (or past), by the database.

    The action allows no period under a minute, so its opening and deadline are set here, with the
    triggers that forbid it off: a test cannot move PostgreSQL's clock.
    """
    settings.DEMO = True
    if edition is None:
        edition = a_document(by=by)
    Document.objects.filter(pk=edition.document_id).update(is_demonstration=True)
    procedure = a_procedure(by=by, edition=edition, hours=0.5, **fields)
    return move_deadline(procedure, seconds)


def move_deadline(procedure: SilenceProcedure, seconds: float) -> SilenceProcedure:
    """Set a procedure's deadline `seconds` from now, its opening an hour before that, in the ledger
    too."""
    deadline = database_now() + dt.timedelta(seconds=seconds)
    with pgtrigger.ignore("documents.SilenceProcedure:the_question_stays"):
        SilenceProcedure.objects.filter(pk=procedure.pk).update(
            deadline_at=deadline, opened_at=deadline - dt.timedelta(hours=1)
        )
    procedure = SilenceProcedure.objects.get(pk=procedure.pk)
    [opening] = LedgerEntry.objects.filter(procedure=procedure, step="opened")
    opened = instant(procedure.opened_at)
    moved = {"opened_at": opened, "recorded_at": opened, "deadline_at": instant(deadline)}
    rewrite({opening.number: moved})
    return procedure


def rewrite(changes: dict[int, dict]) -> None:
    """Change entries as the owner of the database could, and compute every hash after them anew."""
    first = min(changes)
    before = LedgerEntry.objects.filter(number=first - 1).first()
    previous = before.entry_hash if before else FIRST_HASH
    of_procedure = {
        one.procedure_id: one.entry_hash
        for one in LedgerEntry.objects.filter(number__lt=first).order_by("number")
        if one.procedure_id is not None
    }
    with pgtrigger.ignore("documents.LedgerEntry:ledger_rows_stay"):
        for row in LedgerEntry.objects.filter(number__gte=first).order_by("number"):
            row.entry |= changes.get(row.number, {})
            row.entry["previous_of_procedure"] = of_procedure.get(row.procedure_id)
            row.recorded_at = read_instant(row.entry["recorded_at"])
            row.canonical, row.previous_hash = canonical(row.entry), previous
            row.entry_hash = previous = chained(previous, row.canonical)
            if row.procedure_id is not None:
                of_procedure[row.procedure_id] = row.entry_hash
            row.save()
