"""The notices of a silence procedure, owed in the transaction of the step they tell of."""

from typing import Any

from django.db.models import Q

from almaty_portal.common.instants import database_now
from almaty_portal.common.mail import notify
from documents.ledger import record_step
from documents.models import DailyHead, SilenceOutcome, SilenceProcedure, SilenceResponse
from membership.models import NationalCoordinator, User

PAGE = "/{language}/portal/silence/%s/"


def recipients(procedure: SilenceProcedure) -> list[User]:
    """The Coordinators and deputies in office of the entitled States, and the Support Unit."""
    coordinators = NationalCoordinator.objects.in_office().filter(
        state__in=procedure.electorate.all()
    )
    told = Q(pk__in=coordinators.values("user")) | Q(is_staff=True)
    return list(User.objects.filter(told, is_active=True))


def tell(procedure: SilenceProcedure, about: str, *, event: str = "", **context: Any) -> None:
    """Owe all a notice of a step, and put on the ledger who is told (rule S15)."""
    event = f"silence-{procedure.pk}-{event or about}"
    notices = notify(
        event=event,
        recipients=recipients(procedure),
        template=f"silence_{about}",
        context={"procedure": procedure, "document": procedure.edition.document, **context},
        link=PAGE % procedure.slug,
    )
    if notices:
        record_step(
            step="notified",
            procedure=procedure,
            at=database_now(),
            entry={"event": event, "recipients": sorted(one.recipient.email for one in notices)},
        )


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
    procedure = SilenceProcedure.objects.select_related("edition__document").get(
        pk=outcome.procedure_id
    )
    tell(procedure, "closed", event="effects", outcome=outcome, by_state=states_of(outcome))


def states_of(outcome: SilenceOutcome) -> list[Any]:
    return list(outcome.by_state.select_related("state").prefetch_related("state__names"))


def tell_closed(outcome: SilenceOutcome) -> None:
    """Tell all in writing what came of it (S12)."""
    procedure = SilenceProcedure.objects.select_related("edition__document").get(
        pk=outcome.procedure_id
    )
    tell(
        procedure,
        "closed",
        outcome=outcome,
        by_state=states_of(outcome),
    )


def tell_head(head: DailyHead) -> None:
    """Mail the head of a day to every National Coordinator and deputy in office, once (S15)."""
    in_office = NationalCoordinator.objects.in_office().values("user")
    notify(
        event=f"ledger-head-{head.day:%Y-%m-%d}",
        recipients=User.objects.filter(pk__in=in_office, is_active=True),
        template="ledger_head",
        context={"head": head},
        link="/{language}/verify/",
    )
