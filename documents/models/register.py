"""The register of decisions (rule D3)."""

from typing import Self

import pgtrigger
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from almaty_portal.common.models import append_only
from documents.models.archive import Document, Reader
from documents.models.editions import Edition
from documents.models.silence import SilenceProcedure
from meetings.models import Meeting
from membership.models import annulled


class DecisionQuerySet(models.QuerySet["Decision"]):
    def visible_to(self, reader: Reader) -> Self:
        """Decisions on documents that the reader may see (rule T6), with what `how_taken` reads."""
        readable = Document.objects.visible_to(reader)
        return self.filter(document__in=readable).select_related("procedure")


class Decision(models.Model):
    """A decision of the Member States: always by consensus, at a meeting or under silence (D1)."""

    class Taken(models.TextChoices):
        MEETING = "meeting", _("by consensus at a meeting")
        SILENCE = "silence", _("by consensus under the silence procedure")

    slug = models.SlugField(_("address"), unique=True, max_length=120)
    title = models.CharField(_("title"), max_length=300)
    taken = models.CharField(
        _("how it was taken"), max_length=8, choices=Taken.choices, default=Taken.MEETING
    )
    taken_on = models.DateField(_("taken on"), help_text=_("The day in Almaty."))
    effective_at = models.DateTimeField(_("effective at"), null=True, blank=True)
    document = models.ForeignKey(
        Document, verbose_name=_("document"), on_delete=models.PROTECT, related_name="decisions"
    )
    edition = models.ForeignKey(
        Edition,
        verbose_name=_("edition"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="decisions",
    )
    meeting = models.ForeignKey(
        Meeting,
        verbose_name=_("meeting"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="decisions",
    )
    procedure = models.OneToOneField(
        SilenceProcedure,
        verbose_name=_("silence procedure"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="decision",
    )
    annulled_at = annulled()
    note = models.TextField(_("note"), blank=True)
    source = models.TextField(_("source"), blank=True)

    objects = DecisionQuerySet.as_manager()

    class Meta:
        verbose_name = _("decision")
        verbose_name_plural = _("decisions")
        ordering = ["-taken_on", F("effective_at").desc(nulls_last=True), "slug"]
        constraints = [
            models.CheckConstraint(
                name="decision_says_how_it_was_taken",
                condition=Q(taken="meeting", meeting__isnull=False, procedure__isnull=True)
                | Q(taken="silence", procedure__isnull=False),
                violation_error_message=_(
                    "Name the meeting that took the decision, or the silence procedure."
                ),
            )
        ]
        triggers = [
            *append_only("decisions", refused=pgtrigger.Delete),
            pgtrigger.Protect(
                name="what_was_decided_stays",
                operation=pgtrigger.Update,
                condition=pgtrigger.AnyChange(
                    "slug", "document", "procedure", "taken", "taken_on", "effective_at"
                ),
            ),
            pgtrigger.Protect(
                name="an_annulment_stays",
                operation=pgtrigger.Update,
                condition=pgtrigger.Q(old__annulled_at__isnull=False)
                & pgtrigger.Q(old__annulled_at__df=pgtrigger.F("new__annulled_at")),
            ),
            # A decision under silence follows from a recorded outcome, and says the same (D3, S12).
            pgtrigger.Trigger(
                name="silence_has_decided",
                when=pgtrigger.Before,
                operation=pgtrigger.Insert,
                condition=pgtrigger.Q(new__taken="silence"),
                func="""
                    IF NOT EXISTS (
                        SELECT 1 FROM documents_silenceoutcome outcome
                          JOIN documents_silenceprocedure asked ON asked.id = outcome.procedure_id
                          JOIN documents_edition put ON put.id = asked.edition_id
                         WHERE asked.id = NEW.procedure_id
                           AND put.document_id = NEW.document_id
                           AND outcome.result IN ('adopted', 'window_closed')
                           AND outcome.effective_at = NEW.effective_at
                           AND (outcome.effective_at AT TIME ZONE 'Asia/Almaty')::date
                               = NEW.taken_on
                    ) THEN
                        RAISE EXCEPTION 'no recorded outcome of silence says so'
                              USING ERRCODE = 'check_violation',
                                    CONSTRAINT = 'silence_has_decided';
                    END IF;
                    RETURN NEW;
                """,
            ),
        ]

    def __str__(self) -> str:
        return self.title or self.slug

    def get_absolute_url(self) -> str:
        return reverse("decision_detail", args=[self.slug])

    def how_taken(self) -> str:
        """How it was taken, in words; a window put no text to consensus (rules D3, S2)."""
        if self.procedure is not None and self.procedure.kind == SilenceProcedure.Kind.WINDOW:
            return gettext("in a participation window: each State answered for itself")
        return str(self.get_taken_display())
