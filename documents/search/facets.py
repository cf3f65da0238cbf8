"""What the documents found may be narrowed by, and how many of them have each value."""

import datetime as dt
import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from django.contrib.postgres.search import SearchQuery
from django.db.models import BooleanField, ExpressionWrapper, Q, QuerySet
from django.db.models.functions import ExtractYear

from documents.models import Document, SearchText, Topic
from documents.search.index import state_term
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


def narrow(documents: QuerySet[Document], filters: Mapping[str, str]) -> QuerySet[Document]:
    """The documents that have the chosen value of each facet."""
    for name, value in filters.items():
        match name:
            case "type":
                documents = documents.filter(type=value)
            case "topic":
                documents = documents.filter(
                    pk__in=Topic.objects.filter(slug=value).values("documents")
                )
            case "year":
                year = int(value) if value.isascii() and value.isdigit() else 0
                documents = (
                    documents.filter(issued_on__year=year)
                    if 1 <= year <= dt.MAXYEAR
                    else documents.none()
                )
            case "meeting":
                documents = documents.filter(meeting__slug=value)
            case "state":
                documents = (
                    documents.filter(
                        pk__in=SearchText.objects.filter(vector=names_state(value)).values(
                            "document"
                        )
                    )
                    if re.fullmatch(r"[A-Za-z]{2}", value)
                    else documents.none()
                )
            case "language":
                documents = documents.filter(
                    pk__in=SearchText.objects.filter(language=value)
                    .exclude(body="")
                    .values("document")
                )
    return documents


def names_state(code: str) -> SearchQuery:
    return SearchQuery(state_term(code), config="simple", search_type="raw")


def count_facets(
    ids: list[int], filters: Mapping[str, str], language: str
) -> tuple[dict[str, list[Choice]], dict[str, str]]:
    """For each facet its values with counts, each under the other facets chosen."""
    states = {state.code: state.name() for state in State.objects.in_protocol_order().with_names()}
    values = facet_values(ids, states)
    labels: dict[str, dict[str, str]] = {
        "type": {value: capital(str(label)) for value, label in Document.Type.choices},
        "topic": dict(topic_names(language)),
        "meeting": dict(meeting_titles(language)),
        "state": states,
        "language": {"en": "English", "ru": "Русский"},
    }
    facets = {}
    for name in FACETS:
        counts: Counter[str] = Counter()
        for own in values.values():
            if all(filters[one] in own[one] for one in filters if one != name):
                counts.update(own[name])
        known = labels.get(name) or {year: year for year in sorted(counts, reverse=True)}
        facets[name] = [
            Choice(value, known[value], counts[value], filters.get(name) == value)
            for value in known
            if counts[value] and known[value]
        ]
    active = {name: labels.get(name, {}).get(value) or value for name, value in filters.items()}
    return facets, active


def facet_values(ids: list[int], states: Mapping[str, str]) -> dict[int, dict[str, set[str]]]:
    values: dict[int, dict[str, set[str]]] = {}
    rows = Document.objects.filter(pk__in=ids).annotate(year=ExtractYear("issued_on"))
    for pk, kind, year, meeting in rows.order_by().values_list(
        "pk", "type", "year", "meeting__slug"
    ):
        values[pk] = {
            "type": {kind},
            "topic": set(),
            "year": {str(year)} if year else set(),
            "meeting": {meeting} if meeting else set(),
            "state": set(),
            "language": set(),
        }
    through = Document.topics.through.objects.filter(document__in=ids)
    for pk, topic in through.values_list("document_id", "topic__slug"):
        values[pk]["topic"].add(topic)
    texts = SearchText.objects.filter(document__in=ids).annotate(
        has_text=ExpressionWrapper(~Q(body=""), output_field=BooleanField()),
        **{
            f"names_{code}": ExpressionWrapper(
                Q(vector=names_state(code)), output_field=BooleanField()
            )
            for code in states
        },
    )
    for row in texts.values(
        "document_id", "language", "has_text", *(f"names_{code}" for code in states)
    ):
        own = values[row["document_id"]]
        if row["has_text"]:
            own["language"].add(row["language"])
        own["state"].update(code for code in states if row[f"names_{code}"])
    return values


def topic_names(language: str) -> Iterable[tuple[str, str]]:
    return Topic.objects.values_list("slug", f"name_{language}")


def meeting_titles(language: str) -> Iterable[tuple[str, str]]:
    return (
        Meeting.objects.filter(documents__isnull=False)
        .distinct()
        .values_list("slug", f"title_{language}")
    )


def capital(text: str) -> str:
    return text[:1].upper() + text[1:]
