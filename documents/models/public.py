"""What the public sees of the archive and when that last changed, for programs that follow it."""

import pgtrigger
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.utils.translation import gettext_lazy as _

from documents.models.archive import Document


class PublicRecord(models.Model):
    """A document as the public sees it, or saw it before it was withdrawn or restricted (T6, T8).

    Constraint triggers of the database write it when a transaction commits (docs/adr/0016), so that
    no write can forget it. A document that was never public has none; one that no longer is keeps
    its row for good, as deleted.
    """

    document = models.OneToOneField(
        Document,
        verbose_name=_("document"),
        on_delete=models.PROTECT,
        related_name="public_record",
    )
    identifier = models.CharField(
        _("identifier"),
        max_length=120,
        unique=True,
        help_text=_("The address with which the document became public; it never changes."),
    )
    changed_at = models.DateTimeField(
        _("changed at"), help_text=_("By the clock of the database, when the change took effect.")
    )
    deleted = models.BooleanField(_("no longer public"), default=False)
    sets = ArrayField(
        models.CharField(max_length=140),
        verbose_name=_("sets"),
        help_text=_("Its type, topics, meeting and languages, as they last were to the public."),
    )

    class Meta:
        verbose_name = _("public record")
        verbose_name_plural = _("public records")
        ordering = ["changed_at", "pk"]
        indexes = [
            models.Index(fields=["changed_at", "id"], name="public_records_in_order"),
            GinIndex(fields=["sets"], name="public_records_by_set"),
        ]
        triggers = [pgtrigger.Protect(name="public_records_stay", operation=pgtrigger.Delete)]

    def __str__(self) -> str:
        return self.identifier
