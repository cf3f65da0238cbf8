"""The archive: a document, its editions, their paragraphs in two languages, its files."""

from pathlib import PurePath
from typing import Self, cast

import pgtrigger
from django.contrib.auth.models import AnonymousUser
from django.core.validators import FileExtensionValidator
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from almaty_portal.common.instants import Precision
from documents.models.plain import PLAIN_FORM
from meetings.models import Meeting
from membership.models import User, said

Reader = User | AnonymousUser
LANGUAGES = [("en", _("English")), ("ru", _("Russian"))]


class Topic(models.Model):
    """One of the eleven topics of OM footnote 3, which are open to more (rule G8)."""

    slug = models.SlugField(_("address"), unique=True)
    position = models.PositiveSmallIntegerField(_("position"))
    name = models.CharField(_("name"), max_length=150)
    meetings = models.ManyToManyField(
        Meeting, verbose_name=_("meetings"), blank=True, related_name="topics"
    )

    class Meta:
        verbose_name = _("topic")
        verbose_name_plural = _("topics")
        ordering = ["position"]

    def __str__(self) -> str:
        return self.name or self.slug

    def get_absolute_url(self) -> str:
        return reverse("topic_detail", args=[self.slug])


class Access(models.TextChoices):
    """Who may read a document (rule T6)."""

    PUBLIC = "public", _("public")
    OBSERVERS = "observers", _("Member States and observers")
    MEMBERS = "members", _("Member States")
    SUPPORT_UNIT = "support_unit", _("Support Unit")


class DocumentQuerySet(models.QuerySet["Document"]):
    def visible_to(self, reader: Reader) -> Self:
        """What the reader may see; what they may not see exists nowhere for them (rule T6)."""
        from documents.permissions import visible_documents  # permissions stand on the models

        return cast(Self, visible_documents(self, reader))

    def issued(self) -> Self:
        """Documents that have an issued edition."""
        return self.filter(editions__issued_at__isnull=False).distinct()

    def in_order(self) -> Self:
        """As the documents of one meeting are listed: texts, then annexes by their number."""
        return self.order_by(F("annex_number").asc(nulls_first=True), "reference", "slug")


def address_is_free(name: str, other: str, theirs: str, ours: str) -> pgtrigger.Trigger:
    """A trigger: no present address is a former one of another document, nor the reverse (T8).

    It runs after the row is written, when the unique index has waited for whoever held the address.
    """
    return pgtrigger.Trigger(
        name=name,
        when=pgtrigger.After,
        operation=pgtrigger.Insert | pgtrigger.UpdateOf("slug"),
        func=f"""
            IF EXISTS (SELECT 1 FROM {other} WHERE slug = NEW.slug AND {theirs} <> NEW.{ours}) THEN
                RAISE EXCEPTION 'this slug leads to another document'
                      USING ERRCODE = 'unique_violation',
                            CONSTRAINT = 'an_address_is_used_once';
            END IF;
            RETURN NEW;
        """,  # noqa: S608 (constants of ours alone)
    )


class Document(models.Model):
    """A text of the Process under one reference in all its languages (rule T1)."""

    class Type(models.TextChoices):
        COMMUNIQUE = "communique", _("communiqué")
        DECLARATION = "declaration", _("declaration")
        OPERATING_MODALITIES = "operating_modalities", _("operating modalities")
        DECISION = "decision", _("decision")
        AGENDA = "agenda", _("agenda")
        LIST_OF_PARTICIPANTS = "list_of_participants", _("list of participants")
        REPORT = "report", _("report")
        STATEMENT = "statement", _("statement")
        NOTE_VERBALE = "note_verbale", _("Note Verbale")
        CONCEPT_NOTE = "concept_note", _("concept note")
        INFORMATION_SHEET = "information_sheet", _("information sheet")
        PROJECT_PROPOSAL = "project_proposal", _("project proposal")
        PRESS_RELEASE = "press_release", _("press release")
        BACKGROUND_PAPER = "background_paper", _("background paper")

    reference = models.CharField(
        _("reference"),
        max_length=100,
        null=True,
        blank=True,
        unique=True,
        help_text=_("As in Almaty Process/03/01/2013; a draft has none until it is adopted."),
        error_messages={
            "unique": _("Another document bears this reference: a reference is never used twice.")
        },
    )
    reference_key = models.GeneratedField(
        expression=PLAIN_FORM,
        output_field=models.CharField(_("plain form of the reference"), max_length=100, null=True),
        db_persist=True,
    )
    slug = models.SlugField(_("address"), unique=True, max_length=120)
    type = models.CharField(_("type"), max_length=30, choices=Type.choices)
    title = models.CharField(_("title"), max_length=300)
    title_en: str | None  # modeltranslation's columns
    title_ru: str | None
    access = models.CharField(
        _("access"), max_length=20, choices=Access.choices, default=Access.SUPPORT_UNIT
    )
    issued_on = models.DateField(_("date of the document"), null=True, blank=True)
    issued_precision = models.CharField(
        _("how precisely"), max_length=8, choices=Precision.choices, default=Precision.DAY
    )
    original_language = models.CharField(
        _("original language"), max_length=2, choices=LANGUAGES, default="en"
    )
    meeting = models.ForeignKey(
        Meeting,
        verbose_name=_("meeting"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="documents",
    )
    topics = models.ManyToManyField(
        Topic, verbose_name=_("topics"), blank=True, related_name="documents"
    )
    annex_of = models.ForeignKey(
        "self",
        verbose_name=_("annex of"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="annexes",
    )
    annex_number = models.PositiveSmallIntegerField(_("number of the annex"), null=True, blank=True)
    source_note = models.TextField(_("source"), blank=True)
    withdrawn_at = models.DateTimeField(_("withdrawn at"), null=True, blank=True, editable=False)
    withdrawn_reason = models.TextField(_("why it was withdrawn"), blank=True)
    withdrawn_reason_en: str | None
    withdrawn_reason_ru: str | None
    is_demonstration = models.BooleanField(_("demonstration"), default=False, editable=False)

    objects = DocumentQuerySet.as_manager()

    class Meta:
        verbose_name = _("document")
        verbose_name_plural = _("documents")
        ordering = [models.F("issued_on").desc(nulls_first=True), "slug"]
        indexes = [models.Index(fields=["-issued_on", "slug"])]
        constraints = [
            models.UniqueConstraint(
                fields=["reference_key"],
                name="a_reference_in_any_spelling_once",
                violation_error_message=_(
                    "Another document bears this reference: a reference is never used twice."
                ),
            ),
            models.CheckConstraint(
                name="a_reference_is_not_empty",
                condition=Q(reference__isnull=True) | ~Q(reference=""),
            ),
            models.CheckConstraint(
                name="document_has_a_title",
                condition=said("title_en") | said("title_ru"),
                violation_error_message=_("Give the document a title in one language at least."),
            ),
        ]
        triggers = [
            # Rule T1: assigned once, never reused. A reference may be given to a document that
            # has none, and never changed or taken away afterwards.
            pgtrigger.Protect(
                name="reference_stays",
                operation=pgtrigger.Update,
                condition=pgtrigger.Q(old__reference__isnull=False)
                & pgtrigger.Q(old__reference__df=pgtrigger.F("new__reference")),
            ),
            # An annex of an annex … leads back to a document that is none.
            pgtrigger.Trigger(
                name="annexes_make_no_ring",
                when=pgtrigger.Before,
                operation=pgtrigger.Insert | pgtrigger.UpdateOf("annex_of_id"),
                condition=pgtrigger.Q(new__annex_of__isnull=False),
                func="""
                    PERFORM pg_advisory_xact_lock(22013);
                    IF EXISTS (
                        WITH RECURSIVE reached(id, above) AS (
                            SELECT id, annex_of_id FROM documents_document
                             WHERE id = NEW.annex_of_id
                            UNION
                            SELECT document.id, document.annex_of_id
                              FROM documents_document document
                              JOIN reached ON document.id = reached.above
                        )
                        SELECT 1 FROM reached WHERE id = NEW.id
                    ) THEN
                        RAISE EXCEPTION 'annexes make no ring'
                              USING ERRCODE = 'check_violation',
                                    CONSTRAINT = 'annexes_make_no_ring';
                    END IF;
                    RETURN NEW;
                """,
            ),
            pgtrigger.Protect(name="documents_stay", operation=pgtrigger.Delete),
            # Rule D2: what was put under silence as another text becomes no part of the Operating
            # Modalities before its outcome is recorded; `annex_of` leads up to them.
            pgtrigger.Trigger(
                name="silence_makes_no_modalities",
                when=pgtrigger.Before,
                operation=pgtrigger.UpdateOf("type", "annex_of_id"),
                condition=pgtrigger.Q(old__type__df=pgtrigger.F("new__type"))
                | pgtrigger.Q(old__annex_of__df=pgtrigger.F("new__annex_of")),
                func="""
                    IF EXISTS (
                        WITH RECURSIVE below(id) AS (
                            SELECT NEW.id
                            UNION
                            SELECT one.id FROM documents_document one
                              JOIN below ON one.annex_of_id = below.id
                        )
                        SELECT 1 FROM documents_silenceprocedure procedure
                          JOIN documents_edition edition ON edition.id = procedure.edition_id
                          JOIN below ON below.id = edition.document_id
                          LEFT JOIN documents_silenceoutcome outcome
                            ON outcome.procedure_id = procedure.id
                          LEFT JOIN documents_annulment annulment
                            ON annulment.outcome_id = outcome.id
                         WHERE procedure.kind = 'adoption' AND NOT procedure.historic
                           AND annulment.id IS NULL
                           AND (outcome.id IS NULL OR outcome.effects_at IS NULL)
                    ) THEN
                        RAISE EXCEPTION 'a document under silence keeps its type and place'
                              USING ERRCODE = 'check_violation',
                                    CONSTRAINT = 'silence_makes_no_modalities';
                    END IF;
                    RETURN NEW;
                """,
            ),
            address_is_free(
                "an_address_is_used_once", "documents_formeraddress", "document_id", "id"
            ),
            # What the search copied of a document is copied anew (`SearchText`).
            pgtrigger.Trigger(
                name="a_search_text_follows",
                when=pgtrigger.After,
                operation=pgtrigger.Update,
                condition=pgtrigger.AnyChange(
                    "issued_on", "type", "meeting", "access", "reference"
                ),
                func="""
                    UPDATE documents_searchtext SET document_id = NEW.id WHERE document_id = NEW.id;
                    RETURN NEW;
                """,
            ),
        ]

    def __str__(self) -> str:
        return self.reference or self.title or self.slug

    def get_absolute_url(self) -> str:
        return reverse("document_detail", args=[self.slug])

    @property
    def in_modalities(self) -> bool:
        """Whether it is the Operating Modalities, or an annex of them (rule D2)."""
        part: Document | None = self
        while part is not None and part.type != Document.Type.OPERATING_MODALITIES:
            part = part.annex_of
        return part is not None


class FormerAddress(models.Model):
    """An address that a document had before its reference was assigned; it leads on (rule T8)."""

    slug = models.SlugField(_("address"), unique=True, max_length=120)
    document = models.ForeignKey(
        Document,
        verbose_name=_("document"),
        on_delete=models.CASCADE,
        related_name="former_addresses",
    )

    class Meta:
        verbose_name = _("former address")
        verbose_name_plural = _("former addresses")
        triggers = [
            address_is_free(
                "a_former_address_is_no_others", "documents_document", "id", "document_id"
            ),
            pgtrigger.Protect(
                name="former_addresses_stay", operation=pgtrigger.Update | pgtrigger.Delete
            ),
        ]

    def __str__(self) -> str:
        return self.slug


class Peculiarity(models.Model):
    """An irregularity of an issued text or list that the archive keeps and explains (rule T5)."""

    document = models.ForeignKey(
        Document,
        verbose_name=_("document"),
        on_delete=models.CASCADE,
        related_name="peculiarities",
    )
    position = models.PositiveSmallIntegerField(_("position"))
    text = models.TextField(_("explanation"))

    class Meta:
        verbose_name = _("peculiarity")
        verbose_name_plural = _("peculiarities of the text")
        ordering = ["document", "position"]

    def __str__(self) -> str:
        return (self.text or "")[:80]


def attachment_path(attachment: "Attachment", name: str) -> str:
    """Where an uploaded file is kept: under its hash, never under the name it came with."""
    return f"attachments/{attachment.sha256[:2]}/{attachment.sha256}"


class Attachment(models.Model):
    """A file that belongs to a document; it is served to those who may read the document."""

    SUFFIXES = ["pdf", "docx", "odt", "xlsx", "txt", "jpg", "jpeg", "png"]

    document = models.ForeignKey(
        Document, verbose_name=_("document"), on_delete=models.PROTECT, related_name="attachments"
    )
    title = models.CharField(_("title"), max_length=200)
    language = models.CharField(_("language"), max_length=2, choices=LANGUAGES, blank=True)
    file = models.FileField(
        _("file"),
        upload_to=attachment_path,
        validators=[FileExtensionValidator(SUFFIXES)],
    )
    name = models.CharField(_("name of the file"), max_length=200, editable=False)
    size = models.PositiveIntegerField(_("size in bytes"), editable=False)
    sha256 = models.CharField(_("SHA-256"), max_length=64, editable=False)
    added_at = models.DateTimeField(_("added at"), auto_now_add=True)

    class Meta:
        verbose_name = _("file")
        verbose_name_plural = _("files")
        ordering = ["document", "pk"]

    def __str__(self) -> str:
        return self.title or self.name

    @property
    def kind(self) -> str:
        """The kind of file, as people name it: PDF, DOCX."""
        return PurePath(self.name).suffix.lstrip(".").upper()


class AttachmentText(models.Model):
    """What the search reads of an attached file."""

    class State(models.TextChoices):
        READ = "read", _("its text is searched")
        NO_TEXT = "no_text", _("no text layer: its words are not searched")
        BROKEN = "broken", _("cannot be read: its words are not searched")

    attachment = models.OneToOneField(
        Attachment, verbose_name=_("file"), on_delete=models.CASCADE, related_name="file_text"
    )
    state = models.CharField(_("state"), max_length=8, choices=State.choices)
    text = models.TextField(_("text"), blank=True)

    class Meta:
        verbose_name = _("text of a file")
        verbose_name_plural = _("texts of files")

    def __str__(self) -> str:
        return f"{self.attachment}: {self.get_state_display()}"
