"""What the documents found may be narrowed by, and how many of them have each value."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from operator import attrgetter
from typing import Any
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from documents.models import Document, Topic
from documents.search.statements import Row
from meetings.models import Meeting
from membership.models import State

FACETS = {
    "type": _("Type"),
    "topic": _("Topic"),
    "year": _("Year"),
    "meeting": _("Meeting"),
    "state": _("State named in the text"),
    "language": _("Language of the text"),
}
COLUMNS = {
    "type": "type",
    "topic": "topics",
    "year": "year",
    "meeting": "meeting",
    "state": "states",
    "language": "languages",
}
SEVERAL = {"topic", "state", "language"}  # of which a document may have more than one


@dataclass
class Choice:
    """A value of a facet: how many of the documents found have it."""

    value: str
    label: str
    count: int
    active: bool


def count_facets(
    rows: Sequence[Row], filters: Mapping[str, str], language: str
) -> tuple[dict[str, list[Choice]], dict[str, str]]:
    """For each facet its values with counts, each under the other facets chosen; and the names of
    the chosen values."""
    facets, labels = {}, {}
    for name in FACETS:
        others = {one: value for one, value in filters.items() if one != name}
        counts = counted(name, [row for row in rows if has(row, others)] if others else rows)
        active = filters.get(name, "")
        known = labels[name] = values_of(name, language, {*counts, active} - {""})
        facets[name] = [
            Choice(value, known[value], counts[value], active == value)
            for value in known
            if counts[value] and known[value]
        ]
    return facets, names_of(filters, labels)


def counted(name: str, rows: Sequence[Row]) -> Counter[str]:
    values = map(attrgetter(COLUMNS[name]), rows)
    counts = Counter(chain.from_iterable(map(str.split, values)) if name in SEVERAL else values)
    del counts[""]
    return counts


def has(row: Row, values: Mapping[str, str]) -> bool:
    """Whether a document has these values of facets."""
    for name, value in values.items():
        own = getattr(row, COLUMNS[name])
        if value not in (own.split() if name in SEVERAL else (own,)):
            return False
    return True


def values_of(name: str, language: str, only: set[str] | None = None) -> dict[str, str]:
    """The values of a facet with their names, in the order in which they are shown: all of them,
    or only some. Years are their own names, and are given."""
    match name:
        case "year":
            return {year: year for year in sorted(only or (), reverse=True)}
        case "type":
            return {value: capital(str(label)) for value, label in Document.Type.choices}
        case "language":
            return {"en": "English", "ru": "Русский"}
    if only is not None and not only:
        return {}
    match name:
        case "topic":
            topics = Topic.objects.filter(**some("slug", only))
            return dict(topics.values_list("slug", f"name_{language}"))
        case "meeting":
            meetings = Meeting.objects.filter(**some("slug", only))
            return dict(meetings.values_list("slug", f"title_{language}"))
        case _:
            states = State.objects.filter(**some("code", only)).in_protocol_order().with_names()
            return {state.code: state.name() for state in states}


def some(field: str, only: set[str] | None) -> dict[str, Any]:
    return {} if only is None else {f"{field}__in": only}


def labels_of(language: str) -> dict[str, dict[str, str]]:
    """The names of the values of facets in a language; a year is its own."""
    return {name: values_of(name, language) for name in FACETS}


def names_of(filters: Mapping[str, str], labels: Mapping[str, Mapping[str, str]]) -> dict[str, str]:
    """The names of chosen values of facets; a value that nothing has is its own."""
    return {name: labels.get(name, {}).get(value) or value for name, value in filters.items()}


def in_words(text: str, names: Mapping[str, str]) -> str:
    """What a search looks for, for people to read; `names` as `names_of` gives them."""
    told = [gettext("“%(words)s”") % {"words": text}] if text else []
    told += [f"{label}: {names[name]}" for name, label in FACETS.items() if name in names]
    return " · ".join(told) or gettext("All documents")


def url_of(asked: Mapping[str, str], name: str = "archive") -> str:
    """The path of a page that answers a search, in the present language."""
    query = urlencode(asked)
    return f"{reverse(name)}?{query}" if query else reverse(name)


def capital(text: str) -> str:
    return text[:1].upper() + text[1:]
