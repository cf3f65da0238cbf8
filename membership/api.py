"""States and observers for programs (`/api/v1/members`, `/api/v1/observers`)."""

import datetime as dt
from typing import Any

from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from ninja import Router, Schema

from almaty_portal.common.api import Bilingual, Error, Page, PageQuery, bilingual, page_of, pages
from membership.models import Observer, Standing, State
from membership.models.states import StateQuerySet
from membership.views import standing_today, with_standing_today

router = Router(tags=["members"])


class StateOut(Schema):
    """A State with its present names and its standing of today (rules M1, M2)."""

    code: str
    iso3: str
    slug: str
    short_name: Bilingual
    formal_name: Bilingual
    standing: str | None
    standing_from_on: dt.date | None
    pages: Bilingual


class ObserverOut(Schema):
    """An observer in force: a State by its code, or an organization by its name."""

    state: str | None
    organization: Bilingual | None
    acronym: str | None
    from_on: dt.date | None
    decision: str


@router.get("/members", response={200: Page[StateOut], 422: Error}, summary="States")
def list_members(request: HttpRequest, paging: PageQuery) -> dict[str, Any]:
    """The States on record in the order of protocol, with what they are to the Process today."""
    return page_of(request, states(), paging, state)


@router.get(
    "/members/{slug:slug}", response={200: StateOut, 404: Error, 422: Error}, summary="One State"
)
def get_member(request: HttpRequest, slug: str) -> dict[str, Any]:
    """A State with what it is to the Process today."""
    return state(get_object_or_404(states(), slug=slug))


@router.get("/observers", response={200: Page[ObserverOut], 422: Error}, summary="Observers")
def list_observers(request: HttpRequest, paging: PageQuery) -> dict[str, Any]:
    """The observers of today that were admitted by a decision (rule M4)."""
    observers = Observer.objects.in_force().select_related("state", "organization")
    return page_of(request, observers, paging, observer)


def states() -> StateQuerySet:
    return with_standing_today(State.objects.filter(pk__in=Standing.objects.values("state")))


def state(one: State) -> dict[str, Any]:
    names = one.name_record()
    nothing = {"en": None, "ru": None}
    standing = standing_today(one)
    return {
        "code": one.code,
        "iso3": one.iso3,
        "slug": one.slug,
        "short_name": bilingual(names, "short") if names else nothing,
        "formal_name": bilingual(names, "formal") if names else nothing,
        "standing": standing.kind if standing else None,
        "standing_from_on": standing.from_on if standing else None,
        "pages": pages("member_detail", one.slug),
    }


def observer(one: Observer) -> dict[str, Any]:
    return {
        "state": one.state.code if one.state else None,
        "organization": bilingual(one.organization, "name") if one.organization else None,
        "acronym": one.organization.acronym if one.organization else None,
        "from_on": one.from_on,
        "decision": one.decision,
    }
