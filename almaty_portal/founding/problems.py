"""Checks a data file against its schema and tells what is wrong in sentences."""

from typing import Any, TypeVar

from django.utils.translation import gettext as _
from pydantic import TypeAdapter, ValidationError

from almaty_portal.founding.files import DataError, DataFile, Path_, Place

T = TypeVar("T")
MOST = 20  # sentences about one file; the rest is told at the next run


def check(file: DataFile, kind: type[T]) -> T:
    """The content of a file as `kind`. Raises DataError with a sentence for each thing wrong."""
    try:
        return TypeAdapter(kind).validate_python(file.content)
    except ValidationError as error:
        sentences = []
        for one in error.errors():
            path = path_of(file, one["loc"])
            sentence = Place(file, path).sentence(what_to_do(one, path))
            if sentence not in sentences:
                sentences.append(sentence)
        raise DataError("\n".join(sentences[:MOST])) from error


def path_of(file: DataFile, location: tuple[str | int, ...]) -> Path_:
    """The part of the file that a fault is about: what pydantic adds of its own is left out."""
    path: Path_ = ()
    for index, part in enumerate(location):
        last = index == len(location) - 1
        if (*path, part) in file.lines or (last and isinstance(part, str) and part.isidentifier()):
            path = (*path, part)
    return path


def what_to_do(error: Any, path: Path_) -> str:
    """The sentence for a fault that pydantic found."""
    kind, value, context = error["type"], error["input"], error.get("ctx", {})
    name = str(path[-1]) if path else ""
    missing = kind in {"missing", "string_too_short"} or (kind == "string_type" and value is None)
    if missing and name == "ru":
        return _("the Russian text is missing: add it after “ru:”.")
    if missing and name == "en":
        return _("the English text is missing: add it after “en:”.")
    if missing:
        return _("this field is missing: add it.")
    match kind:
        case "extra_forbidden":
            return _("this field is not known here: correct its spelling, or take it out.")
        case "enum" | "literal_error":
            return _("“%(value)s” is not known here: write %(expected)s.") % {
                "value": value,
                "expected": expected(str(context.get("expected", ""))),
            }
        case "value_error":
            return str(context["error"])
        case "string_type":
            return _("write words here.")
        case "string_too_long":
            return _("at most %(count)s letters fit here: shorten it.") % {
                "count": context["max_length"]
            }
        case "string_pattern_mismatch":
            return pattern_sentence(name, str(value))
        case "int_type" | "int_parsing" | "int_from_float":
            return _("“%(value)s” is not a whole number: write one.") % {"value": value}
        case "greater_than_equal":
            return _("write a number that is not below %(least)s.") % {"least": context["ge"]}
        case "less_than_equal":
            return _("write a number that is not above %(most)s.") % {"most": context["le"]}
        case "bool_type" | "bool_parsing":
            return _("“%(value)s” is neither yes nor no: write true or false.") % {"value": value}
        case "list_type" | "too_short":
            return _("a list belongs here: begin each entry on a new line with “- ”.")
        case "model_type" | "dict_type" | "model_attributes_type":
            return _("fields with their values belong here, as in “en: …” and “ru: …”.")
        case _ if kind.startswith(("datetime", "timezone")):
            return _(
                "“%(value)s” is not an instant: write it with its time zone, as in "
                "2013-08-31T18:00:00Z."
            ) % {"value": value}
        case _:
            return _("this cannot be read: compare it with the entries beside it.")


def expected(words: str) -> str:
    """pydantic's list of what is allowed, in the reader's language."""
    return words.replace("'", "").replace(" or ", _(" or "))


def pattern_sentence(name: str, value: str) -> str:
    if name in {"code", "state", "country", "host"}:
        what = _("“%(value)s” is not a code of a State: write two capital letters, as in KZ.")
    elif name == "iso3":
        what = _("“%(value)s” is not a code of three letters: write it as KAZ.")
    elif name == "anchor":
        what = _("“%(value)s” is no address: Latin letters, digits, dots and hyphens, as in 3.i.")
    else:
        what = _("“%(value)s” is no address: small Latin letters, digits and hyphens.")
    return what % {"value": value}
