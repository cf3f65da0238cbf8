"""The ledger: every step of every silence procedure, hash-chained, never changed (rule S15)."""

from django.contrib.postgres.indexes import GinIndex
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.utils.translation import gettext_lazy as _

from almaty_portal.common.models import append_only


class LedgerEntry(models.Model):
    """One step: its canonical JSON, chained to the entry before it.

    `entry_hash` is the SHA-256 of the previous entry's hash followed by the canonical JSON
    (`documents.actions.ledger`). The chain is one for the whole portal.
    """

    number = models.PositiveBigIntegerField(_("number"), unique=True)
    procedure = models.ForeignKey(
        "documents.SilenceProcedure",
        verbose_name=_("procedure"),
        null=True,
        on_delete=models.PROTECT,
        related_name="ledger",
    )
    step = models.CharField(_("step"), max_length=40)
    recorded_at = models.DateTimeField(_("recorded at"))
    entry = models.JSONField(_("content"), encoder=DjangoJSONEncoder)
    canonical = models.TextField(_("canonical form"))
    previous_hash = models.CharField(_("hash of the entry before"), max_length=64)
    entry_hash = models.CharField(_("hash"), max_length=64, unique=True)

    class Meta:
        verbose_name = _("ledger entry")
        verbose_name_plural = _("ledger")
        ordering = ["number"]
        indexes = [
            # Who holds a file asks by its hash which entry tells it (`evidence.answering`).
            GinIndex(fields=["entry"], name="ledger_hashes", opclasses=["jsonb_path_ops"])
        ]
        triggers = append_only("ledger")

    def __str__(self) -> str:
        return f"{self.number} · {self.step}"
