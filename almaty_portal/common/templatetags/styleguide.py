"""Samples for the page that shows every component (`/styleguide/`)."""

import datetime as dt
from typing import Any

from django import forms, template
from django.core.paginator import Page, Paginator
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

register = template.Library()


class SampleForm(forms.Form):
    """A form with one field of each kind."""

    title_en = forms.CharField(label=gettext_lazy("Title"), help_text=gettext_lazy("As printed."))
    email = forms.EmailField(label=gettext_lazy("E-mail address"), required=False)
    reason = forms.CharField(label=gettext_lazy("Reason"), widget=forms.Textarea(attrs={"rows": 4}))
    language = forms.ChoiceField(
        label=gettext_lazy("Language"),
        choices=[("en", "English"), ("ru", "Русский")],
        widget=forms.RadioSelect,
    )
    understood = forms.BooleanField(label=gettext_lazy("I act on the instructions of my capital"))


@register.simple_tag
def sample_form() -> SampleForm:
    """The sample form, filled in wrongly."""
    return SampleForm({"title_en": "", "email": "sample@", "reason": "…", "language": "en"})


@register.simple_tag
def sample_page() -> Page:
    """The third of ten pages."""
    return Paginator(range(100), 10).page(3)


@register.simple_tag
def sample_instant(hours: int) -> dt.datetime:
    """An instant so many hours from now, or ago."""
    return timezone.now() + dt.timedelta(hours=hours)


@register.simple_tag
def sample_day(year: int, month: int, day: int) -> dt.date:
    """A day by its numbers."""
    return dt.date(year, month, day)


@register.simple_tag
def sample_rows() -> list[tuple[str, Any]]:
    """Facts about the Communiqué of 2013."""
    return [
        (_("Reference"), "Almaty Process/03/01/2013"),
        (_("Date"), "5.6.2013"),
        (_("Language"), "English, русский"),
    ]
