"""What the States said in a procedure, judged by the database as it is stored (S3, S6–S8, S13)."""

import datetime as dt
from typing import Self

import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from almaty_portal.common.models import append_only, columns_stay
from documents.models.editions import Paragraph
from documents.models.silence import SilenceProcedure
from membership.models import State, User, said

# What the second person enters about a note on paper: nothing else of its row ever changes (S13).
SECOND_PERSON = ("confirmed_by_id", "confirmed_at", "refused_by_id", "refused_at", "refused_reason")


class NoteVerbale(models.Model):
    """A Note Verbale kept with what it says: the file as it came, and its hash."""

    note_file = models.FileField(_("Note Verbale"), upload_to="notes/", blank=True)
    note_name = models.CharField(_("name of the file"), max_length=200, blank=True)
    note_size = models.PositiveIntegerField(_("size in bytes"), default=0)
    note_sha256 = models.CharField(_("SHA-256 of the file"), max_length=64, blank=True)

    class Meta:
        abstract = True


class SilenceResponse(NoteVerbale):
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
        WITHDRAWAL = "withdrawal", _("withdraws its objection")

    ANSWERS = (Kind.OBJECTION, Kind.PARTICIPATES, Kind.DECLINES)
    # None of these breaks silence (rule S8); the statements are issued with the decision.
    POSITIONS = (Kind.JOINS, Kind.MORE_TIME, Kind.STATEMENT, Kind.RESERVATION, Kind.DISSOCIATION)
    # A window puts no text to consensus: there is nothing to join or to dissociate from (S2).
    POSITIONS_IN_A_WINDOW = (Kind.MORE_TIME, Kind.STATEMENT, Kind.RESERVATION)
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
    submission = models.UUIDField(
        _("submission"),
        null=True,
        editable=False,
        unique=True,
        help_text=_("The form that was sent: sent twice, it acts once."),
    )
    paper_note = models.OneToOneField(
        "documents.PaperNote",
        verbose_name=_("Note Verbale on paper"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="response",
    )
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
                declare=[
                    ("asked", "documents_silenceprocedure%ROWTYPE"),
                    ("paper", "documents_papernote%ROWTYPE"),
                    ("result", "text"),
                ],
                func=f"""
                    SELECT * INTO asked FROM documents_silenceprocedure
                     WHERE id = NEW.procedure_id;
                    IF NOT EXISTS (SELECT 1 FROM documents_entitlement entitled
                                    WHERE entitled.procedure_id = NEW.procedure_id
                                      AND entitled.state_id = NEW.state_id) THEN
                        RAISE EXCEPTION 'this State is not entitled to act in this procedure'
                              USING ERRCODE = 'check_violation', CONSTRAINT = 'state_is_entitled';
                    END IF;
                    SELECT outcome.result INTO result FROM documents_silenceoutcome outcome
                     WHERE outcome.procedure_id = NEW.procedure_id;
                    IF NEW.paper_note_id IS NOT NULL THEN
                        -- Rule S13: what a second person confirmed, as received then.
                        SELECT * INTO paper FROM documents_papernote WHERE id = NEW.paper_note_id;
                        IF paper.confirmed_at IS NULL OR NEW.late
                           OR (paper.procedure_id, paper.state_id, paper.kind, paper.received_at)
                              <> (NEW.procedure_id, NEW.state_id, NEW.kind, NEW.received_at) THEN
                            RAISE EXCEPTION 'no confirmed Note Verbale on paper says so'
                                  USING ERRCODE = 'check_violation',
                                        CONSTRAINT = 'paper_is_confirmed';
                        END IF;
                        RETURN NEW;
                    END IF;
                    IF NEW.received_at > clock_timestamp() OR NEW.received_at
                       < clock_timestamp() - interval '{settings.REQUEST_TIMEOUT_SECONDS} seconds'
                    THEN
                        RAISE EXCEPTION 'the moment of receipt is not a reading of this clock'
                              USING ERRCODE = 'check_violation', CONSTRAINT = 'received_just_now';
                    END IF;
                    IF NEW.kind = 'withdrawal' THEN
                        -- Rule S14: it may come at any time, and changes nothing.
                        IF NEW.late OR NOT EXISTS (
                            SELECT 1 FROM documents_silenceresponse objection
                             WHERE objection.procedure_id = NEW.procedure_id
                               AND objection.state_id = NEW.state_id
                               AND objection.kind = 'objection' AND NOT objection.late) THEN
                            RAISE EXCEPTION 'there is no objection to withdraw'
                                  USING ERRCODE = 'check_violation',
                                        CONSTRAINT = 'an_objection_to_withdraw';
                        END IF;
                        RETURN NEW;
                    END IF;
                    IF result IS NOT NULL AND NOT NEW.late
                       AND NOT (NEW.kind = 'objection' AND result = 'broken') THEN
                        RAISE EXCEPTION 'the procedure has ended'
                              USING ERRCODE = 'check_violation', CONSTRAINT = 'not_after_its_end';
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


class ObjectionPoint(models.Model):
    """A paragraph that an objection names, with the wording that the State proposes (rule S7)."""

    response = models.ForeignKey(
        SilenceResponse,
        verbose_name=_("objection"),
        on_delete=models.PROTECT,
        related_name="points",
    )
    paragraph = models.ForeignKey(
        Paragraph, verbose_name=_("paragraph"), on_delete=models.PROTECT, related_name="+"
    )
    proposed_en = models.TextField(_("proposed wording (English)"), blank=True)
    proposed_ru = models.TextField(_("proposed wording (Russian)"), blank=True)

    class Meta:
        verbose_name = _("paragraph objected to")
        verbose_name_plural = _("paragraphs objected to")
        ordering = ["response", "paragraph__position"]
        constraints = [
            models.UniqueConstraint(
                fields=["response", "paragraph"], name="an_objection_names_a_paragraph_once"
            )
        ]
        triggers = append_only("objection_points")

    def __str__(self) -> str:
        return f"{self.response}: {self.paragraph.number or self.paragraph.position}"


class UnstoredAct(models.Model):
    """An act of a State that reached the portal and could not be stored, because what it waited for
    did not come free in time: it has no effect, and that it came is on record (rule S6)."""

    procedure = models.ForeignKey(
        SilenceProcedure,
        verbose_name=_("procedure"),
        on_delete=models.PROTECT,
        related_name="unstored_acts",
    )
    state = models.ForeignKey(
        State, verbose_name=_("State"), on_delete=models.PROTECT, related_name="+"
    )
    kind = models.CharField(_("kind"), max_length=16, choices=SilenceResponse.Kind.choices)
    text = models.TextField(_("what it said"), blank=True)
    points = models.JSONField(_("paragraphs and proposed wording"), default=list, blank=True)
    received_at = models.DateTimeField(_("received at"))
    refused_at = models.DateTimeField(
        _("given up at"), db_default=models.Func(function="clock_timestamp"), editable=False
    )
    by = models.ForeignKey(User, verbose_name=_("by"), on_delete=models.PROTECT, related_name="+")

    class Meta:
        verbose_name = _("act that could not be stored")
        verbose_name_plural = _("acts that could not be stored")
        ordering = ["received_at", "pk"]
        triggers = append_only("unstored_acts")

    def __str__(self) -> str:
        return f"{self.state}: {self.get_kind_display()}"

    @property
    def came_in_time(self) -> bool:
        """Whether it reached the portal before the deadline as it stands now."""
        return self.received_at < self.procedure.deadline_at


class PaperNoteQuerySet(models.QuerySet["PaperNote"]):
    def waiting(self, at: dt.datetime) -> Self:
        """Notes that a second person can still confirm at an instant (rule S13)."""
        return self.filter(
            confirmed_at__isnull=True, refused_at__isnull=True, confirm_before__gt=at
        )


class PaperNote(NoteVerbale):
    """A Note Verbale that came on paper: entered by one person, confirmed by another (S13)."""

    class Kind(models.TextChoices):
        OBJECTION = "objection", _("breaks silence")
        PARTICIPATES = "participates", _("formalises its participation")
        DECLINES = "declines", _("does not formalise its participation")

    procedure = models.ForeignKey(
        SilenceProcedure,
        verbose_name=_("procedure"),
        on_delete=models.PROTECT,
        related_name="paper_notes",
    )
    state = models.ForeignKey(State, verbose_name=_("State"), on_delete=models.PROTECT)
    kind = models.CharField(_("kind"), max_length=16, choices=Kind.choices)
    reason = models.TextField(_("reason"), blank=True)
    points = models.JSONField(_("paragraphs and proposed wording"), default=list, blank=True)
    received_at = models.DateTimeField(_("received on paper at"))
    received_how = models.CharField(
        _("how it was received"),
        max_length=200,
        help_text=_("As in: handed in at the Support Unit in Almaty, stamp No. 41."),
    )
    entered_by = models.ForeignKey(
        User, verbose_name=_("entered by"), on_delete=models.PROTECT, related_name="+"
    )
    entered_at = models.DateTimeField(_("entered at"))
    confirm_before = models.DateTimeField(_("to be confirmed before"))
    confirmed_by = models.ForeignKey(
        User,
        verbose_name=_("confirmed by"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
    )
    confirmed_at = models.DateTimeField(_("confirmed at"), null=True, blank=True)
    refused_by = models.ForeignKey(
        User,
        verbose_name=_("refused by"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
    )
    refused_at = models.DateTimeField(_("refused at"), null=True, blank=True)
    refused_reason = models.TextField(_("why it was refused"), blank=True)

    objects = PaperNoteQuerySet.as_manager()

    class Meta:
        verbose_name = _("Note Verbale on paper")
        verbose_name_plural = _("Notes Verbales on paper")
        ordering = ["-entered_at"]
        constraints = [
            models.CheckConstraint(
                name="paper_is_confirmed_by_another_person",
                condition=Q(confirmed_by__isnull=True) | ~Q(confirmed_by=F("entered_by")),
            ),
            models.CheckConstraint(
                name="paper_is_confirmed_in_time",
                condition=Q(confirmed_at__isnull=True) | Q(confirmed_at__lt=F("confirm_before")),
            ),
            models.CheckConstraint(
                name="paper_confirmation_is_whole",
                condition=Q(confirmed_at__isnull=True, confirmed_by__isnull=True)
                | Q(confirmed_at__isnull=False, confirmed_by__isnull=False),
            ),
            models.CheckConstraint(
                name="paper_is_confirmed_or_refused",
                condition=Q(confirmed_at__isnull=True) | Q(refused_at__isnull=True),
            ),
            models.CheckConstraint(
                name="paper_objection_names_its_reason",
                condition=~Q(kind="objection") | said("reason"),
            ),
            models.CheckConstraint(
                name="paper_is_kept_as_a_scan",
                condition=~Q(note_file="") & Q(note_sha256__regex=r"^[0-9a-f]{64}$"),
            ),
        ]
        triggers = [
            *append_only("paper_notes", pgtrigger.Delete),
            # What was entered stays; it is confirmed or refused once.
            columns_stay(
                pgtrigger.Trigger(
                    name="paper_stays",
                    when=pgtrigger.Before,
                    operation=pgtrigger.Update,
                    func=f"""
                    IF OLD.confirmed_at IS NOT NULL OR OLD.refused_at IS NOT NULL
                       OR to_jsonb(NEW) - ARRAY['confirmed_by_id', 'confirmed_at',
                              'refused_by_id', 'refused_at', 'refused_reason']
                          IS DISTINCT FROM
                          to_jsonb(OLD) - ARRAY['confirmed_by_id', 'confirmed_at',
                              'refused_by_id', 'refused_at', 'refused_reason'] THEN
                        RAISE EXCEPTION 'a Note Verbale on paper stays as it was entered'
                              USING ERRCODE = 'check_violation', CONSTRAINT = 'paper_stays';
                    END IF;
                    IF COALESCE(NEW.confirmed_at, NEW.refused_at) NOT BETWEEN
                       clock_timestamp() - interval '{settings.REQUEST_TIMEOUT_SECONDS} seconds'
                       AND clock_timestamp() THEN
                        RAISE EXCEPTION 'the second person acts at the moment of this clock'
                              USING ERRCODE = 'check_violation', CONSTRAINT = 'confirmed_just_now';
                    END IF;
                    RETURN NEW;
                """,
                ),
                but=SECOND_PERSON,
            ),
            # Received by an entitled State's note, after the opening and before the deadline.
            pgtrigger.Trigger(
                name="paper_came_in_time",
                when=pgtrigger.Before,
                operation=pgtrigger.Insert,
                declare=[("asked", "documents_silenceprocedure%ROWTYPE")],
                func=f"""
                    SELECT * INTO asked FROM documents_silenceprocedure
                     WHERE id = NEW.procedure_id;
                    IF asked.historic OR NEW.received_at < asked.opened_at
                       OR NEW.received_at >= asked.deadline_at
                       OR NEW.received_at > clock_timestamp()
                       OR NEW.entered_at NOT BETWEEN clock_timestamp()
                          - interval '{settings.REQUEST_TIMEOUT_SECONDS} seconds'
                          AND clock_timestamp()
                       OR NEW.confirmed_at IS NOT NULL OR NEW.refused_at IS NOT NULL
                       OR NOT EXISTS (SELECT 1 FROM documents_entitlement entitled
                                       WHERE entitled.procedure_id = NEW.procedure_id
                                         AND entitled.state_id = NEW.state_id) THEN
                        RAISE EXCEPTION 'no Note Verbale of a State entitled, received in time'
                              USING ERRCODE = 'check_violation', CONSTRAINT = 'paper_came_in_time';
                    END IF;
                    RETURN NEW;
                """,  # noqa: S608 (constants of ours alone)
            ),
        ]

    def __str__(self) -> str:
        return f"{self.state}: {self.get_kind_display()}"

    def named_points(self) -> list[tuple[Paragraph, str, str]]:
        """The paragraphs that it names, with the wording that it proposes in each language."""
        named = Paragraph.objects.in_bulk([point["paragraph"] for point in self.points])
        return [(named[one["paragraph"]], one["en"], one["ru"]) for one in self.points]
