"""Writes that need no action of their own: a record stored or taken out, with its audit record."""

from collections.abc import Callable, Mapping
from typing import Any

from django.db import models, transaction

from almaty_portal.common import audit


@transaction.atomic
def save_audited(
    *,
    obj: models.Model,
    changed: Mapping[str, Any],
    by: models.Model | None,
    related: Callable[[], None] | None = None,
) -> None:
    """Store a record, new or changed, with one audit record that tells what changed.

    `related` stores what belongs to it (rows, many-to-many), in the same transaction. Without
    anything in `changed` a stored record is left alone and nothing is written down.
    """
    new = obj._state.adding
    if not (new or changed):
        return
    obj.save()
    if related is not None:
        related()
    audit.record(
        by=by,
        action=f"{'add' if new else 'change'}_{obj._meta.model_name}",
        target=obj,
        detail=dict(changed),
    )


@transaction.atomic
def delete_audited(*, obj: models.Model, by: models.Model | None) -> None:
    """Take out a record that the archive may lose; the audit record keeps its name (rule T8)."""
    audit.record(by=by, action=f"delete_{obj._meta.model_name}", target=obj)
    obj.delete()
