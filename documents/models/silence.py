"""The silence procedure: a text, a deadline, the States entitled.

The rules S1–S16 are kept here by constraints and triggers as far as a database can keep them, and
by `documents.actions.silence` beyond that.
"""

import datetime as dt
from typing import Self, cast

import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from almaty_portal.common.instants import Precision
from almaty_portal.common.models import append_only, columns_stay
from documents.models.archive import Reader
from documents.models.editions import Edition
from membership.models import State, User, said

# The version of the rules by which acts are judged and entries written (docs/adr/0010).
RULES_VERSION = "2"
# What an extension sets, and words about a procedure: nothing else of its row ever changes (S9).
CHANGEABLE = (
    *("deadline_at", "deadline_zone", "deadline_note", "deadline_note_en", "deadline_note_ru"),
    *("note", "note_en", "note_ru", "source", "source_en", "source_ru"),
)


def hours(number: int) -> models.Value:
    """A span of time as SQL adds it to an instant."""
    return models.Value(dt.timedelta(hours=number), output_field=models.DurationField())


class SilenceQuerySet(models.QuerySet["SilenceProcedure"]):
    def open(self) -> Self:
        """Procedures without a recorded outcome."""
        return self.filter(outcome__isnull=True)

    def due(self, at: dt.datetime) -> Self:
        """Procedures to be closed at an instant: deadline and grace have passed (rule S11)."""
        grace = dt.timedelta(seconds=settings.SILENCE_GRACE_SECONDS)
        return self.open().filter(historic=False, deadline_at__lte=at - grace)

    def visible_to(self, reader: Reader) -> Self:
        """Procedures that the reader may follow (rule T6)."""
        from documents.permissions import visible_procedures  # permissions stand on the models

        return cast(Self, visible_procedures(self, reader))

    def with_text(self) -> Self:
        return self.select_related("edition__document", "outcome__annulment").prefetch_related(
            "edition__paragraphs", "edition__language_versions", "electorate__names"
        )


class SilenceProcedure(models.Model):
    """A text put to the Member States under silence, on a directive of the Chair (OM 3.iii, S1)."""

    class Kind(models.TextChoices):
        ADOPTION = "adoption", _("adoption of a text")
        WINDOW = "participation_window", _("participation window")

    class SilenceMeans(models.TextChoices):
        """What a State's silence means in a participation window (rule S2)."""

        ADOPTED = "adopted", _("the text is adopted")
        FORMALISED = "formalised", _("participation is formalised")
        LAPSES = "lapses", _("the offer of participation lapses")
        CHAIR = "to_be_settled_by_chair", _("to be settled by the Chair")
        NOT_RECORDED = "not_recorded", _("not recorded in the source")

    class Status(models.TextChoices):
        """Where a procedure stands at an instant (rule S11)."""

        RUNNING = "running", _("under silence")
        DEADLINE_PASSED = "deadline_passed", _("deadline passed, outcome being recorded")
        ADOPTED = "adopted", _("adopted under silence")
        BROKEN = "broken", _("silence broken, not adopted")
        WINDOW_CLOSED = "window_closed", _("window closed")
        WITHDRAWN = "withdrawn", _("withdrawn by the Chair")
        ANNULLED = "annulled", _("adoption annulled, not adopted")

    # A text that was not adopted: it may be reissued, referred to a meeting, or abandoned (S14).
    NOT_ADOPTED = (Status.BROKEN, Status.WITHDRAWN, Status.ANNULLED)

    slug = models.SlugField(_("address"), unique=True, max_length=120)
    title = models.CharField(_("title"), max_length=300)
    title_en: str | None  # modeltranslation's columns
    title_ru: str | None
    kind = models.CharField(_("kind"), max_length=24, choices=Kind.choices, default=Kind.ADOPTION)
    silence_means = models.CharField(
        _("what silence means"),
        max_length=24,
        choices=SilenceMeans.choices,
        default=SilenceMeans.ADOPTED,
    )
    edition = models.ForeignKey(
        Edition, verbose_name=_("edition"), on_delete=models.PROTECT, related_name="procedures"
    )
    directive_on = models.DateField(_("date of the Chair's directive"), null=True, blank=True)
    directive_form = models.CharField(_("form of the directive"), max_length=200, blank=True)
    directive_by = models.CharField(_("directive given by"), max_length=200, blank=True)
    urgency_reason = models.TextField(_("reason of urgency"), blank=True)
    opened_at = models.DateTimeField(_("opened at"))
    opened_precision = models.CharField(
        max_length=8, choices=Precision.choices, default=Precision.DAY, editable=False
    )
    deadline_at = models.DateTimeField(_("deadline"))
    deadline_zone = models.CharField(
        _("time zone in which the deadline was set"), max_length=40, default="Asia/Almaty"
    )
    deadline_note = models.TextField(_("note on the deadline"), blank=True)
    electorate = models.ManyToManyField(
        State,
        verbose_name=_("States entitled"),
        related_name="procedures",
        through="documents.Entitlement",
    )
    text_hash_en = models.CharField(_("SHA-256 of the English text"), max_length=64)
    text_hash_ru = models.CharField(_("SHA-256 of the Russian text"), max_length=64)
    opened_by = models.ForeignKey(
        User, verbose_name=_("opened by"), null=True, on_delete=models.PROTECT, related_name="+"
    )
    reissue_of = models.ForeignKey(
        "self",
        verbose_name=_("reissue of"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="reissues",
        help_text=_("The procedure whose text was not adopted, before this revision of it."),
    )
    discordances = models.JSONField(
        _("where the two texts differ"),
        default=list,
        blank=True,
        help_text=_("What the check of concordance found when the procedure opened."),
    )
    discordance_reason = models.TextField(
        _("why the texts may differ"),
        blank=True,
        help_text=_("The recorded reason for opening in spite of what the check found."),
    )
    publish_on_adoption = models.BooleanField(_("public once adopted"), default=True)
    historic = models.BooleanField(
        _("history"),
        default=False,
        editable=False,
        help_text=_("Happened before the portal; entered from a source (rule S16)."),
    )
    entered_at = models.DateTimeField(
        _("entered at"), db_default=models.Func(function="clock_timestamp"), editable=False
    )
    note = models.TextField(_("note"), blank=True)
    source = models.TextField(_("source"), blank=True)
    is_demonstration = models.BooleanField(_("demonstration"), default=False, editable=False)

    objects = SilenceQuerySet.as_manager()

    class Meta:
        verbose_name = _("silence procedure")
        verbose_name_plural = _("silence procedures")
        ordering = ["-deadline_at"]
        indexes = [models.Index(fields=["deadline_at"])]
        constraints = [
            models.CheckConstraint(
                name="deadline_after_opening", condition=Q(deadline_at__gt=F("opened_at"))
            ),
            models.CheckConstraint(
                name="a_period_is_long_enough",
                condition=Q(historic=True)
                | Q(is_demonstration=True)
                | Q(deadline_at__gte=F("opened_at") + hours(settings.SILENCE_PERIOD_HOURS))
                | (
                    Q(deadline_at__gte=F("opened_at") + hours(settings.SILENCE_URGENT_PERIOD_HOURS))
                    & said("urgency_reason_en")
                    & said("urgency_reason_ru")
                ),
            ),
            models.CheckConstraint(
                name="silence_needs_a_directive",
                condition=Q(historic=True)
                | (
                    Q(directive_on__isnull=False)
                    & said("directive_form_en")
                    & said("directive_form_ru")
                    & said("directive_by_en")
                    & said("directive_by_ru")
                ),
            ),
            models.CheckConstraint(
                name="silence_needs_both_texts",
                condition=Q(text_hash_en__regex=r"^[0-9a-f]{64}$")
                & Q(text_hash_ru__regex=r"^[0-9a-f]{64}$"),
            ),
            models.CheckConstraint(
                name="texts_agree_or_a_reason_is_recorded",
                condition=Q(discordances=[])
                | (said("discordance_reason_en") & said("discordance_reason_ru")),
            ),
            models.CheckConstraint(
                name="window_says_what_silence_means",
                condition=Q(kind="adoption", silence_means="adopted")
                | (Q(kind="participation_window") & ~Q(silence_means="adopted")),
            ),
            models.CheckConstraint(
                name="history_names_its_source", condition=Q(historic=False) | said("source_en")
            ),
            models.CheckConstraint(
                name="only_history_leaves_silence_unexplained",
                condition=Q(historic=True) | ~Q(silence_means="not_recorded"),
            ),
        ]
        triggers = [
            pgtrigger.Protect(name="procedures_stay", operation=pgtrigger.Delete),
            # Rule D2: the Operating Modalities are amended by Ministerial meetings alone.
            pgtrigger.Trigger(
                name="the_modalities_stay",
                when=pgtrigger.Before,
                operation=pgtrigger.Insert,
                condition=pgtrigger.Q(new__historic=False),
                func="""
                    IF EXISTS (
                        WITH RECURSIVE part(id, type, annex_of_id) AS (
                            SELECT document.id, document.type, document.annex_of_id
                              FROM documents_document document
                              JOIN documents_edition put ON put.document_id = document.id
                             WHERE put.id = NEW.edition_id
                             UNION
                            SELECT whole.id, whole.type, whole.annex_of_id
                              FROM documents_document whole
                              JOIN part ON whole.id = part.annex_of_id)
                        SELECT 1 FROM part WHERE type = 'operating_modalities')
                       AND (NEW.kind = 'adoption' OR EXISTS (
                            SELECT 1 FROM documents_edition put
                             WHERE put.id = NEW.edition_id AND put.kind IN ('draft', 'rev'))) THEN
                        RAISE EXCEPTION 'silence does not amend the Operating Modalities'
                              USING ERRCODE = 'check_violation',
                                    CONSTRAINT = 'the_modalities_stay';
                    END IF;
                    RETURN NEW;
                """,
            ),
            # What the States were asked never changes, and a deadline is never shortened (S9).
            columns_stay(
                pgtrigger.Trigger(
                    name="the_question_stays",
                    when=pgtrigger.Before,
                    operation=pgtrigger.Update,
                    func="""
                    IF to_jsonb(NEW) - ARRAY['deadline_at', 'deadline_zone',
                           'deadline_note_en', 'deadline_note_ru', 'deadline_note',
                           'note', 'note_en', 'note_ru', 'source', 'source_en', 'source_ru']
                       IS DISTINCT FROM
                       to_jsonb(OLD) - ARRAY['deadline_at', 'deadline_zone',
                           'deadline_note_en', 'deadline_note_ru', 'deadline_note',
                           'note', 'note_en', 'note_ru', 'source', 'source_en', 'source_ru']
                    THEN
                        RAISE EXCEPTION 'what was put under silence cannot be changed'
                              USING ERRCODE = 'check_violation',
                                    CONSTRAINT = 'the_question_stays';
                    END IF;
                    IF NEW.deadline_at < OLD.deadline_at THEN
                        RAISE EXCEPTION 'a deadline is never shortened'
                              USING ERRCODE = 'check_violation',
                                    CONSTRAINT = 'a_deadline_is_never_shortened';
                    END IF;
                    IF NEW.deadline_at > OLD.deadline_at
                       AND (clock_timestamp() >= OLD.deadline_at
                            OR EXISTS (SELECT 1 FROM documents_silenceoutcome
                                        WHERE procedure_id = OLD.id)) THEN
                        RAISE EXCEPTION 'a deadline is extended before it expires'
                              USING ERRCODE = 'check_violation',
                                    CONSTRAINT = 'extended_before_it_expires';
                    END IF;
                    RETURN NEW;
                """,
                ),
                but=CHANGEABLE,
            ),
        ]

    def __str__(self) -> str:
        return self.title or self.slug

    def get_absolute_url(self) -> str:
        return reverse("silence_detail", args=[self.slug])

    def status(self, at: dt.datetime) -> Status:
        """Where the procedure stands at an aware instant (rule S11).

        The recorded outcome where there is one; else the clock alone decides.
        """
        outcome = getattr(self, "outcome", None)
        if outcome is not None:
            annulled = getattr(outcome, "annulment", None) is not None
            return self.Status.ANNULLED if annulled else self.Status(outcome.result)
        return self.Status.RUNNING if at < self.deadline_at else self.Status.DEADLINE_PASSED

    def text_edition(self) -> Edition:
        """The text that the States read now: as put, with what was corrected (rule S10)."""
        corrections = list(self.corrections.all())
        return corrections[-1].edition if corrections else self.edition

    def is_running(self, at: dt.datetime) -> bool:
        """Whether a State may still act at an aware instant."""
        return self.status(at) == self.Status.RUNNING


class TechnicalCorrection(models.Model):
    """A correction that changes no substance, made while a procedure runs (rule S10).

    The corrected text is an edition of its own; it is what the States read and adopt from then on.
    """

    procedure = models.ForeignKey(
        SilenceProcedure,
        verbose_name=_("procedure"),
        on_delete=models.PROTECT,
        related_name="corrections",
    )
    edition = models.OneToOneField(
        Edition,
        verbose_name=_("corrected edition"),
        on_delete=models.PROTECT,
        related_name="correction",
    )
    note = models.TextField(_("what was corrected"))
    made_at = models.DateTimeField(_("made at"))
    by = models.ForeignKey(User, verbose_name=_("by"), on_delete=models.PROTECT, related_name="+")

    class Meta:
        verbose_name = _("technical correction")
        verbose_name_plural = _("technical corrections")
        ordering = ["procedure", "pk"]
        constraints = [
            models.CheckConstraint(
                name="correction_told_in_both_languages",
                condition=said("note_en") & said("note_ru"),
            )
        ]
        triggers = [
            *append_only("corrections"),
            pgtrigger.Trigger(
                name="corrected_while_it_runs",
                when=pgtrigger.Before,
                operation=pgtrigger.Insert,
                func="""
                    IF clock_timestamp() >= (SELECT deadline_at FROM documents_silenceprocedure
                                              WHERE id = NEW.procedure_id)
                       OR EXISTS (SELECT 1 FROM documents_silenceoutcome
                                   WHERE procedure_id = NEW.procedure_id) THEN
                        RAISE EXCEPTION 'a text is corrected while its procedure runs'
                              USING ERRCODE = 'check_violation',
                                    CONSTRAINT = 'corrected_while_it_runs';
                    END IF;
                    RETURN NEW;
                """,
            ),
        ]

    def __str__(self) -> str:
        return f"{self.procedure}: {self.edition.label}"


class Entitlement(models.Model):
    """A State entitled to act in a procedure: fixed with its opening, for good (rule S3)."""

    procedure = models.ForeignKey(
        SilenceProcedure, verbose_name=_("procedure"), on_delete=models.PROTECT
    )
    state = models.ForeignKey(State, verbose_name=_("State"), on_delete=models.PROTECT)

    class Meta:
        verbose_name = _("State entitled")
        verbose_name_plural = _("States entitled")
        constraints = [
            models.UniqueConstraint(fields=["procedure", "state"], name="a_state_is_entitled_once")
        ]
        triggers = [
            *append_only("electorate"),
            pgtrigger.Trigger(
                name="electorate_is_fixed",
                when=pgtrigger.Before,
                operation=pgtrigger.Insert,
                func="""
                    IF EXISTS (SELECT 1 FROM documents_ledgerentry
                                WHERE procedure_id = NEW.procedure_id) THEN
                        RAISE EXCEPTION 'the States entitled are fixed when a procedure opens'
                              USING ERRCODE = 'check_violation',
                                    CONSTRAINT = 'electorate_is_fixed';
                    END IF;
                    RETURN NEW;
                """,
            ),
        ]

    def __str__(self) -> str:
        return f"{self.procedure}: {self.state}"
