"""The term base: what the Process calls a thing in each language, and what it does not call it."""

from typing import Self

from django.core.validators import RegexValidator
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from documents.models.archive import LANGUAGES


class ConceptQuerySet(models.QuerySet["Concept"]):
    def with_terms(self) -> Self:
        """With terms fetched, the agreed ones first."""
        return self.prefetch_related("terms")


class Concept(models.Model):
    """One thing that the texts speak of, with its terms in both languages (U3)."""

    slug = models.CharField(
        _("key"),
        max_length=60,
        unique=True,
        validators=[
            RegexValidator(
                r"^[a-z][a-z0-9]*(-[a-z0-9]+)*$",
                _("Small Latin letters, digits and hyphens, as in member-state."),
            )
        ],
        help_text=_("Names the concept in files; it stays."),
    )
    definition = models.TextField(_("definition or note"), blank=True)
    source = models.CharField(_("source"), max_length=300, blank=True)

    objects = ConceptQuerySet.as_manager()

    class Meta:
        verbose_name = _("concept")
        verbose_name_plural = _("concepts")
        ordering = ["slug"]

    def __str__(self) -> str:
        return self.slug

    def get_absolute_url(self) -> str:
        return f"{reverse('glossary')}#{self.slug}"


class Term(models.Model):
    """A word or phrase for a concept in one language, in its dictionary form."""

    class Status(models.TextChoices):
        AGREED = "agreed", _("agreed")
        ADMITTED = "admitted", _("admitted")
        FORBIDDEN = "forbidden", _("not to be used")

    concept = models.ForeignKey(
        Concept, verbose_name=_("concept"), on_delete=models.CASCADE, related_name="terms"
    )
    language = models.CharField(_("language"), max_length=2, choices=LANGUAGES)
    text = models.CharField(_("term"), max_length=150)
    status = models.CharField(
        _("status"), max_length=10, choices=Status.choices, default=Status.AGREED
    )

    class Meta:
        verbose_name = _("term")
        verbose_name_plural = _("terms")
        ordering = ["concept", "language", "status", "text"]  # admitted, agreed, forbidden
        constraints = [
            models.UniqueConstraint(
                fields=["concept", "language", "text"],
                name="a_term_stands_once",
                violation_error_message=_("The concept has this term already."),
            ),
            models.UniqueConstraint(
                fields=["concept", "language"],
                condition=Q(status="agreed"),
                name="one_agreed_term_per_language",
                violation_error_message=_(
                    "The concept has an agreed term in this language: make the other one admitted."
                ),
            ),
        ]

    def __str__(self) -> str:
        return self.text
