"""What the States said in a procedure, judged by the database as it is stored (S3, S6–S8)."""

import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from almaty_portal.common.models import append_only
from documents.models.silence import SilenceProcedure
from membership.models import State, User, said


class SilenceResponse(models.Model):
    """What a State said in a procedure, at the moment the database received it (S6, S7, S8)."""

    class Kind(models.TextChoices):
        ACKNOWLEDGEMENT = "acknowledgement", _("acknowledges receipt")
        OBJECTION = "objection", _("breaks silence")
        JOINS = "joins", _("joins the consensus expressly")
        MORE_TIME = "more_time", _("asks for more time")
        STATEMENT = "statement", _("makes an interpretative statement")
        RESERVATION = "reservation", _("makes a reservation")
        DISSOCIATION = "dissociation", _("dissociates itself from the decision")
        PARTICIPATES = "participates", _("formalises its participation")
        DECLINES = "declines", _("does not formalise its participation")

    ANSWERS = (Kind.OBJECTION, Kind.PARTICIPATES, Kind.DECLINES)
    # None of these breaks silence (rule S8); the statements are issued with the decision.
    POSITIONS = (Kind.JOINS, Kind.MORE_TIME, Kind.STATEMENT, Kind.RESERVATION, Kind.DISSOCIATION)
    ISSUED_WITH_THE_DECISION = (Kind.STATEMENT, Kind.RESERVATION, Kind.DISSOCIATION)

    procedure = models.ForeignKey(
        SilenceProcedure,
        verbose_name=_("procedure"),
        on_delete=models.PROTECT,
        related_name="responses",
    )
    state = models.ForeignKey(
        State, verbose_name=_("State"), on_delete=models.PROTECT, related_name="responses"
    )
    kind = models.CharField(_("kind"), max_length=16, choices=Kind.choices)
    reason = models.TextField(_("reason"), blank=True)
    late = models.BooleanField(_("late, refused"), default=False)
    received_at = models.DateTimeField(_("received at"))
    by = models.ForeignKey(
        User, verbose_name=_("by"), null=True, on_delete=models.PROTECT, related_name="responses"
    )

    class Meta:
        verbose_name = _("answer of a State")
        verbose_name_plural = _("answers of States")
        ordering = ["received_at", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["procedure", "state", "kind"],
                condition=Q(late=False),
                name="one_answer_of_a_kind_per_state",
            ),
            models.UniqueConstraint(
                fields=["procedure", "state"],
                condition=Q(late=False, kind__in=["participates", "declines"]),
                name="one_answer_to_a_window_per_state",
            ),
            models.CheckConstraint(
                name="objection_names_its_reason",
                condition=~Q(kind="objection") | said("reason"),
            ),
        ]
        triggers = [
            *append_only("answers"),
            # Rules S3, S6: only an entitled State, only before the deadline, and the moment of
            # receipt is a reading of this clock, taken within the time a request may last.
            pgtrigger.Trigger(
                name="answers_are_judged",
                when=pgtrigger.Before,
                operation=pgtrigger.Insert,
                declare=[("asked", "documents_silenceprocedure%ROWTYPE")],
                func=f"""
                    SELECT * INTO asked FROM documents_silenceprocedure
                     WHERE id = NEW.procedure_id;
                    IF NOT EXISTS (SELECT 1 FROM documents_entitlement entitled
                                    WHERE entitled.procedure_id = NEW.procedure_id
                                      AND entitled.state_id = NEW.state_id) THEN
                        RAISE EXCEPTION 'this State is not entitled to act in this procedure'
                              USING ERRCODE = 'check_violation', CONSTRAINT = 'state_is_entitled';
                    END IF;
                    IF NEW.received_at > clock_timestamp() OR NEW.received_at
                       < clock_timestamp() - interval '{settings.REQUEST_TIMEOUT_SECONDS} seconds'
                    THEN
                        RAISE EXCEPTION 'the moment of receipt is not a reading of this clock'
                              USING ERRCODE = 'check_violation', CONSTRAINT = 'received_just_now';
                    END IF;
                    IF NEW.late <> (NEW.received_at >= asked.deadline_at) THEN
                        RAISE EXCEPTION 'an answer is late at the deadline and after it'
                              USING ERRCODE = 'check_violation',
                                    CONSTRAINT = 'late_at_the_deadline';
                    END IF;
                    RETURN NEW;
                """,  # noqa: S608 (constants of ours alone)
            ),
        ]

    def __str__(self) -> str:
        return f"{self.state}: {self.get_kind_display()}"
