"""Searches that people follow, and what each of them has found so far."""

import pgtrigger
from django.db import models
from django.db.models import Q
from django.db.models.functions import Cast, Length
from django.db.models.lookups import LessThanOrEqual
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from documents.models.archive import Document
from membership.models import User

QUERY_LENGTH = 500  # characters
NAME_LENGTH = 120
SEARCHES = 50  # of one person


class SavedSearch(models.Model):
    """A search of the archive that a person follows: what is new to it is told by mail."""

    class Frequency(models.TextChoices):
        DAILY = "daily", _("every day")
        WEEKLY = "weekly", _("every Monday")
        NEVER = "never", _("no mails")

    owner = models.ForeignKey(
        User, verbose_name=_("person"), on_delete=models.CASCADE, related_name="searches"
    )
    name = models.CharField(_("name"), max_length=NAME_LENGTH)
    question = models.CharField(_("question"), max_length=QUERY_LENGTH, blank=True)
    filters = models.JSONField(_("filters"), default=dict, blank=True)
    frequency = models.CharField(
        _("mails"), max_length=6, choices=Frequency.choices, default=Frequency.DAILY
    )
    saved_at = models.DateTimeField(_("saved at"), editable=False)
    looked_at = models.DateTimeField(
        _("last looked at"), editable=False, help_text=_("By the clock of the database.")
    )
    told_at = models.DateTimeField(_("last told at"), null=True, editable=False)
    bounded = models.BooleanField(
        _("finds more than are followed"),
        default=False,
        editable=False,
        help_text=_("Of a search that finds more than 1,000 documents the latest are followed."),
    )

    class Meta:
        verbose_name = _("saved search")
        verbose_name_plural = _("saved searches")
        ordering = ["name", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["owner", "question", "filters"], name="one_saved_search_of_a_kind"
            ),
            models.CheckConstraint(condition=~Q(name=""), name="saved_search_has_a_name"),
            models.CheckConstraint(
                condition=LessThanOrEqual(Length(Cast("filters", models.TextField())), 1000),
                name="saved_search_has_short_filters",
            ),
        ]
        triggers = [
            pgtrigger.Trigger(
                name="saved_searches_are_few",
                when=pgtrigger.Before,
                operation=pgtrigger.Insert,
                func=f"""
                    PERFORM 1 FROM membership_user WHERE id = NEW.owner_id FOR NO KEY UPDATE;
                    IF (SELECT count(*) FROM documents_savedsearch
                         WHERE owner_id = NEW.owner_id) >= {SEARCHES} THEN
                        RAISE EXCEPTION 'a person saves {SEARCHES} searches at most'
                              USING ERRCODE = 'check_violation',
                                    CONSTRAINT = 'saved_searches_are_few';
                    END IF;
                    RETURN NEW;
                """,  # noqa: S608 (a constant of ours alone)
            )
        ]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return f"{reverse('saved_searches')}#search-{self.pk}"

    @property
    def asked(self) -> dict[str, str]:
        """The question and the filters, as the address of the search has them."""
        return {**({"q": self.question} if self.question else {}), **self.filters}


class SearchHit(models.Model):
    """A document that a saved search has found: it is told of once, or was there before."""

    search = models.ForeignKey(
        SavedSearch, verbose_name=_("saved search"), on_delete=models.CASCADE, related_name="hits"
    )
    document = models.ForeignKey(
        Document, verbose_name=_("document"), on_delete=models.CASCADE, related_name="+"
    )
    told_at = models.DateTimeField(
        _("told at"),
        null=True,
        editable=False,
        help_text=_("Empty: the search found it when it was saved."),
    )

    class Meta:
        verbose_name = _("hit of a saved search")
        verbose_name_plural = _("hits of saved searches")
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["search", "document"], name="one_hit_per_search_and_document"
            )
        ]

    def __str__(self) -> str:
        return f"{self.search}: {self.document}"
