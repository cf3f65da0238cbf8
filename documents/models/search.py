"""What the search reads: one row for each language of a document's current text."""

from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVectorField
from django.db import models
from django.db.models.expressions import RawSQL
from django.utils.translation import gettext_lazy as _

from documents.models.archive import LANGUAGES, Document
from documents.models.editions import Edition

# Russian comes as lemmas (pymorphy3), which `simple` leaves alone; English is stemmed by
# PostgreSQL. The regconfig is a literal, so that the expression is immutable.
VECTOR = """
    CASE language WHEN 'ru'
    THEN setweight(to_tsvector('simple'::regconfig, title_terms), 'A')
      || setweight(to_tsvector('simple'::regconfig, body_terms), 'D')
    ELSE setweight(to_tsvector('english'::regconfig, title_terms), 'A')
      || setweight(to_tsvector('english'::regconfig, body_terms), 'D')
    END
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
    vector = models.GeneratedField(
        expression=RawSQL(VECTOR, []),  # noqa: S611 (a constant, no value put in)
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
        indexes = [GinIndex(fields=["vector"], name="search_text_vector")]

    def __str__(self) -> str:
        return f"{self.document} ({self.language})"
