"""What a Coordinator fills in to act in a procedure."""

from collections.abc import Iterable
from typing import Any, Self, cast
from uuid import UUID, uuid4

from django import forms
from django.utils.translation import gettext_lazy as _

from almaty_portal.common.errors import DomainError
from almaty_portal.common.languages import CODES
from documents import redline, uploads
from documents.models import Paragraph, SilenceResponse

# Words and wording, in characters.
LONGEST = 20_000
Answer = SilenceResponse.Kind


class DomainForm(forms.Form):
    """A form that shows the sentence of a rule beside the field it concerns."""

    def add_domain_error(self, error: DomainError) -> None:
        fields = [name for name in error.fields if name in self.fields]
        self.add_error(fields[0] if fields else None, str(error))


class ActForm(DomainForm):
    """An act of a State: sent twice it acts once, and it knows the page from which it came.

    `submission` is the number of the form, `seen` that of the last ledger entry on its page.
    """

    submission = forms.UUIDField(widget=forms.HiddenInput, required=False)
    seen = forms.IntegerField(widget=forms.HiddenInput, required=False, min_value=0)

    @classmethod
    def fresh(cls, seen: int, **options: Any) -> Self:
        """An empty form for a page whose last entry is `seen`."""
        return cls(initial={"submission": uuid4(), "seen": seen}, **options)

    @property
    def seen_entry(self) -> int | None:
        """The last entry that the sender saw; reads what was sent, valid or not."""
        value = str(self.data.get("seen", ""))
        return int(value) if value.isascii() and value.isdigit() and len(value) < 18 else None

    @property
    def sent_number(self) -> UUID | None:
        return self.cleaned_data.get("submission")


class AnswerWindowForm(ActForm):
    answer = forms.ChoiceField(
        label=_("Answer of your State"),
        choices=[
            ("participates", _("My State formalises its participation")),
            ("declines", _("My State does not formalise its participation")),
        ],
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose the answer of your State.")},
    )
    reason = forms.CharField(
        label=_("Statement"),
        widget=forms.Textarea(attrs={"rows": 4}),
        max_length=LONGEST,
        required=False,
    )


class ConfirmAnswerForm(ActForm):
    understood = forms.BooleanField(
        label=_("I act for my State and understand that this answer is final."),
        error_messages={"required": _("Confirm that you understand what the answer leads to.")},
    )


class PositionForm(ActForm):
    """What a State says that breaks no silence (rule S8); to join needs a button alone."""

    def __init__(self, *args: Any, window: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if window:
            kinds = SilenceResponse.POSITIONS_IN_A_WINDOW
            kind = cast(forms.ChoiceField, self.fields["kind"])
            kind.choices = [(one.value, one.label) for one in kinds]
            self.fields["text"].help_text = _(
                "All Member States will read them. A statement and a reservation stand in the "
                "register; a request for more time goes to the Chair."
            )

    kind = forms.ChoiceField(
        label=_("What your State wants to say"),
        choices=[(one.value, one.label) for one in SilenceResponse.POSITIONS],
        widget=forms.RadioSelect(),
        error_messages={"required": _("Choose what your State wants to say.")},
    )
    text = forms.CharField(
        label=_("Its words"),
        help_text=_(
            "All Member States will read them. A statement, a reservation and a dissociation are "
            "issued with the decision; a request for more time goes to the Chair."
        ),
        widget=forms.Textarea(attrs={"rows": 5}),
        max_length=LONGEST,
        required=False,
    )

    def with_words(self) -> Iterable[Any]:
        """The choices that need words."""
        return [one for one in self["kind"] if one.data["value"] != Answer.JOINS]


class WithdrawForm(ActForm):
    reason = forms.CharField(
        label=_("Words for the record"),
        help_text=_("All Member States will read them."),
        widget=forms.Textarea(attrs={"rows": 3}),
        max_length=LONGEST,
        required=False,
    )


def with_words(paragraphs: Iterable[Paragraph]) -> list[Paragraph]:
    """The paragraphs that can be objected to: all that say something."""
    return [one for one in paragraphs if any(redline.words_of(one, code) for code in CODES)]


class PointsForm(forms.Form):
    """For each paragraph of a text whether a State objects to it, and what it proposes in its
    place; a wording left as it stands proposes nothing."""

    tick_widget: type[forms.Widget] = forms.CheckboxInput
    words_widget: type[forms.Widget] = forms.Textarea

    def __init__(self, *args: Any, paragraphs: Iterable[Paragraph], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.paragraphs = with_words(paragraphs)
        for one in self.paragraphs:
            self.fields[f"p-{one.anchor}_object"] = forms.BooleanField(
                label=_("Object to this paragraph"), required=False, widget=self.tick_widget()
            )
            for code, label in (
                ("en", _("Proposed wording in English")),
                ("ru", _("Proposed wording in Russian")),
            ):
                self.fields[f"p-{one.anchor}_{code}"] = forms.CharField(
                    label=label,
                    required=False,
                    max_length=LONGEST,
                    initial=redline.words_of(one, code),
                    widget=self.words_widget(attrs={"rows": 4}),
                )

    def rows(self) -> list[dict[str, Any]]:
        """The paragraphs with their fields, for the page; `opened` where one says something."""
        named = {anchor for anchor, _en, _ru in self.typed_points()}
        return [
            {
                "paragraph": one,
                "object": self[f"p-{one.anchor}_object"],
                "en": self[f"p-{one.anchor}_en"],
                "ru": self[f"p-{one.anchor}_ru"],
                "opened": one.anchor in named,
            }
            for one in self.paragraphs
        ]

    def value_of(self, name: str) -> Any:
        return self[name].value()

    def typed_points(self) -> list[tuple[str, str, str]]:
        """The paragraphs objected to by their addresses, with what is proposed in each language."""
        found = []
        for one in self.paragraphs:
            wording = {}
            for code in CODES:
                typed = " ".join(str(self.value_of(f"p-{one.anchor}_{code}") or "").split())
                present = " ".join(redline.words_of(one, code).split())
                wording[code] = "" if typed == present else typed
            ticked = self.value_of(f"p-{one.anchor}_object") in (True, "on", "true", "1")
            if ticked or any(wording.values()):
                found.append((one.anchor, wording["en"], wording["ru"]))
        return found


class BreakSilenceForm(PointsForm, ActForm):
    """The reason of an objection, its paragraphs and the wording that it proposes.

    `edition` is the text that its page showed: what was left as it stood there proposes nothing,
    though the text was corrected meanwhile (rules S7, S10).
    """

    edition = forms.IntegerField(widget=forms.HiddenInput, required=False)
    reason = forms.CharField(
        label=_("Reason of the objection"),
        help_text=_("All Member States will read it. Write it as your State wants it on record."),
        widget=forms.Textarea(attrs={"rows": 6}),
        max_length=LONGEST,
        error_messages={
            "required": _("Give the reason of the objection: it is told to all States.")
        },
    )

    @staticmethod
    def filled(draft: dict[str, Any]) -> dict[str, Any]:
        """The initial values of a form for what was typed before."""
        initial: dict[str, Any] = {name: draft[name] for name in ("reason", "submission", "seen")}
        for anchor, en, ru in draft["points"]:
            initial[f"p-{anchor}_object"] = True
            if en:
                initial[f"p-{anchor}_en"] = en
            if ru:
                initial[f"p-{anchor}_ru"] = ru
        return initial


class ConfirmObjectionForm(ActForm):
    note = forms.FileField(
        label=_("Note Verbale"),
        help_text=_("PDF, DOCX, ODT, JPG or PNG, up to 25 MB. All Member States can download it."),
        required=False,
        allow_empty_file=True,  # judged with all else that a file may be (`documents.uploads`)
        widget=forms.FileInput(
            attrs={"accept": ",".join(f".{suffix}" for suffix in uploads.NOTE_SUFFIXES)}
        ),
    )
    understood = forms.BooleanField(
        label=_("I act for my State and understand that this objection breaks silence."),
        error_messages={"required": _("Confirm that you understand what an objection does.")},
    )
