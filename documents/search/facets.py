"""What the documents found may be narrowed by, and how many of them have each value."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from django.db.models import Exists, OuterRef

from documents.models import Document, Topic
from documents.search.statements import Row
from meetings.models import Meeting
from membership.models import State

FACETS = ("type", "topic", "year", "meeting", "state", "language")


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
    meetings = {pk: (slug, title) for pk, slug, title in meeting_titles(language)}
    labels: dict[str, dict[str, str]] = {
        "type": {value: capital(str(label)) for value, label in Document.Type.choices},
        "topic": dict(topic_names(language)),
        "meeting": dict(meetings.values()),
        "state": {
            state.code: state.name() for state in State.objects.in_protocol_order().with_names()
        },
        "language": {"en": "English", "ru": "Русский"},
    }
    values = [
        {
            "type": (row.type,),
            "topic": row.topics,
            "year": (str(row.year),) if row.year else (),
            "meeting": (meetings[row.meeting][0],) if row.meeting in meetings else (),
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
    active = {name: labels.get(name, {}).get(value) or value for name, value in filters.items()}
    return facets, active


def topic_names(language: str) -> Iterable[tuple[str, str]]:
    return Topic.objects.values_list("slug", f"name_{language}")


def meeting_titles(language: str) -> Iterable[tuple[int, str, str]]:
    return Meeting.objects.filter(
        Exists(Document.objects.filter(meeting=OuterRef("pk")))
    ).values_list("pk", "slug", f"title_{language}")


def capital(text: str) -> str:
    return text[:1].upper() + text[1:]
