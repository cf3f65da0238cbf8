"""Public pages kept ready, for readers who bring no cookie but their language's (fault P6).

A page is kept as it was sent, under its scheme, host, path, language and encoding, with the epoch
in which it was made. Every committed write of the portal begins a new epoch, so that no page
outlives what it shows; a minute is the longest that any is kept, for what changes with the clock.

A process keeps the pages that it answered last by itself too, and then asks the cache for the
epoch alone, at most once in `SURE_SECONDS`: so long may another process's page outlive a write.

Nothing is kept of a request with a session, a token or a question, nor of an answer that sets a
cookie, carries a nonce, or is private.
"""

import gzip
import logging
import re
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from threading import Lock
from typing import Any

from django.conf import settings
from django.core.cache import cache
from django.core.exceptions import DisallowedHost
from django.db import transaction
from django.db.backends.base.base import BaseDatabaseWrapper
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.utils import translation

logger = logging.getLogger(__name__)
_seen: dict[str, tuple[int, float]] = {}  # the epoch as it was asked for last, and when

EPOCH = "pages-epoch"
LARGEST = 500_000  # bytes of a page
SURE_SECONDS = 0.05
NEAR = 50_000_000  # bytes of the pages that a process keeps by itself
PATH = re.compile(r"/(en|ru)/(?!portal/|mail/|verify/|styleguide/)[\w./-]{0,300}", re.ASCII)
WRITES = re.compile(r"\s*(?:INSERT INTO|UPDATE|DELETE FROM|COPY)\s+\"?(\w+)", re.IGNORECASE)
# What a page of one moment or one reader holds: a running clock, a token of a form.
ITS_OWN = (b"data-deadline", b"csrfmiddlewaretoken")
# Tables that no public page shows.
ASIDE = (
    "django_session",
    "post_office_",
    "common_auditrecord",
    "documents_savedsearch",
    "documents_searchhit",
    "documents_searchword",
)


@dataclass(frozen=True, slots=True)
class Page:
    """A page as it was sent."""

    epoch: int
    made: float  # Unix time
    content: bytes
    headers: dict[str, str]

    def holds(self, epoch: int | None) -> bool:
        """Whether nothing was written since it was made, and it is not too old."""
        return self.epoch == epoch and time.time() - self.made < settings.PAGES_KEPT_SECONDS


class NearPages:
    """The pages that this process answered last, `NEAR` bytes at most."""

    def __init__(self) -> None:
        self.pages: OrderedDict[str, Page] = OrderedDict()
        self.bytes = 0
        self.lock = Lock()

    def get(self, key: str) -> Page | None:
        with self.lock:
            if key in self.pages:
                self.pages.move_to_end(key)
            return self.pages.get(key)

    def put(self, key: str, page: Page) -> None:
        with self.lock:
            self.drop(key)
            self.pages[key] = page
            self.bytes += len(page.content)
            while self.bytes > NEAR:
                self.drop(next(iter(self.pages)))

    def drop(self, key: str) -> None:
        if page := self.pages.pop(key, None):
            self.bytes -= len(page.content)


class KeptPages:
    """The outermost of the middleware: answers a public page that is kept."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response
        self.near = NearPages()

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        key = key_of(request)
        if not key:
            return self.get_response(request)
        try:
            epoch, page = self.look(key)
        except Exception:  # a cache that is down keeps nothing: the page is made
            logger.warning("The cache of pages does not answer", exc_info=True)
            return self.get_response(request)
        if page:
            return HttpResponse(page.content, headers=page.headers)
        if epoch is None:
            epoch = begin_epoch()
        made = time.time()
        response = self.get_response(request)
        if epoch is not None and may_be_kept(response):
            page = Page(epoch, made, response.content, dict(response.items()))  # type: ignore[attr-defined]
            quietly(lambda: cache.set(key, page, settings.PAGES_KEPT_SECONDS))
            self.near.put(key, page)
        return response

    def look(self, key: str) -> tuple[int | None, Page | None]:
        """The present epoch, and the page if it was made in it."""
        near = self.near.get(key)
        if near and near.holds(epoch := present_epoch()):
            return epoch, near
        found = cache.get_many([EPOCH, key])
        epoch, page = found.get(EPOCH), found.get(key)
        if page is None or not page.holds(epoch):
            return epoch, None
        self.near.put(key, page)
        return epoch, page


def key_of(request: HttpRequest) -> str:
    """What a public page is kept under; empty where the request's page is never kept."""
    language = PATH.fullmatch(request.path_info)
    if (
        not settings.PAGES_KEPT_SECONDS
        or request.method != "GET"
        or language is None
        or request.META.get("QUERY_STRING")
        or "HTTP_AUTHORIZATION" in request.META
        or "HTTP_HX_REQUEST" in request.META
        or set(request.COOKIES) - {settings.LANGUAGE_COOKIE_NAME}
        # its page comes with a cookie that remembers the language
        or translation.get_language_from_request(request) != language[1]
    ):
        return ""
    try:
        host = request.get_host()
    except DisallowedHost:
        return ""
    packed = "gzip" if "gzip" in request.META.get("HTTP_ACCEPT_ENCODING", "") else ""
    return f"page:{request.scheme}:{host}:{packed}:{request.path_info}"


def may_be_kept(response: HttpResponseBase) -> bool:
    """Whether an answer is the same for everybody, for a while."""
    control = response.headers.get("Cache-Control", "")
    if not (
        response.status_code == 200
        and not response.streaming
        and not response.cookies
        and "no-store" not in control
        and "private" not in control
        and "nonce-" not in response.headers.get("Content-Security-Policy", "")
        and response.headers.get("Content-Type", "").startswith("text/html")
        and len(response.content) <= LARGEST  # type: ignore[attr-defined]
    ):
        return False
    content = response.content  # type: ignore[attr-defined]
    if response.headers.get("Content-Encoding") == "gzip":
        content = gzip.decompress(content)
    return not any(mark in content for mark in ITS_OWN)


def quietly(act: Callable[[], Any]) -> Any:
    try:
        return act()
    except Exception:  # as above
        logger.warning("The cache of pages does not answer", exc_info=True)
        return None


def present_epoch() -> int | None:
    """The epoch of the cache, as it was `SURE_SECONDS` ago or later."""
    epoch, asked = _seen.get(EPOCH, (None, 0.0))
    now = time.monotonic()
    if epoch is None or now - asked > SURE_SECONDS:
        epoch = cache.get(EPOCH)
        if epoch is not None:
            _seen[EPOCH] = epoch, now
    return epoch


def begin_epoch() -> int | None:
    """The present epoch, begun where the cache has none."""
    now = time.time_ns()
    return now if quietly(lambda: cache.add(EPOCH, now, None)) else None


def end_epoch() -> None:
    """No page kept so far is shown any more."""
    quietly(lambda: cache.set(EPOCH, time.time_ns(), None))
    _seen.clear()


def watch(connection: BaseDatabaseWrapper, **kwargs: Any) -> None:
    """End the epoch when a transaction that wrote is committed; for each new connection."""
    if noticing not in connection.execute_wrappers:
        connection.execute_wrappers.append(noticing)


def noticing(
    execute: Callable[..., Any], sql: Any, params: Any, many: bool, context: dict[str, Any]
) -> Any:
    result = execute(sql, params, many, context)
    table = WRITES.match(sql) if isinstance(sql, str) else None
    if table and not table[1].startswith(ASIDE):
        connection = context["connection"]
        if not any(after[1] is end_epoch for after in connection.run_on_commit):
            transaction.on_commit(end_epoch, using=connection.alias)
    return result
