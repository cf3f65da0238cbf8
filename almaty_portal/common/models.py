"""What every app stands on: the audit record and the record of notices sent."""

from collections.abc import Iterable

import pgtrigger
from django.conf import settings
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.utils.translation import gettext_lazy as _


def append_only(
    name: str, refused: pgtrigger.Operation = pgtrigger.Update | pgtrigger.Delete
) -> list[pgtrigger.Trigger]:
    """Triggers that let rows of a table be added, and never changed, deleted or truncated.

    `refused` narrows what is refused for a row, where a table has a finer rule of its own.
    """
    return [
        pgtrigger.Protect(name=f"{name}_rows_stay", operation=refused),
        pgtrigger.Trigger(
            name=f"{name}_table_stays",
            operation=pgtrigger.Truncate,
            level=pgtrigger.Statement,
            when=pgtrigger.Before,
            func="RAISE EXCEPTION 'the rows of % stay: it is append-only', TG_TABLE_NAME;",
        ),
    ]


def columns_stay(trigger: pgtrigger.Trigger, *, but: Iterable[str]) -> pgtrigger.Trigger:
    """Mark a trigger that lets the columns `but` of a row change and no others.

    Triggers can be told to stand aside; the portal's role is therefore given the right to change
    those columns alone (`common.role`), and has none to the others.
    """
    trigger.changeable = frozenset(but)
    return trigger


class AuditRecord(models.Model):
    """One act: who did what to which record, and when by the database's clock."""

    at = models.DateTimeField(
        _("at"), db_default=models.Func(function="clock_timestamp"), editable=False
    )
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("by"),
        null=True,
        on_delete=models.PROTECT,
        related_name="+",
        help_text=_("Empty where the portal itself acted, as the worker that records an outcome."),
    )
    action = models.CharField(_("action"), max_length=80)
    target_type = models.CharField(_("kind of record"), max_length=80)
    target_id = models.CharField(_("record"), max_length=80)
    target_label = models.CharField(_("name of the record"), max_length=300)
    detail = models.JSONField(_("detail"), default=dict, encoder=DjangoJSONEncoder)

    class Meta:
        verbose_name = _("audit record")
        verbose_name_plural = _("audit records")
        ordering = ["-id"]
        indexes = [models.Index(fields=["target_type", "target_id"])]
        triggers = append_only("audit")

    def __str__(self) -> str:
        return f"{self.action}: {self.target_label}"


class Notice(models.Model):
    """A message owed to one person about one event; its mail is in the outbox, once."""

    event = models.CharField(_("event"), max_length=120)
    recipient = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("recipient"),
        on_delete=models.PROTECT,
        related_name="notices",
    )
    email = models.OneToOneField(
        "post_office.Email", verbose_name=_("mail"), null=True, on_delete=models.SET_NULL
    )
    subject = models.CharField(_("subject"), max_length=250)
    link = models.CharField(_("page"), max_length=250, blank=True)
    delivered = models.BooleanField(
        _("delivered"),
        null=True,
        editable=False,
        help_text=_("Whether the mail server took the mail; empty while that is not known."),
    )
    created_at = models.DateTimeField(
        _("written at"), db_default=models.Func(function="clock_timestamp"), editable=False
    )

    class Meta:
        verbose_name = _("notice")
        verbose_name_plural = _("notices")
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["event", "recipient"], name="one_notice_per_event_and_recipient"
            )
        ]

    def __str__(self) -> str:
        return f"{self.subject} → {self.recipient}"
