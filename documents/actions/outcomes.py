"""The outcome of a silence procedure, and what follows from it in the same transaction (S12)."""

import datetime as dt
from typing import Any

from django.utils import translation
from django.utils.translation import gettext_noop

from almaty_portal.common import audit
from almaty_portal.common.instants import ALMATY, database_now
from almaty_portal.common.templatetags.instants import write_day
from documents import markup
from documents.actions import archive, texts
from documents.actions.ledger import instant, record_step
from documents.mail import tell_closed
from documents.models import (
    Decision,
    Edition,
    SilenceOutcome,
    SilenceProcedure,
    SilenceResponse,
    StateOutcome,
)
from documents.models.archive import Access

Result = SilenceOutcome.Result


def record_outcome(
    *,
    procedure: SilenceProcedure,
    result: str,
    effective_at: dt.datetime,
    broken_by: SilenceResponse | None = None,
) -> SilenceOutcome:
    """Store the one outcome of a procedure whose row the caller has locked.

    On adoption the reference is assigned, the final edition issued, the decision registered; after
    a window the brackets that its answers settle fall. All States are told in writing.
    """
    now = database_now()
    settled = window_results(procedure) if result == Result.WINDOW_CLOSED else {}
    issued: Edition | None = None
    if result == Result.ADOPTED:
        issued = issue_adopted(procedure, effective_at)
    elif settled:
        issued = issue_settled(procedure, settled)
    outcome = SilenceOutcome.objects.create(
        procedure=procedure,
        result=result,
        effective_at=effective_at,
        recorded_at=now,
        broken_by=broken_by,
        edition_issued=issued,
    )
    StateOutcome.objects.bulk_create(
        StateOutcome(outcome=outcome, state=state, result=settled[state.code])
        for state in procedure.electorate.all()
        if state.code in settled
    )
    document = procedure.edition.document
    document.refresh_from_db()
    record_step(
        step=f"outcome_{result}",
        procedure=procedure,
        at=now,
        entry={
            "result": result,
            "effective_at": instant(effective_at),
            "deadline_at": instant(procedure.deadline_at),
            "broken_by": broken_by.state.code if broken_by else None,
            "by_state": dict(sorted(settled.items())),
            "reference": document.reference,
            "edition_issued": issued.key if issued else None,
            "text_sha256": texts.text_hashes(issued or procedure.edition),
        },
    )
    audit.record(
        by=broken_by.by if broken_by else None,
        action="record_outcome",
        target=procedure,
        detail={"result": result, "effective_at": instant(effective_at)},
    )
    if result != Result.BROKEN:
        register(procedure, issued or procedure.edition, effective_at)
        tell_closed(procedure, outcome)
    return outcome


def in_both(text: str, **values: Any) -> dict[str, str]:
    """A marked sentence in both languages, with the values put in; a date is written by each."""
    sentences = {}
    for language in texts.CODES:
        with translation.override(language):
            written = {
                key: write_day(value) if isinstance(value, dt.date) else value
                for key, value in values.items()
            }
            sentences[language] = translation.gettext(text) % written
    return sentences


def issue_adopted(procedure: SilenceProcedure, effective_at: dt.datetime) -> Edition:
    """The final edition of a text adopted under silence, under its reference (rule S12)."""
    draft = Edition.objects.with_text().get(pk=procedure.edition_id)
    document = draft.document
    day = effective_at.astimezone(ALMATY).date()
    document.issued_on = day
    document.save(update_fields=["issued_on"])
    if not document.reference:
        archive.assign_reference(document=document, by=None)
    if procedure.publish_on_adoption and document.access != Access.PUBLIC:
        archive.set_access(document=document, access=Access.PUBLIC, by=None)
    note = in_both(
        gettext_noop("Adopted by consensus under the silence procedure on %(date)s."), date=day
    )
    final = archive.create_edition(
        document=document,
        kind=Edition.Kind.FINAL,
        number=archive.next_number(document, Edition.Kind.FINAL),
        dated_on=day,
        supersedes=draft,
        note_en=note["en"],
        note_ru=note["ru"],
        by=None,
    )
    texts.set_text(edition=final, rows=texts.text_rows(draft), by=None)
    standings = {one.language: one.standing for one in draft.language_versions.all()}
    return archive.issue_edition(edition=final, standings=standings, by=None)


def window_results(procedure: SilenceProcedure) -> dict[str, str]:
    """What the window ended with for each State's code: its answer, or what silence means (S2)."""
    means = SilenceProcedure.SilenceMeans
    silent = {
        means.FORMALISED: StateOutcome.Result.FORMALISED,
        means.LAPSES: StateOutcome.Result.LAPSED,
        means.CHAIR: StateOutcome.Result.CHAIR,
    }[means(procedure.silence_means)]
    answered = {
        SilenceResponse.Kind.PARTICIPATES: StateOutcome.Result.FORMALISED,
        SilenceResponse.Kind.DECLINES: StateOutcome.Result.DECLINED,
    }
    results = {state.code: silent for state in procedure.electorate.all()}
    for response in procedure.responses.filter(late=False, kind__in=list(answered)).select_related(
        "state"
    ):
        results[response.state.code] = answered[SilenceResponse.Kind(response.kind)]
    return {code: str(result) for code, result in results.items()}


def issue_settled(procedure: SilenceProcedure, results: dict[str, str]) -> Edition | None:
    """The clean edition after a window, where its text has brackets that its results settle."""
    fate: dict[str, markup.Settlement] = {
        StateOutcome.Result.FORMALISED: "lifted",
        StateOutcome.Result.DECLINED: "struck",
        StateOutcome.Result.LAPSED: "struck",
    }
    settlements = {code: fate[result] for code, result in results.items() if result in fate}
    edition = Edition.objects.with_text().get(pk=procedure.edition_id)
    bracketed = {
        code for one in edition.paragraphs.all() for code in markup.bracketed_states(one.text_en)
    }
    if not bracketed & settlements.keys():
        return None
    note = in_both(
        gettext_noop(
            "Issued after the participation window that ended on %(date)s: the brackets it settled "
            "have fallen."
        ),
        date=procedure.deadline_at.astimezone(ALMATY).date(),
    )
    return archive.issue_clean_edition(
        edition=edition,
        settlements=settlements,
        by=None,
        note_en=note["en"],
        note_ru=note["ru"],
    )


def register(procedure: SilenceProcedure, edition: Edition, effective_at: dt.datetime) -> Decision:
    """Enter the decision in the register (rule D3)."""
    return archive.register_decision(
        by=None,
        slug=procedure.slug,
        title_en=procedure.title_en,
        title_ru=procedure.title_ru,
        taken=Decision.Taken.SILENCE,
        taken_on=effective_at.astimezone(ALMATY).date(),
        effective_at=effective_at,
        document=edition.document,
        edition=edition,
        procedure=procedure,
    )
