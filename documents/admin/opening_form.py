"""The form by which a text is put under silence, in the order of its steps (rules S1–S5)."""

import datetime as dt
import hashlib
import json
from collections.abc import Sequence
from typing import Any

from django import forms
from django.conf import settings
from django.db.models import Model, QuerySet
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.widgets import (
    UnfoldAdminCheckboxSelectMultipleWidget,
    UnfoldAdminSelectWidget,
    UnfoldAdminTextareaWidget,
    UnfoldAdminTextInputWidget,
    UnfoldBooleanSwitchWidget,
)

from almaty_portal.common.instants import almaty_today
from documents.actions import texts
from documents.admin import candidates
from documents.admin.forms import (
    LocalInstantField,
    clean_deadline,
    day_input,
    zone_choices,
)
from documents.concordance import Finding
from documents.models import Edition, Effect, SilenceProcedure
from meetings.models import Meeting
from membership.models import Organization, State

Kind, Means = SilenceProcedure.Kind, SilenceProcedure.SilenceMeans
EFFECT_PARTS = ("state", "organization", "meeting", "from_on", "until_on")


def line(label: Any, help_text: Any = "", **kwargs: Any) -> forms.CharField:
    """A text of one line."""
    return forms.CharField(
        label=label, help_text=help_text, widget=UnfoldAdminTextInputWidget, **kwargs
    )


def paragraph(label: Any, help_text: Any = "") -> forms.CharField:
    """A text of several lines that may stay empty."""
    return forms.CharField(
        label=label,
        help_text=help_text,
        required=False,
        widget=UnfoldAdminTextareaWidget(attrs={"rows": 3}),
    )


def one_of(label: Any, queryset: QuerySet, help_text: Any = "") -> forms.ModelChoiceField:
    """A record chosen from a list that may stay empty."""
    return forms.ModelChoiceField(
        label=label,
        help_text=help_text,
        queryset=queryset,
        required=False,
        widget=UnfoldAdminSelectWidget,
    )


class OpenSilenceForm(forms.Form):
    """What the Support Unit enters to put an edition under silence."""

    title_en = line(_("Title (English)"), max_length=300)
    title_ru = line(_("Title (Russian)"), max_length=300)
    kind = forms.ChoiceField(label=_("Kind"), choices=Kind.choices, widget=UnfoldAdminSelectWidget)
    publish_on_adoption = forms.BooleanField(
        label=_("Public once adopted"),
        required=False,
        initial=True,
        widget=UnfoldBooleanSwitchWidget,
    )
    effect = forms.ChoiceField(
        label=_("Effect besides the adoption of the text"),
        help_text=_("Applied by itself when the text is adopted. A window has none."),
        choices=[("", _("none: the text alone")), *Effect.Kind.choices],
        required=False,
        widget=UnfoldAdminSelectWidget,
    )
    effect_state = one_of(
        _("State"),
        State.objects.none(),
        _("The State admitted as an observer, or elected to the Chair."),
    )
    effect_organization = one_of(
        _("Organization"),
        Organization.objects.none(),
        _("The organization admitted as an observer, or invited to a meeting."),
    )
    effect_meeting = one_of(
        _("Meeting"), Meeting.objects.none(), _("The one meeting that it is invited to.")
    )
    effect_from_on = forms.DateField(
        label=_("From"),
        required=False,
        help_text=_("First day of the new Chair or of the observer; without one, the adoption."),
        widget=day_input(),
    )
    effect_until_on = forms.DateField(
        label=_("Until"),
        required=False,
        help_text=_("The first day it no longer holds; of an extended term, the new end."),
        widget=day_input(),
    )
    discordance_reason_en = paragraph(_("Why the texts may differ (English)"))
    discordance_reason_ru = paragraph(_("Why the texts may differ (Russian)"))
    directive_on = forms.DateField(label=_("Date of the Chair's directive"), widget=day_input())
    directive_form_en = line(
        _("Form of the directive (English)"),
        _("As in: letter of the Chair No. 12."),
        max_length=200,
    )
    directive_form_ru = line(_("Form of the directive (Russian)"), max_length=200)
    directive_by_en = line(_("Directive given by (English)"), max_length=200)
    directive_by_ru = line(_("Directive given by (Russian)"), max_length=200)
    silence_means = forms.ChoiceField(
        label=_("What silence means"),
        help_text=_("In an adoption: that the text is adopted. In a window: declare it here."),
        choices=[one for one in Means.choices if one[0] != Means.NOT_RECORDED],
        widget=UnfoldAdminSelectWidget,
    )
    states = forms.ModelMultipleChoiceField(
        label=_("States addressed"),
        help_text=_("For a participation window only; an adoption is put to all Member States."),
        queryset=State.objects.none(),
        required=False,
        widget=UnfoldAdminCheckboxSelectMultipleWidget,
    )
    deadline_at = LocalInstantField(
        label=_("Deadline: day and time"),
        help_text=_(
            "At least 72 hours away; down to 24 hours with the Chair's reason of urgency below."
        ),
    )
    deadline_zone = forms.ChoiceField(
        label=_("By the clock of"), choices=zone_choices, widget=UnfoldAdminSelectWidget
    )
    urgency_reason_en = paragraph(_("Reason of urgency (English)"))
    urgency_reason_ru = paragraph(_("Reason of urgency (Russian)"))
    # What was shown before confirming: what is opened is what was looked at.
    previewed = forms.CharField(required=False, widget=forms.HiddenInput)

    # By step: heading, and the fields of each line with what they are for (`data-for` of the page).
    STEPS: Sequence[tuple[Any, Sequence[tuple[str, Sequence[str]]]]] = (
        (
            _("What"),
            [
                ("", ["title_en", "title_ru"]),
                ("", ["kind", "publish_on_adoption"]),
                ("adoption", ["effect"]),
                ("observer invitation chair", ["effect_state", "effect_organization"]),
                ("invitation", ["effect_meeting"]),
                ("observer chair term", ["effect_from_on", "effect_until_on"]),
                ("differences", ["discordance_reason_en", "discordance_reason_ru"]),
            ],
        ),
        (
            _("Directive of the Chair"),
            [
                ("", ["directive_on"]),
                ("", ["directive_form_en", "directive_form_ru"]),
                ("", ["directive_by_en", "directive_by_ru"]),
            ],
        ),
        (
            _("States and meaning"),
            [("participation_window", ["silence_means"]), ("participation_window", ["states"])],
        ),
        (
            _("Deadline"),
            [
                ("", ["deadline_at", "deadline_zone"]),
                ("", ["urgency_reason_en", "urgency_reason_ru"]),
            ],
        ),
    )

    def __init__(
        self, *args: Any, edition: Edition, findings: Sequence[Finding] = (), **kwargs: Any
    ) -> None:
        """`findings` is where the texts of the edition differ: only then a reason is asked for."""
        self.edition = edition
        document = edition.document
        kwargs["initial"] = {
            "title_en": document.title_en,
            "title_ru": document.title_ru,
            "deadline_zone": "Asia/Almaty",
            "directive_on": almaty_today(),
            **(kwargs.get("initial") or {}),
        }
        super().__init__(*args, **kwargs)
        if settings.DEMO and document.is_demonstration:
            self.fields["deadline_at"].help_text = _("A demonstration: at least 1 minute away.")
        states = State.objects.with_names().in_protocol_order()
        self.fields["states"].queryset = states
        self.offer("effect_state", states, candidates.states())
        self.offer("effect_organization", Organization.objects.all(), candidates.organizations())
        self.fields["effect_meeting"].queryset = Meeting.objects.coming()
        if not findings:
            del self.fields["discordance_reason_en"], self.fields["discordance_reason_ru"]

    def offer(self, name: str, accepted: QuerySet, groups: list[candidates.Group]) -> None:
        """Offer the records for which an effect makes sense, by effect; any other one that is sent
        is refused by the rule it breaks, with its sentence."""
        self.fields[name].queryset = accepted
        self.fields[name].choices = [
            ("", "---------"),
            *((label, [(one.pk, str(one)) for one in found]) for label, found in groups if found),
        ]

    def steps(self) -> list[dict[str, Any]]:
        """The steps as the page shows them: heading, lines of fields, whether an error is there."""
        found = []
        for heading, lines in self.STEPS:
            shown = [
                (purpose, [self[name] for name in names if name in self.fields])
                for purpose, names in lines
            ]
            wrong = any(field.errors for _purpose, fields in shown for field in fields)
            found.append(
                {
                    "heading": heading,
                    "lines": [(purpose, fields) for purpose, fields in shown if fields],
                    "wrong": wrong,
                }
            )
        return found

    def wrong_fields(self) -> list[forms.BoundField]:
        """The fields with an error, in the order of the page."""
        return [field for field in self if field.errors]

    def clean(self) -> dict[str, Any]:
        data = clean_deadline(self, super().clean() or {})
        if data.get("kind") == Kind.ADOPTION and data.get("states"):
            self.add_error(
                "states",
                gettext("An adoption is put to all Member States: choose none, or open a window."),
            )
        named = [f"effect_{part}" for part in EFFECT_PARTS if data.get(f"effect_{part}")]
        if named and not data.get("effect") and "effect" not in self.errors:
            self.add_error("effect", gettext("Choose the effect, or clear what is entered for it."))
        return data

    def signature(self) -> str:
        """A mark of everything entered, of the text as it is, and of the Member States."""
        entered = {
            name: marked(value) for name, value in self.cleaned_data.items() if name != "previewed"
        }
        entered["text"] = marked(sorted(texts.text_hashes(self.edition).items()))
        entered["members"] = marked(State.objects.members())
        return hashlib.sha256(json.dumps(entered, sort_keys=True).encode()).hexdigest()[:32]

    def partial_values(self) -> dict[str, Any]:
        """What `judge_opening` takes of a form with errors: what is wrong counts as missing."""
        data = self.cleaned_data
        deadline_at = data.get("deadline_at")
        known = isinstance(deadline_at, dt.datetime) and deadline_at.tzinfo is not None
        kind = data.get("effect")
        return {
            "kind": data.get("kind") or "",
            "silence_means": data.get("silence_means") or "",
            "title_en": data.get("title_en") or "",
            "title_ru": data.get("title_ru") or "",
            "directive_on": data.get("directive_on"),
            "directive": [
                data.get(f"directive_{part}_{language}") or ""
                for part in ("form", "by")
                for language in ("en", "ru")
            ],
            "deadline_at": deadline_at if known and data.get("deadline_zone") else None,
            "deadline_zone": data.get("deadline_zone") or "",
            "urgency": [data.get(f"urgency_reason_{code}") or "" for code in ("en", "ru")],
            "states": list(data.get("states") or []) or None,
            "effect": {"kind": kind, **{part: data.get(f"effect_{part}") for part in EFFECT_PARTS}}
            if kind
            else None,
            "discordance_reason_en": data.get("discordance_reason_en") or "",
            "discordance_reason_ru": data.get("discordance_reason_ru") or "",
        }

    def values(self) -> dict[str, Any]:
        """What `open_silence` takes."""
        data = {name: value for name, value in self.cleaned_data.items() if name != "previewed"}
        parts = {part: data.pop(f"effect_{part}") for part in EFFECT_PARTS}
        kind = data.pop("effect")
        data["effect"] = {"kind": kind, **parts} if kind else None
        data["states"] = list(data["states"]) or None
        return data


def marked(value: Any) -> str:
    """A value in a signature: records by their ids."""
    if isinstance(value, Model):
        return str(value.pk)
    if isinstance(value, QuerySet):
        return str(sorted(one.pk for one in value))
    return str(value)
