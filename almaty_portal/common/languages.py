"""The languages in which the portal holds its texts, and what it says itself in each of them."""

import datetime as dt
from typing import Any

from django.conf import settings
from django.utils import translation

from almaty_portal.common.instants import write_day

CODES: tuple[str, ...] = tuple(code for code, _name in settings.LANGUAGES)


def labelled(name: str, language: str) -> str:
    """The name of a field with the language of its text, in the reader's language."""
    words = {
        "en": translation.gettext("%(name)s (English)"),
        "ru": translation.gettext("%(name)s (Russian)"),
    }
    return words[language] % {"name": name}


def in_both(text: str, **values: Any) -> dict[str, str]:
    """A marked sentence in each language, with the values put in; a date is written by each."""
    sentences = {}
    for language in CODES:
        with translation.override(language):
            written = {
                key: write_day(value) if isinstance(value, dt.date) else value
                for key, value in values.items()
            }
            sentences[language] = translation.gettext(text) % written
    return sentences
