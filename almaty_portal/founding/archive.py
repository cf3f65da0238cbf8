"""The data files as one checked whole: each against its schema, then one against another."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Generic, TypeVar

from django.utils.translation import gettext as _

from almaty_portal.common.languages import CODES
from almaty_portal.founding import schema
from almaty_portal.founding.files import DataError, DataFile, Place, read
from almaty_portal.founding.problems import check
from documents import markup
from documents.actions.texts import default_anchor
from documents.models import Paragraph

T = TypeVar("T")

FILES: dict[str, Any] = {
    "states": list[schema.StateRow],
    "standing": list[schema.StandingRow],
    "organizations": list[schema.OrganizationRow],
    "topics": list[schema.TopicRow],
    "meetings": list[schema.MeetingRow],
    "agenda": schema.Agenda,
    "participants": schema.Participants,
    "people": list[schema.PersonRow],
    "chairmanships": list[schema.ChairRow],
    "windows": list[schema.WindowRow],
    "reading_editions": list[schema.ReadingEditionRow],
    "decisions": list[schema.DecisionRow],
    "glossary": schema.Glossary,
}


@dataclass
class Checked(Generic[T]):
    """A data file and its content, checked."""

    file: DataFile
    content: T


@dataclass
class Archive:
    """All data files of the founding archive."""

    states: Checked[list[schema.StateRow]]
    standing: Checked[list[schema.StandingRow]]
    organizations: Checked[list[schema.OrganizationRow]]
    topics: Checked[list[schema.TopicRow]]
    meetings: Checked[list[schema.MeetingRow]]
    agenda: Checked[schema.Agenda]
    participants: Checked[schema.Participants]
    people: Checked[list[schema.PersonRow]]
    chairmanships: Checked[list[schema.ChairRow]]
    windows: Checked[list[schema.WindowRow]]
    reading_editions: Checked[list[schema.ReadingEditionRow]]
    decisions: Checked[list[schema.DecisionRow]]
    glossary: Checked[schema.Glossary]
    texts: list[Checked[schema.TextFile]]


def read_archive(directory: Path) -> Archive:
    """Read and check every data file. Raises DataError that tells all that is wrong in them."""
    faults: list[str] = []
    parts: dict[str, Any] = {}
    for name, kind in FILES.items():
        parts[name] = checked(directory, f"{name}.yaml", kind, faults)
    names = sorted(path.name for path in (directory / "texts").glob("*.yaml"))
    parts["texts"] = [
        checked(directory, f"texts/{name}", schema.TextFile, faults) for name in names
    ]
    if not names:
        faults.append(
            _("%(directory)s has no texts: put the files of the texts back.")
            % {"directory": f"{directory.name}/texts"}
        )
    if not faults:
        archive = Archive(**parts)
        faults = list(dict.fromkeys(contradictions(archive)))
    if faults:
        raise DataError("\n".join(faults))
    return archive


def checked(directory: Path, name: str, kind: Any, faults: list[str]) -> Checked[Any] | None:
    try:
        file = read(directory, name)
        return Checked(file, check(file, kind))
    except DataError as error:
        faults.append(error.message)
        return None


def contradictions(archive: Archive) -> Iterator[str]:
    """A sentence for each entry that names what no file has, or that stands twice."""
    yield from twice(archive.states, "code")
    for part in (archive.states, archive.organizations, archive.topics, archive.meetings):
        yield from twice(part, "slug")
    yield from twice(archive.decisions, "slug")
    yield from twice(archive.windows, "slug")
    slugs: set[str] = set()
    for text in archive.texts:
        if text.content.slug in slugs:
            yield text.file.at("slug").sentence(stands_twice(text.content.slug))
        slugs.add(text.content.slug)
        yield from addresses_taken(text)
        yield from marks_without_footnote(text)
    numbers: set[int] = set()
    for place, row in list_rows(archive):
        if row.number in numbers:
            yield (place / "number").sentence(
                _("the number %(number)s stands twice: number the entries through.")
                % {"number": row.number}
            )
        numbers.add(row.number)
    states = {row.code for row in archive.states.content}
    for place, code in named_states(archive):
        if code not in states:
            yield place.sentence(
                _(
                    "“%(code)s” is not the code of a State in states.yaml: correct it, or add the "
                    "State there."
                )
                % {"code": code}
            )
    known = {
        "organizations.yaml": {row.slug for row in archive.organizations.content},
        "meetings.yaml": {row.slug for row in archive.meetings.content},
        "topics.yaml": {row.slug for row in archive.topics.content},
        "texts/": slugs,
    }
    for place, slug, where in named_records(archive):
        if slug not in known[where]:
            yield place.sentence(
                _("“%(slug)s” is not in %(file)s: correct it, or add it there.")
                % {"slug": slug, "file": where}
            )


def twice(part: Checked[list[Any]], field: str) -> Iterator[str]:
    seen = set()
    for index, row in enumerate(part.content):
        value = getattr(row, field)
        if value in seen:
            yield part.file.at(index, field).sentence(stands_twice(value))
        seen.add(value)


def addresses_taken(text: Checked[schema.TextFile]) -> Iterator[str]:
    seen: dict[str, int] = {}
    for position, row in enumerate(text.content.paragraphs, start=1):
        anchor = row.anchor or default_anchor(row.role, row.number, position)
        if anchor in seen:
            yield text.file.at("paragraphs", position - 1, "anchor").sentence(
                _(
                    "paragraph %(first)s has the address “%(anchor)s” already: write an “anchor” "
                    "of its own."
                )
                % {"first": seen[anchor], "anchor": anchor}
            )
        seen.setdefault(anchor, position)


def marks_without_footnote(text: Checked[schema.TextFile]) -> Iterator[str]:
    rows = text.content.paragraphs
    notes = {row.number for row in rows if row.role == Paragraph.Role.FOOTNOTE}
    for index, row in enumerate(rows):
        for number in markup.footnotes(row.en):
            if number not in notes:
                yield text.file.at("paragraphs", index).sentence(
                    _(
                        "the mark [^%(number)s] has no footnote of that number: add the footnote, "
                        "or correct the mark."
                    )
                    % {"number": number}
                )


def stands_twice(value: str) -> str:
    return _("“%(value)s” stands twice: give each entry its own.") % {"value": value}


def named_states(archive: Archive) -> Iterator[tuple[Place, str]]:
    """Each place where a file names a State by its code."""
    for part, field in (
        (archive.standing, "state"),
        (archive.organizations, "country"),
        (archive.meetings, "country"),
        (archive.meetings, "host"),
        (archive.people, "state"),
        (archive.chairmanships, "state"),
    ):
        for index, row in enumerate(part.content):
            if code := getattr(row, field):
                yield part.file.at(index, field), code
    for place, row in list_rows(archive):
        if row.state:
            yield place / "state", row.state
    for index, window in enumerate(archive.windows.content):
        for inner, asked in enumerate(window.states):
            yield archive.windows.file.at(index, "states", inner, "state"), asked.state
    for index, reading in enumerate(archive.reading_editions.content):
        for code in reading.settlements:
            yield archive.reading_editions.file.at(index, "settlements", code), code
    for text in archive.texts:
        for index, paragraph in enumerate(text.content.paragraphs):
            for language in CODES:
                for code in markup.states(getattr(paragraph, language)):
                    yield text.file.at("paragraphs", index, language), code


def list_rows(archive: Archive) -> Iterator[tuple[Place, schema.ListRow]]:
    """The entries of the List of Participants, each with its place."""
    for index, group in enumerate(archive.participants.content.groups):
        for inner, row in enumerate(group.entries):
            yield archive.participants.file.at("groups", index, "entries", inner), row


def named_records(archive: Archive) -> Iterator[tuple[Place, str, str]]:
    """Each place where a file names an entry of another file, and which file that is."""
    yield archive.agenda.file.at("meeting"), archive.agenda.content.meeting, "meetings.yaml"
    people, participants = archive.people, archive.participants
    yield participants.file.at("meeting"), participants.content.meeting, "meetings.yaml"
    for place, row in list_rows(archive):
        if row.organization:
            yield place / "organization", row.organization, "organizations.yaml"
    for index, person in enumerate(people.content):
        yield people.file.at(index, "meeting"), person.meeting, "meetings.yaml"
        if person.organization:
            yield people.file.at(index, "organization"), person.organization, "organizations.yaml"
    for index, topic in enumerate(archive.topics.content):
        for inner, slug in enumerate(topic.meetings):
            yield archive.topics.file.at(index, "meetings", inner), slug, "meetings.yaml"
    for index, decision in enumerate(archive.decisions.content):
        yield archive.decisions.file.at(index, "meeting"), decision.meeting, "meetings.yaml"
        yield archive.decisions.file.at(index, "document"), decision.document, "texts/"
    rest: tuple[Checked[Any], ...] = (archive.windows, archive.reading_editions)
    for part in rest:
        for index, entry in enumerate(part.content):
            yield part.file.at(index, "document"), entry.document, "texts/"
    for text in archive.texts:
        if text.content.meeting:
            yield text.file.at("meeting"), text.content.meeting, "meetings.yaml"
        for index, slug in enumerate(text.content.topics):
            yield text.file.at("topics", index), slug, "topics.yaml"
        for index, slug in enumerate(text.content.annexes):
            yield text.file.at("annexes", index), slug, "texts/"
