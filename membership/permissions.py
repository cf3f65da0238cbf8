"""Who acts for which State, and who may see what belongs to Members and observers."""

from typing import Any

from django.contrib.auth.models import AnonymousUser, Group, Permission
from guardian.shortcuts import assign_perm, remove_perm

from membership.models import NationalCoordinator, Observer, Standing, State, User

SUPPORT_UNIT = "Support Unit"
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


def acting_state(user: User | AnonymousUser) -> State | None:
    """The State that the person acts for now, as National Coordinator or deputy in office.

    Needs the designation in force today in Almaty and the grant that the designation made;
    whichever ends first ends the right at once (rule M3).
    """
    if not user.is_authenticated or not user.is_active:
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


def can_act_for_state(user: User | AnonymousUser, state: State) -> bool:
    """The National Coordinator in office of that State, and the deputy; nobody else, no staff."""
    return acting_state(user) == state


def grant_acting(designation: NationalCoordinator) -> None:
    """Give the person of a designation the right to act for its State."""
    assign_perm("membership.act_for_state", designation.user, designation.state)


def revoke_acting(designation: NationalCoordinator) -> None:
    """Take back the right to act for the State of a designation."""
    remove_perm("membership.act_for_state", designation.user, designation.state)


def is_support_unit(user: User | AnonymousUser) -> bool:
    """A signed-in, active member of the Support Unit's staff."""
    return bool(user.is_authenticated and user.is_active and user.is_staff)


def reads_as_member(user: User | AnonymousUser) -> bool:
    """The Support Unit, and the Coordinators and deputies in office of States that are Members,
    or whose participation is still open (under review or in brackets)."""
    if is_support_unit(user):
        return True
    state = acting_state(user)
    return (
        state is not None
        and Standing.objects.in_force()
        .filter(state=state)
        .exclude(kind=Standing.Kind.OBSERVER)
        .exists()
    )


def reads_as_observer(user: User | AnonymousUser) -> bool:
    """Those who read as Members, and the focal points of observers in force."""
    if reads_as_member(user):
        return True
    return bool(
        user.is_authenticated
        and user.is_active
        and Observer.objects.in_force().filter(focal_points=user).exists()
    )
