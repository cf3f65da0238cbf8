"""What a reader asks of a document: two editions to compare, the text as at a day."""

import datetime as dt
from collections.abc import Sequence
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from almaty_portal.common.instants import almaty_today
from almaty_portal.common.languages import CODES
from documents.models import Edition
from documents.models.archive import LANGUAGES

UNKNOWN = _("The document has no such edition: choose two from the lists.")


class AsAtForm(forms.Form):
    """The day whose text in force is wanted."""

    as_at = forms.DateField(
        label=_("The text as at the day"),
        input_formats=["%Y-%m-%d", "%d.%m.%Y", "%d/%m/%Y"],
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        error_messages={
            "required": _("Write the day: year, month and day, as in 2013-06-05."),
            "invalid": _("This is no day: write year, month and day, as in 2013-06-05."),
        },
    )

    def clean_as_at(self) -> dt.date:
        day = self.cleaned_data["as_at"]
        if day > almaty_today():
            raise ValidationError(
                _("This day is yet to come: choose today in Almaty or an earlier one.")
            )
        return day


class CompareForm(forms.Form):
    """Two editions of one document and the languages in which they are compared."""

    language = forms.ChoiceField(
        label=_("Language"),
        required=False,
        choices=[("", _("both languages")), *LANGUAGES],
        error_messages={"invalid_choice": _("Choose English, Russian or both languages.")},
    )
    only = forms.BooleanField(label=_("Only what changed"), required=False)

    def __init__(self, *args: Any, editions: Sequence[Edition], **kwargs: Any) -> None:
        """`editions` are those that the reader may see, oldest first."""
        super().__init__(*args, **kwargs)
        self.editions = {one.key: one for one in editions}
        choices = [(one.key, one.label) for one in editions]
        for name, label in (("from", _("Earlier edition")), ("to", _("Later edition"))):
            self.fields[name] = forms.ChoiceField(
                label=label,
                choices=choices,
                error_messages={"invalid_choice": UNKNOWN, "required": UNKNOWN},
            )
        self.order_fields(["from", "to", "language", "only"])

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        if given.get("from") and given.get("from") == given.get("to"):
            self.add_error("to", _("These are one edition: choose two different ones."))
        return given

    @property
    def chosen(self) -> tuple[Edition, Edition]:
        """The earlier and the later edition of a valid form."""
        return self.editions[self.cleaned_data["from"]], self.editions[self.cleaned_data["to"]]

    @property
    def languages(self) -> tuple[str, ...]:
        """The languages that are shown."""
        language = self.cleaned_data.get("language")
        return (language,) if language else CODES
