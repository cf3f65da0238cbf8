"""Openings of silence procedures that are refused, and what is told of those that are not."""

import datetime as dt

import pytest

from almaty_portal.common.errors import DomainError
from almaty_portal.common.instants import almaty_today
from almaty_portal.common.models import AuditRecord, Notice
from chairmanship.models import Chairmanship
from documents.models import Effect, LedgerEntry, SilenceProcedure
from meetings.models import Meeting
from tests.factories.documents import a_procedure


def refused(sentence: str, *fields: str, **values) -> None:
    """Opening is refused with a sentence at its fields, and nothing at all is stored."""
    before = LedgerEntry.objects.count()
    with pytest.raises(DomainError) as caught:
        a_procedure(**values)
    assert sentence in str(caught.value)
    assert caught.value.fields == fields
    assert not SilenceProcedure.objects.exists()
    assert not Effect.objects.exists()
    assert not Notice.objects.exists()
    assert LedgerEntry.objects.count() == before
    assert not AuditRecord.objects.filter(action="open_silence").exists()


def mail_to(person) -> str:
    return Notice.objects.get(recipient=person).email.message


def a_meeting(days: int) -> Meeting:
    day = almaty_today() + dt.timedelta(days=days)
    return Meeting.objects.create(
        slug=f"meeting-{days}",
        type="workshop",
        title_en=f"Workshop {days}",
        title_ru=f"Семинар {days}",
        from_on=day,
        last_on=day,
    )


def a_term(state, until_on=None) -> Chairmanship:
    return Chairmanship.objects.create(
        state=state, from_on=almaty_today() - dt.timedelta(days=300), until_on=until_on
    )
