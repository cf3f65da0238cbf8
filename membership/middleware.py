"""The second factor, without which staff and Coordinators reach nothing private."""

from collections.abc import Callable

from allauth.mfa.utils import is_mfa_enabled
from django.conf import settings
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import redirect

from membership.permissions import Visit


class SecondFactorMiddleware:
    """Begins the visit of a signed-in person; who lacks the second factor reads as the public.

    The portal and the admin send such a person to the page that sets one up. allauth asks for the
    code at every sign-in of those who have one.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if request.user.is_authenticated:
            visit = Visit(not settings.SECOND_FACTOR_REQUIRED or is_mfa_enabled(request.user))
            request.user.visit = visit  # type: ignore[attr-defined]  # read by `visit_of`
            parts = request.path.split("/")
            private = "admin" in parts[1:2] or "portal" in parts[2:3]
            if private and not visit.second_factor:
                return redirect("mfa_activate_totp")
        return self.get_response(request)
