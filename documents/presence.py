"""Who else has the editor of a text open: told, so that two people don't undo each other's work.

It is kept in the cache, for minutes: nothing depends on it, since what is stored is guarded by the
state of the text (`documents.admin.editor`).
"""

import time

from django.core.cache import cache

from documents.models import Edition
from membership.models import User

SECONDS = 180  # a page with JavaScript tells of itself every minute


def seen(edition: Edition, person: User) -> list[str]:
    """Note that a person has the editor open; the names of the others who have."""
    now = time.time()
    present = {
        who: told
        for who, told in (cache.get(key(edition)) or {}).items()
        if told[1] > now - SECONDS
    }
    others = sorted(told[0] for who, told in present.items() if who != person.pk)
    present[person.pk] = (person.get_full_name() or person.email, now)
    cache.set(key(edition), present, SECONDS)
    return others


def left(edition: Edition, person: User) -> None:
    """Note that a person has closed the editor."""
    present = cache.get(key(edition)) or {}
    if present.pop(person.pk, None):
        cache.set(key(edition), present, SECONDS)


def key(edition: Edition) -> str:
    return f"writing:{edition.pk}"
