"""What is left of a withdrawn document, at every address that it had (rule T8)."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from documents.views.renditions import Withdrawn


class TombstoneMiddleware:
    """The tombstone, with the status 410, where a view finds that its document was withdrawn."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        if not isinstance(exception, Withdrawn):
            return None
        context = {"document": exception.document}
        return render(request, "documents/document_withdrawn.html", context, status=410)
