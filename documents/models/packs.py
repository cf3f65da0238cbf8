"""Packs of documents for a meeting: materials before it, the compilation after it (rule T7)."""

import datetime as dt
from typing import Self, cast

import pgtrigger
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from documents.models.archive import LANGUAGES, Access, Reader
from documents.models.editions import Edition
from documents.models.renditions import Prepared
from meetings.models import Meeting
from membership.models import Organization, State, User, state_or_organization


class PackQuerySet(models.QuerySet["Pack"]):
    def visible_to(self, reader: Reader) -> Self:
        """What the reader may see: a pack that was sent, if its every document is theirs to read
        (rule T6)."""
        from documents.permissions import visible_packs  # permissions stand on the models

        return cast(Self, visible_packs(self, reader))


def sent_stays(name: str, what: str = "true", key: str = "pack_id") -> pgtrigger.Trigger:
    """A trigger for what makes a pack: once it was sent it stays as everybody has it.

    `what` narrows, as SQL, which updates are refused. The pack is locked, so that nothing is
    written while it is being sent.
    """
    return pgtrigger.Trigger(
        name=name,
        when=pgtrigger.Before,
        operation=pgtrigger.Insert | pgtrigger.Update | pgtrigger.Delete,
        declare=[("sent", "timestamptz")],
        func=f"""
            SELECT max(sent_at) INTO sent
              FROM (SELECT sent_at FROM documents_pack
                     WHERE id IN (OLD.{key}, NEW.{key}) FOR SHARE) AS packs;
            IF sent IS NOT NULL AND (TG_OP <> 'UPDATE' OR {what}) THEN
                RAISE EXCEPTION 'a pack that was sent cannot be changed'
                      USING ERRCODE = 'check_violation', CONSTRAINT = 'a_sent_pack_stays';
            END IF;
            IF TG_OP = 'DELETE' THEN RETURN OLD; END IF;
            RETURN NEW;
        """,  # noqa: S608 (constants of ours alone)
    )


class Pack(models.Model):
    """Documents chosen for a meeting, as one PDF in each language (OM 3.iii, rule T7)."""

    class Kind(models.TextChoices):
        MATERIALS = "materials", _("materials")
        COMPILATION = "compilation", _("compilation")

    meeting = models.ForeignKey(
        Meeting, verbose_name=_("meeting"), on_delete=models.PROTECT, related_name="packs"
    )
    kind = models.CharField(_("kind"), max_length=12, choices=Kind.choices, default=Kind.MATERIALS)
    number = models.PositiveSmallIntegerField(
        _("number"), editable=False, help_text=_("Of its kind for this meeting: 2 replaces 1.")
    )
    access = models.CharField(
        _("distribution"),
        max_length=20,
        choices=[one for one in Access.choices if one[0] != Access.SUPPORT_UNIT],
        default=Access.MEMBERS,
        help_text=_(
            "Who gets it. It can hold no document that not all of them may read. Everybody can "
            "read a public one on the page of the meeting."
        ),
    )
    note = models.TextField(_("note on the cover"), blank=True)
    sent_at = models.DateTimeField(_("sent at"), null=True, editable=False)
    sent_by = models.ForeignKey(
        User,
        verbose_name=_("sent by"),
        null=True,
        editable=False,
        on_delete=models.PROTECT,
        related_name="+",
    )

    objects = PackQuerySet.as_manager()

    class Meta:
        verbose_name = _("pack of documents")
        verbose_name_plural = _("packs of documents")
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["meeting", "kind", "number"], name="one_pack_per_kind_and_number"
            ),
            models.CheckConstraint(
                name="a_pack_is_sent_by_somebody",
                condition=Q(sent_at__isnull=True, sent_by__isnull=True)
                | Q(sent_at__isnull=False, sent_by__isnull=False),
            ),
            models.CheckConstraint(
                name="a_pack_is_for_somebody",
                condition=Q(access__in=[Access.PUBLIC, Access.OBSERVERS, Access.MEMBERS]),
            ),
        ]
        triggers = [
            pgtrigger.Protect(
                name="a_sent_pack_stays",
                operation=pgtrigger.Update,
                condition=pgtrigger.Q(old__sent_at__isnull=False),
            ),
            pgtrigger.Protect(name="packs_stay", operation=pgtrigger.Delete),
        ]

    def __str__(self) -> str:
        return f"{self.label} · {self.meeting}"

    def get_absolute_url(self) -> str:
        return reverse("pack_detail", args=[self.meeting.slug, self.pk])

    @property
    def label(self) -> str:
        """What it is, as in “Materials” or “Materials 2”."""
        name = str(self.get_kind_display())
        name = name[:1].upper() + name[1:]
        return f"{name} {self.number}" if self.number > 1 else name


class PackItem(models.Model):
    """An edition in a pack, at its place: the very text, whatever is issued later."""

    LAST = 999

    pack = models.ForeignKey(
        Pack, verbose_name=_("pack"), on_delete=models.CASCADE, related_name="items"
    )
    position = models.PositiveSmallIntegerField(
        _("place"), default=LAST, help_text=_("The rows are numbered anew when they are saved.")
    )
    edition = models.ForeignKey(
        Edition, verbose_name=_("edition"), on_delete=models.PROTECT, related_name="packed"
    )

    class Meta:
        verbose_name = _("document of the pack")
        verbose_name_plural = _("documents of the pack")
        ordering = ["pack", "position", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["pack", "edition"],
                name="one_item_per_pack_and_edition",
                violation_error_message=_("The pack has this edition already."),
            )
        ]
        triggers = [sent_stays("items_of_a_sent_pack_stay")]

    def __str__(self) -> str:
        return f"{self.position}. {self.edition}"


class PackFile(Prepared):
    """The PDF of a pack in one language."""

    # A pack may have hundreds of pages; before they are set its files are read (packfiles.SECONDS).
    SECONDS = 240
    ABANDONED_AFTER = dt.timedelta(seconds=SECONDS + 180)

    pack = models.ForeignKey(
        Pack, verbose_name=_("pack"), on_delete=models.CASCADE, related_name="files"
    )
    language = models.CharField(_("language"), max_length=2, choices=LANGUAGES)
    pages = models.PositiveIntegerField(_("pages"), default=0)
    left_out = models.JSONField(_("files whose pages are left out, and why"), default=list)

    class Meta:
        verbose_name = _("PDF of a pack")
        verbose_name_plural = _("PDF files of packs")
        ordering = ["pack", "language"]
        constraints = [
            models.UniqueConstraint(
                fields=["pack", "language"], name="one_pdf_per_pack_and_language"
            ),
            models.CheckConstraint(
                name="a_ready_pack_has_a_file",
                condition=~Q(status="ready") | ~Q(file="") & Q(pages__gt=0),
            ),
        ]
        triggers = [sent_stays("files_of_a_sent_pack_stay")]

    def __str__(self) -> str:
        return f"{self.pack} · {self.get_language_display()}"


class PackReceipt(models.Model):
    """That a pack was sent to a person, and when they confirmed that it came (rule T7)."""

    pack = models.ForeignKey(
        Pack, verbose_name=_("pack"), on_delete=models.PROTECT, related_name="receipts"
    )
    user = models.ForeignKey(
        User, verbose_name=_("person"), on_delete=models.PROTECT, related_name="packs"
    )
    state = models.ForeignKey(
        State, verbose_name=_("State"), null=True, on_delete=models.PROTECT, related_name="+"
    )
    organization = models.ForeignKey(
        Organization,
        verbose_name=_("organization"),
        null=True,
        on_delete=models.PROTECT,
        related_name="+",
    )
    confirmed_at = models.DateTimeField(_("receipt confirmed at"), null=True)

    class Meta:
        verbose_name = _("receipt")
        verbose_name_plural = _("receipts")
        ordering = ["pack", "pk"]
        constraints = [
            state_or_organization("receipt_of_state_or_organization"),
            models.UniqueConstraint(
                fields=["pack", "user"], name="one_receipt_per_pack_and_person"
            ),
        ]
        triggers = [
            pgtrigger.Protect(
                name="a_receipt_is_confirmed_once",
                operation=pgtrigger.Update,
                condition=pgtrigger.Condition(
                    "OLD.confirmed_at IS NOT NULL OR "
                    "to_jsonb(NEW) - 'confirmed_at' IS DISTINCT FROM to_jsonb(OLD) - 'confirmed_at'"
                ),
            ),
            pgtrigger.Protect(name="receipts_stay", operation=pgtrigger.Delete),
        ]

    def __str__(self) -> str:
        return f"{self.pack} → {self.user}"

    @property
    def receives_for(self) -> "State | Organization | None":
        """The State or organization for which the person got it."""
        return self.state or self.organization
