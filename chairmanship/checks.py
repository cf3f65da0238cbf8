"""What an effect on the Chair, put under silence, is checked against: the terms (C2, C5)."""

from django.utils.translation import gettext as _

from almaty_portal.common.errors import DomainError
from almaty_portal.common.instants import write_day
from chairmanship.models import Chairmanship
from chairmanship.rotation import rotation
from documents.models import Effect


def check_election(effect: Effect) -> None:
    """Raise DomainError where the new term would begin within one whose end is later (C2).

    A term without an end is ended by the next one's first day, when that is applied.
    """
    running = Chairmanship.objects.in_force(on=effect.from_on).filter(until_on__isnull=False)
    term = running.select_related("state").first()
    if term is not None and effect.from_on is not None and term.until_on is not None:
        raise DomainError(
            _("%(state)s is in the Chair until %(day)s: elect from that day or a later one.")
            % {"state": term.state, "day": write_day(term.until_on)},
            fields=["effect_from_on"],
        )


def check_extension(effect: Effect) -> None:
    """Raise DomainError where nobody is in the Chair, or its term would not become longer (C2).

    A term whose end nobody entered lasts its two years.
    """
    now = rotation()
    if now.present is None:
        raise DomainError(
            _("No State is in the Chair today: there is no term to extend."), fields=["effect"]
        )
    ends_on = now.present.until_on or now.due_on
    if effect.until_on is not None and ends_on is not None and effect.until_on <= ends_on:
        raise DomainError(
            _("The term of %(state)s lasts until %(day)s already: choose a later day.")
            % {"state": now.present.state, "day": write_day(ends_on)},
            fields=["effect_until_on"],
        )
