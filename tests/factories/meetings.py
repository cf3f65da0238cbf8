"""Meetings, and decisions taken at them."""

import datetime as dt

from documents.actions import archive
from documents.models import Decision, Document
from meetings.models import Meeting


def a_meeting(**fields) -> Meeting:
    return Meeting.objects.create(
        **{
            "slug": "conference",
            "type": "ministerial_conference",
            "title_en": "Conference",
            "title_ru": "Конференция",
            "from_on": dt.date(2013, 6, 5),
            "last_on": dt.date(2013, 6, 5),
            **fields,
        }
    )


def a_decision(document: Document, number: str = "taken") -> Decision:
    meeting = Meeting.objects.filter(slug="conference").first() or a_meeting()
    return archive.register_decision(
        by=None,
        slug=number,
        title_en=f"Decision {number}",
        title_ru=f"Решение {number}",
        taken="meeting",
        taken_on=dt.date(2013, 6, 5),
        document=document,
        meeting=meeting,
    )
