"""Writes on States and people; each leaves one audit record."""

import datetime as dt
from typing import Any

from django.contrib.auth.models import Group
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from almaty_portal.common import audit
from almaty_portal.common.errors import DomainError
from membership import permissions
from membership.models import NationalCoordinator, State, User, protocol_key


@transaction.atomic
def create_account(
    *,
    email: str,
    name: str,
    language: str,
    by: User | None,
    password: str | None = None,
    time_zone: str | None = None,
    support_unit: bool = False,
    is_demonstration: bool = False,
) -> User:
    """Open an account; one of the Support Unit's staff has the rights of its group.

    Without a password nobody signs in until one is set. Raises DomainError where somebody has an
    account with this address.
    """
    fields: dict[str, Any] = {"time_zone": time_zone} if time_zone else {}
    try:
        with transaction.atomic():
            user = User.objects.create_user(
                email,
                password,
                name=name,
                language=language,
                is_staff=support_unit,
                is_demonstration=is_demonstration,
                **fields,
            )
    except IntegrityError as error:
        raise DomainError(
            _("Somebody has an account with the address %(address)s already.") % {"address": email},
            fields=["email"],
        ) from error
    if support_unit:
        user.groups.add(Group.objects.get(name=permissions.SUPPORT_UNIT))
    audit.record(
        by=by,
        action="create_account",
        target=user,
        detail={"address": user.email, "support_unit": support_unit},
    )
    return user


@transaction.atomic
def close_account(*, user: User, by: User | None) -> User:
    """End an account: the person signs in no more; what they did stays on record."""
    user.is_active = False
    user.save(update_fields=["is_active"])
    audit.record(by=by, action="close_account", target=user, detail={"address": user.email})
    return user


@transaction.atomic
def designate_coordinator(
    *,
    state: State,
    user: User,
    role: str,
    note_verbale: str,
    from_on: dt.date,
    until_on: dt.date | None = None,
    by: User | None,
) -> NationalCoordinator:
    """Enter the designation of a National Coordinator or deputy (OM 3.i, rule M3).

    Days are days in Almaty; `until_on` is the first day no longer in office. Raises DomainError
    where the State has a Coordinator, or the person another designation, in that period.
    """
    designation = NationalCoordinator(
        state=state,
        user=user,
        role=role,
        note_verbale=note_verbale,
        from_on=from_on,
        until_on=until_on,
    )
    return save_designation(designation=designation, by=by)


@transaction.atomic
def save_designation(*, designation: NationalCoordinator, by: User | None) -> NationalCoordinator:
    """Store a designation, new or changed, with the grant it carries.

    Raises DomainError where another designation stands in that period.
    """
    previous = NationalCoordinator.objects.filter(pk=designation.pk).first()
    try:
        with transaction.atomic():
            designation.save()
    except IntegrityError as error:
        if "one_coordinator_in_office_per_state" in str(error):
            raise DomainError(
                _(
                    "%(state)s has a National Coordinator in office in that period. "
                    "End that designation first, or enter a deputy."
                )
                % {"state": designation.state},
                fields=["from_on"],
            ) from error
        if "a_person_acts_for_one_state" in str(error):
            raise DomainError(
                _(
                    "%(person)s is already designated in that period. A Coordinator acts for "
                    "one State alone: end the other designation first."
                )
                % {"person": designation.user},
                fields=["user"],
            ) from error
        if "designation_ends_after_start" in str(error):
            raise DomainError(
                _("The designation ends before it starts: correct one of its dates."),
                fields=["until_on"],
            ) from error
        raise
    if previous is not None and (previous.user_id, previous.state_id) != (
        designation.user_id,
        designation.state_id,
    ):
        permissions.revoke_acting(previous)
    permissions.grant_acting(designation)
    audit.record(
        by=by,
        action="designate_coordinator",
        target=designation,
        detail={
            "state": designation.state.code,
            "person": designation.user.email,
            "role": designation.role,
            "from": designation.from_on,
            "until": designation.until_on,
        },
    )
    return designation


@transaction.atomic
def end_designation(
    *, designation: NationalCoordinator, until_on: dt.date, by: User | None
) -> NationalCoordinator:
    """End a designation: from `until_on` on, a day in Almaty, the person acts no more (rule M3)."""
    designation.until_on = until_on
    return save_designation(designation=designation, by=by)


def renew_protocol_key(*, state: State) -> None:
    """Compute anew the key of the order of protocol from the State's present English name."""
    name = state.name_record()
    if name is not None:
        state.protocol_key = protocol_key(name.short_en)
        state.save(update_fields=["protocol_key"])
