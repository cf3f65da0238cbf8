"""Brackets that fall: the clean editions of texts in which settled States stood so (S2, S12, T5).

A text under silence is left alone, for its words are what is asked, and so is the text that it
would replace; what was settled meanwhile is caught up with when its procedure has ended.
"""

import datetime as dt
from collections import Counter
from collections.abc import Collection, Iterable, Mapping

from django.db.models import Q
from django.utils.translation import gettext_noop

from almaty_portal.common.instants import database_now
from almaty_portal.common.languages import in_both
from documents import markup
from documents.actions import archive, texts
from documents.actions.adoption import latest_of
from documents.actions.ledger import record_step
from documents.models import (
    Document,
    Edition,
    LedgerEntry,
    Paragraph,
    SilenceProcedure,
    StateOutcome,
)
from documents.reading import counts, current_edition, editions_of, in_force, is_aside
from membership.models import User

Result = StateOutcome.Result
Fates = Mapping[str, markup.Settlement]
FATE: dict[str, markup.Settlement] = {
    Result.FORMALISED: "lifted",
    Result.DECLINED: "struck",
    Result.LAPSED: "struck",
}
# The entries by which a window settles States: all of them as it closes, one by one later.
SETTLING = ("effects_applied", "settled", "result_corrected")


def issue_clean(
    fates: Fates,
    *,
    note: Mapping[str, str],
    day: dt.date,
    by: User | None,
    fallen_since: dt.datetime | None = None,
) -> list[Edition]:
    """Issue clean editions, dated on a day of Almaty, of every text in force in which one of the
    States stands in brackets.

    With `fallen_since` also of those whose brackets fell after that instant, one way or the other:
    they are made anew of the text before. A historic text stays; beside it stands a reading
    edition, which is made anew.
    """
    issued = [
        clean(document, fates, note=note, day=day, by=by, fallen_since=fallen_since)
        for document in bracketing(fates)
    ]
    return [one for one in issued if one is not None]


def clean(
    document: Document,
    fates: Fates,
    *,
    note: Mapping[str, str],
    day: dt.date,
    by: User | None,
    fallen_since: dt.datetime | None,
) -> Edition | None:
    """The clean edition of one text, as `issue_clean` says; None where nothing changes in it."""
    present = to_be_cleaned(document)
    if present is None:
        return None
    before = present if fallen_since is None else before_they_fell(present, fates, fallen_since)
    stood = bracketed(before)
    lifted = outside(present) - outside(before)
    # how each State fell that stood in brackets before and stands so no longer
    now: dict[str, markup.Settlement] = {
        code: "lifted" if code in lifted else "struck" for code in stood - bracketed(present)
    }
    then = {**now, **{code: fate for code, fate in fates.items() if code in stood}}
    if then == now:
        return None
    return archive.issue_clean_edition(
        edition=before,
        settlements=then,
        supersedes=latest_of(present, document.editions.all()),
        dated_on=day,
        by=by,
        note_en=note["en"],
        note_ru=note["ru"],
        historic=present.historic,
    )


def bracketing(codes: Iterable[str]) -> Iterable[Document]:
    """The documents in whose issued texts one of the States stands in brackets, and of which no
    text is under silence."""
    marks = [Q(text_en__contains=f"[{{{code}|") for code in codes]
    if not marks:
        return []
    named = Paragraph.objects.filter(Q(*marks, _connector=Q.OR), edition__issued_at__isnull=False)
    under_silence = SilenceProcedure.objects.filter(
        outcome__isnull=True, historic=False, kind=SilenceProcedure.Kind.ADOPTION
    ).values("edition__document")
    return (
        Document.objects.filter(pk__in=named.values("edition__document"), withdrawn_at__isnull=True)
        .exclude(pk__in=under_silence)
        .order_by("pk")
    )


def to_be_cleaned(document: Document) -> Edition | None:
    """The text in force; of a historic document the latest reading edition beside it, if any."""
    current = current_edition(document)
    if current is not None and not counts(current):
        return None  # a draft, or what was not adopted, is not put in force by this
    if current is not None and current.historic:
        aside = [one for one in editions_of(document) if is_aside(one) and one.issued_at]
        current = aside[-1] if aside else current
    return Edition.objects.with_text().get(pk=current.pk) if current is not None else None


def before_they_fell(present: Edition, codes: Collection[str], since: dt.datetime) -> Edition:
    """The text from which a clean edition was made after an instant, and those from which it was
    made in turn, back to the last in which all of the States stand in brackets that ever did."""
    editions = editions_of(present.document)
    best, edition = present, present
    while (
        edition.kind == Edition.Kind.CLEAN
        and edition.issued_at is not None
        and edition.issued_at >= since
    ):
        former = made_of(edition, editions)
        if former is None:
            break
        edition = Edition.objects.with_text().get(pk=former.pk)
        if (bracketed(edition) - bracketed(best)) & set(codes):
            best = edition
    return best


def made_of(edition: Edition, editions: list[Edition]) -> Edition | None:
    """The text that a clean edition was made of: the one in force that it replaced, whatever was
    put forward meanwhile; of a reading edition the one before it, or the historic text itself."""
    if is_aside(edition):
        aside = [one for one in editions if is_aside(one) and one.issued_at]
        earlier = [one for one in aside if one.pk < edition.pk]
        return earlier[-1] if earlier else in_force(editions)
    line = {one.pk: one for one in editions}
    former = line.get(edition.supersedes_id or 0)
    while former is not None and not counts(former):
        former = line.get(former.supersedes_id or 0)
    return former


def bracketed(edition: Edition) -> set[str]:
    """The codes of the States that stand in brackets in a text."""
    return {
        code
        for one in edition.paragraphs.all()
        for code in markup.bracketed_states(one.text_en or "")
    }


def outside(edition: Edition) -> Counter[str]:
    """How often a text names each State outside brackets."""
    texts_of = [one.text_en or "" for one in edition.paragraphs.all()]
    within = Counter(code for text in texts_of for code in markup.bracketed_states(text))
    return Counter(code for text in texts_of for code in markup.states(text)) - within


def told(editions: Iterable[Edition]) -> list[dict[str, object]]:
    """Clean editions as the ledger tells them."""
    return [
        {
            "document": one.document.slug,
            "edition": one.key,
            "text_sha256": texts.hashes_of(one),
        }
        for one in editions
    ]


def catch_up(ended: Mapping[SilenceProcedure, dt.date]) -> None:
    """Let the brackets fall that participation windows settled while texts were under silence.

    `ended` are procedures whose outcome, or annulment, is on record, each with its day in Almaty.
    The text in force now is meant: the adopted one, or where it was not adopted, the one before.
    """
    settled = settled_since(min(one.opened_at for one in ended))
    note = in_both(
        gettext_noop(
            "Issued after the silence procedure had ended: the brackets that a participation "
            "window had settled meanwhile have fallen."
        )
    )
    for procedure, day in ended.items():
        results = [one for at, one in settled if at >= procedure.opened_at]
        if not results:
            continue
        edition = clean(
            procedure.edition.document,
            {one.state.code: FATE[one.result] for one in results},
            note=note,
            day=day,
            by=None,
            fallen_since=min(one.outcome.recorded_at for one in results),
        )
        if edition is not None:
            record_step(
                step="brackets_fell",
                procedure=procedure,
                at=database_now(),
                entry={
                    "clean_editions": told([edition]),
                    "windows": sorted({one.outcome.procedure.slug for one in results}),
                },
            )


def settled_since(at: dt.datetime) -> list[tuple[dt.datetime, StateOutcome]]:
    """The results that hold for States which windows settled at an instant or after it, the latest
    last, each with the moment."""
    entries = LedgerEntry.objects.filter(
        step__in=SETTLING,
        recorded_at__gte=at,
        procedure__kind=SilenceProcedure.Kind.WINDOW,
        procedure__historic=False,
    ).order_by("number")
    held: dict[int | None, list[StateOutcome]] = {}
    for one in (
        StateOutcome.objects.filter(
            outcome__procedure__in=entries.values("procedure"), result__in=list(FATE)
        )
        .standing()
        .select_related("state", "outcome__procedure")
    ):
        held.setdefault(one.outcome.procedure_id, []).append(one)
    return [
        (entry.recorded_at, one)
        for entry in entries
        for one in held.get(entry.procedure_id, [])
        if entry.entry.get("state") in (None, one.state.code)
    ]
