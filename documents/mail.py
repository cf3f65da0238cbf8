"""The notices of a silence procedure, owed in the transaction of the step they tell of."""

from typing import Any

from django.db.models import Q

from almaty_portal.common.mail import compose, notify
from documents.models import SilenceOutcome, SilenceProcedure, SilenceResponse, StateOutcome
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
    notify(
        event=f"silence-{procedure.pk}-{event or about}",
        recipients=recipients(procedure),
        template=f"silence_{about}",
        context=common(procedure, **context),
        link=PAGE % procedure.slug,
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
