"""The archive: a document, its editions, their paragraphs in two languages, its files."""

from typing import Self, cast

import pgtrigger
from django.contrib.auth.models import AnonymousUser
from django.core.validators import FileExtensionValidator, RegexValidator
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from almaty_portal.common.instants import Precision
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
        return self.filter(pk__in=Edition.objects.issued().values("document"))


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
            pgtrigger.Protect(name="documents_stay", operation=pgtrigger.Delete),
        ]

    def __str__(self) -> str:
        return self.reference or self.title or self.slug

    def get_absolute_url(self) -> str:
        return reverse("document_detail", args=[self.slug])


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


class EditionQuerySet(models.QuerySet["Edition"]):
    def issued(self) -> Self:
        """Editions whose text is fixed."""
        return self.filter(issued_at__isnull=False)

    def visible_to(self, reader: Reader) -> Self:
        """The editions of visible documents; drafts only to those who read as Members."""
        from documents.permissions import visible_editions  # permissions stand on the models

        return cast(Self, visible_editions(self, reader))

    def with_text(self) -> Self:
        """With paragraphs and languages fetched, for pages that print the text."""
        return self.select_related("document", "document__meeting").prefetch_related(
            "paragraphs", "language_versions"
        )


class Edition(models.Model):
    """One state of a document's text; issued, it never changes (rule T3)."""

    class Kind(models.TextChoices):
        DRAFT = "draft", _("draft")
        FINAL = "final", _("final text")
        REVISION = "rev", _("revision")
        ADDENDUM = "add", _("addendum")
        CORRIGENDUM = "corr", _("corrigendum")
        CLEAN = "clean", _("clean edition after settlement of the brackets")

    document = models.ForeignKey(
        Document, verbose_name=_("document"), on_delete=models.PROTECT, related_name="editions"
    )
    kind = models.CharField(_("kind"), max_length=8, choices=Kind.choices, default=Kind.DRAFT)
    number = models.PositiveSmallIntegerField(
        _("number"), default=0, help_text=_("As in Rev.1; 0 for a text without a number.")
    )
    dated_on = models.DateField(_("date of the edition"))
    issued_at = models.DateTimeField(
        _("issued at"),
        null=True,
        blank=True,
        editable=False,
        help_text=_("When its text was fixed in the portal."),
    )
    supersedes = models.OneToOneField(
        "self",
        verbose_name=_("supersedes"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="superseded_by",
    )
    note = models.TextField(_("note on this edition"), blank=True)
    historic = models.BooleanField(
        _("history"),
        default=False,
        editable=False,
        help_text=_("Issued before the portal; entered from a source (rule S16)."),
    )

    objects = EditionQuerySet.as_manager()

    class Meta:
        verbose_name = _("edition")
        verbose_name_plural = _("editions")
        ordering = ["document", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["document", "kind", "number"],
                name="one_edition_per_kind_and_number",
                violation_error_message=_("The document already has an edition of this number."),
            )
        ]
        triggers = [
            pgtrigger.Protect(
                name="an_issued_edition_stays",
                operation=pgtrigger.Update,
                condition=pgtrigger.Q(old__issued_at__isnull=False)
                & pgtrigger.Q(old__issued_at__df=pgtrigger.F("new__issued_at")),
            ),
            pgtrigger.Protect(name="editions_stay", operation=pgtrigger.Delete),
        ]

    def __str__(self) -> str:
        return f"{self.document} · {self.label}"

    def get_absolute_url(self) -> str:
        return reverse("edition_detail", args=[self.document.slug, self.key])

    @property
    def key(self) -> str:
        """The edition's part of its address, as in `draft` or `rev-1`."""
        return f"{self.kind}-{self.number}" if self.number else self.kind

    @property
    def label(self) -> str:
        """The edition's short name, as in “Rev.1” (rule T3)."""
        match self.kind:
            case self.Kind.REVISION | self.Kind.ADDENDUM | self.Kind.CORRIGENDUM:
                return f"{self.kind.capitalize()}.{self.number}"
            case _:
                name = str(self.get_kind_display())
                name = name[:1].upper() + name[1:]
                return f"{name} {self.number}" if self.number else name


class LanguageVersion(models.Model):
    """What an edition's text in one language is: original, authentic, translation (rule T2)."""

    class Standing(models.TextChoices):
        ORIGINAL = "original", _("original")
        AUTHENTIC = "authentic", _("authentic text")
        OFFICIAL = "official_translation", _("official translation")
        WORKING = "working_translation", _("working translation")
        MISSING = "missing", _("missing")

    edition = models.ForeignKey(
        Edition,
        verbose_name=_("edition"),
        on_delete=models.CASCADE,
        related_name="language_versions",
    )
    language = models.CharField(_("language"), max_length=2, choices=LANGUAGES)
    standing = models.CharField(_("standing"), max_length=20, choices=Standing.choices)
    text_hash = models.CharField(
        _("SHA-256 of the text"),
        max_length=64,
        blank=True,
        editable=False,
        validators=[RegexValidator(r"^[0-9a-f]{64}$")],
    )

    class Meta:
        verbose_name = _("language version")
        verbose_name_plural = _("language versions")
        ordering = ["edition", "language"]
        constraints = [
            models.UniqueConstraint(
                fields=["edition", "language"], name="one_version_per_edition_and_language"
            )
        ]

    def __str__(self) -> str:
        return f"{self.get_language_display()}: {self.get_standing_display()}"


class Paragraph(models.Model):
    """A numbered paragraph, aligned across both languages (rule T4); marks: `documents.markup`."""

    class Role(models.TextChoices):
        MASTHEAD = "masthead", _("masthead")
        HEADING = "heading", _("heading")
        PARAGRAPH = "paragraph", _("paragraph")
        PREAMBULAR = "preambular", _("preambular paragraph")
        OPERATIVE = "operative", _("operative paragraph")
        ARTICLE = "article", _("article")
        ITEM = "item", _("item")
        FOOTNOTE = "footnote", _("footnote")

    edition = models.ForeignKey(
        Edition, verbose_name=_("edition"), on_delete=models.CASCADE, related_name="paragraphs"
    )
    position = models.PositiveSmallIntegerField(_("position"))
    role = models.CharField(_("role"), max_length=12, choices=Role.choices, default=Role.PARAGRAPH)
    level = models.PositiveSmallIntegerField(
        _("level"), default=2, help_text=_("Of a heading: 1 the title, 2 a chapter, 3 below it.")
    )
    number = models.CharField(
        _("number"),
        max_length=12,
        blank=True,
        help_text=_("As printed, the same in all languages."),
    )
    anchor = models.CharField(
        _("address"),
        max_length=30,
        validators=[
            RegexValidator(
                r"^[A-Za-z0-9][A-Za-z0-9.-]*$",
                _("Latin letters, digits, dots and hyphens, as in vii or 3.i."),
            )
        ],
        help_text=_("The page's address of the paragraph, as in #par-vii."),
    )
    explains_brackets = models.BooleanField(
        _("explains the brackets"),
        default=False,
        help_text=_("A footnote that falls when no State is left in brackets."),
    )
    text = models.TextField(_("text"), blank=True)
    text_en: str | None  # modeltranslation's columns
    text_ru: str | None

    class Meta:
        verbose_name = _("paragraph")
        verbose_name_plural = _("paragraphs")
        ordering = ["edition", "position"]
        constraints = [
            models.UniqueConstraint(
                fields=["edition", "position"],
                name="one_paragraph_per_position",
                deferrable=models.Deferrable.DEFERRED,
            ),
            models.UniqueConstraint(
                fields=["edition", "anchor"],
                name="one_paragraph_per_anchor",
                violation_error_message=_("Another paragraph of the text has this address."),
            ),
        ]
        triggers = [
            # An issued text is fixed, its hashes are on record: no paragraph is added, changed or
            # taken away. Corrections are editions of their own (rules T3, S4).
            pgtrigger.Trigger(
                name="an_issued_text_stays",
                when=pgtrigger.Before,
                operation=pgtrigger.Insert | pgtrigger.Update | pgtrigger.Delete,
                declare=[("fixed", "timestamptz")],
                func="""
                    SELECT issued_at INTO fixed FROM documents_edition
                     WHERE id = COALESCE(OLD.edition_id, NEW.edition_id);
                    IF fixed IS NOT NULL THEN
                        RAISE EXCEPTION 'the text of an issued edition cannot be changed'
                              USING ERRCODE = 'check_violation',
                                    CONSTRAINT = 'an_issued_text_stays';
                    END IF;
                    IF TG_OP = 'DELETE' THEN RETURN OLD; END IF;
                    RETURN NEW;
                """,
            )
        ]

    def __str__(self) -> str:
        return f"{self.number} {self.text or ''}"[:80].strip()


def attachment_path(attachment: "Attachment", name: str) -> str:
    """Where an uploaded file is kept: under its hash, never under the name it came with."""
    return f"attachments/{attachment.sha256[:2]}/{attachment.sha256}"


class Attachment(models.Model):
    """A file that belongs to a document; it is served to those who may read the document."""

    SUFFIXES = ["pdf", "docx", "odt", "xlsx", "txt", "jpg", "jpeg", "png"]
    MAX_BYTES = 25 * 1024 * 1024

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
