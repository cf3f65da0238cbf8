"""What came of a procedure, for the text and for each State (rules S2, S11, S12)."""

from typing import Self

import pgtrigger
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from almaty_portal.common.models import append_only
from documents.models.answers import SilenceResponse
from documents.models.editions import Edition
from documents.models.silence import SilenceProcedure
from membership.models import State


class OutcomeQuerySet(models.QuerySet["SilenceOutcome"]):
    def without_effects(self) -> Self:
        """Recorded outcomes whose reference, edition or register entry is still owed (S12)."""
        return self.filter(effects_at__isnull=True, procedure__historic=False)


class SilenceOutcome(models.Model):
    """What came of a procedure: exactly one, effective when it came about (rule S11)."""

    class Result(models.TextChoices):
        ADOPTED = "adopted", _("adopted under silence")
        BROKEN = "broken", _("silence broken, not adopted")
        WINDOW_CLOSED = "window_closed", _("window closed")

    procedure = models.OneToOneField(
        SilenceProcedure,
        verbose_name=_("procedure"),
        on_delete=models.PROTECT,
        related_name="outcome",
    )
    result = models.CharField(_("result"), max_length=16, choices=Result.choices)
    effective_at = models.DateTimeField(_("effective at"))
    recorded_at = models.DateTimeField(_("recorded at"))
    broken_by = models.ForeignKey(
        SilenceResponse,
        verbose_name=_("broken by"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="broken_outcomes",
    )
    edition_issued = models.ForeignKey(
        Edition,
        verbose_name=_("edition issued"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
    )
    effects_at = models.DateTimeField(
        _("effects applied at"),
        null=True,
        blank=True,
        help_text=_("When the reference was assigned and the edition issued."),
    )
    note = models.TextField(_("note"), blank=True)
    source = models.TextField(_("source"), blank=True)

    objects = OutcomeQuerySet.as_manager()

    class Meta:
        verbose_name = _("outcome")
        verbose_name_plural = _("outcomes")
        constraints = [
            models.CheckConstraint(
                name="broken_by_an_objection",
                condition=Q(result="broken", broken_by__isnull=False)
                | (~Q(result="broken") & Q(broken_by__isnull=True)),
            )
        ]
        triggers = [
            *append_only("outcomes", pgtrigger.Delete),
            # What came of it never changes; its effects are entered once, when they are applied.
            pgtrigger.Trigger(
                name="the_outcome_stays",
                when=pgtrigger.Before,
                operation=pgtrigger.Update,
                func="""
                    IF OLD.effects_at IS NOT NULL
                       OR to_jsonb(NEW) - ARRAY['effects_at', 'edition_issued_id']
                          IS DISTINCT FROM
                          to_jsonb(OLD) - ARRAY['effects_at', 'edition_issued_id'] THEN
                        RAISE EXCEPTION 'the outcome of a procedure cannot be changed'
                              USING ERRCODE = 'check_violation',
                                    CONSTRAINT = 'the_outcome_stays';
                    END IF;
                    RETURN NEW;
                """,
            ),
            # Rules S6, S11: the outcome is what the deadline and the answers say, and no other.
            pgtrigger.Trigger(
                name="the_outcome_follows",
                when=pgtrigger.Before,
                operation=pgtrigger.Insert,
                declare=[
                    ("asked", "documents_silenceprocedure%ROWTYPE"),
                    ("objection", "documents_silenceresponse%ROWTYPE"),
                ],
                func="""
                    SELECT * INTO asked FROM documents_silenceprocedure
                     WHERE id = NEW.procedure_id;
                    IF asked.historic THEN RETURN NEW; END IF;
                    SELECT * INTO objection FROM documents_silenceresponse
                     WHERE procedure_id = NEW.procedure_id AND kind = 'objection' AND NOT late
                     ORDER BY received_at, id LIMIT 1;
                    IF NOT COALESCE(CASE NEW.result
                        WHEN 'broken' THEN asked.kind = 'adoption'
                             AND NEW.broken_by_id = objection.id
                             AND NEW.effective_at = objection.received_at
                        WHEN 'adopted' THEN asked.kind = 'adoption' AND objection.id IS NULL
                             AND NEW.effective_at = asked.deadline_at
                             AND clock_timestamp() >= asked.deadline_at
                        WHEN 'window_closed' THEN asked.kind = 'participation_window'
                             AND NEW.effective_at = asked.deadline_at
                             AND clock_timestamp() >= asked.deadline_at
                        END, false) THEN
                        RAISE EXCEPTION 'the outcome does not follow from deadline and answers'
                              USING ERRCODE = 'check_violation',
                                    CONSTRAINT = 'the_outcome_follows';
                    END IF;
                    RETURN NEW;
                """,
            ),
        ]

    def __str__(self) -> str:
        return str(self.get_result_display())


class StateOutcome(models.Model):
    """What a participation window ended with for one State (rule S2)."""

    class Result(models.TextChoices):
        FORMALISED = "formalised", _("participation formalised")
        DECLINED = "declined", _("participation not formalised")
        LAPSED = "lapsed", _("the offer lapsed")
        CHAIR = "to_be_settled_by_chair", _("to be settled by the Chair")
        OBSERVER_LATER = "observer_later", _("published later as an observer")

    outcome = models.ForeignKey(
        SilenceOutcome,
        verbose_name=_("outcome"),
        on_delete=models.PROTECT,
        related_name="by_state",
    )
    state = models.ForeignKey(
        State, verbose_name=_("State"), on_delete=models.PROTECT, related_name="window_outcomes"
    )
    result = models.CharField(_("result"), max_length=24, choices=Result.choices)
    note = models.TextField(_("note"), blank=True)

    class Meta:
        verbose_name = _("outcome for a State")
        verbose_name_plural = _("outcomes for States")
        ordering = ["state__protocol_key"]
        constraints = [
            models.UniqueConstraint(
                fields=["outcome", "state"], name="one_window_outcome_per_state"
            )
        ]
        triggers = append_only("state_outcomes")

    def __str__(self) -> str:
        return f"{self.state}: {self.get_result_display()}"
