"""What a decision taken under silence does to the Chair: election, a longer term (rules C2, C5)."""

from django.db.models import Q
from django.utils.translation import gettext as _

from almaty_portal.common.errors import DomainError
from chairmanship.models import Chairmanship
from documents.actions import effects
from documents.actions.effects import Change, Decided
from documents.models import Effect


@effects.checks(Effect.Kind.CHAIR)
def check_election(effect: Effect) -> None:
    """A term may begin while the present one runs, which then ends; not in one to come."""
    later = Chairmanship.objects.standing().filter(from_on__gte=effect.from_on)
    if (term := later.select_related("state").first()) is not None:
        raise DomainError(
            _(
                "%(state)s has a term in the Chair from %(day)s on: elect the Chair for a day "
                "after it begins, or end that term first."
            )
            % {"state": term.state, "day": term.from_on.isoformat()},
            fields=["effect_from_on", "from_on"],
        )


@effects.applies(Effect.Kind.CHAIR)
def elect(effect: Effect, decided: Decided) -> list[Change]:
    """The State elected takes the Chair on the day named; the present term ends that day."""
    day = effect.from_on
    if day is None:  # kept by the constraint `effect_says_what_it_does`
        raise ValueError("an election names its first day")
    running = Chairmanship.objects.standing().filter(
        Q(until_on__isnull=True) | Q(until_on__gt=day), from_on__lt=day
    )
    ended = [effects.changed(term, until_on=day) for term in running]
    return [
        *ended,
        effects.made(
            Chairmanship(
                state=effect.state,
                from_on=day,
                until_on=effect.until_on,
                decision=decided.decision,
            )
        ),
    ]


@effects.checks(Effect.Kind.TERM)
def check_term(effect: Effect) -> None:
    """A term is extended while it runs, to a later day."""
    term = Chairmanship.objects.in_force().first()
    if term is None:
        raise DomainError(
            _("No State is in the Chair today: there is no term to extend."),
            fields=["effect_kind", "kind"],
        )
    if term.until_on is not None and term.until_on >= effect.until_on:
        raise DomainError(
            _("The term lasts until %(day)s already: choose a later day.")
            % {"day": term.until_on.isoformat()},
            fields=["effect_until_on", "until_on"],
        )


@effects.applies(Effect.Kind.TERM)
def extend_term(effect: Effect, decided: Decided) -> list[Change]:
    """The term in force on the day of the decision, or ended just before it, lasts longer."""
    terms = Chairmanship.objects.standing().filter(from_on__lte=decided.on)
    return [effects.changed(terms.latest("from_on"), until_on=effect.until_on)]
