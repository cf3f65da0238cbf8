"""F6, F7: processes that tell what is new to searches, killed between two mails, and at once."""

import datetime as dt
from collections import Counter

import pytest
from post_office.models import Email

from almaty_portal.common.instants import database_now
from almaty_portal.common.models import Notice
from documents.models import SavedSearch, SearchHit
from tests.documents.test_saved_searches import save
from tests.factories.documents import a_public_document
from tests.faults.conftest import member_states

pytestmark = [pytest.mark.processes, pytest.mark.django_db(transaction=True)]
TELLER = "tests.faults.killed_teller"


def on_record() -> tuple[int, int, int]:
    """How many hits, notices and mails there are: always as many of each."""
    return (
        SearchHit.objects.count(),
        Notice.objects.filter(event__startswith="searches-").count(),
        Email.objects.count(),
    )


def test_killed_at_a_commit_and_two_at_once_each_is_told_once(processes):
    for _state, person in member_states(6):
        save(person)
    a_public_document(title_en="Canary")
    SavedSearch.objects.update(looked_at=database_now() - dt.timedelta(days=8))
    for moment, left in (("before", 0), ("after", 1), ("after", 2)):
        assert processes.start("worker", TELLER, KILLED=moment).wait(60) == -9
        assert on_record() == (left, left, left), moment
    both = [processes.start(name, TELLER) for name in ("worker", "beat")]
    assert [one.wait(60) for one in both] == [0, 0], processes.log("worker")
    assert on_record() == (6, 6, 6)
    assert set(Counter(one.to[0] for one in Email.objects.all()).values()) == {1}
