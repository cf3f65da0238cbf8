"""The notices of a silence procedure, owed in the transaction of the step they tell of."""

from collections.abc import Collection
from typing import Any

from django.db.models import Q

from almaty_portal.common.mail import compose, notify
from documents import calendars
from documents.models import SilenceOutcome, SilenceProcedure, SilenceResponse, StateOutcome
from membership.models import NationalCoordinator, State, User

PAGE = "/{language}/portal/silence/%s/"
# What changes the entry in a calendar, which goes with the mail that tells it.
WITH_CALENDAR = ("opened", "extended", "withdrawn", "broken")


def recipients(procedure: SilenceProcedure) -> list[User]:
    """The Coordinators and deputies in office of the States entitled and of the Members, and the
    Support Unit (S7, S12: all are told)."""
    coordinators = NationalCoordinator.objects.in_office().filter(
        Q(state__in=procedure.electorate.all()) | Q(state__in=State.objects.members())
    )
    told = Q(pk__in=coordinators.values("user")) | Q(is_staff=True)
    return list(User.objects.filter(told, is_active=True))


def tell(procedure: SilenceProcedure, about: str, *, event: str = "", **context: Any) -> None:
    notify(
        event=f"silence-{procedure.pk}-{event or about}",
        recipients=recipients(procedure),
        template=f"silence_{about}",
        context=common(procedure, **context),
        link=PAGE % procedure.slug,
        attach=(lambda: calendars.attached(procedure)) if about in WITH_CALENDAR else None,
    )


def common(procedure: SilenceProcedure, **context: Any) -> dict[str, Any]:
    """What every notice of a procedure may tell."""
    return {"procedure": procedure, "document": procedure.edition.document, **context}


def opening(procedure: SilenceProcedure) -> dict[str, Any]:
    """What the circular tells besides."""
    return {
        "electorate": list(procedure.electorate.order_by("protocol_key").prefetch_related("names")),
        "effect": getattr(procedure, "effect", None),
    }


def tell_opened(procedure: SilenceProcedure) -> None:
    """Circulate the text: what is asked, until when, what silence means (S4, S5)."""
    tell(procedure, "opened", **opening(procedure))


def circular(procedure: SilenceProcedure, language: str, reader: User) -> tuple[str, str]:
    """The subject and the text of the circular, as `tell_opened` writes it to a reader."""
    return compose(
        "silence_opened",
        common(procedure, **opening(procedure)),
        reader,
        language,
        (PAGE % procedure.slug).format(language=language),
    )


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
    results = StateOutcome.objects.filter(outcome=outcome).standing()
    return list(results.select_related("state").prefetch_related("state__names"))


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


def tell_more_time(procedure: SilenceProcedure, response: SilenceResponse) -> None:
    """Tell all that a State asked for more time: the Chair may extend the deadline (S8, S9)."""
    event = f"more-time-{response.state.code}"
    tell(procedure, "more_time", event=event, response=response)


def tell_objection_withdrawn(procedure: SilenceProcedure, response: SilenceResponse) -> None:
    """Tell all that a State withdrew its objection, and that this revives nothing (S14)."""
    event = f"objection-withdrawn-{response.state.code}"
    tell(procedure, "objection_withdrawn", event=event, response=response)


def remind(procedure: SilenceProcedure, hours: int, states: Collection[State]) -> None:
    """Remind the Coordinators and deputies in office of States that have not answered.

    Once for each recipient, mark and deadline: an extended deadline is another one.
    """
    in_office = NationalCoordinator.objects.in_office().filter(state__in=states)
    notify(
        event=f"silence-{procedure.pk}-reminder-{hours}-{procedure.deadline_at:%Y%m%d%H%M%S}",
        recipients=User.objects.filter(pk__in=in_office.values("user"), is_active=True),
        template="silence_reminder",
        context={"procedure": procedure, "hours": hours},
        link=PAGE % procedure.slug,
    )
