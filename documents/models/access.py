"""Who could read a document, since when, and why (rule T6)."""

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from almaty_portal.common.models import append_only
from documents.models.archive import Access, Document
from membership.models import User, said

# From the fewest readers to the most.
WIDTH = [Access.SUPPORT_UNIT, Access.MEMBERS, Access.OBSERVERS, Access.PUBLIC]


class AccessChange(models.Model):
    """An act by which the readers of a document became more or fewer, on record with its reason."""

    document = models.ForeignKey(
        Document,
        verbose_name=_("document"),
        on_delete=models.PROTECT,
        related_name="access_changes",
    )
    before = models.CharField(_("access before"), max_length=20, choices=Access.choices)
    after = models.CharField(_("access after"), max_length=20, choices=Access.choices)
    reason = models.TextField(_("reason"))
    reason_en: str | None  # modeltranslation's columns
    reason_ru: str | None
    changed_at = models.DateTimeField(_("changed at"))
    by = models.ForeignKey(
        User, verbose_name=_("by"), null=True, blank=True, on_delete=models.PROTECT
    )

    class Meta:
        verbose_name = _("change of access")
        verbose_name_plural = _("changes of access")
        ordering = ["document", "pk"]
        constraints = [
            models.CheckConstraint(name="access_changes", condition=~Q(before=F("after"))),
            models.CheckConstraint(
                name="access_changes_for_a_reason", condition=said("reason_en") & said("reason_ru")
            ),
        ]
        triggers = append_only("access_changes")

    def __str__(self) -> str:
        return f"{self.get_before_display()} → {self.get_after_display()}"

    @property
    def derestricts(self) -> bool:
        """Whether more people may read the document since."""
        return WIDTH.index(Access(self.after)) > WIDTH.index(Access(self.before))
