"""What every part of the JSON API shares: the shapes of texts and pages, and how a page is cut.

The API shows what everybody may read, whoever asks (rule T6). Its sentences are in English, as
protocols are; texts and names are given in both languages, a missing one as null (rule T2).
"""

from collections.abc import Callable, Sequence
from typing import Annotated, Any, Generic, TypeVar
from urllib.parse import urlencode

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.db.models import Model, QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils import translation
from ninja import Query, Schema
from pydantic import Field

EVERYBODY = AnonymousUser()
LANGUAGES = ("en", "ru")
COUNTED = 10_000  # beyond them a total says that there are more
LAST_PAGE = 100_000

Item = TypeVar("Item")


class Error(Schema):
    """What is wrong, as a sentence, and where in the request."""

    detail: str
    parameters: list[str] = []


class Bilingual(Schema):
    """A text in both languages; null where there is none."""

    en: str | None
    ru: str | None


class Paging(Schema):
    """Which page of a list."""

    page: int = Field(1, ge=1, le=LAST_PAGE, description="The page, from 1.")
    per_page: int = Field(20, ge=1, le=100, description="Items on a page.")


class Page(Schema, Generic[Item]):
    """A page of a list, with the addresses of its neighbours."""

    total: int = Field(description="How many there are; counted up to a bound.")
    more_than_total: bool = Field(description="Whether there are more than were counted.")
    next: str | None
    previous: str | None
    items: list[Item]


PageQuery = Annotated[Paging, Query()]


def bilingual(record: Model, field: str) -> dict[str, str | None]:
    """A field in two languages."""
    return {code: getattr(record, f"{field}_{code}", None) or None for code in LANGUAGES}


def pages(name: str, *args: str) -> dict[str, str | None]:
    """The absolute addresses of a page for people, in each language."""
    found: dict[str, str | None] = {}
    for code in LANGUAGES:
        with translation.override(code):
            found[code] = settings.PORTAL_URL + reverse(name, args=args)
    return found


def page_of(
    request: HttpRequest,
    rows: QuerySet[Any] | Sequence[Any],
    paging: Paging,
    shown: Callable[[Any], dict[str, Any]],
    *,
    more: bool = False,
    load: Callable[[Sequence[Any]], Sequence[Any]] | None = None,
) -> dict[str, Any]:
    """A page of rows, each as `shown` shows it. `more` says that `rows` are not all there are;
    `load` fetches what is shown of the rows of the page."""
    start = (paging.page - 1) * paging.per_page
    found = list(rows[start : start + paging.per_page + 1])
    total, following = counted(rows), len(found) > paging.per_page
    here: Sequence[Any] = found[: paging.per_page]
    return {
        "total": min(total, COUNTED),
        "more_than_total": more or total > COUNTED,
        "next": neighbour(request, paging.page + 1) if following else None,
        "previous": neighbour(request, paging.page - 1) if paging.page > 1 else None,
        "items": [shown(one) for one in (load(here) if load else here)],
    }


def counted(rows: QuerySet[Any] | Sequence[Any]) -> int:
    """How many rows there are, one more than COUNTED where there are more."""
    if isinstance(rows, QuerySet):
        return rows.order_by()[: COUNTED + 1].count()
    return len(rows)


def neighbour(request: HttpRequest, page: int) -> str:
    values = [(name, one) for name, all_ in request.GET.lists() for one in all_ if name != "page"]
    return f"{settings.PORTAL_URL}{request.path}?{urlencode([*values, ('page', page)])}"
