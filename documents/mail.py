"""The notices of a silence procedure, owed in the transaction of the step they tell of."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from typing import Any

from almaty_portal.common.mail import Occasion, notify_all
from documents.models import SilenceOutcome, SilenceProcedure, SilenceResponse, StateOutcome
from membership.models import NationalCoordinator, User

PAGE = "/{language}/portal/silence/%s/"


def recipients_of(procedures: Collection[SilenceProcedure]) -> dict[int, list[User]]:
    """For each procedure the Coordinators and deputies in office of the entitled States, and the
    Support Unit."""
    entitled = {one.pk: [state.pk for state in one.electorate.all()] for one in procedures}
    serving: dict[int, list[User]] = defaultdict(list)
    states = {pk for one in entitled.values() for pk in one}
    for one in (
        NationalCoordinator.objects.in_office()
        .filter(state__in=states, user__is_active=True)
        .select_related("user")
    ):
        serving[one.state_id].append(one.user)
    staff = list(User.objects.filter(is_staff=True, is_active=True))
    return {
        pk: list(dict.fromkeys([user for state in states for user in serving[state]] + staff))
        for pk, states in entitled.items()
    }


def occasion(
    procedure: SilenceProcedure, told: Collection[User], about: str, event: str = "", **context: Any
) -> Occasion:
    """What a step of a procedure is told by."""
    return Occasion(
        event=f"silence-{procedure.pk}-{event or about}",
        recipients=told,
        template=f"silence_{about}",
        context={"procedure": procedure, "document": procedure.edition.document, **context},
        link=PAGE % procedure.slug,
    )


def tell(procedure: SilenceProcedure, about: str, *, event: str = "", **context: Any) -> None:
    told = recipients_of([procedure])[procedure.pk]
    notify_all([occasion(procedure, told, about, event, **context)])


def tell_opened(procedure: SilenceProcedure) -> None:
    """Circulate the text: what is asked, until when, what silence means (S4, S5)."""
    tell(procedure, "opened", electorate=list(procedure.electorate.order_by("protocol_key")))


def tell_broken(procedure: SilenceProcedure, objection: SilenceResponse) -> None:
    """Tell all at once that silence was broken and the text was not adopted (S7)."""
    tell(procedure, "broken", objection=objection)


def tell_extended(procedure: SilenceProcedure, reason: dict[str, str]) -> None:
    """Tell all the new deadline at once (S9)."""
    event = f"extended-{procedure.deadline_at:%Y%m%d%H%M%S}"
    tell(procedure, "extended", event=event, reason=reason)


def tell_effects(outcome: SilenceOutcome) -> None:
    """Tell all the reference and the edition that could not be told with the outcome (S12)."""
    tell_closed([outcome], event="effects")


def tell_closed(outcomes: Sequence[SilenceOutcome], event: str = "") -> None:
    """Tell all in writing what came of it (S12)."""
    told = recipients_of([one.procedure for one in outcomes])
    notify_all(
        [
            occasion(
                one.procedure,
                told[one.procedure_id],
                "closed",
                event,
                outcome=one,
                by_state=states_of(one),
            )
            for one in outcomes
        ]
    )


def states_of(outcome: SilenceOutcome) -> list[StateOutcome]:
    """What a window ended with for each State."""
    if outcome.result != SilenceOutcome.Result.WINDOW_CLOSED:
        return []
    return list(outcome.by_state.select_related("state").prefetch_related("state__names"))
