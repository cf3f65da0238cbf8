"""Suggestions while a question is typed, as a page and, where a program asks, as JSON."""

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils.cache import patch_vary_headers
from django.utils.translation import get_language
from django.views.decorators.http import require_safe

from documents import search


@require_safe
def suggest(request: HttpRequest) -> HttpResponse:
    """What the beginning of a question may become, of what the reader may see (rule T6)."""
    text = request.GET.get("q", "")[: search.QUERY_LENGTH]
    found = search.suggestions(
        reader=request.user, text=text, language=(get_language() or "en")[:2]
    )
    if request.get_preferred_type(["text/html", "application/json"]) == "application/json":
        titles = [title for title, _language, _document in found.titles]
        response: HttpResponse = JsonResponse(
            {"suggestions": list(dict.fromkeys([*found.questions, *titles]))}
        )
    else:
        response = render(request, "documents/suggest.html", {"text": text, "found": found})
    patch_vary_headers(response, ["Accept"])
    return response
