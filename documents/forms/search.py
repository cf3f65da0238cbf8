"""The search form of the archive, and the forms by which a search is saved."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from documents.forms.silence import DomainForm
from documents.models import SavedSearch
from documents.models.searches import NAME_LENGTH
from documents.search import FACETS, QUERY_LENGTH, Question

ORDERS = [
    ("relevance", _("most relevant first")),
    ("newest", _("newest first")),
    ("oldest", _("oldest first")),
]


class SearchForm(forms.Form):
    """What the archive's address says: a question, a value of each facet, an order."""

    q = forms.CharField(
        label=_("Search the archive"),
        required=False,
        max_length=QUERY_LENGTH,
        error_messages={
            "max_length": _(
                "The question is too long: shorten it to %(limit_value)d characters or fewer."
            )
        },
    )
    sort = forms.ChoiceField(
        label=_("Order"),
        required=False,
        choices=ORDERS,
    )
    type = forms.CharField(required=False, max_length=120)
    topic = forms.CharField(required=False, max_length=120)
    year = forms.CharField(required=False, max_length=4)
    meeting = forms.CharField(required=False, max_length=120)
    state = forms.CharField(required=False, max_length=2)
    language = forms.CharField(required=False, max_length=2)

    def clean_q(self) -> str:
        text = self.cleaned_data["q"]
        question = Question.read(text)
        if question.parts and not question.wanted:
            raise ValidationError(
                _("Add a word to look for: a question cannot consist of exclusions only.")
            )
        if text and not question.parts:
            raise ValidationError(_("Write at least one word or number to look for."))
        return text

    @property
    def question(self) -> Question:
        """The question, empty where it was refused."""
        return Question.read(self.cleaned_data.get("q", ""))

    @property
    def filters(self) -> dict[str, str]:
        """The chosen values of facets."""
        return {name: self.cleaned_data[name] for name in FACETS if self.cleaned_data.get(name)}

    @property
    def asked(self) -> dict[str, str]:
        """The question and the chosen values, as the address of the search has them."""
        text = self.question.text
        return {**({"q": text} if text else {}), **self.filters}

    @property
    def order(self) -> str:
        """The chosen order; without one relevance for a question, else the newest first."""
        chosen = self.cleaned_data.get("sort")
        if not self.question.wanted:
            return "oldest" if chosen == "oldest" else "newest"
        return chosen or "relevance"


class ChangeSearchForm(DomainForm):
    """What a saved search is called, and how often its owner is told what is new to it."""

    name = forms.CharField(label=_("Name of the search"), max_length=NAME_LENGTH)
    frequency = forms.ChoiceField(
        label=_("Mails about new documents"),
        choices=SavedSearch.Frequency.choices,
        initial=SavedSearch.Frequency.DAILY,
    )


class SaveSearchForm(SearchForm, ChangeSearchForm):
    """A search of the archive to be saved: sent from the page of its results."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in ("q", *FACETS):
            self.fields[name].widget = forms.HiddenInput()
        del self.fields["sort"]
