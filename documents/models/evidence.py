"""What proves a procedure to others: certificates, bundles, the head of each day (rule S15)."""

import pgtrigger
from django.db import models
from django.utils.translation import gettext_lazy as _

from almaty_portal.common.models import append_only, columns_stay
from documents.models.silence import SilenceProcedure
from membership.models import User


class Certificate(models.Model):
    """The bilingual certificate of a procedure (PDF/A-3a, its record embedded), as it was issued.

    A later one, made when the record goes on (an annulment, a settlement), does not undo it.
    """

    procedure = models.ForeignKey(
        SilenceProcedure,
        verbose_name=_("procedure"),
        on_delete=models.PROTECT,
        related_name="certificates",
    )
    upto = models.PositiveBigIntegerField(
        _("up to entry"), help_text=_("The last ledger entry that it certifies.")
    )
    file = models.FileField(_("file"), upload_to="certificates/")
    sha256 = models.CharField(_("SHA-256"), max_length=64, unique=True)
    signed_by = models.CharField(_("signed by"), max_length=200, blank=True)
    made_at = models.DateTimeField(_("made at"))

    class Meta:
        verbose_name = _("certificate")
        verbose_name_plural = _("certificates")
        ordering = ["procedure", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["procedure", "upto"], name="one_certificate_per_state_of_the_record"
            )
        ]
        triggers = append_only("certificates")

    def __str__(self) -> str:
        return f"{self.procedure} · {self.upto}"


class EvidenceBundle(models.Model):
    """An evidence bundle as it was handed out: a zip that anyone can verify offline (S15)."""

    procedure = models.ForeignKey(
        SilenceProcedure,
        verbose_name=_("procedure"),
        on_delete=models.PROTECT,
        related_name="bundles",
    )
    upto = models.PositiveBigIntegerField(_("up to entry"))
    file = models.FileField(_("file"), upload_to="evidence/")
    sha256 = models.CharField(_("SHA-256"), max_length=64, unique=True)
    made_at = models.DateTimeField(_("made at"))
    by = models.ForeignKey(
        User, verbose_name=_("by"), null=True, on_delete=models.PROTECT, related_name="+"
    )

    class Meta:
        verbose_name = _("evidence bundle")
        verbose_name_plural = _("evidence bundles")
        ordering = ["procedure", "pk"]
        triggers = append_only("bundles")

    def __str__(self) -> str:
        return f"{self.procedure} · {self.upto}"


class DailyHead(models.Model):
    """The last entry of the ledger on a day in Almaty, mailed to every Coordinator.

    Where a time-stamping authority is configured its token (RFC 3161) is kept with it.
    """

    day = models.DateField(_("day"), unique=True)
    number = models.PositiveBigIntegerField(_("number of the last entry"))
    entry_hash = models.CharField(_("hash"), max_length=64)
    sealed_at = models.DateTimeField(_("sealed at"))
    token = models.BinaryField(_("time-stamp token"), null=True)
    token_at = models.DateTimeField(_("time-stamped at"), null=True)

    class Meta:
        verbose_name = _("head of a day")
        verbose_name_plural = _("heads of days")
        ordering = ["-day"]
        triggers = [
            *append_only("heads", pgtrigger.Delete),
            # A time stamp may come later than the head, once.
            columns_stay(
                pgtrigger.Protect(
                    name="a_head_stays",
                    operation=pgtrigger.Update,
                    condition=pgtrigger.Condition(
                        "OLD.token IS NOT NULL OR "
                        "(OLD.day, OLD.number, OLD.entry_hash, OLD.sealed_at)"
                        " IS DISTINCT FROM (NEW.day, NEW.number, NEW.entry_hash, NEW.sealed_at)"
                    ),
                ),
                but=["token", "token_at"],
            ),
        ]

    def __str__(self) -> str:
        return f"{self.day} · {self.number}"
