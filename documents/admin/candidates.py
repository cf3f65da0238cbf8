"""For whom an effect of an adoption makes sense, as its form offers them (rules M4, C5)."""

from collections.abc import Sequence
from typing import Any

from django.utils.translation import gettext_lazy as _

from membership.models import Observer, Organization, Standing, State

# A heading, and the records under it.
Group = tuple[Any, Sequence[State] | Sequence[Organization]]


def states() -> list[Group]:
    """Those that may become observers: no Member States, and no observers yet; and the Member
    States, of which one may be elected to the Chair."""
    members = State.objects.members()
    observers = Observer.objects.in_force().filter(state__isnull=False)
    standing = State.objects.with_standing(Standing.Kind.OBSERVER)
    named = State.objects.with_names().in_protocol_order()
    others = (
        named.exclude(pk__in=members.values("pk"))
        .exclude(pk__in=observers.values("state"))
        .exclude(pk__in=standing.values("pk"))
    )
    return [
        (_("May be admitted as observers"), list(others)),
        (_("May be elected to the Chair"), list(named.filter(pk__in=members.values("pk")))),
    ]


def organizations() -> list[Group]:
    """Those that may become observers, and civil society, which is invited to a meeting."""
    society = Organization.Kind.CIVIL_SOCIETY
    observers = Observer.objects.in_force().filter(organization__isnull=False)
    others = Organization.objects.exclude(kind=society).exclude(
        pk__in=observers.values("organization")
    )
    return [
        (_("May be admitted as observers"), list(others)),
        (_("May be invited to a meeting"), list(Organization.objects.filter(kind=society))),
    ]
