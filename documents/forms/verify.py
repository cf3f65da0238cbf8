"""What a reader asks the portal to verify: a file, or a hash."""

import re
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from documents.uploads import MAX_BYTES

HASH = re.compile(r"^[0-9a-f]{64}$")
TOO_LARGE = _("The file is larger than 25 MB: the portal issues none of that size.")
TOO_MUCH = _(
    "The record in this bundle is larger than 4 MB, more than the portal reads: unpack it and run "
    "the program in it, verify.py."
)


class VerifyForm(forms.Form):
    file = forms.FileField(
        label=_("File"),
        required=False,
        help_text=_(
            "A certificate, an evidence bundle, a PDF or text file of the archive, a Note Verbale. "
            "It is compared and not kept. At most 25 MB."
        ),
        error_messages={"empty": _("The file is empty: choose another one.")},
    )
    sha256 = forms.CharField(
        label=_("or SHA-256"),
        required=False,
        max_length=200,
        help_text=_("64 digits and letters from a to f, as a certificate prints them."),
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )

    def clean_sha256(self) -> str:
        text = "".join(self.cleaned_data["sha256"].split()).lower()
        if text and not HASH.match(text):
            raise forms.ValidationError(
                _("This is no SHA-256: write its 64 digits and letters from a to f.")
            )
        return text

    def clean_file(self) -> Any:
        file = self.cleaned_data["file"]
        if file and file.size > MAX_BYTES:
            raise forms.ValidationError(str(TOO_LARGE))
        return file

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        if not self.errors and not given.get("file") and not given.get("sha256"):
            raise forms.ValidationError(_("Choose a file, or write a SHA-256."))
        return given
