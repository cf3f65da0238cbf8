"""The effect with which a text is put under silence: read, checked, told (rules S2, M4, C5)."""

import datetime as dt
from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _

from almaty_portal.common.errors import DomainError
from almaty_portal.common.instants import write_day
from documents.actions import effects
from documents.models import Effect, SilenceProcedure
from meetings.models import Invitation
from membership.models import Observer, Organization, Standing, State

Kind = Effect.Kind
# What an effect of each kind is made of: what it must name, and what it may.
NEEDS = {
    Kind.OBSERVER: ((), ("state", "organization", "from_on", "until_on")),
    Kind.INVITATION: (("organization", "meeting"), ()),
    Kind.CHAIR: (("state", "from_on"), ("until_on",)),
    Kind.TERM: (("until_on",), ()),
}
PARTS = ("state", "organization", "meeting", "from_on", "until_on")


def proposed_effect(
    kind: str, effect: Mapping[str, Any] | None, adopted_on: dt.date
) -> Effect | None:
    """The effect as it will be stored with its procedure; None where there is none.

    `effect` has `kind` and, as that needs, `state`, `organization`, `meeting`, `from_on`,
    `until_on`; `adopted_on` is the day of the deadline in Almaty, on which the text would be
    adopted. Raises DomainError where it says too little or too much, would begin or have ended
    before that day, could not be applied on it, or stands in a participation window.
    """
    if not effect or not effect.get("kind"):
        return None
    if kind != SilenceProcedure.Kind.ADOPTION:
        raise DomainError(
            _(
                "A participation window has no other effect than what it declares silence to mean: "
                "choose none, or put an adoption under silence."
            ),
            fields=["effect"],
        )
    if effect["kind"] not in Kind.values:
        raise DomainError(_("Choose the effect from the list."), fields=["effect"])
    check_parts(effect)
    proposed = Effect(kind=effect["kind"], **{part: effect.get(part) or None for part in PARTS})
    if proposed.from_on and proposed.until_on and proposed.until_on <= proposed.from_on:
        raise DomainError(
            _("The period ends before it starts: correct a date."), fields=["effect_until_on"]
        )
    if proposed.from_on and proposed.from_on < adopted_on:
        raise DomainError(
            _(
                "The text is adopted on %(day)s, the day of its deadline, and nothing follows from "
                "it before: choose that day or a later one."
            )
            % {"day": write_day(adopted_on)},
            fields=["effect_from_on"],
        )
    effects.check(effects.as_of(proposed, adopted_on))
    return proposed


def check_parts(effect: Mapping[str, Any]) -> None:
    """Raise DomainError where an effect says too little or too much for its kind."""
    needed, allowed = NEEDS[Kind(effect["kind"])]
    given = [part for part in PARTS if effect.get(part)]
    names = {one.name: str(one.verbose_name) for one in Effect._meta.fields}
    if missing := [part for part in needed if part not in given]:
        raise DomainError(
            _("The effect needs more to be applied. Fill in: %(parts)s.")
            % {"parts": ", ".join(names[one] for one in missing)},
            fields=[f"effect_{one}" for one in missing],
        )
    if stray := [part for part in given if part not in (*needed, *allowed)]:
        raise DomainError(
            _("An effect of this kind has no use for this. Leave empty: %(parts)s.")
            % {"parts": ", ".join(names[one] for one in stray)},
            fields=[f"effect_{one}" for one in stray],
        )


@effects.checks(Kind.OBSERVER)
def check_observer(effect: Effect) -> None:
    """Rule M4: a State or an organization, which is no observer yet and no Member State."""
    if bool(effect.state) == bool(effect.organization):
        raise DomainError(
            _("Name the one that is admitted as an observer: a State or an organization."),
            fields=["effect_state", "effect_organization"],
        )
    place = ["effect_state" if effect.state else "effect_organization"]
    who = {"name": effect.state or effect.organization}
    if (
        effect.organization is not None
        and effect.organization.kind == Organization.Kind.CIVIL_SOCIETY
    ):
        raise DomainError(
            _(
                "%(name)s is a civil-society organization: those are invited case by case, "
                "to one meeting (OM 3.iv)."
            )
            % who,
            fields=place,
        )
    on = effect.from_on
    if effect.state is not None and State.objects.members(on=on).filter(pk=effect.state.pk):
        raise DomainError(
            _("%(name)s is a Member State: it takes part in all sessions.") % who, fields=place
        )
    observers = Observer.objects.in_force(on=on)
    standing = State.objects.with_standing(Standing.Kind.OBSERVER, on=on)
    if observers.filter(state=effect.state, organization=effect.organization).exists() or (
        effect.state is not None and standing.filter(pk=effect.state.pk).exists()
    ):
        raise DomainError(_("%(name)s is an observer already.") % who, fields=place)


@effects.checks(Kind.INVITATION)
def check_invitation(effect: Effect) -> None:
    """Rule M4: civil society, one meeting to come, no invitation to it yet."""
    organization, meeting = effect.organization, effect.meeting
    if organization is None or meeting is None:
        return
    if organization.kind != Organization.Kind.CIVIL_SOCIETY:
        raise DomainError(
            _(
                "%(name)s is not a civil-society organization: international and regional ones are "
                "admitted as observers (OM 3.iv)."
            )
            % {"name": organization},
            fields=["effect_organization"],
        )
    if effect.from_on is not None and meeting.last_on < effect.from_on:
        raise DomainError(
            _("The meeting “%(meeting)s” is past on %(day)s: choose one to come.")
            % {"meeting": meeting, "day": write_day(effect.from_on)},
            fields=["effect_meeting"],
        )
    if Invitation.objects.in_force().filter(organization=organization, meeting=meeting).exists():
        raise DomainError(
            _("%(name)s is invited to this meeting already.") % {"name": organization},
            fields=["effect_organization"],
        )


@effects.checks(Kind.CHAIR)
def check_chair(effect: Effect) -> None:
    """Rule C5: a Member State is elected to the Chair."""
    members = State.objects.members(on=effect.from_on)
    if effect.state is not None and not members.filter(pk=effect.state.pk).exists():
        raise DomainError(
            _("%(state)s is not a Member State on that day: only a Member State chairs.")
            % {"state": effect.state},
            fields=["effect_state"],
        )
