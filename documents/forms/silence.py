"""What a Coordinator fills in to act in a procedure."""

from django import forms
from django.utils.translation import gettext_lazy as _

from almaty_portal.common.errors import DomainError
from documents.models import SilenceResponse


class DomainForm(forms.Form):
    """A form that shows the sentence of a rule beside the field it concerns."""

    def add_domain_error(self, error: DomainError) -> None:
        fields = [name for name in error.fields if name in self.fields]
        self.add_error(fields[0] if fields else None, str(error))


class BreakSilenceForm(DomainForm):
    reason = forms.CharField(
        label=_("Reason of the objection"),
        help_text=_("All Member States will read it. Write it as your State wants it on record."),
        widget=forms.Textarea(attrs={"rows": 6}),
        max_length=20_000,
        error_messages={
            "required": _("Give the reason of the objection: it is told to all States.")
        },
    )
    understood = forms.BooleanField(
        label=_("I act for my State and understand that this objection breaks silence."),
        error_messages={"required": _("Confirm that you understand what an objection does.")},
    )


class AnswerWindowForm(DomainForm):
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
        label=_("Statement (optional)"),
        widget=forms.Textarea(attrs={"rows": 4}),
        max_length=20_000,
        required=False,
    )


class PositionForm(DomainForm):
    kind = forms.ChoiceField(
        label=_("What your State wants to say"),
        choices=[(one.value, one.label) for one in SilenceResponse.POSITIONS],
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose what your State wants to say.")},
    )
    text = forms.CharField(
        label=_("Its words"),
        help_text=_(
            "All Member States will read them; statements and reservations are issued with the "
            "decision. To join the consensus no words are needed."
        ),
        widget=forms.Textarea(attrs={"rows": 5}),
        max_length=20_000,
        required=False,
    )
