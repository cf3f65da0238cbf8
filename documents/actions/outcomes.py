"""The outcomes of silence procedures, and what follows from them in the same transaction (S12)."""

import datetime as dt
import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from almaty_portal.common import audit
from almaty_portal.common.errors import DomainError
from almaty_portal.common.instants import ALMATY, database_now
from documents.actions import archive, brackets, effects, settlements, texts
from documents.actions.addresses import free_slugs
from documents.actions.adoption import day_of, issue_adopted
from documents.actions.ledger import Step, instant, lock_chain, record_step, record_steps
from documents.mail import tell, tell_broken, tell_closed
from documents.models import (
    Annulment,
    Decision,
    Edition,
    Effect,
    SilenceOutcome,
    SilenceProcedure,
    SilenceResponse,
    StateOutcome,
)
from documents.reading import counts, editions_of
from membership.models import State, User

logger = logging.getLogger(__name__)
Result = SilenceOutcome.Result


@dataclass(frozen=True)
class Finding:
    """What deadline and answers have decided in a procedure; `effective_at` is aware."""

    procedure: SilenceProcedure
    result: str
    effective_at: dt.datetime
    broken_by: SilenceResponse | None = None
    # of a withdrawal: the Chair's decision in both languages, and who entered it
    reason: Mapping[str, str] | None = None
    by: User | None = None


def record_outcome(
    *,
    procedure: SilenceProcedure,
    result: str,
    effective_at: dt.datetime,
    broken_by: SilenceResponse | None = None,
    reason: Mapping[str, str] | None = None,
    by: User | None = None,
) -> SilenceOutcome:
    """Store the outcome of one procedure, as `record_outcomes` does."""
    finding = Finding(procedure, result, effective_at, broken_by, reason, by)
    return record_outcomes([finding])[0]


def record_outcomes(findings: Sequence[Finding]) -> list[SilenceOutcome]:
    """Store the one outcome of each procedure, whose row the caller has locked, and tell all (S12).

    What follows from them (reference, final edition, register) is applied in the same transaction.
    Where that fails for a procedure on its own, its outcome stands all the same, and the sweep
    applies it later (S11); where it fails for several together the error is raised, for the caller
    to record each of them alone.
    """
    now = database_now()
    outcomes = SilenceOutcome.objects.bulk_create(
        SilenceOutcome(
            procedure=one.procedure,
            result=one.result,
            effective_at=one.effective_at,
            recorded_at=now,
            broken_by=one.broken_by,
            # nothing follows from a text that was not adopted
            effects_at=now if one.result in (Result.BROKEN, Result.WITHDRAWN) else None,
            note_en=one.reason["en"] if one.reason else "",
            note_ru=one.reason["ru"] if one.reason else "",
        )
        for one in findings
    )
    by_state = [settle(one) for one in outcomes]
    record_steps(
        [
            Step(
                "withdrawn" if one.result == Result.WITHDRAWN else f"outcome_{one.result}",
                one.procedure,
                {
                    "result": one.result,
                    "effective_at": instant(one.effective_at),
                    "deadline_at": instant(one.procedure.deadline_at),
                    "broken_by": one.broken_by.state.code if one.broken_by else None,
                    "by_state": dict(sorted(settled.items())),
                    "text_sha256": texts.hashes_of(one.procedure.text_edition()),
                    **withdrawal(finding),
                },
                now,
            )
            for one, settled, finding in zip(outcomes, by_state, findings, strict=True)
        ]
    )
    audit.record_all(
        audit.of_act(
            by=one.broken_by.by if one.broken_by else finding.by,
            action="record_outcome",
            target=one.procedure,
            detail={"result": one.result, "effective_at": instant(one.effective_at)},
        )
        for one, finding in zip(outcomes, findings, strict=True)
    )
    for one, finding in zip(outcomes, findings, strict=True):
        if one.broken_by is not None:
            tell_broken(one.procedure, one.broken_by)
        elif one.result == Result.WITHDRAWN:
            tell(one.procedure, "withdrawn", reason=finding.reason)
    for one in outcomes:
        if one.effects_at is not None:
            catch_up(one.procedure, day_of(one))
    following = [one for one in outcomes if one.effects_at is None]
    if following:
        tell_closed(with_effects(following))
    return outcomes


def withdrawal(finding: Finding) -> dict[str, object]:
    """What the ledger tells of a withdrawal besides: the Chair's decision, who entered it."""
    if finding.reason is None or finding.by is None:
        return {}
    return {"reason": dict(finding.reason), "by": finding.by.email}


def with_effects(outcomes: Sequence[SilenceOutcome]) -> Sequence[SilenceOutcome]:
    """The outcomes with their effects applied, or a single one as it stands without (S11)."""
    try:
        with transaction.atomic():
            apply_all(outcomes)
    except Exception:
        if len(outcomes) > 1:
            raise
        logger.exception(
            "The effects of %s are owed; the next sweep tries again", outcomes[0].procedure.slug
        )
        return SilenceOutcome.objects.filter(pk=outcomes[0].pk)
    return outcomes


def catch_up(procedure: SilenceProcedure, day: dt.date) -> None:
    """Let the brackets fall that were settled while a text that is not adopted was under silence;
    where that fails, what ended the silence stands all the same (S11)."""
    try:
        with transaction.atomic():
            brackets.catch_up({procedure: day})
    except Exception:
        logger.exception("The brackets in the text before %s have not fallen", procedure.slug)


@transaction.atomic
def apply_effects(outcome: SilenceOutcome) -> SilenceOutcome:
    """What follows from an outcome that was recorded without (S12); once."""
    lock_chain()
    outcome = SilenceOutcome.objects.select_for_update(of=("self",)).get(pk=outcome.pk)
    if outcome.effects_at is None and not Annulment.objects.filter(outcome=outcome).exists():
        apply_all([outcome])
    return outcome


def apply_all(outcomes: Sequence[SilenceOutcome]) -> None:
    """What follows from outcomes, whose rows are locked: reference, edition, register (S12)."""
    adopted = [one for one in outcomes if one.result == Result.ADOPTED]
    changes: dict[int, object] = {}
    clean: dict[int, list[Edition]] = {}
    if adopted:
        issue_adopted(adopted)
        put = Effect.objects.filter(procedure__in=[one.procedure_id for one in adopted])
        proposed = {one.procedure_id: one for one in put}
        for one in adopted:
            if (effect := proposed.get(one.procedure_id)) is not None:
                changes[one.procedure_id] = apply_effect(effect, one)
    for one in outcomes:
        if one.result == Result.WINDOW_CLOSED:
            results = StateOutcome.objects.filter(outcome=one).standing().select_related("state")
            settled = settlements.settle(one.procedure, results, at=one.effective_at, by=None)
            one.edition_issued = settled.edition_of(one.procedure)
            changes[one.procedure_id] = settled.changes
            clean[one.procedure_id] = settled.editions
    register(outcomes)
    now = database_now()
    for one in outcomes:
        one.effects_at = now
    SilenceOutcome.objects.bulk_update(outcomes, ["edition_issued", "effects_at"])
    record_steps(
        [
            Step(
                "effects_applied",
                one.procedure,
                {
                    **effects_of(one),
                    "changes": changes.get(one.procedure_id, []),
                    "clean_editions": brackets.told(clean.get(one.procedure_id, [])),
                },
                now,
            )
            for one in outcomes
        ]
    )
    if adopted:
        brackets.catch_up({one.procedure: day_of(one) for one in adopted})
    audit.record_all(
        audit.of_act(by=None, action="apply_effects", target=one.procedure) for one in outcomes
    )


def apply_effect(effect: Effect, outcome: SilenceOutcome) -> object:
    """Apply an effect, and say what it changed. One that contradicts what has been entered since
    the opening is left for the Support Unit to settle, with the reason on record: the text is
    adopted all the same (S11)."""
    try:
        with transaction.atomic():
            return effects.apply(effect, decided(outcome))
    except (DomainError, IntegrityError) as error:
        logger.exception("The effect of %s is not applied", outcome.procedure.slug)
        return [{"not_applied": effect.kind, "why": str(error)[:300]}]


def decided(outcome: SilenceOutcome) -> effects.Decided:
    """The decision that an adoption is: its reference, and its day in Almaty."""
    document = outcome.procedure.edition.document
    return effects.Decided(decision=document.reference or document.slug, on=day_of(outcome))


def effects_of(outcome: SilenceOutcome) -> dict[str, object]:
    """What followed from an outcome, as the ledger tells it."""
    issued = outcome.edition_issued
    edition = issued or outcome.procedure.edition
    return {
        "reference": edition.document.reference,
        "edition_issued": issued.key if issued else None,
        "text_sha256": texts.hashes_of(edition),
    }


def settle(outcome: SilenceOutcome) -> dict[str, str]:
    """Store what a window ended with for each State, and say it by code; nothing otherwise."""
    if outcome.result != Result.WINDOW_CLOSED:
        return {}
    settled = window_results(outcome.procedure)
    StateOutcome.objects.bulk_create(
        StateOutcome(outcome=outcome, state=state, result=settled[state.code])
        for state in outcome.procedure.electorate.all()
    )
    return settled


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


def register(outcomes: Sequence[SilenceOutcome]) -> None:
    """Enter the decisions in the register (rule D3)."""
    slugs = free_slugs([one.procedure.slug for one in outcomes], Decision)
    archive.register_decisions(
        [
            Decision(
                slug=slugs[one.procedure.slug],
                title_en=one.procedure.title_en,
                title_ru=one.procedure.title_ru,
                taken=Decision.Taken.SILENCE,
                taken_on=day_of(one),
                effective_at=one.effective_at,
                document=one.procedure.edition.document,
                edition=one.edition_issued or one.procedure.edition,
                procedure=one.procedure,
            )
            for one in outcomes
        ],
        by=None,
    )


def annul(*, outcome: SilenceOutcome, objection: SilenceResponse) -> Annulment:
    """Undo an adoption on a timely objection that came on paper, confirmed by two persons (S13).

    The caller has locked the procedure's row. Nothing is deleted: the outcome stays on record with
    its annulment, the edition and the decision are marked, the effect is taken back, all are told.
    """
    lock_chain()  # no sweep is applying what the adoption still owes, nor will one
    now = database_now()
    outcome = SilenceOutcome.objects.select_for_update(of=("self",)).get(pk=outcome.pk)
    procedure = outcome.procedure
    effect = Effect.objects.filter(procedure=procedure).first()
    undone = effects.undo(effect.applied, now) if effect is not None else []
    annulment = Annulment.objects.create(
        outcome=outcome, objection=objection, annulled_at=now, undone=undone
    )
    Decision.objects.filter(procedure=procedure).update(annulled_at=now)
    annulled = line_from(outcome.edition_issued)
    record_step(
        step="annulled",
        procedure=procedure,
        at=now,
        entry={
            "objection": objection.state.code,
            "received_at": instant(objection.received_at),
            "annulled_at": instant(now),
            "editions_annulled": [one.key for one in annulled],
            "undone": undone,
            "not_undone": [one for one in (effect.applied if effect else []) if one not in undone],
        },
    )
    Edition.objects.filter(pk__in=[one.pk for one in annulled]).update(annulled_at=now)
    for one in (*annulled, procedure.text_edition()):
        archive.refresh(Edition.objects.with_text().get(pk=one.pk))
    catch_up(procedure, now.astimezone(ALMATY).date())
    audit.record(
        by=objection.by,
        action="annul",
        target=procedure,
        detail={"objection": objection.state.code},
    )
    tell(procedure, "annulled", objection=objection)
    return annulment


def line_from(edition: Edition | None) -> list[Edition]:
    """An edition with those that were made of it since, as clean ones after a window: they have no
    force without it. What was put forward meanwhile is passed over."""
    if edition is None:
        return []
    following = {one.supersedes_id: one for one in editions_of(edition.document)}
    line, later = [edition], following.get(edition.pk)
    while later is not None:
        if later.kind == Edition.Kind.CLEAN and later.issued_at is not None:
            line.append(later)
        elif counts(later):
            break
        later = following.get(later.pk)
    return line


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
    lock_chain()  # before the records of standing, as the sweep does
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
    settled = settlements.resettle(procedure, held, former, at=now, by=by)
    edition = settled.edition_of(procedure)
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
            "clean_editions": brackets.told(settled.editions),
            "changes": settled.changes,
            "undone": settled.undone,
            "not_undone": settled.not_undone,
            "by": by.email,
        },
    )
    audit.record(
        by=by, action=step, target=procedure, detail={"state": state.code, "result": result}
    )
    tell(procedure, "settled", event=f"settled-{held.pk}", held=held, former=former)
    return held
