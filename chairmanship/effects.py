"""What a decision taken under silence does to the Chair: election, a longer term (rules C2, C5)."""

from django.db.models import Q
from django.utils.translation import gettext as _

from almaty_portal.common.errors import DomainError
from almaty_portal.common.instants import almaty_today, write_day
from chairmanship.models import Chairmanship
from chairmanship.rotation import rotation
from documents.actions import effects
from documents.actions.effects import Change, Decided
from documents.models import Effect


@effects.checks(Effect.Kind.CHAIR)
def check_election(effect: Effect) -> None:
    """Raise DomainError where the new term would begin within one whose end is later, or not after
    every other one (C2). A term without an end is ended by the next one's first day.
    """
    terms = Chairmanship.objects.standing().select_related("state")
    later = terms.filter(from_on__gte=effect.from_on).first()
    if later is not None:
        raise DomainError(
            _("%(state)s has a term in the Chair from %(day)s on: elect for a day after it begins.")
            % {"state": later.state, "day": write_day(later.from_on)},
            fields=["effect_from_on"],
        )
    term = terms.in_force(on=effect.from_on).filter(until_on__isnull=False).first()
    if term is not None and term.until_on is not None:
        raise DomainError(
            _("%(state)s is in the Chair until %(day)s: elect from that day or a later one.")
            % {"state": term.state, "day": write_day(term.until_on)},
            fields=["effect_from_on"],
        )


@effects.applies(Effect.Kind.CHAIR)
def elect(effect: Effect, decided: Decided) -> list[Change]:
    """The State elected takes the Chair on the day named, or that of the decision where it is
    later; the present term ends that day."""
    day = effect.from_on
    if day is None:  # given by `effects.as_of`
        raise ValueError("an election has its first day")
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
def check_extension(effect: Effect) -> None:
    """Raise DomainError where nobody is in the Chair on the day of the decision, or its term would
    not become longer (C2).

    A term whose end nobody entered lasts its two years.
    """
    now = rotation(effect.from_on)
    if now.present is None:
        raise DomainError(
            _(
                "No State is in the Chair on %(day)s, when the text would be adopted: there is no "
                "term to extend."
            )
            % {"day": write_day(effect.from_on or almaty_today())},
            fields=["effect"],
        )
    ends_on = now.present.until_on or now.due_on
    if effect.until_on is not None and ends_on is not None and effect.until_on <= ends_on:
        raise DomainError(
            _("The term of %(state)s lasts until %(day)s already: choose a later day.")
            % {"state": now.present.state, "day": write_day(ends_on)},
            fields=["effect_until_on"],
        )


@effects.applies(Effect.Kind.TERM)
def extend_term(effect: Effect, decided: Decided) -> list[Change]:
    """The term in force on the day of the decision lasts longer."""
    terms = Chairmanship.objects.standing().filter(from_on__lte=decided.on)
    # `check_extension` was asked just before: the day is later than the present end
    return [effects.changed(terms.latest("from_on"), until_on=effect.until_on)]
