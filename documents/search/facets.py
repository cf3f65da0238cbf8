"""What the documents found may be narrowed by, and how many of them have each value."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

from django.db.models import Exists, OuterRef
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
    """For each facet its values with counts, each under the other facets chosen."""
    meetings = list(meeting_titles(language))
    slugs = {pk: slug for pk, slug, _title in meetings}
    labels = labels_of(language, meetings)
    values = [
        {
            "type": (row.type,),
            "topic": row.topics,
            "year": (str(row.year),) if row.year else (),
            "meeting": (slugs[row.meeting],) if row.meeting in slugs else (),
            "state": row.states,
            "language": row.languages,
        }
        for row in rows
    ]
    facets = {}
    for name in FACETS:
        others = [one for one in filters if one != name]
        counts = Counter(
            value
            for own in values
            if all(filters[one] in own[one] for one in others)
            for value in own[name]
        )
        known = labels.get(name) or {year: year for year in sorted(counts, reverse=True)}
        facets[name] = [
            Choice(value, known[value], counts[value], filters.get(name) == value)
            for value in known
            if counts[value] and known[value]
        ]
    return facets, names_of(filters, labels)


def labels_of(
    language: str, meetings: Iterable[tuple[int, str, str]] | None = None
) -> dict[str, dict[str, str]]:
    """The names of the values of facets in a language; a year is its own."""
    if meetings is None:
        meetings = meeting_titles(language)
    return {
        "type": {value: capital(str(label)) for value, label in Document.Type.choices},
        "topic": dict(topic_names(language)),
        "meeting": {slug: title for _pk, slug, title in meetings},
        "state": {
            state.code: state.name() for state in State.objects.in_protocol_order().with_names()
        },
        "language": {"en": "English", "ru": "Русский"},
    }


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


def topic_names(language: str) -> Iterable[tuple[str, str]]:
    return Topic.objects.values_list("slug", f"name_{language}")


def meeting_titles(language: str) -> Iterable[tuple[int, str, str]]:
    return Meeting.objects.filter(
        Exists(Document.objects.filter(meeting=OuterRef("pk")))
    ).values_list("pk", "slug", f"title_{language}")


def capital(text: str) -> str:
    return text[:1].upper() + text[1:]
