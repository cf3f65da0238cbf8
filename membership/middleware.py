"""The second factor, without which staff and Coordinators reach nothing private."""

from collections.abc import Callable

from allauth.mfa.utils import is_mfa_enabled
from django.conf import settings
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import redirect


class SecondFactorMiddleware:
    """Sends a signed-in person without a second factor to the page that sets one up.

    Only the portal and the admin are closed; what the public reads stays open. allauth asks for
    the code at every sign-in of those who have one.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        parts = request.path.split("/")
        private = "admin" in parts[1:2] or "portal" in parts[2:3]
        if (
            settings.SECOND_FACTOR_REQUIRED
            and private
            and request.user.is_authenticated
            and not is_mfa_enabled(request.user)
        ):
            return redirect("mfa_activate_totp")
        return self.get_response(request)
