"""The outcomes of silence procedures, and what follows from them in the same transaction (S12)."""

import datetime as dt
import logging
from collections.abc import Sequence
from dataclasses import dataclass

from django.db import transaction
from django.utils.translation import gettext_noop

from almaty_portal.common import audit
from almaty_portal.common.instants import database_now
from documents import markup
from documents.actions import archive, texts
from documents.actions.addresses import free_slugs
from documents.actions.adoption import day_of, in_both, issue_adopted, latest_of
from documents.actions.ledger import Step, instant, lock_chain, record_steps
from documents.mail import tell_broken, tell_closed
from documents.models import (
    Decision,
    Edition,
    SilenceOutcome,
    SilenceProcedure,
    SilenceResponse,
    StateOutcome,
)

logger = logging.getLogger(__name__)
Result = SilenceOutcome.Result


@dataclass(frozen=True)
class Finding:
    """What deadline and answers have decided in a procedure; `effective_at` is aware."""

    procedure: SilenceProcedure
    result: str
    effective_at: dt.datetime
    broken_by: SilenceResponse | None = None


def record_outcome(
    *,
    procedure: SilenceProcedure,
    result: str,
    effective_at: dt.datetime,
    broken_by: SilenceResponse | None = None,
) -> SilenceOutcome:
    """Store the outcome of one procedure, as `record_outcomes` does."""
    return record_outcomes([Finding(procedure, result, effective_at, broken_by)])[0]


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
            # nothing follows from a broken one
            effects_at=now if one.result == Result.BROKEN else None,
        )
        for one in findings
    )
    by_state = [settle(one) for one in outcomes]
    record_steps(
        [
            Step(
                f"outcome_{one.result}",
                one.procedure,
                {
                    "result": one.result,
                    "effective_at": instant(one.effective_at),
                    "deadline_at": instant(one.procedure.deadline_at),
                    "broken_by": one.broken_by.state.code if one.broken_by else None,
                    "by_state": dict(sorted(settled.items())),
                    "text_sha256": texts.hashes_of(one.procedure.edition),
                },
                now,
            )
            for one, settled in zip(outcomes, by_state, strict=True)
        ]
    )
    audit.record_all(
        audit.of_act(
            by=one.broken_by.by if one.broken_by else None,
            action="record_outcome",
            target=one.procedure,
            detail={"result": one.result, "effective_at": instant(one.effective_at)},
        )
        for one in outcomes
    )
    for one in outcomes:
        if one.broken_by is not None:
            tell_broken(one.procedure, one.broken_by)
    following = [one for one in outcomes if one.broken_by is None]
    if following:
        tell_closed(with_effects(following))
    return outcomes


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


@transaction.atomic
def apply_effects(outcome: SilenceOutcome) -> SilenceOutcome:
    """What follows from an outcome that was recorded without (S12); once."""
    lock_chain()
    outcome = SilenceOutcome.objects.select_for_update(of=("self",)).get(pk=outcome.pk)
    if outcome.effects_at is None:
        apply_all([outcome])
    return outcome


def apply_all(outcomes: Sequence[SilenceOutcome]) -> None:
    """What follows from outcomes, whose rows are locked: reference, edition, register (S12)."""
    adopted = [one for one in outcomes if one.result == Result.ADOPTED]
    if adopted:
        issue_adopted(adopted)
    for one in outcomes:
        if one.result == Result.WINDOW_CLOSED:
            one.edition_issued = issue_settled(one)
    register(outcomes)
    now = database_now()
    for one in outcomes:
        one.effects_at = now
    SilenceOutcome.objects.bulk_update(outcomes, ["edition_issued", "effects_at"])
    record_steps([Step("effects_applied", one.procedure, effects_of(one), now) for one in outcomes])
    audit.record_all(
        audit.of_act(by=None, action="apply_effects", target=one.procedure) for one in outcomes
    )


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


def issue_settled(outcome: SilenceOutcome) -> Edition | None:
    """The clean edition after a window, where the text in force has brackets that it settles."""
    procedure = outcome.procedure
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
    latest = latest_of(procedure.edition, procedure.edition.document.editions.all())
    edition = Edition.objects.with_text().get(pk=latest.pk)
    bracketed = {
        code
        for one in edition.paragraphs.all()
        for code in markup.bracketed_states(one.text_en or "")
    }
    if not bracketed & settlements.keys():
        return None
    day = day_of(outcome)
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
