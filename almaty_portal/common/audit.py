"""The audit record: one row for each act, written in the act's own transaction."""

from collections.abc import Iterable
from typing import Any

from django.db import models

from almaty_portal.common.models import AuditRecord


def record(
    *,
    by: Any,
    action: str,
    target: models.Model,
    detail: dict[str, Any] | None = None,
) -> AuditRecord:
    """Write down that `by` did `action` to `target`; `by=None` is the portal itself."""
    row = of_act(by=by, action=action, target=target, detail=detail)
    row.save()
    return row


def of_act(
    *, by: Any, action: str, target: models.Model, detail: dict[str, Any] | None = None
) -> AuditRecord:
    """The record of an act, for `record_all` to write with those of others."""
    return AuditRecord(
        by=by,
        action=action,
        target_type=target._meta.label_lower,
        target_id=str(target.pk),
        target_label=str(target)[:300],
        detail=detail or {},
    )


def record_all(rows: Iterable[AuditRecord]) -> None:
    """Write down many acts at once, in their order."""
    AuditRecord.objects.bulk_create(rows)
