"""The editions of a document: their languages and their paragraphs (rules T2–T5)."""

from typing import Self, cast

import pgtrigger
from django.contrib.postgres.indexes import GistIndex
from django.core.validators import RegexValidator
from django.db import models
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from documents.models.archive import LANGUAGES, Document, Reader
from membership.models import annulled


class EditionQuerySet(models.QuerySet["Edition"]):
    def issued(self) -> Self:
        """Editions whose text is fixed."""
        return self.filter(issued_at__isnull=False)

    def visible_to(self, reader: Reader) -> Self:
        """What the reader may see; drafts and proposals only those who read as Members."""
        from documents.permissions import visible_editions  # permissions stand on the models

        return cast(Self, visible_editions(self, reader))

    def with_text(self) -> Self:
        """With paragraphs and languages fetched, for pages that print the text."""
        return self.select_related("document", "document__meeting").prefetch_related(
            "paragraphs", "language_versions"
        )


def text_stays(name: str, what: str = "true") -> pgtrigger.Trigger:
    """A trigger for the rows that make the text of an edition: once it is issued it is fixed.

    `what` narrows, as SQL, which updates are refused. The edition is locked, so that nothing is
    written while it is being issued.
    """
    return pgtrigger.Trigger(
        name=name,
        when=pgtrigger.Before,
        operation=pgtrigger.Insert | pgtrigger.Update | pgtrigger.Delete,
        declare=[("fixed", "timestamptz")],
        func=f"""
            SELECT max(issued_at) INTO fixed
              FROM (SELECT issued_at FROM documents_edition
                     WHERE id IN (OLD.edition_id, NEW.edition_id) FOR SHARE) AS editions;
            IF fixed IS NOT NULL AND (TG_OP <> 'UPDATE' OR {what}) THEN
                RAISE EXCEPTION 'the text of an issued edition cannot be changed'
                      USING ERRCODE = 'check_violation',
                            CONSTRAINT = 'an_issued_text_stays';
            END IF;
            IF TG_OP = 'DELETE' THEN RETURN OLD; END IF;
            RETURN NEW;
        """,  # noqa: S608 (constants of ours alone)
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
    belongs_to = models.ForeignKey(
        "self",
        verbose_name=_("belongs to"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="beside",
        help_text=_("Of an addendum or a corrigendum: the edition that it adds to or corrects."),
    )
    note = models.TextField(_("note on this edition"), blank=True)
    annulled_at = annulled()
    historic = models.BooleanField(
        _("history"),
        default=False,
        editable=False,
        help_text=_("Issued before the portal; entered from a source (rule S16)."),
    )

    proposed: bool  # under silence or broken, as `documents.reading.editions_of` found it

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
            ),
            models.CheckConstraint(
                name="addenda_and_corrigenda_belong",
                condition=models.Q(belongs_to__isnull=True)
                | models.Q(kind__in=["add", "corr"], supersedes__isnull=True),
                violation_error_message=_(
                    "Only an addendum or a corrigendum belongs to another edition, and supersedes "
                    "none."
                ),
            ),
        ]
        triggers = [
            # Once issued, only the note on it may be corrected (rule T3), and it may be annulled
            # with the decision that issued it, once (S13).
            pgtrigger.Protect(
                name="an_issued_edition_stays",
                operation=pgtrigger.Update,
                condition=pgtrigger.Condition(
                    "OLD.issued_at IS NOT NULL AND "
                    "(to_jsonb(NEW) - ARRAY['note', 'note_en', 'note_ru', 'annulled_at'] "
                    "IS DISTINCT FROM "
                    "to_jsonb(OLD) - ARRAY['note', 'note_en', 'note_ru', 'annulled_at'] "
                    "OR OLD.annulled_at IS NOT NULL "
                    "AND OLD.annulled_at IS DISTINCT FROM NEW.annulled_at)"
                ),
            ),
            # It supersedes an older edition of its own document: a line, never a ring.
            pgtrigger.Trigger(
                name="supersedes_its_own_document",
                when=pgtrigger.Before,
                operation=pgtrigger.Insert | pgtrigger.Update,
                func="""
                    IF NEW.supersedes_id IS NOT NULL AND NOT EXISTS (
                        SELECT 1 FROM documents_edition earlier
                         WHERE earlier.id = NEW.supersedes_id AND earlier.id < NEW.id
                           AND earlier.document_id = NEW.document_id
                    ) THEN
                        RAISE EXCEPTION 'an edition supersedes an older one of its own document'
                              USING ERRCODE = 'check_violation',
                                    CONSTRAINT = 'supersedes_its_own_document';
                    END IF;
                    IF NEW.belongs_to_id IS NOT NULL AND NOT EXISTS (
                        SELECT 1 FROM documents_edition text
                         WHERE text.id = NEW.belongs_to_id AND text.id < NEW.id
                           AND text.document_id = NEW.document_id
                    ) THEN
                        RAISE EXCEPTION 'an addendum belongs to an edition of its own document'
                              USING ERRCODE = 'check_violation',
                                    CONSTRAINT = 'supersedes_its_own_document';
                    END IF;
                    RETURN NEW;
                """,
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
        # Is this text genuine: asked by its hash (`evidence.answering`).
        indexes = [models.Index(fields=["text_hash"], name="texts_by_hash")]
        triggers = [
            # Of an issued text only the standing of a translation may change, as it rises (T2).
            text_stays(
                "an_issued_version_stays",
                """(NEW.edition_id, NEW.language, NEW.text_hash, NEW.standing = 'missing')
                   IS DISTINCT FROM
                   (OLD.edition_id, OLD.language, OLD.text_hash, OLD.standing = 'missing')""",
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
    stale = models.CharField(
        _("language that did not follow"),
        max_length=2,
        choices=LANGUAGES,
        blank=True,
        editable=False,
        help_text=_("The other language was changed since; until somebody confirms or changes it."),
    )
    text = models.TextField(_("text"), blank=True)
    text_en: str | None  # modeltranslation's columns
    text_ru: str | None

    class Meta:
        verbose_name = _("paragraph")
        verbose_name_plural = _("paragraphs")
        ordering = ["edition", "position"]
        indexes = [  # the translation memory looks for similar paragraphs
            GistIndex(
                fields=[f"text_{code}"],
                name=f"similar_paragraphs_{code}",
                opclasses=["gist_trgm_ops(siglen=256)"],
            )
            for code in ("en", "ru")
        ]
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
            text_stays("an_issued_text_stays"),
        ]

    def __str__(self) -> str:
        return f"{self.number} {self.text or ''}"[:80].strip()

    @property
    def label(self) -> str:
        """Its number as printed; without one what it is, and its place."""
        if self.number:
            return self.number
        return gettext("%(role)s, place %(place)s") % {
            "role": self.get_role_display(),
            "place": self.position,
        }
