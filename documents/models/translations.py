"""The translation of an edition into one language: who does it, by when, how far it is (U3)."""

import datetime as dt
from typing import Self, cast

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from almaty_portal.common.instants import ALMATY
from documents.models.archive import LANGUAGES, Reader
from documents.models.editions import Edition


class TranslationWorkQuerySet(models.QuerySet["TranslationWork"]):
    def visible_to(self, reader: Reader) -> Self:
        """The Support Unit: all; a translator or reviewer: what was given to them (rule T6)."""
        from documents.permissions import visible_translations  # permissions stand on the models

        return cast(Self, visible_translations(self, reader))

    def open(self) -> Self:
        """Those that are not final."""
        return self.exclude(status=TranslationWork.Status.FINAL)


class TranslationWork(models.Model):
    """The work of translating one edition into one language (U3); what its reviewer is asked for
    is done by another person than its translator."""

    class Status(models.TextChoices):
        ASSIGNED = "assigned", _("assigned")
        IN_TRANSLATION = "in_translation", _("in translation")
        REVIEW = "review", _("in review")
        FINAL = "final", _("final")

    edition = models.ForeignKey(
        Edition, verbose_name=_("edition"), on_delete=models.PROTECT, related_name="translations"
    )
    language = models.CharField(_("into"), max_length=2, choices=LANGUAGES)
    status = models.CharField(
        _("status"), max_length=15, choices=Status.choices, default=Status.ASSIGNED, editable=False
    )
    translator = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("translator"),
        on_delete=models.PROTECT,
        related_name="translations",
    )
    reviewer = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("reviewer"),
        on_delete=models.PROTECT,
        related_name="reviews",
    )
    due_on = models.DateField(_("translation due on"), help_text=_("A day in Almaty."))
    review_due_on = models.DateField(_("review due on"), help_text=_("A day in Almaty."))
    assigned_at = models.DateTimeField(_("assigned at"), editable=False)

    objects = TranslationWorkQuerySet.as_manager()

    class Meta:
        verbose_name = _("translation")
        verbose_name_plural = _("translations")
        ordering = ["due_on", "pk"]
        permissions = [("work_on_translation", "Can work on a translation")]
        constraints = [
            models.UniqueConstraint(
                fields=["edition", "language"],
                name="one_translation_per_edition_and_language",
                violation_error_message=_("The edition is being translated into this language."),
            ),
            models.CheckConstraint(
                condition=~Q(translator=F("reviewer")),
                name="reviewer_is_another_person",
                violation_error_message=_(
                    "The reviewer is another person than the translator: choose another one."
                ),
            ),
            models.CheckConstraint(
                condition=Q(review_due_on__gte=F("due_on")),
                name="review_is_due_after_the_translation",
                violation_error_message=_("The review is due before the translation is."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.edition} → {self.get_language_display()}"

    def get_absolute_url(self) -> str:
        return reverse("translation_detail", args=[self.pk])

    @property
    def source(self) -> str:
        """The language that it is translated from."""
        return next(code for code, _name in LANGUAGES if code != self.language)

    @property
    def next_due_on(self) -> dt.date | None:
        """The day in Almaty by which the present step is due; None when it is final."""
        if self.status == self.Status.FINAL:
            return None
        return self.review_due_on if self.status == self.Status.REVIEW else self.due_on

    @property
    def overdue(self) -> bool:
        """Whether that day has passed in Almaty; nothing of legal effect follows from it."""
        due = self.next_due_on
        return due is not None and due < timezone.now().astimezone(ALMATY).date()
