"""Loads States with their names, what each was to the Process and when, and organizations."""

from almaty_portal.common.instants import almaty_today
from almaty_portal.founding.archive import Archive
from almaty_portal.founding.loading import Loading, words
from membership.actions import renew_protocol_key
from membership.models import Observer, Organization, Standing, State, StateName


def load_states(archive: Archive, loading: Loading) -> dict[str, State]:
    """States and their dated names (rule M2), by code."""
    file, states = archive.states.file, {}
    for index, row in enumerate(archive.states.content):
        state = loading.store(
            State,
            f"state {row.code}",
            {
                "code": row.code,
                "iso3": row.iso3,
                "slug": row.slug,
                "time_zone": row.time_zone,
                **words(note=row.note),
            },
            place=file.at(index),
            natural={"code": row.code},
        )
        for inner, name in enumerate(row.names):
            loading.store(
                StateName,
                f"name {row.code} {inner + 1}",
                {
                    "state": state,
                    "from_on": name.from_on,
                    "until_on": name.until_on,
                    "precision": name.precision.value,
                    **words(short=name.short, formal=name.formal, source=name.source),
                },
                place=file.at(index, "names", inner),
                natural={"state": state, "from_on": name.from_on},
            )
        renew_protocol_key(state=state)
        states[row.code] = state
    return states


def load_standing(archive: Archive, loading: Loading, states: dict[str, State]) -> None:
    """The dated standing of States, and the States published as observers (rules M1, M4).

    Where a source tells a standing without its first day, the record speaks from the day on which
    the publication was read (`known_as_of`), and an earlier one of the State ends there.
    """
    rows = archive.standing.content
    read_on = {row.state: row.known_as_of for row in rows if row.known_as_of}
    count: dict[tuple[str, str], int] = {}
    for index, row in enumerate(rows):
        count[row.state, row.kind] = count.get((row.state, row.kind), 0) + 1
        key = f"{row.state} {row.kind.value} {count[row.state, row.kind]}"
        state, place = states[row.state], archive.standing.file.at(index)
        entered = {}
        if row.state in read_on:
            entered = {"entered_on": min(read_on[row.state], almaty_today())}
        loading.store(
            Standing,
            f"standing {key}",
            {
                "state": state,
                "kind": row.kind.value,
                "from_on": row.from_on,
                "from_precision": row.from_precision.value,
                "until_on": row.until_on,
                "until_precision": row.until_precision.value,
                **words(basis=row.basis, source=row.source),
                **entered,
            },
            place=place,
        )
        if row.kind == Standing.Kind.OBSERVER:
            loading.store(
                Observer,
                f"observer {key}",
                {
                    "state": state,
                    "from_on": row.from_on,
                    "until_on": row.until_on,
                    **words(source=row.source),
                    **entered,
                },
                place=place,
            )


def load_organizations(
    archive: Archive, loading: Loading, states: dict[str, State]
) -> dict[str, Organization]:
    """Organizations, by address."""
    return {
        row.slug: loading.store(
            Organization,
            f"organization {row.slug}",
            {
                "slug": row.slug,
                "kind": row.kind.value,
                "acronym": row.acronym or "",
                "country": states[row.country] if row.country else None,
                **words(name=row.name),
            },
            place=archive.organizations.file.at(index),
            natural={"slug": row.slug},
        )
        for index, row in enumerate(archive.organizations.content)
    }
