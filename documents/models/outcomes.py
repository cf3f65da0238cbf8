"""What came of a procedure, for the text and for each State (rules S2, S11, S12)."""

from typing import Self

import pgtrigger
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from almaty_portal.common.models import append_only, columns_stay
from documents.models.answers import SilenceResponse
from documents.models.editions import Edition
from documents.models.silence import SilenceProcedure
from meetings.models import AgendaItem
from membership.models import State, User, said


class OutcomeQuerySet(models.QuerySet["SilenceOutcome"]):
    def without_effects(self) -> Self:
        """Recorded outcomes whose reference, edition or register entry is still owed (S12)."""
        return self.filter(
            effects_at__isnull=True, procedure__historic=False, annulment__isnull=True
        )


class SilenceOutcome(models.Model):
    """What came of a procedure: exactly one, effective when it came about (rule S11)."""

    class Result(models.TextChoices):
        ADOPTED = "adopted", _("adopted under silence")
        BROKEN = "broken", _("silence broken, not adopted")
        WINDOW_CLOSED = "window_closed", _("window closed")
        WITHDRAWN = "withdrawn", _("withdrawn by the Chair")

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
            columns_stay(
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
                but=["effects_at", "edition_issued_id"],
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
                        WHEN 'withdrawn' THEN objection.id IS NULL
                             AND NEW.effective_at < asked.deadline_at
                             AND NEW.effective_at BETWEEN asked.opened_at AND clock_timestamp()
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


class Annulment(models.Model):
    """The correction on the record that undoes an adoption: silence had been broken in time (S13).

    The outcome stays as it was recorded; what followed from it is annulled, nothing is deleted.
    """

    outcome = models.OneToOneField(
        SilenceOutcome,
        verbose_name=_("outcome"),
        on_delete=models.PROTECT,
        related_name="annulment",
    )
    objection = models.OneToOneField(
        SilenceResponse,
        verbose_name=_("objection on paper"),
        on_delete=models.PROTECT,
        related_name="annulment",
    )
    annulled_at = models.DateTimeField(_("annulled at"))
    undone = models.JSONField(_("what was undone"), default=list)

    class Meta:
        verbose_name = _("annulment")
        verbose_name_plural = _("annulments")
        triggers = [
            *append_only("annulments"),
            pgtrigger.Trigger(
                name="paper_annuls_an_adoption",
                when=pgtrigger.Before,
                operation=pgtrigger.Insert,
                func="""
                    IF NOT EXISTS (
                        SELECT 1 FROM documents_silenceoutcome outcome
                          JOIN documents_silenceresponse objection
                            ON objection.procedure_id = outcome.procedure_id
                         WHERE outcome.id = NEW.outcome_id AND objection.id = NEW.objection_id
                           AND outcome.result = 'adopted' AND objection.kind = 'objection'
                           AND NOT objection.late AND objection.paper_note_id IS NOT NULL) THEN
                        RAISE EXCEPTION 'an adoption is annulled by an objection on paper alone'
                              USING ERRCODE = 'check_violation',
                                    CONSTRAINT = 'paper_annuls_an_adoption';
                    END IF;
                    RETURN NEW;
                """,
            ),
        ]

    def __str__(self) -> str:
        return str(self.outcome.procedure)


class FollowUp(models.Model):
    """The way back of a text that was not adopted: reissue, referral or abandonment (S14)."""

    class Kind(models.TextChoices):
        REISSUE = "reissue", _("reissued as a revision")
        REFERRAL = "referral", _("referred to a meeting")
        ABANDONMENT = "abandonment", _("abandoned")

    procedure = models.OneToOneField(
        SilenceProcedure,
        verbose_name=_("procedure"),
        on_delete=models.PROTECT,
        related_name="follow_up",
    )
    kind = models.CharField(_("kind"), max_length=12, choices=Kind.choices)
    edition = models.ForeignKey(
        Edition,
        verbose_name=_("revision"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
    )
    agenda_item = models.ForeignKey(
        AgendaItem,
        verbose_name=_("agenda item"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="referrals",
    )
    reason = models.TextField(_("the Chair's decision"))
    at = models.DateTimeField(_("at"))
    by = models.ForeignKey(User, verbose_name=_("by"), on_delete=models.PROTECT, related_name="+")

    class Meta:
        verbose_name = _("follow-up")
        verbose_name_plural = _("follow-ups")
        constraints = [
            models.CheckConstraint(
                name="follow_up_leads_somewhere",
                condition=Q(kind="reissue", edition__isnull=False, agenda_item__isnull=True)
                | Q(kind="referral", edition__isnull=True, agenda_item__isnull=False)
                | Q(kind="abandonment", edition__isnull=True, agenda_item__isnull=True),
            ),
            models.CheckConstraint(
                name="follow_up_rests_on_a_decision",
                condition=said("reason_en") & said("reason_ru"),
            ),
        ]
        triggers = [
            *append_only("follow_ups"),
            pgtrigger.Trigger(
                name="follows_what_was_not_adopted",
                when=pgtrigger.Before,
                operation=pgtrigger.Insert,
                func="""
                    IF NOT EXISTS (
                        SELECT 1 FROM documents_silenceoutcome outcome
                          LEFT JOIN documents_annulment annulment
                            ON annulment.outcome_id = outcome.id
                         WHERE outcome.procedure_id = NEW.procedure_id
                           AND (outcome.result IN ('broken', 'withdrawn')
                                OR annulment.id IS NOT NULL)) THEN
                        RAISE EXCEPTION 'only a text that was not adopted is followed up'
                              USING ERRCODE = 'check_violation',
                                    CONSTRAINT = 'follows_what_was_not_adopted';
                    END IF;
                    RETURN NEW;
                """,
            ),
        ]

    def __str__(self) -> str:
        return f"{self.procedure}: {self.get_kind_display()}"


class StateOutcomeQuerySet(models.QuerySet["StateOutcome"]):
    def standing(self) -> Self:
        """The results that hold now: those no later one took the place of."""
        return self.filter(replaced_by__isnull=True)


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
    replaces = models.OneToOneField(
        "self",
        verbose_name=_("takes the place of"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="replaced_by",
        help_text=_("The result that the Chair's settlement or a Note Verbale on paper corrected."),
    )
    response = models.ForeignKey(
        SilenceResponse,
        verbose_name=_("answer it rests on"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
    )
    note = models.TextField(_("note"), blank=True)

    objects = StateOutcomeQuerySet.as_manager()

    class Meta:
        verbose_name = _("outcome for a State")
        verbose_name_plural = _("outcomes for States")
        ordering = ["state__protocol_key"]
        constraints = [
            models.UniqueConstraint(
                fields=["outcome", "state"],
                condition=Q(replaces__isnull=True),
                name="one_window_outcome_per_state",
            )
        ]
        triggers = [
            *append_only("state_outcomes"),
            # A result gives way to the Chair's settlement, where that was left to it, or to an
            # answer on paper that had come in time (rules S2, S13).
            pgtrigger.Trigger(
                name="a_replacement_is_founded",
                when=pgtrigger.Before,
                operation=pgtrigger.Insert,
                condition=pgtrigger.Q(new__replaces__isnull=False),
                func="""
                    IF NOT EXISTS (
                        SELECT 1 FROM documents_stateoutcome former
                          LEFT JOIN documents_silenceresponse answer ON answer.id = NEW.response_id
                         WHERE former.id = NEW.replaces_id
                           AND former.outcome_id = NEW.outcome_id
                           AND former.state_id = NEW.state_id
                           AND (former.result = 'to_be_settled_by_chair'
                                OR answer.paper_note_id IS NOT NULL
                                   AND answer.state_id = NEW.state_id)) THEN
                        RAISE EXCEPTION 'nothing founds another result for the State'
                              USING ERRCODE = 'check_violation',
                                    CONSTRAINT = 'a_replacement_is_founded';
                    END IF;
                    RETURN NEW;
                """,
            ),
        ]

    def __str__(self) -> str:
        return f"{self.state}: {self.get_result_display()}"
