"""Meetings for programs (`/api/v1/meetings`)."""

import datetime as dt
from typing import Any

from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from ninja import Router, Schema

from almaty_portal.common.api import Bilingual, Error, Page, PageQuery, bilingual, page_of, pages
from meetings.models import AgendaItem, Meeting

router = Router(tags=["meetings"])


class MeetingOut(Schema):
    """A meeting; days are those of its place, States are ISO 3166 codes."""

    slug: str
    type: str
    number: int | None
    title: Bilingual
    from_on: dt.date
    last_on: dt.date
    precision: str
    time_zone: str
    city: Bilingual
    country: str | None
    host: str | None
    online: bool
    languages: list[str]
    demonstration: bool
    pages: Bilingual


class AgendaItemOut(Schema):
    """An item of an agenda, in local time of the meeting."""

    on: dt.date | None
    starts_at: dt.time | None
    ends_at: dt.time | None
    title: Bilingual


class MeetingDetailOut(MeetingOut):
    """A meeting with its agenda."""

    venue: Bilingual
    summary: Bilingual
    agenda: list[AgendaItemOut]


@router.get("/meetings", response={200: Page[MeetingOut], 422: Error}, summary="Meetings")
def list_meetings(request: HttpRequest, paging: PageQuery) -> dict[str, Any]:
    """All meetings, the latest first."""
    return page_of(request, Meeting.objects.select_related("country", "host"), paging, meeting)


@router.get(
    "/meetings/{slug:slug}",
    response={200: MeetingDetailOut, 404: Error, 422: Error},
    summary="One meeting",
)
def get_meeting(request: HttpRequest, slug: str) -> dict[str, Any]:
    """A meeting with its agenda."""
    found: Meeting = get_object_or_404(Meeting.objects.select_related("country", "host"), slug=slug)
    return {
        **meeting(found),
        "venue": bilingual(found, "venue"),
        "summary": bilingual(found, "summary"),
        "agenda": [agenda_item(one) for one in found.agenda.all()],
    }


def meeting(one: Meeting) -> dict[str, Any]:
    return {
        "slug": one.slug,
        "type": one.type,
        "number": one.number,
        "title": bilingual(one, "title"),
        "from_on": one.from_on,
        "last_on": one.last_on,
        "precision": one.precision,
        "time_zone": one.time_zone,
        "city": bilingual(one, "city"),
        "country": one.country.code if one.country else None,
        "host": one.host.code if one.host else None,
        "online": one.online,
        "languages": one.languages,
        "demonstration": one.is_demonstration,
        "pages": pages("meeting_detail", one.slug),
    }


def agenda_item(one: AgendaItem) -> dict[str, Any]:
    return {
        "on": one.on,
        "starts_at": one.starts_at,
        "ends_at": one.ends_at,
        "title": bilingual(one, "title"),
    }
