"""The forms behind the buttons of the Support Unit's pages."""

import datetime as dt
import hashlib
import json
from collections.abc import Collection, Sequence
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _
from unfold.widgets import (
    INPUT_CLASSES,
    UnfoldAdminSelectWidget,
    UnfoldAdminTextareaWidget,
    UnfoldAdminTextInputWidget,
    UnfoldBooleanWidget,
)

from almaty_portal.common.instants import CAPITALS
from documents import markup
from documents.models import LanguageVersion, Paragraph
from documents.models.archive import LANGUAGES, Access
from membership.models import State

NATIVE = " ".join(INPUT_CLASSES)


def day_input() -> forms.DateInput:
    """The browser's own field of a day."""
    return forms.DateInput(attrs={"type": "date", "class": NATIVE}, format="%Y-%m-%d")


class WithdrawForm(forms.Form):
    reason_en = forms.CharField(label=_("Reason (English)"), widget=UnfoldAdminTextareaWidget)
    reason_ru = forms.CharField(label=_("Reason (Russian)"), widget=UnfoldAdminTextareaWidget)


class AccessForm(forms.Form):
    """Who may read a document from now on, and why (rule T6)."""

    access = forms.ChoiceField(
        label=_("Access"), choices=Access.choices, widget=UnfoldAdminSelectWidget
    )
    reason_en = forms.CharField(label=_("Reason (English)"), widget=UnfoldAdminTextareaWidget)
    reason_ru = forms.CharField(label=_("Reason (Russian)"), widget=UnfoldAdminTextareaWidget)


class ReferenceForm(forms.Form):
    reference = forms.CharField(
        label=_("Reference"),
        max_length=100,
        help_text=_("The next free one is proposed. Once assigned it is never changed."),
        widget=UnfoldAdminTextInputWidget,
    )


class IssueForm(forms.Form):
    """What each language's text is when an edition is issued (rule T2)."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for language, name in LANGUAGES:
            self.fields[f"text_{language}"] = forms.ChoiceField(
                label=_("The text in this language: %(language)s") % {"language": name},
                choices=LanguageVersion.Standing.choices,
                widget=UnfoldAdminSelectWidget,
            )

    def standings(self) -> dict[str, str]:
        return {code: self.cleaned_data[f"text_{code}"] for code, _name in LANGUAGES}


class ParagraphForm(forms.Form):
    """One paragraph in both languages; a malformed mark is told at its own field."""

    role = forms.ChoiceField(
        label=_("Role"),
        choices=Paragraph.Role.choices,
        initial=Paragraph.Role.PARAGRAPH,
        widget=UnfoldAdminSelectWidget,
    )
    level = forms.IntegerField(
        label=_("Level"),
        min_value=1,
        max_value=6,
        initial=2,
        required=False,
        widget=UnfoldAdminTextInputWidget(attrs={"inputmode": "numeric"}),
    )
    number = forms.CharField(
        label=_("Number"), max_length=12, required=False, widget=UnfoldAdminTextInputWidget
    )
    anchor = forms.RegexField(
        r"^[A-Za-z0-9][A-Za-z0-9.-]*$",
        label=_("Address"),
        max_length=30,
        required=False,
        error_messages={"invalid": _("Latin letters, digits, dots and hyphens, as in vii or 3.i.")},
        widget=UnfoldAdminTextInputWidget,
    )
    explains_brackets = forms.BooleanField(
        label=_("Explains the brackets"), required=False, widget=UnfoldBooleanWidget
    )
    confirmed = forms.BooleanField(
        label=_("It still fits"), required=False, widget=UnfoldBooleanWidget
    )
    was = forms.CharField(required=False, widget=forms.HiddenInput)
    stale = forms.CharField(required=False, widget=forms.HiddenInput)
    text_en = forms.CharField(
        label=_("English"), required=False, widget=UnfoldAdminTextareaWidget(attrs={"rows": 5})
    )
    text_ru = forms.CharField(
        label=_("Russian"), required=False, widget=UnfoldAdminTextareaWidget(attrs={"rows": 5})
    )

    def __init__(self, *args: Any, known: Collection[str] = (), **kwargs: Any) -> None:
        """`known` are the codes of all States."""
        super().__init__(*args, **kwargs)
        self.known = known
        self.index = (self.prefix or "").rpartition("-")[2]

    @property
    def lacking(self) -> str:
        """The language that has no text while the other has."""
        with_text = {code for code, _name in LANGUAGES if self[f"text_{code}"].value()}
        without = [code for code, _name in LANGUAGES if code not in with_text]
        return without[0] if with_text and without else ""

    def clean_text_en(self) -> str:
        return self.checked("text_en")

    def clean_text_ru(self) -> str:
        return self.checked("text_ru")

    def checked(self, name: str) -> str:
        text = self.cleaned_data[name]
        try:
            named = markup.states(text)
        except markup.MarkupError as error:
            raise ValidationError(str(error)) from error
        if unknown := sorted(set(named) - set(self.known)):
            raise ValidationError(
                _("No State has the code %(code)s: write the ISO 3166 code, as in {KZ|…}."),
                params={"code": unknown[0]},
            )
        return text


class BaseTextFormSet(forms.BaseFormSet):
    """The paragraphs of a text, in the order of their places."""

    def add_fields(self, form: forms.Form, index: int | None) -> None:
        super().add_fields(form, index)
        form.fields["ORDER"].widget = UnfoldAdminTextInputWidget(attrs={"inputmode": "numeric"})
        form.fields["ORDER"].label = _("Place")
        form.fields["DELETE"].widget = UnfoldBooleanWidget()
        form.fields["DELETE"].label = _("Take out")

    def rows(self) -> list[dict[str, Any]]:
        """The paragraphs as `set_text` takes them."""
        return [
            {name: value for name, value in form.cleaned_data.items() if name not in self.own}
            for form in self.ordered_forms
            if form.cleaned_data.get("text_en") or form.cleaned_data.get("text_ru")
        ]

    def typed(self) -> list[dict[str, Any]]:
        """The rows as they were sent, malformed ones too; `index` is the form's."""
        rows = []
        for index, form in enumerate(self.forms):
            row = {name: form[name].value() for name in form.fields if name not in self.own}
            kept = row["text_en"] or row["text_ru"] or index < self.initial_form_count()
            if kept and not form["DELETE"].value():
                place = str(form["ORDER"].value() or "")
                order = (0, int(place)) if place.isdigit() else (1, index)
                rows.append((order, index, {**row, "index": index}))
        return [row for _order, _index, row in sorted(rows, key=lambda one: one[:2])]

    own = ("ORDER", "DELETE")


TextFormSet = forms.formset_factory(
    ParagraphForm, formset=BaseTextFormSet, extra=3, can_order=True, can_delete=True, max_num=2000
)


def state_of_rows(rows: Sequence[dict[str, Any]]) -> str:
    """A short mark of a text, by which a change made meanwhile is noticed."""
    return hashlib.sha256(json.dumps(rows, sort_keys=True).encode()).hexdigest()[:32]


class LocalInstantField(forms.SplitDateTimeField):
    """A day and a time as the clock of a place shows them, not yet of any time zone."""

    widget = forms.SplitDateTimeWidget(
        # the label stands for both parts: each is named for those who hear the page
        date_attrs={"type": "date", "class": NATIVE, "aria-label": _("Day")},
        time_attrs={"type": "time", "class": NATIVE, "aria-label": _("Time of day")},
        date_format="%Y-%m-%d",
        time_format="%H:%M",
    )

    def compress(self, data_list: list) -> dt.datetime | None:
        if not data_list or None in data_list[:2] or "" in data_list[:2]:
            return None
        return dt.datetime.combine(*data_list)


def instant_in(zone: ZoneInfo, local: dt.datetime) -> dt.datetime:
    """The instant at which the clock of a zone shows `local`, in UTC.

    Raises ValidationError where that clock never shows it, or shows it twice, and beyond the end of
    the calendar.
    """
    aware = local.replace(tzinfo=zone)
    try:
        instant = aware.astimezone(dt.UTC)
    except OverflowError as error:
        raise ValidationError(_("No calendar has this day: choose another.")) from error
    if instant.astimezone(zone).replace(tzinfo=None) != local:
        raise ValidationError(
            _("The clocks go forward then, and this time does not exist there: choose another.")
        )
    if aware.utcoffset() != aware.replace(fold=1).utcoffset():
        raise ValidationError(
            _("The clocks go back then, and this time comes twice there: choose another.")
        )
    return instant


def zone_choices() -> list[tuple[str, str]]:
    """Almaty, then the other capitals, each with what it is ahead of UTC today."""
    zones = {**CAPITALS, "UTC": "UTC"}
    used = State.objects.exclude(time_zone="").values_list("time_zone", flat=True)
    for name in used:
        zones.setdefault(name, name.split("/")[-1].replace("_", " "))
    now = dt.datetime.now(dt.UTC)
    found = []
    for name, label in zones.items():
        offset = now.astimezone(ZoneInfo(name)).strftime("%z")
        found.append((name, f"{label} (UTC{offset[:3]}:{offset[3:]})" if name != "UTC" else "UTC"))
    return sorted(found, key=lambda one: (one[0] != "Asia/Almaty", one[1]))


class ExtendForm(forms.Form):
    """The Chair's decision to set a later deadline (rule S9)."""

    deadline_at = LocalInstantField(label=_("New deadline: day and time"))
    deadline_zone = forms.ChoiceField(
        label=_("By the clock of"), choices=zone_choices, widget=UnfoldAdminSelectWidget
    )
    reason_en = forms.CharField(
        label=_("The Chair's decision (English)"),
        help_text=_("As in: letter of the Chair No. 14, at the request of a State."),
        widget=UnfoldAdminTextInputWidget,
    )
    reason_ru = forms.CharField(
        label=_("The Chair's decision (Russian)"), widget=UnfoldAdminTextInputWidget
    )

    def clean(self) -> dict[str, Any]:
        return clean_deadline(self, super().clean() or {})


def clean_deadline(form: forms.Form, data: dict[str, Any]) -> dict[str, Any]:
    """The deadline typed by the clock of a zone, as an instant; an error where there is none."""
    local, zone = data.get("deadline_at"), data.get("deadline_zone")
    if isinstance(local, dt.datetime) and zone:
        try:
            data["deadline_at"] = instant_in(ZoneInfo(zone), local)
        except ValidationError as error:
            form.add_error("deadline_at", error)
    return data
