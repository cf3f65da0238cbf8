"""What the search reads: one row for each language of a document's current text, and its words."""

import pgtrigger
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVectorField
from django.db import models
from django.db.models import F, Q
from django.db.models.expressions import RawSQL
from django.utils.translation import gettext_lazy as _

from documents.models.archive import LANGUAGES, Document
from documents.models.editions import Edition

# The terms that stand for a row's language, its year and its month, as y0ru, y0ru2013 and
# y0ru201306: by them a common word is looked for among the latest documents alone, and a Russian
# word in no English text. Of a document without a date the year is 0.
ROW_TERMS = """array_to_tsvector(ARRAY[
        'y0' || language,
        'y0' || language || coalesce(date_part('year', dated_on), 0)::int::text,
        'y0' || language || coalesce(
            (date_part('year', dated_on) * 100 + date_part('month', dated_on))::int, 0
        )::text
    ])"""
# Russian comes as lemmas (pymorphy3), which `simple` leaves alone; English is stemmed by
# PostgreSQL. The regconfig is a literal, so that the expression is immutable. Pairs of words are
# terms as words are, so that a phrase among the latest is one look into one index.
VECTOR = f"""
    {ROW_TERMS} || array_to_tsvector(pairs::text[]) || CASE language WHEN 'ru'
    THEN setweight(to_tsvector('simple'::regconfig, title_terms), 'A')
      || setweight(to_tsvector('simple'::regconfig, body_terms), 'D')
    ELSE setweight(to_tsvector('english'::regconfig, title_terms), 'A')
      || setweight(to_tsvector('english'::regconfig, body_terms), 'D')
    END
"""
TITLE_VECTOR = f"""
    {ROW_TERMS} || CASE language WHEN 'ru'
    THEN to_tsvector('simple'::regconfig, title_terms)
    ELSE to_tsvector('english'::regconfig, title_terms)
    END
"""
# What a row knows of its document, so that the latest documents of a kind are found in one index.
COPY_OF_DOCUMENT = r"""
    SELECT issued_on, type, meeting_id, access,
           coalesce(array_to_string(regexp_match(
               reference, '0*([0-9]+)[^0-9]+0*([0-9]+)[^0-9]+0*([0-9]+)$'
           ), '-'), '')
      INTO NEW.dated_on, NEW.type, NEW.meeting, NEW.access, NEW.reference_numbers
      FROM documents_document WHERE id = NEW.document_id;
    RETURN NEW;
"""


class SearchText(models.Model):
    """The searchable text of one document in one language."""

    document = models.ForeignKey(
        Document, on_delete=models.CASCADE, related_name="search_texts", verbose_name=_("document")
    )
    edition = models.ForeignKey(
        Edition, on_delete=models.CASCADE, related_name="+", verbose_name=_("edition")
    )
    language = models.CharField(_("language"), max_length=2, choices=LANGUAGES)
    title = models.TextField(_("title"))
    body = models.TextField(_("text"))
    title_terms = models.TextField(_("terms of the title"))
    body_terms = models.TextField(_("terms of the text"))
    pairs = ArrayField(models.IntegerField(), verbose_name=_("pairs of words"), default=list)
    # of the whole text, in both rows
    states = ArrayField(
        models.CharField(max_length=2), verbose_name=_("States named"), default=list
    )
    languages = ArrayField(
        models.CharField(max_length=2), verbose_name=_("languages of the text"), default=list
    )
    members_only = models.BooleanField(_("draft"), default=False)
    made_by = models.PositiveSmallIntegerField(_("version of the index"), default=0)
    # of the document, copied by a trigger
    dated_on = models.DateField(_("date of the document"), null=True, editable=False)
    type = models.CharField(_("type"), max_length=30, default="", editable=False)
    meeting = models.BigIntegerField(_("meeting"), null=True, editable=False)
    access = models.CharField(_("access"), max_length=20, default="", editable=False)
    reference_numbers = models.CharField(_("reference"), max_length=100, default="", editable=False)
    vector = models.GeneratedField(
        expression=RawSQL(VECTOR, []),  # noqa: S611 (a constant, no value put in)
        output_field=SearchVectorField(),
        db_persist=True,
    )
    title_vector = models.GeneratedField(
        expression=RawSQL(TITLE_VECTOR, []),  # noqa: S611 (a constant, no value put in)
        output_field=SearchVectorField(),
        db_persist=True,
    )

    class Meta:
        verbose_name = _("searchable text")
        verbose_name_plural = _("searchable texts")
        constraints = [
            models.UniqueConstraint(
                fields=["document", "language"], name="one_search_text_per_language"
            )
        ]
        indexes = [
            # of each language its own: what has no word of the other one says so at once
            *(
                GinIndex(fields=[column], name=f"{name}_{language}", condition=Q(language=language))
                for column, name in (
                    ("vector", "search_text_vector"),
                    ("title_vector", "search_text_title"),
                )
                for language, _name in LANGUAGES
            ),
            models.Index(
                F("dated_on").desc(nulls_first=True), F("document").desc(), name="search_text_date"
            ),
            models.Index(fields=["reference_numbers"], name="search_text_reference"),
        ]
        triggers = [
            pgtrigger.Trigger(
                name="a_search_text_knows_its_document",
                when=pgtrigger.Before,
                operation=pgtrigger.Insert | pgtrigger.Update,
                func=COPY_OF_DOCUMENT,
            )
        ]

    def __str__(self) -> str:
        return f"{self.document} ({self.language})"


class SearchWord(models.Model):
    """A word of the searchable texts, with which a misspelt one is compared.

    Words of every text are here, whoever may read it: none is shown to a reader who would find
    nothing by it (rule T6).
    """

    word = models.CharField(_("word"), max_length=60, unique=True)

    class Meta:
        verbose_name = _("word")
        verbose_name_plural = _("words")
        indexes = [
            GinIndex(fields=["word"], name="search_word_trigrams", opclasses=["gin_trgm_ops"])
        ]

    def __str__(self) -> str:
        return self.word
