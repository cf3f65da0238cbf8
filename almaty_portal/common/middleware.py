"""Language of a visit, privacy of signed-in pages, and the admin's content policy."""

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.middleware.locale import LocaleMiddleware
from django.utils import translation
from django.utils.cache import add_never_cache_headers, patch_vary_headers

# unfold's Alpine evaluates expressions and sets styles; nothing public is served below /admin/.
ADMIN_POLICY = {
    "script-src": ["'unsafe-eval'", "'unsafe-inline'"],
    "style-src": ["'unsafe-inline'"],
}


class PortalLocaleMiddleware(LocaleMiddleware):
    """The language is the address's, else the cookie's, else Accept-Language's, else Russian.

    Pages without a language in their address (sign-in, admin) follow the last page read: where
    that differs from what the browser asks for, a cookie remembers it.
    """

    def process_response(
        self, request: HttpRequest, response: HttpResponseBase
    ) -> HttpResponseBase:
        response = super().process_response(request, response)
        language = translation.get_language_from_path(request.path_info)
        if language and language != translation.get_language_from_request(request):
            response.set_cookie(
                settings.LANGUAGE_COOKIE_NAME,
                language,
                max_age=settings.LANGUAGE_COOKIE_AGE,
                samesite="Lax",
                secure=settings.SESSION_COOKIE_SECURE,
                httponly=True,
            )
        return response


class PrivatePagesMiddleware:
    """What a signed-in reader sees is kept by no cache; the admin gets its own content policy."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        patch_vary_headers(response, ["Cookie"])
        if request.user.is_authenticated or request.path.startswith(("/admin/", "/accounts/")):
            add_never_cache_headers(response)
        if request.path.startswith("/admin/"):
            response._csp_update = ADMIN_POLICY  # type: ignore[attr-defined]  # django-csp's own name
        return response
