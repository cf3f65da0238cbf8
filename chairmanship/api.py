"""Terms in the Chair for programs (`/api/v1/chairmanships`)."""

import datetime as dt
from typing import Any

from django.http import HttpRequest
from ninja import Router, Schema

from almaty_portal.common.api import Bilingual, Error, Page, PageQuery, bilingual, page_of
from chairmanship.models import Chairmanship

router = Router(tags=["chairmanships"])


class ChairmanshipOut(Schema):
    """A term in the Chair; its end is the first day no longer in it."""

    state: str
    from_on: dt.date
    from_precision: str
    until_on: dt.date | None
    until_precision: str
    published: Bilingual
    decision: str


@router.get(
    "/chairmanships", response={200: Page[ChairmanshipOut], 422: Error}, summary="Chairmanships"
)
def list_chairmanships(request: HttpRequest, paging: PageQuery) -> dict[str, Any]:
    """The terms in the Chair, past, present and to come, the first one first."""
    return page_of(
        request, Chairmanship.objects.standing().select_related("state"), paging, chairmanship
    )


def chairmanship(one: Chairmanship) -> dict[str, Any]:
    return {
        "state": one.state.code,
        "from_on": one.from_on,
        "from_precision": one.from_precision,
        "until_on": one.until_on,
        "until_precision": one.until_precision,
        "published": bilingual(one, "published"),
        "decision": one.decision,
    }
