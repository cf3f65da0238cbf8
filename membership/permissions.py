"""Who acts for which State, and who may see what belongs to Members and observers."""

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import wraps
from typing import Any, TypeVar

from django.contrib.auth.models import AnonymousUser, Group, Permission
from guardian.shortcuts import assign_perm, remove_perm

from membership.models import NationalCoordinator, Observer, Standing, State, User

SUPPORT_UNIT = "Support Unit"
Found = TypeVar("Found")
OWN_APPS = ("common", "membership", "meetings", "documents", "chairmanship", "account", "mfa")


def create_support_unit_group(**kwargs: Any) -> None:
    """The group of the Support Unit may view, add and change every record of the portal.

    Nobody is given the right to delete: the archive is permanent (rule T8). Called after each
    `migrate`, so that new models are covered.
    """
    from django.apps import apps
    from django.contrib.auth.management import create_permissions

    for label in OWN_APPS:
        create_permissions(apps.get_app_config(label), verbosity=0)
    group, _created = Group.objects.get_or_create(name=SUPPORT_UNIT)
    group.permissions.set(
        Permission.objects.filter(content_type__app_label__in=OWN_APPS[:-2]).exclude(
            codename__startswith="delete_"
        )
    )


@dataclass
class Visit:
    """One request of a signed-in person; `membership.middleware` gives it to the request's user."""

    second_factor: bool  # without it the person reads as the public does
    found: dict[str, Any] = field(default_factory=dict)


def visit_of(user: User | AnonymousUser) -> Visit | None:
    return getattr(user, "visit", None)


def once_per_request(
    function: Callable[[User | AnonymousUser], Found],
) -> Callable[[User | AnonymousUser], Found]:
    """Keep what a function finds for the user of a request until its end.

    For reading alone: the next request looks anew, and so does any use outside a request.
    """

    @wraps(function)
    def kept(user: User | AnonymousUser) -> Found:
        visit = visit_of(user)
        if visit is None:
            return function(user)
        name = f"{function.__module__}.{function.__qualname__}"
        if name not in visit.found:
            visit.found[name] = function(user)
        return visit.found[name]

    return kept


def has_rights(user: User | AnonymousUser) -> bool:
    """Signed in, active, and with the second factor where it is required; all others read as the
    public does."""
    visit = visit_of(user)
    return bool(user.is_authenticated and user.is_active and (visit is None or visit.second_factor))


def acting_state(user: User | AnonymousUser) -> State | None:
    """The State that the person acts for now, as National Coordinator or deputy in office.

    Needs the designation in force today in Almaty and the grant that the designation made;
    whichever ends first ends the right at once (rule M3), so nothing of it is kept. The staff of
    the Support Unit act for no State (rule S3).
    """
    if not has_rights(user) or user.is_staff:
        return None
    designation = (
        NationalCoordinator.objects.in_office()
        .filter(user=user)
        .select_related("state")
        .prefetch_related("state__names")
        .first()
    )
    if designation is None or not user.has_perm("membership.act_for_state", designation.state):
        return None
    return designation.state


@once_per_request
def reading_state(user: User | AnonymousUser) -> State | None:
    """The State that the person acts for, to judge what they may read; no act rests on it."""
    return acting_state(user)


def grant_acting(designation: NationalCoordinator) -> None:
    """Give the person of a designation the right to act for its State."""
    assign_perm("membership.act_for_state", designation.user, designation.state)


def revoke_acting(designation: NationalCoordinator) -> None:
    """Take back the right to act for the State of a designation."""
    remove_perm("membership.act_for_state", designation.user, designation.state)


def is_support_unit(user: User | AnonymousUser) -> bool:
    """A signed-in, active member of the Support Unit's staff."""
    return has_rights(user) and bool(user.is_staff)


@once_per_request
def reads_as_member(user: User | AnonymousUser) -> bool:
    """The Support Unit, and the Coordinators and deputies in office of States that are Members,
    or whose participation is still open (under review or in brackets)."""
    if is_support_unit(user):
        return True
    state = reading_state(user)
    return (
        state is not None
        and Standing.objects.in_force()
        .filter(state=state)
        .exclude(kind=Standing.Kind.OBSERVER)
        .exists()
    )


@once_per_request
def reads_as_observer(user: User | AnonymousUser) -> bool:
    """Those who read as Members, and the focal points of observers in force."""
    if reads_as_member(user):
        return True
    return has_rights(user) and Observer.objects.in_force().filter(focal_points=user).exists()
