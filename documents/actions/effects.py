"""What an adoption does besides giving force to its text: applied with it, taken back with it.

Each kind of `Effect` has a check, asked when the procedure opens, and an applier, called in the
transaction of the adoption (rule S2). What belongs to an app above this one registers itself
(`chairmanship.effects`). An applier tells each record that it made or changed, by which `undo`
takes it back when the adoption is annulled: what was made is annulled, what was changed gets its
former values; nothing is deleted (S13).
"""

import datetime as dt
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from django.apps import apps
from django.core.serializers.json import DjangoJSONEncoder
from django.db.models import Model

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

CHECKS: dict[str, Check] = {}
APPLIERS: dict[str, Applier] = {}


def applies(kind: Effect.Kind) -> Callable[[Applier], Applier]:
    """Register the function that applies effects of a kind."""

    def register(applier: Applier) -> Applier:
        APPLIERS[kind] = applier
        return applier

    return register


def checks(kind: Effect.Kind) -> Callable[[Check], Check]:
    """Register the function that raises DomainError where an effect of a kind cannot be put."""

    def register(check: Check) -> Check:
        CHECKS[kind] = check
        return check

    return register


def check(effect: Effect) -> None:
    """Raise DomainError where an effect could not be applied, as far as it is known today."""
    if effect.kind in CHECKS:
        CHECKS[effect.kind](effect)


def made(record: Model) -> Change:
    """Store a new record, and tell it."""
    record.save()
    return {"record": record._meta.label_lower, "pk": record.pk, "made": True}


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

    Raises DomainError where what was entered since the opening forbids it.
    """
    check(effect)
    effect.applied = APPLIERS[effect.kind](effect, decided)
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
                from_on=effect.from_on or decided.on,
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
