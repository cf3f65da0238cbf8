"""What an adoption does besides giving force to its text (rules S2, M4, C5)."""

import datetime as dt

import pgtrigger
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from almaty_portal.common.models import append_only, columns_stay
from documents.models.silence import SilenceProcedure
from meetings.models import Meeting
from membership.models import Organization, State


class Effect(models.Model):
    """An effect put under silence with its text, and applied when that is adopted (rule S2).

    `documents.actions.effects` applies it; `applied` tells which records it made or changed, by
    which an annulment takes it back (S13).
    """

    class Kind(models.TextChoices):
        OBSERVER = "observer", _("admits an observer")
        INVITATION = "invitation", _("invites a civil-society organization to a meeting")
        CHAIR = "chair", _("elects a Chair")
        TERM = "term", _("extends the term of the Chair")

    procedure = models.OneToOneField(
        SilenceProcedure,
        verbose_name=_("procedure"),
        on_delete=models.PROTECT,
        related_name="effect",
    )
    kind = models.CharField(_("effect"), max_length=12, choices=Kind.choices)
    state = models.ForeignKey(
        State, verbose_name=_("State"), null=True, blank=True, on_delete=models.PROTECT
    )
    organization = models.ForeignKey(
        Organization,
        verbose_name=_("organization"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
    )
    meeting = models.ForeignKey(
        Meeting, verbose_name=_("meeting"), null=True, blank=True, on_delete=models.PROTECT
    )
    from_on = models.DateField(_("from"), null=True, blank=True)
    until_on = models.DateField(
        _("until"), null=True, blank=True, help_text=_("The first day it no longer holds.")
    )
    applied = models.JSONField(_("what it made and changed"), default=list, blank=True)

    class Meta:
        verbose_name = _("effect")
        verbose_name_plural = _("effects")
        constraints = [
            models.CheckConstraint(
                name="effect_says_what_it_does",
                condition=Q(
                    Q(state__isnull=False, organization__isnull=True)
                    | Q(state__isnull=True, organization__isnull=False),
                    kind="observer",
                    meeting__isnull=True,
                )
                | Q(
                    kind="invitation",
                    organization__isnull=False,
                    meeting__isnull=False,
                    state__isnull=True,
                )
                | Q(
                    kind="chair",
                    state__isnull=False,
                    from_on__isnull=False,
                    organization__isnull=True,
                    meeting__isnull=True,
                )
                | Q(
                    kind="term",
                    until_on__isnull=False,
                    state__isnull=True,
                    organization__isnull=True,
                    meeting__isnull=True,
                ),
            )
        ]
        triggers = [
            *append_only("effects", pgtrigger.Delete),
            # It is fixed when the procedure opens; what it did is entered once.
            columns_stay(
                pgtrigger.Trigger(
                    name="the_effect_stays",
                    when=pgtrigger.Before,
                    operation=pgtrigger.Insert | pgtrigger.Update,
                    func="""
                    IF TG_OP = 'INSERT' THEN
                        IF NEW.applied <> '[]'::jsonb OR EXISTS (
                            SELECT 1 FROM documents_ledgerentry
                             WHERE procedure_id = NEW.procedure_id) THEN
                            RAISE EXCEPTION 'an effect is fixed when its procedure opens'
                                  USING ERRCODE = 'check_violation',
                                        CONSTRAINT = 'the_effect_stays';
                        END IF;
                    ELSIF OLD.applied <> '[]'::jsonb
                       OR to_jsonb(NEW) - 'applied' IS DISTINCT FROM to_jsonb(OLD) - 'applied' THEN
                        RAISE EXCEPTION 'an effect is applied once and never changed'
                              USING ERRCODE = 'check_violation', CONSTRAINT = 'the_effect_stays';
                    END IF;
                    RETURN NEW;
                """,
                ),
                but=["applied"],
            ),
        ]

    def __str__(self) -> str:
        return str(self.get_kind_display())

    def told(self) -> dict[str, str | None]:
        """The effect as the ledger tells it, put under silence with its text."""
        return {
            "kind": self.kind,
            "state": self.state.code if self.state else None,
            "organization": self.organization.slug if self.organization else None,
            "meeting": self.meeting.slug if self.meeting else None,
            "from_on": self.from_on.isoformat() if self.from_on else None,
            "until_on": self.until_on.isoformat() if self.until_on else None,
        }

    def days(self) -> tuple[dt.date | None, dt.date | None]:
        """From and until which day it holds: as it was applied, and before that as it was put."""
        for change in self.applied:
            if change.get("made") and "after" in change:
                after = change["after"]
                first, end = (after.get(name) for name in ("from_on", "until_on"))
                return read_day(first), read_day(end)
        return self.from_on, self.until_on

    def is_left_over(self) -> bool:
        """Whether the text was adopted, and its effect could not be applied (S11)."""
        outcome = getattr(self.procedure, "outcome", None)
        if outcome is None or outcome.result != "adopted":
            return False
        return outcome.effects_at is not None and not self.applied


def read_day(text: str | None) -> dt.date | None:
    """The day that was written as JSON keeps it."""
    return dt.date.fromisoformat(text) if text else None
