"""How often somebody may ask in a minute, where an answer costs the portal something (F14, P13)."""

import hashlib
import logging
import time

from allauth.account.adapter import get_adapter
from django.conf import settings
from django.core.cache import cache
from django.core.exceptions import ImproperlyConfigured, PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

logger = logging.getLogger(__name__)
SECONDS = 60


def client_address(request: HttpRequest) -> str:
    """The address of the client as our own proxy saw it (`ALLAUTH_TRUSTED_PROXY_COUNT`); empty
    where there is none, as on a socket. A forged X-Forwarded-For is not believed."""
    try:
        return str(get_adapter(request).get_client_ip(request))
    except (PermissionDenied, ImproperlyConfigured):
        return ""


def over_limit(what: str, who: str, limit: int) -> int:
    """Count one more in this minute; the seconds to wait where `who` passed `limit`, else 0.

    Where the cache does not answer nobody is refused: verifying is open to everybody.
    """
    now = int(time.time())
    minute, second = divmod(now, SECONDS)
    key = f"limit:{what}:{hashlib.sha256(who.encode()).hexdigest()[:32]}:{minute}"
    try:
        cache.add(key, 0, timeout=2 * SECONDS)
        count = cache.incr(key)
    except Exception:  # whatever a cache that is down raises
        logger.warning("The cache does not count %s: nobody is limited", what, exc_info=True)
        return 0
    return SECONDS - second if count > limit else 0


def program_waits(what: str, request: HttpRequest) -> int:
    """The seconds that a program has to wait whose address asked `what` too often, else 0
    (`settings.PROGRAM_REQUESTS_PER_MINUTE`)."""
    limit, who = settings.PROGRAM_REQUESTS_PER_MINUTE, client_address(request)
    return over_limit(what, who, limit) if limit and who else 0


def too_many(request: HttpRequest, wait: int) -> HttpResponse:
    """The page that asks to wait `wait` seconds."""
    response = render(request, "429.html", {"wait": wait}, status=429)
    response.headers["Retry-After"] = str(wait)
    return response
