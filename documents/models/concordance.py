"""Differences between the two texts of an edition that a person looked at and let stand."""

import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from documents.models.editions import Edition


class AcceptedFinding(models.Model):
    """A finding of the check of concordance, accepted with a reason in both languages (T2, S4)."""

    edition = models.ForeignKey(
        Edition,
        verbose_name=_("edition"),
        on_delete=models.PROTECT,
        related_name="accepted_findings",
    )
    key = models.CharField(_("key"), max_length=64)
    finding = models.JSONField(_("finding"))
    reason = models.TextField(_("reason"))
    accepted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("accepted by"),
        on_delete=models.PROTECT,
        related_name="+",
    )
    accepted_at = models.DateTimeField(_("accepted at"))

    class Meta:
        verbose_name = _("accepted finding")
        verbose_name_plural = _("accepted findings")
        ordering = ["edition", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["edition", "key"], name="a_finding_is_accepted_once"),
            models.CheckConstraint(
                condition=~Q(reason_en="") & ~Q(reason_ru=""),
                name="accepted_with_a_reason",
            ),
        ]
        triggers = [
            pgtrigger.Protect(
                name="acceptances_stay", operation=pgtrigger.Update | pgtrigger.Delete
            )
        ]

    def __str__(self) -> str:
        return f"{self.edition}: {self.finding.get('kind', '')}"
