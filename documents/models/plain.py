"""The plain form in which references are compared, computed by the database (rule T1)."""

from django.db import models
from django.db.models import F, Func, Value
from django.db.models.functions import Lower


def replaced(text: models.Expression, pattern: str, by: str) -> Func:
    return Func(text, Value(pattern), Value(by), Value("g"), function="regexp_replace")


# `documents.references.plain_form` in SQL: small letters, numbers without zeros before them, a
# hyphen for whatever parts them.
PLAIN_FORM = replaced(
    replaced(Lower(F("reference")), "[^[:alnum:]]+", "-"), "(^|-)0+([0-9])", r"\1\2"
)
