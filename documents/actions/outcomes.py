"""The outcome of a silence procedure, and what follows from it in the same transaction (S12)."""

import datetime as dt
import logging
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from almaty_portal.common import audit
from almaty_portal.common.errors import DomainError
from almaty_portal.common.instants import ALMATY, database_now
from documents.actions import archive, effects, settlements, texts
from documents.actions.addresses import free_slug
from documents.actions.ledger import instant, record_step
from documents.mail import tell, tell_broken, tell_closed
from documents.models import (
    Annulment,
    Decision,
    Document,
    Edition,
    Effect,
    SilenceOutcome,
    SilenceProcedure,
    SilenceResponse,
    StateOutcome,
)
from documents.models.archive import Access
from membership.models import State, User

logger = logging.getLogger(__name__)
Result = SilenceOutcome.Result


def record_outcome(
    *,
    procedure: SilenceProcedure,
    result: str,
    effective_at: dt.datetime,
    broken_by: SilenceResponse | None = None,
    reason: dict[str, str] | None = None,
    by: User | None = None,
) -> SilenceOutcome:
    """Store the one outcome of a procedure whose row the caller has locked, and tell all (S12).

    `reason` in both languages, and `by`, are those of a withdrawal by the Chair.

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
        # nothing follows from a text that was not adopted
        effects_at=now if result in (Result.BROKEN, Result.WITHDRAWN) else None,
        note_en=(reason or {}).get("en", ""),
        note_ru=(reason or {}).get("ru", ""),
    )
    StateOutcome.objects.bulk_create(
        StateOutcome(outcome=outcome, state=state, result=settled[state.code])
        for state in procedure.electorate.all()
        if state.code in settled
    )
    record_step(
        step="withdrawn" if result == Result.WITHDRAWN else f"outcome_{result}",
        procedure=procedure,
        at=now,
        entry={
            "result": result,
            "effective_at": instant(effective_at),
            "deadline_at": instant(procedure.deadline_at),
            "broken_by": broken_by.state.code if broken_by else None,
            "by_state": dict(sorted(settled.items())),
            "text_sha256": texts.text_hashes(procedure.text_edition()),
            **({"reason": reason, "by": by.email} if reason and by else {}),
        },
    )
    audit.record(
        by=broken_by.by if broken_by else by,
        action="record_outcome",
        target=procedure,
        detail={"result": result, "effective_at": instant(effective_at)},
    )
    if broken_by is not None:
        tell_broken(procedure, broken_by)
        return outcome
    if result == Result.WITHDRAWN:
        tell(procedure, "withdrawn", reason=reason)
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
    changes: Any = []
    if outcome.result == Result.ADOPTED:
        outcome.edition_issued = issue_adopted(procedure, outcome.effective_at)
        if (effect := Effect.objects.filter(procedure=procedure).first()) is not None:
            changes = effects.apply(effect, decided(outcome))
    else:
        outcome.edition_issued, changes = settlements.settle(
            procedure,
            StateOutcome.objects.filter(outcome=outcome).standing().select_related("state"),
            at=outcome.effective_at,
            by=None,
        )
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
            "changes": changes,
        },
    )
    audit.record(by=None, action="apply_effects", target=procedure)
    return outcome


def decided(outcome: SilenceOutcome) -> effects.Decided:
    """The decision that an outcome is: its reference, and its day in Almaty."""
    document = Document.objects.get(editions__procedures=outcome.procedure_id)
    return effects.Decided(
        decision=document.reference or document.slug,
        on=outcome.effective_at.astimezone(ALMATY).date(),
    )


def issue_adopted(procedure: SilenceProcedure, effective_at: dt.datetime) -> Edition:
    """The final edition of a text adopted under silence, under its reference (rule S12)."""
    draft = Edition.objects.with_text().get(pk=procedure.text_edition().pk)
    document = draft.document
    day = effective_at.astimezone(ALMATY).date()
    document.issued_on = day
    document.save(update_fields=["issued_on"])
    if not document.reference:
        archive.assign_reference(document=document, by=None, year=day.year)
    if procedure.publish_on_adoption and document.access != Access.PUBLIC:
        archive.set_access(document=document, access=Access.PUBLIC, by=None)
    note = settlements.in_both(
        gettext_noop("Adopted by consensus under the silence procedure on %(date)s."), date=day
    )
    final = archive.create_edition(
        document=document,
        kind=Edition.Kind.FINAL,
        number=archive.next_number(document, Edition.Kind.FINAL),
        dated_on=day,
        supersedes=settlements.latest_of(draft),
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


def annul(*, outcome: SilenceOutcome, objection: SilenceResponse) -> Annulment:
    """Undo an adoption on a timely objection that came on paper, confirmed by two persons (S13).

    The caller has locked the procedure's row. Nothing is deleted: the outcome stays on record with
    its annulment, the edition and the decision are marked, the effect is taken back, all are told.
    """
    now = database_now()
    procedure = outcome.procedure
    effect = Effect.objects.filter(procedure=procedure).first()
    undone = effects.undo(effect.applied, now) if effect is not None else []
    annulment = Annulment.objects.create(
        outcome=outcome, objection=objection, annulled_at=now, undone=undone
    )
    Decision.objects.filter(procedure=procedure).update(annulled_at=now)
    record_step(
        step="annulled",
        procedure=procedure,
        at=now,
        entry={
            "objection": objection.state.code,
            "received_at": instant(objection.received_at),
            "annulled_at": instant(now),
            "edition_annulled": outcome.edition_issued.key if outcome.edition_issued else None,
            "undone": undone,
            "not_undone": [one for one in (effect.applied if effect else []) if one not in undone],
        },
    )
    if outcome.edition_issued is not None:
        Edition.objects.filter(pk=outcome.edition_issued.pk).update(annulled_at=now)
        archive.refresh(Edition.objects.with_text().get(pk=outcome.edition_issued.pk))
        archive.refresh(Edition.objects.with_text().get(pk=procedure.text_edition().pk))
    audit.record(
        by=objection.by,
        action="annul",
        target=procedure,
        detail={"objection": objection.state.code},
    )
    tell(procedure, "annulled", objection=objection)
    return annulment


def correct_state_outcome(
    *,
    outcome: SilenceOutcome,
    state: State,
    result: str,
    step: str,
    by: User,
    note: dict[str, str] | None = None,
    response: SilenceResponse | None = None,
) -> StateOutcome:
    """Put another result for a State in the place of the one that held: the Chair's settlement, or
    an answer on paper that had come in time (rules S2, S13). The former one stays on record.

    The caller has locked the procedure's row. Raises DomainError while the window's own effects are
    still being applied.
    """
    procedure = outcome.procedure
    if outcome.effects_at is None:
        raise DomainError(
            _("What follows from the window is still being applied: try again in a minute.")
        )
    now = database_now()
    former = StateOutcome.objects.filter(outcome=outcome).standing().get(state=state)
    held = StateOutcome.objects.create(
        outcome=outcome,
        state=state,
        result=result,
        replaces=former,
        response=response,
        note_en=(note or {}).get("en", ""),
        note_ru=(note or {}).get("ru", ""),
    )
    edition, changes = settlements.resettle(procedure, held, former, at=now, by=by)
    record_step(
        step=step,
        procedure=procedure,
        at=now,
        entry={
            "state": state.code,
            "state_result": result,
            "state_result_before": former.result,
            "reason": note,
            "edition_issued_again": edition.key if edition else None,
            "changes": changes,
            "by": by.email,
        },
    )
    audit.record(
        by=by, action=step, target=procedure, detail={"state": state.code, "result": result}
    )
    tell(procedure, "settled", event=f"settled-{held.pk}", held=held, former=former)
    return held
