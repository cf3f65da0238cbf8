"""The outcome of a silence procedure, and what follows from it in the same transaction (S12)."""

import datetime as dt
import logging
from typing import Any

from django.db import transaction
from django.utils import translation
from django.utils.translation import gettext_noop

from almaty_portal.common import audit
from almaty_portal.common.instants import ALMATY, database_now, write_day
from documents import markup
from documents.actions import archive, texts
from documents.actions.addresses import free_slug
from documents.actions.ledger import instant, record_step
from documents.mail import tell_broken, tell_closed
from documents.models import (
    Decision,
    Document,
    Edition,
    SilenceOutcome,
    SilenceProcedure,
    SilenceResponse,
    StateOutcome,
)
from documents.models.archive import Access

logger = logging.getLogger(__name__)
Result = SilenceOutcome.Result


def record_outcome(
    *,
    procedure: SilenceProcedure,
    result: str,
    effective_at: dt.datetime,
    broken_by: SilenceResponse | None = None,
) -> SilenceOutcome:
    """Store the one outcome of a procedure whose row the caller has locked, and tell all (S12).

    What follows from it (reference, final edition, register) is applied in the same transaction;
    where that fails the outcome stands all the same, and the sweep applies it later (S11).
    """
    now = database_now()
    settled = window_results(procedure) if result == Result.WINDOW_CLOSED else {}
    outcome = SilenceOutcome.objects.create(
        procedure=procedure,
        result=result,
        effective_at=effective_at,
        recorded_at=now,
        broken_by=broken_by,
        effects_at=now if result == Result.BROKEN else None,  # nothing follows from a broken one
    )
    StateOutcome.objects.bulk_create(
        StateOutcome(outcome=outcome, state=state, result=settled[state.code])
        for state in procedure.electorate.all()
        if state.code in settled
    )
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
            "text_sha256": texts.text_hashes(procedure.edition),
        },
    )
    audit.record(
        by=broken_by.by if broken_by else None,
        action="record_outcome",
        target=procedure,
        detail={"result": result, "effective_at": instant(effective_at)},
    )
    if broken_by is not None:
        tell_broken(procedure, broken_by)
        return outcome
    try:
        with transaction.atomic():
            apply_effects(outcome)
    except Exception:
        logger.exception("The effects of %s are owed; the next sweep tries again", procedure.slug)
        outcome.refresh_from_db()
    tell_closed(outcome)
    return outcome


@transaction.atomic
def apply_effects(outcome: SilenceOutcome) -> SilenceOutcome:
    """What follows from an outcome: reference, edition, register (rule S12); once."""
    outcome = SilenceOutcome.objects.select_for_update(of=("self",)).get(pk=outcome.pk)
    if outcome.effects_at is not None:
        return outcome
    procedure = SilenceProcedure.objects.select_related("edition__document").get(
        pk=outcome.procedure_id
    )
    if outcome.result == Result.ADOPTED:
        outcome.edition_issued = issue_adopted(procedure, outcome.effective_at)
    else:
        outcome.edition_issued = issue_settled(procedure, outcome)
    edition = outcome.edition_issued or procedure.edition
    register(procedure, edition, outcome.effective_at)
    outcome.effects_at = database_now()
    outcome.save(update_fields=["edition_issued", "effects_at"])
    record_step(
        step="effects_applied",
        procedure=procedure,
        at=outcome.effects_at,
        entry={
            "reference": Document.objects.get(pk=edition.document_id).reference,
            "edition_issued": outcome.edition_issued.key if outcome.edition_issued else None,
            "text_sha256": texts.text_hashes(edition),
        },
    )
    audit.record(by=None, action="apply_effects", target=procedure)
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
        archive.assign_reference(document=document, by=None, year=day.year)
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
        supersedes=latest_of(draft),
        note_en=note["en"],
        note_ru=note["ru"],
        by=None,
    )
    texts.set_text(edition=final, rows=texts.text_rows(draft), by=None)
    standings = {one.language: one.standing for one in draft.language_versions.all()}
    return archive.issue_edition(edition=final, standings=standings, by=None)


def latest_of(edition: Edition) -> Edition:
    """The edition at the end of the line that begins here: nothing supersedes it yet."""
    while (later := Edition.objects.filter(supersedes=edition).first()) is not None:
        edition = later
    return edition


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


def issue_settled(procedure: SilenceProcedure, outcome: SilenceOutcome) -> Edition | None:
    """The clean edition after a window, where the text in force has brackets that it settles."""
    fate: dict[str, markup.Settlement] = {
        StateOutcome.Result.FORMALISED: "lifted",
        StateOutcome.Result.DECLINED: "struck",
        StateOutcome.Result.LAPSED: "struck",
    }
    settlements = {
        one.state.code: fate[one.result]
        for one in outcome.by_state.select_related("state")
        if one.result in fate
    }
    edition = Edition.objects.with_text().get(pk=latest_of(procedure.edition).pk)
    bracketed = {
        code
        for one in edition.paragraphs.all()
        for code in markup.bracketed_states(one.text_en or "")
    }
    if not bracketed & settlements.keys():
        return None
    day = outcome.effective_at.astimezone(ALMATY).date()
    note = in_both(
        gettext_noop(
            "Issued after the participation window that ended on %(date)s: the brackets it settled "
            "have fallen."
        ),
        date=day,
    )
    return archive.issue_clean_edition(
        edition=edition,
        settlements=settlements,
        dated_on=day,
        by=None,
        note_en=note["en"],
        note_ru=note["ru"],
    )


def register(procedure: SilenceProcedure, edition: Edition, effective_at: dt.datetime) -> Decision:
    """Enter the decision in the register (rule D3)."""
    return archive.register_decision(
        by=None,
        slug=free_slug(procedure.slug, Decision),
        title_en=procedure.title_en,
        title_ru=procedure.title_ru,
        taken=Decision.Taken.SILENCE,
        taken_on=effective_at.astimezone(ALMATY).date(),
        effective_at=effective_at,
        document=edition.document,
        edition=edition,
        procedure=procedure,
    )
