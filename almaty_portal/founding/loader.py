"""Loads the founding archive: checks all files, then stores all of it or nothing."""

from collections import Counter
from pathlib import Path

from django.conf import settings
from django.db import connection, transaction

from almaty_portal.founding.archive import read_archive
from almaty_portal.founding.history import (
    load_chairmanships,
    load_decisions,
    load_reading_editions,
    load_windows,
)
from almaty_portal.founding.loading import Loading
from almaty_portal.founding.meetings import load_agenda, load_meetings, load_participants
from almaty_portal.founding.states import load_organizations, load_standing, load_states
from almaty_portal.founding.texts import load_glossary, load_texts, load_topics

DIRECTORY = settings.BASE_DIR / "founding_archive"
# Any fixed number: PostgreSQL's advisory lock of the one process that loads the archive.
LOADER_LOCK = 5_06_2013_1


def load_founding_archive(directory: Path = DIRECTORY) -> Counter[str]:
    """Bring the records in step with the data files; the numbers `created`, `changed`,
    `unchanged`, `removed`.

    A second run changes nothing. Raises DataError with a sentence for each fault in the files;
    nothing is stored then.
    """
    archive = read_archive(directory)
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [LOADER_LOCK])
        loading = Loading()
        states = load_states(archive, loading)
        load_standing(archive, loading, states)
        organizations = load_organizations(archive, loading, states)
        meetings = load_meetings(archive, loading, states)
        load_agenda(archive, loading, meetings)
        load_participants(archive, loading, meetings, states, organizations)
        topics = load_topics(archive, loading, meetings)
        load_glossary(archive, loading)
        editions = load_texts(archive, loading, meetings, topics)
        load_chairmanships(archive, loading, states)
        load_decisions(archive, loading, meetings, editions)
        clean = load_reading_editions(archive, loading, editions)
        load_windows(archive, loading, states, editions, clean)
        loading.remove_what_is_gone(directory.name)
    return loading.counts
