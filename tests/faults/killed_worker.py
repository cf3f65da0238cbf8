"""A worker that is killed as it commits: `celery -A tests.faults.killed_worker`.

KILLED says where: `before` or `after` the first COMMIT of a transaction that records an outcome.
Each procedure has a transaction of its own here, so that there are boundaries between them.
"""

import os
import signal

import django
from django.db.backends.base.base import BaseDatabaseWrapper

from almaty_portal.celery import app

django.setup()

from documents.actions import outcomes  # noqa: E402
from documents.actions.silence import closing  # noqa: E402

__all__ = ["app"]

closing.TOGETHER = 1
recorded = []


def die() -> None:
    """As when the machine loses power: the worker and its children, all at once."""
    os.killpg(os.getpgrp(), signal.SIGKILL)


def noting(findings):
    recorded.append(findings)
    return real_record(findings)


def commit(self):
    if not recorded:
        return real_commit(self)
    if os.environ["KILLED"] == "before":
        die()
    real_commit(self)
    die()


real_record, closing.record_outcomes = outcomes.record_outcomes, noting
real_commit, BaseDatabaseWrapper._commit = BaseDatabaseWrapper._commit, commit
