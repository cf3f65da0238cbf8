"""The audit record: one row for each act, written in the act's own transaction."""

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
    return AuditRecord.objects.create(
        by=by,
        action=action,
        target_type=target._meta.label_lower,
        target_id=str(target.pk),
        target_label=str(target)[:300],
        detail=detail or {},
    )
