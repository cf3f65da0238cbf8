"""What an adoption does besides giving force to its text: applied with it, taken back with it.

Each kind of `Effect` has checks, asked when the procedure opens and again when it is applied, and
an applier, called in the transaction of the adoption (rule S2). What belongs to an app above this
one registers itself (`chairmanship.effects`). An applier tells each record that it made or changed,
by which `undo` takes it back when the adoption is annulled: what was made is annulled, what was
changed gets its former values; nothing is deleted (S13).
"""

import copy
import datetime as dt
from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from django.apps import apps
from django.core.serializers.json import DjangoJSONEncoder
from django.db.models import Model
from django.utils.translation import gettext as _

from almaty_portal.common.errors import DomainError
from almaty_portal.common.instants import write_day
from documents.models import Effect
from meetings.models import Invitation
from membership.models import Observer

Change = dict[str, Any]


@dataclass(frozen=True)
class Decided:
    """The decision on which an effect rests: its name on record, and its day in Almaty."""

    decision: str
    on: dt.date


Applier = Callable[[Effect, Decided], list[Change]]
Check = Callable[[Effect], None]

CHECKS: dict[str, list[Check]] = defaultdict(list)
APPLIERS: dict[str, Applier] = {}


def applies(kind: Effect.Kind) -> Callable[[Applier], Applier]:
    """Register the function that applies effects of a kind."""

    def register(applier: Applier) -> Applier:
        APPLIERS[kind] = applier
        return applier

    return register


def checks(kind: Effect.Kind) -> Callable[[Check], Check]:
    """Register a function that raises DomainError where an effect of a kind cannot be applied on
    its first day, which `as_of` has given it."""

    def register(check: Check) -> Check:
        CHECKS[kind].append(check)
        return check

    return register


def check(effect: Effect) -> None:
    """Raise DomainError where an effect could not be applied, as far as it is known today."""
    for one in CHECKS[effect.kind]:
        one(effect)


def as_of(effect: Effect, day: dt.date) -> Effect:
    """The effect as it holds where its text is adopted on a day of Almaty: from that day on, or
    from the later one that it names. It is a copy, not to be stored.

    Raises DomainError where it would have ended by then.
    """
    due = copy.copy(effect)
    due.from_on = max(effect.from_on or day, day)
    if due.until_on is not None and due.until_on <= due.from_on:
        raise DomainError(
            _("The effect would have ended by %(day)s, when it would begin: choose a later day.")
            % {"day": write_day(due.from_on)},
            fields=["effect_until_on"],
        )
    return due


def made(record: Model) -> Change:
    """Store a new record, and tell it, with the days from and until which it holds."""
    record.save()
    days = {
        name: getattr(record, name) for name in ("from_on", "until_on") if hasattr(record, name)
    }
    return {
        "record": record._meta.label_lower,
        "pk": record.pk,
        "made": True,
        "after": {name: plain(value) for name, value in days.items()},
    }


def changed(record: Model, **values: Any) -> Change:
    """Change fields of a record, and tell what they were before."""
    before = {name: getattr(record, name) for name in values}
    for name, value in values.items():
        setattr(record, name, value)
    record.save(update_fields=list(values))
    return {
        "record": record._meta.label_lower,
        "pk": record.pk,
        "before": {name: plain(value) for name, value in before.items()},
        "after": {name: plain(value) for name, value in values.items()},
    }


def plain(value: Any) -> Any:
    """A value as JSON keeps it."""
    return DjangoJSONEncoder().default(value) if isinstance(value, dt.date) else value


def apply(effect: Effect, decided: Decided) -> list[Change]:
    """Apply an effect with its adoption, and keep what it made and changed.

    Never from a day before that of the decision, which a longer deadline may have put off. Raises
    DomainError where that, or what was entered since the opening, forbids it.
    """
    due = as_of(effect, decided.on)
    check(due)
    effect.applied = APPLIERS[effect.kind](due, decided)
    effect.save(update_fields=["applied"])
    return effect.applied


def undo(changes: Iterable[Change], at: dt.datetime) -> list[Change]:
    """Take changes back at an aware instant, the last first; those taken back are returned.

    A record that somebody changed since is left as it is, for the Support Unit to settle.
    """
    undone = []
    for change in reversed(list(changes)):
        model = apps.get_model(change["record"])
        record: Any = model._base_manager.select_for_update().get(pk=change["pk"])
        if change.get("made"):
            record.annulled_at = at
            record.save(update_fields=["annulled_at"])
        elif all(plain(getattr(record, name)) == value for name, value in change["after"].items()):
            for name, value in change["before"].items():
                setattr(record, name, model._meta.get_field(name).to_python(value))
            record.save(update_fields=list(change["before"]))
        else:
            continue
        undone.append(change)
    return undone


@applies(Effect.Kind.OBSERVER)
def admit_observer(effect: Effect, decided: Decided) -> list[Change]:
    """An observer in all sessions, from the day named or that of the decision (OM 3.iv, M4)."""
    return [
        made(
            Observer(
                state=effect.state,
                organization=effect.organization,
                from_on=effect.from_on,
                until_on=effect.until_on,
                decision=decided.decision,
            )
        )
    ]


@applies(Effect.Kind.INVITATION)
def invite(effect: Effect, decided: Decided) -> list[Change]:
    """A civil-society organization invited to one meeting (OM 3.iv, M4)."""
    return [
        made(
            Invitation(
                meeting=effect.meeting,
                organization=effect.organization,
                decision=decided.decision,
            )
        )
    ]
