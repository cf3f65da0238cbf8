"""The forms of what the Chair decides in a procedure, and of Notes Verbales on paper."""

from collections.abc import Sequence
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.widgets import (
    UnfoldAdminFileFieldWidget,
    UnfoldAdminSelectWidget,
    UnfoldAdminTextareaWidget,
    UnfoldAdminTextInputWidget,
    UnfoldBooleanWidget,
)

from almaty_portal.common.instants import almaty_today
from documents.admin.forms import LocalInstantField, instant_in, zone_choices
from documents.forms.silence import PointsForm
from documents.models import (
    ObjectionPoint,
    PaperNote,
    SilenceProcedure,
    StateOutcome,
)
from documents.text import paragraph_name
from documents.uploads import NOTE_SUFFIXES
from meetings.models import Meeting
from membership.models import State


def words(rows: int = 3) -> UnfoldAdminTextareaWidget:
    return UnfoldAdminTextareaWidget(attrs={"rows": rows})


class ReasonForm(forms.Form):
    """The Chair's decision on which an act rests, in both languages."""

    reason_en = forms.CharField(
        label=_("The Chair's decision (English)"),
        help_text=_("Its form, its date and its reason, as all States will read it."),
        widget=words(),
    )
    reason_ru = forms.CharField(label=_("The Chair's decision (Russian)"), widget=words())


class ReferForm(ReasonForm):
    meeting = forms.ModelChoiceField(
        label=_("Meeting"),
        help_text=_("The text becomes the last item of its agenda."),
        queryset=Meeting.objects.none(),
        widget=UnfoldAdminSelectWidget,
    )
    field_order = ["meeting"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        coming = Meeting.objects.coming(almaty_today())
        self.fields["meeting"].queryset = coming
        if not coming.exists():
            self.fields["meeting"].help_text = _(
                "No meeting is to come yet: enter it under Meetings first, then refer the text to "
                "it."
            )


class SettleForm(forms.Form):
    """How the Chair settled the participation of a State that was silent."""

    state = forms.ModelChoiceField(
        label=_("State"), queryset=State.objects.none(), widget=UnfoldAdminSelectWidget
    )
    formalised = forms.TypedChoiceField(
        label=_("Result"),
        choices=[
            ("yes", StateOutcome.Result.FORMALISED.label),
            ("no", StateOutcome.Result.DECLINED.label),
        ],
        coerce=lambda value: value == "yes",
        widget=UnfoldAdminSelectWidget,
    )
    note_en = forms.CharField(label=_("The Chair's decision (English)"), widget=words())
    note_ru = forms.CharField(label=_("The Chair's decision (Russian)"), widget=words())

    def __init__(self, *args: Any, procedure: SilenceProcedure, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        left = StateOutcome.objects.filter(
            outcome__procedure=procedure, result=StateOutcome.Result.CHAIR
        ).standing()
        self.fields["state"].queryset = State.objects.with_names().filter(
            pk__in=left.values("state")
        )


class ReissueForm(ReasonForm):
    """Which of the proposed wordings the revision takes over."""

    accepted = forms.ModelMultipleChoiceField(
        label=_("Proposed wording that is accepted"),
        queryset=ObjectionPoint.objects.none(),
        required=False,
    )

    def __init__(self, *args: Any, procedure: SilenceProcedure, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["accepted"].queryset = (
            ObjectionPoint.objects.filter(response__procedure=procedure)
            .select_related("response__state", "paragraph")
            .prefetch_related("response__state__names")
        )


class CorrectionForm(forms.Form):
    """The texts of all paragraphs, whose numbers and order stay, and what was corrected."""

    note_en = forms.CharField(label=_("What was corrected (English)"), widget=words(2))
    note_ru = forms.CharField(label=_("What was corrected (Russian)"), widget=words(2))

    def __init__(self, *args: Any, rows: Sequence[dict[str, Any]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.rows = rows
        for index, row in enumerate(rows):
            name = {"paragraph": paragraph_name(row["number"], row["role"])}
            for language, label in (
                ("en", gettext("%(paragraph)s, in English")),
                ("ru", gettext("%(paragraph)s, in Russian")),
            ):
                self.fields[f"text_{language}_{index}"] = forms.CharField(
                    label=label % name,
                    initial=row[f"text_{language}"],
                    widget=words(4),
                    strip=False,
                )

    def lines(self) -> list[tuple[dict[str, Any], forms.BoundField, forms.BoundField]]:
        """Each paragraph with its two fields, as the page shows them."""
        return [
            (row, self[f"text_en_{index}"], self[f"text_ru_{index}"])
            for index, row in enumerate(self.rows)
        ]

    def corrected(self) -> list[dict[str, Any]]:
        """The paragraphs as `correct_text` takes them."""
        corrected = []
        for index, row in enumerate(self.rows):
            typed = {}
            for name in ("text_en", "text_ru"):
                # a browser writes line breaks in two characters
                text = self.cleaned_data[f"{name}_{index}"].replace("\r\n", "\n")
                # a blank at an end is no correction
                typed[name] = row[name] if text.strip() == (row[name] or "").strip() else text
            corrected.append({**row, **typed})
        return corrected


class PaperNoteForm(PointsForm):
    """A Note Verbale that came on paper, as its scan and its stamp show it."""

    tick_widget = UnfoldBooleanWidget
    words_widget = UnfoldAdminTextareaWidget

    state = forms.ModelChoiceField(
        label=_("State"), queryset=State.objects.none(), widget=UnfoldAdminSelectWidget
    )
    kind = forms.ChoiceField(
        label=_("What it says"), choices=PaperNote.Kind.choices, widget=UnfoldAdminSelectWidget
    )
    received_at = LocalInstantField(
        label=_("Received: day and time"),
        help_text=_("As the stamp of receipt shows it: before the deadline."),
    )
    received_zone = forms.ChoiceField(
        label=_("By the clock of"), choices=zone_choices, widget=UnfoldAdminSelectWidget
    )
    received_how = forms.CharField(
        label=_("How it was received"),
        max_length=200,
        help_text=_("As in: handed in at the Support Unit in Almaty, stamp No. 41."),
        widget=UnfoldAdminTextInputWidget,
    )
    reason = forms.CharField(
        label=_("Reason that it gives"),
        help_text=_("For an objection: all States will read it."),
        required=False,
        widget=words(5),
    )
    file = forms.FileField(
        label=_("Scan of the Note Verbale"),
        help_text=_("PDF, DOCX, ODT, JPG or PNG, up to 25 MB."),
        widget=UnfoldAdminFileFieldWidget(
            attrs={"accept": ",".join(f".{suffix}" for suffix in NOTE_SUFFIXES)}
        ),
    )

    def __init__(self, *args: Any, procedure: SilenceProcedure, **kwargs: Any) -> None:
        kwargs["initial"] = {"received_zone": "Asia/Almaty", **(kwargs.get("initial") or {})}
        window = procedure.kind == SilenceProcedure.Kind.WINDOW
        text = [] if window else procedure.text_edition().paragraphs.all()
        super().__init__(*args, paragraphs=text, **kwargs)
        self.named = {one.anchor: one for one in self.paragraphs}
        self.fields["state"].queryset = procedure.electorate.in_protocol_order().with_names()
        self.fields["kind"].choices = [
            choice
            for choice in PaperNote.Kind.choices
            if window == (choice[0] != PaperNote.Kind.OBJECTION)
        ]

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if data.get("received_at") and data.get("received_zone"):
            try:
                data["received_at"] = instant_in(
                    ZoneInfo(data["received_zone"]), data["received_at"]
                )
            except ValidationError as error:
                self.add_error("received_at", error)
        return data

    def values(self) -> dict[str, Any]:
        """What `enter_paper_note` takes."""
        names = ("state", "kind", "received_at", "received_how", "reason", "file")
        data = {name: self.cleaned_data[name] for name in names}
        data["points"] = [(self.named[anchor], en, ru) for anchor, en, ru in self.typed_points()]
        return data

    def own_fields(self) -> list[forms.BoundField]:
        """The fields that are no paragraph's, for the page."""
        return [field for field in self if not field.name.startswith("p-")]


class ConfirmForm(forms.Form):
    compared = forms.BooleanField(
        label=_("I hold the paper and its stamp of receipt in my hands, and it says the same."),
        widget=UnfoldBooleanWidget,
        error_messages={"required": _("Compare the entry with the paper before you confirm it.")},
    )


class RefuseForm(forms.Form):
    reason = forms.CharField(label=_("Why it is refused"), widget=words())
