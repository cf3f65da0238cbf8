"""PDF files that the worker makes: of editions."""

import datetime as dt

from django.db import models
from django.utils.translation import gettext_lazy as _

from documents.models.editions import Edition


class Prepared(models.Model):
    """A file that the worker makes: asked for, being made, ready or failed."""

    # Longer than any run may last (fault F11): a row that runs for so long has lost its worker.
    ABANDONED_AFTER = dt.timedelta(seconds=90)

    class Status(models.TextChoices):
        WAITING = "waiting", _("waiting for its turn")
        RUNNING = "running", _("being prepared")
        READY = "ready", _("ready")
        FAILED = "failed", _("could not be prepared")

    status = models.CharField(
        _("status"), max_length=8, choices=Status.choices, default=Status.WAITING
    )
    progress = models.PositiveSmallIntegerField(_("progress in per cent"), default=0)
    step = models.CharField(_("step"), max_length=20, blank=True)
    attempts = models.PositiveSmallIntegerField(_("attempts"), default=0)
    file = models.FileField(_("file"), upload_to="renditions/", blank=True)
    fingerprint = models.CharField(
        _("hash of what it prints"), max_length=64, blank=True, editable=False
    )
    sha256 = models.CharField(_("SHA-256"), max_length=64, blank=True)
    size = models.PositiveIntegerField(
        _("size in bytes"), default=0, editable=False, help_text=_("0: not known.")
    )
    asked_at = models.DateTimeField(
        _("asked for at"), db_default=models.Func(function="clock_timestamp")
    )
    started_at = models.DateTimeField(_("started at"), null=True)
    finished_at = models.DateTimeField(_("finished at"), null=True)

    class Meta:
        abstract = True

    @property
    def on_its_way(self) -> bool:
        """Whether it waits for the worker or is being made."""
        return self.status in (self.Status.WAITING, self.Status.RUNNING)


class Rendition(Prepared):
    """The PDF of an edition in one layout."""

    class Layout(models.TextChoices):
        EN = "en", _("English")
        RU = "ru", _("Russian")
        BILINGUAL = "bilingual", _("English and Russian side by side")

    edition = models.ForeignKey(
        Edition, verbose_name=_("edition"), on_delete=models.CASCADE, related_name="renditions"
    )
    layout = models.CharField(_("layout"), max_length=10, choices=Layout.choices)

    class Meta:
        verbose_name = _("PDF")
        verbose_name_plural = _("PDF files")
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["edition", "layout"], name="one_pdf_per_edition_and_layout"
            ),
            models.CheckConstraint(
                name="a_ready_pdf_has_a_file",
                condition=~models.Q(status="ready") | ~models.Q(file=""),
            ),
        ]
        indexes = [models.Index(fields=["sha256"], name="pdfs_by_hash")]

    def __str__(self) -> str:
        return f"{self.edition} · {self.get_layout_display()}"
