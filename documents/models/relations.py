"""How documents stand to each other, and the references in their texts."""

import pgtrigger
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from documents.models.archive import Document
from documents.models.editions import Paragraph
from meetings.models import Meeting


class Relation(models.Model):
    """One document amends, implements, replaces … another; shown on the pages of both.

    An annex names its document itself (`Document.annex_of`), and what a text cites is read from
    the text (`Citation`).
    """

    class Kind(models.TextChoices):
        AMENDS = "amends", _("amends")
        IMPLEMENTS = "implements", _("implements")
        REPLACES = "replaces", _("replaces")
        SUPPLEMENTS = "supplements", _("supplements")
        REPLIES_TO = "replies_to", _("replies to")

    # What changes the other document.
    CHANGING = (Kind.AMENDS, Kind.REPLACES)
    INVERSE = {
        Kind.AMENDS: _("amended by"),
        Kind.IMPLEMENTS: _("implemented by"),
        Kind.REPLACES: _("replaced by"),
        Kind.SUPPLEMENTS: _("supplemented by"),
        Kind.REPLIES_TO: _("answered by"),
    }

    source = models.ForeignKey(
        Document, verbose_name=_("document"), on_delete=models.PROTECT, related_name="relations"
    )
    kind = models.CharField(_("relation"), max_length=12, choices=Kind.choices)
    target = models.ForeignKey(
        Document,
        verbose_name=_("to the document"),
        on_delete=models.PROTECT,
        related_name="inverse_relations",
    )

    class Meta:
        verbose_name = _("relation")
        verbose_name_plural = _("relations between documents")
        ordering = ["kind", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["source", "kind", "target"],
                name="one_relation_of_a_kind",
                violation_error_message=_("This relation is entered already."),
            ),
            models.CheckConstraint(
                name="no_relation_to_itself",
                condition=~Q(source=F("target")),
                violation_error_message=_("A document has no relation to itself: choose another."),
            ),
        ]
        triggers = [
            # What amends, replaces … goes back in time: never in a ring.
            pgtrigger.Trigger(
                name="relations_make_no_ring",
                when=pgtrigger.Before,
                operation=pgtrigger.Insert | pgtrigger.Update,
                func="""
                    PERFORM pg_advisory_xact_lock(22013);
                    IF EXISTS (
                        WITH RECURSIVE reached(id) AS (
                            SELECT NEW.target_id
                            UNION
                            SELECT relation.target_id
                              FROM documents_relation relation
                              JOIN reached ON relation.source_id = reached.id
                             WHERE relation.kind = NEW.kind AND relation.id <> NEW.id
                        )
                        SELECT 1 FROM reached WHERE id = NEW.source_id
                    ) THEN
                        RAISE EXCEPTION 'relations of one kind make no ring'
                              USING ERRCODE = 'check_violation',
                                    CONSTRAINT = 'relations_make_no_ring';
                    END IF;
                    RETURN NEW;
                """,
            )
        ]

    def __str__(self) -> str:
        return f"{self.source} {self.get_kind_display()} {self.target}"

    def clean(self) -> None:
        """Rule D2: the Operating Modalities, their annexes included, are amended and replaced by
        Ministerial meetings only; triggers keep it too, whichever record is written
        (migration `ministers_amend_the_modalities`)."""
        if self.kind not in self.CHANGING or not (self.source_id and self.target_id):
            return
        meeting = self.source.meeting
        ministerial = meeting is not None and meeting.type == Meeting.Type.MINISTERIAL
        if not ministerial and self.target.in_modalities:
            raise ValidationError(
                {
                    "kind": _(
                        "The Operating Modalities are amended by Ministerial meetings only: name "
                        "such a meeting on the page of the amending document first."
                    )
                }
            )


class Citation(models.Model):
    """A reference in a paragraph of an issued text, whoever bears it now or later.

    It is written by `actions.citations` from the text, and joined by its plain form
    (`documents.references`) to the document that bears it.
    """

    paragraph = models.ForeignKey(
        Paragraph, verbose_name=_("paragraph"), on_delete=models.CASCADE, related_name="citations"
    )
    key = models.CharField(_("reference"), max_length=100, db_index=True)

    class Meta:
        verbose_name = _("citation")
        verbose_name_plural = _("citations")
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["paragraph", "key"], name="one_citation_per_paragraph_and_reference"
            )
        ]

    def __str__(self) -> str:
        return self.key
