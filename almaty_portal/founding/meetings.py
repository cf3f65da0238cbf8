"""Loads the meetings, the agenda and the participants of the Conference of 2013."""

from almaty_portal.founding.archive import Archive, list_rows
from almaty_portal.founding.loading import Loading, words
from almaty_portal.founding.schema import StateOrOrganization, Words
from meetings.models import AgendaItem, Delegation, ListEntry, Meeting, Participant
from membership.models import Organization, State


def load_meetings(
    archive: Archive, loading: Loading, states: dict[str, State]
) -> dict[str, Meeting]:
    """Meetings, by address."""
    return {
        row.slug: loading.store(
            Meeting,
            f"meeting {row.slug}",
            {
                "slug": row.slug,
                "type": row.type.value,
                "number": row.number,
                "from_on": row.from_on,
                "last_on": row.until_on,
                "precision": row.precision.value,
                "time_zone": row.time_zone,
                "country": states[row.country] if row.country else None,
                "host": states[row.host] if row.host else None,
                "online": row.online,
                "languages": list(row.languages),
                **words(
                    title=row.title,
                    city=row.city,
                    venue=row.venue,
                    summary=row.summary,
                    source=row.source,
                ),
            },
            place=archive.meetings.file.at(index),
            natural={"slug": row.slug},
        )
        for index, row in enumerate(archive.meetings.content)
    }


def load_agenda(archive: Archive, loading: Loading, meetings: dict[str, Meeting]) -> None:
    """The timed items, in local time of the meeting (rule G4)."""
    agenda = archive.agenda.content
    meeting = meetings[agenda.meeting]
    only_day = meeting.from_on if meeting.from_on == meeting.last_on else None
    for index, row in enumerate(agenda.items):
        loading.store(
            AgendaItem,
            f"agenda {agenda.meeting} {index + 1}",
            {
                "meeting": meeting,
                "position": index + 1,
                "on": row.on or only_day,
                "starts_at": row.from_at,
                "ends_at": row.until_at,
                **words(
                    title=row.title,
                    details=row.details,
                    format=row.format,
                    moderator=row.moderator,
                    room=row.room,
                    speakers=lines(row.speakers),
                ),
            },
            place=archive.agenda.file.at("items", index),
            natural={"meeting": meeting, "position": index + 1},
        )


def lines(many: list[Words]) -> Words | None:
    if not many:
        return None
    return Words(en="\n".join(one.en for one in many), ru="\n".join(one.ru for one in many))


def load_participants(
    archive: Archive,
    loading: Loading,
    meetings: dict[str, Meeting],
    states: dict[str, State],
    organizations: dict[str, Organization],
) -> None:
    """Delegations, the numbered List of Participants, and the people named (rule G6).

    Who stands twice in the list is one delegation with two entries.
    """
    content = archive.participants.content
    meeting = meetings[content.meeting]
    group_of = {row.number: group.key for group in content.groups for row in group.entries}

    def sender(row: StateOrOrganization) -> dict[str, State | Organization | None]:
        return {
            "state": states[row.state] if row.state else None,
            "organization": organizations[row.organization] if row.organization else None,
        }

    delegations: dict[str, Delegation] = {}
    for place, row in list_rows(archive):
        who = row.state or row.organization or ""
        if who not in delegations:
            values = {"meeting": meeting, **sender(row)}
            delegations[who] = loading.store(
                Delegation,
                f"delegation {content.meeting} {who}",
                {**values, **words(note=row.note)},
                place=place,
                natural=values,
            )
        loading.store(
            ListEntry,
            f"list {content.meeting} {row.number}",
            {
                "meeting": meeting,
                "number": row.number,
                "group": group_of[row.number].value,
                "delegation": delegations[who],
                **words(printed=row.printed),
            },
            place=place,
            natural={"meeting": meeting, "number": row.number},
        )
    for index, person in enumerate(archive.people.content):
        of_conference = person.meeting == content.meeting
        loading.store(
            Participant,
            f"person {index + 1}",
            {
                "meeting": meetings[person.meeting],
                "delegation": delegations.get(person.state or person.organization or "")
                if of_conference
                else None,
                "position": index + 1,
                "role": person.role.value,
                **words(name=person.name, title=person.title, source=person.source),
            },
            place=archive.people.file.at(index),
        )
