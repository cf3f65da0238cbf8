"""A process that tells what is new to searches: `python -m tests.faults.killed_teller`.

With KILLED it is killed there: `before` or `after` the first COMMIT of a transaction that holds a
mail; without it the process ends by itself.
"""

import os
import signal

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "almaty_portal.settings")
django.setup()

from django.db.backends.base.base import BaseDatabaseWrapper  # noqa: E402

from documents.actions import searches  # noqa: E402

told = []


def telling(*words):
    told.append(words)
    return real_tell(*words)


def commit(self):
    if not told:
        return real_commit(self)
    if os.environ["KILLED"] == "after":
        real_commit(self)
    os.kill(os.getpid(), signal.SIGKILL)


real_tell, real_commit = searches.mail.tell_found, BaseDatabaseWrapper._commit
if os.environ.get("KILLED"):
    searches.mail.tell_found = telling
    BaseDatabaseWrapper._commit = commit
searches.tell_new()
