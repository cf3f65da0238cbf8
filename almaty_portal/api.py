"""The JSON API at `/api/v1/`: read-only, what everybody may read, described by OpenAPI."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.http.response import HttpResponseBase
from django.urls import URLPattern, path, re_path
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import conditional_page
from ninja import NinjaAPI
from ninja.errors import HttpError, ValidationError
from ninja.openapi.schema import OpenAPISchema

from almaty_portal.common.limits import program_waits
from chairmanship.api import router as chairmanships
from documents.api import documents_router, register_router, topics_router
from meetings.api import router as meetings
from membership.api import router as members

View = Callable[..., HttpResponseBase]
LIMIT = settings.PROGRAM_REQUESTS_PER_MINUTE
TOO_MANY = "Too many requests from this address; Retry-After says in how many seconds to go on."


class PublicAPI(NinjaAPI):
    """The interface with an answer that every address of it may give."""

    def get_openapi_schema(self, **kwargs: Any) -> OpenAPISchema:
        schema = super().get_openapi_schema(**kwargs)
        refused = {
            "description": TOO_MANY,
            "headers": {"Retry-After": {"schema": {"type": "integer"}}},
            "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Error"}}},
        }
        for operations in schema["paths"].values():
            for operation in operations.values():
                operation["responses"][429] = refused
        return schema


api = PublicAPI(
    title="Almaty Process",
    version="1",
    description=(
        "The public archive, register, meetings and States of the Almaty Process, to be read by "
        "programs. Texts are in English and Russian; a language that is missing is null. Instants "
        "are in UTC. For a whole harvest use OAI-PMH 2.0 at /oai."
        + (f" An address may ask {LIMIT} times a minute; then it is told to wait." if LIMIT else "")
    ),
    urls_namespace="api",
    docs_url=None,  # the page for people is /{language}/about/data/
)
for router in (documents_router, register_router, topics_router, meetings, members, chairmanships):
    api.add_router("", router)


def refusal(status: int, detail: str, parameters: list[str] | None = None) -> JsonResponse:
    return JsonResponse({"detail": detail, "parameters": parameters or []}, status=status)


@api.exception_handler(Http404)
def not_found(request: HttpRequest, error: Http404) -> HttpResponse:
    return refusal(404, "There is nothing at this address that everybody may read.")


@api.exception_handler(HttpError)
def refused(request: HttpRequest, error: HttpError) -> HttpResponse:
    return refusal(error.status_code, str(error))


@api.exception_handler(ValidationError)
def invalid(request: HttpRequest, error: ValidationError) -> HttpResponse:
    """422, with a sentence that names the parameters and says what each may be."""
    told = {str(one["loc"][-1]): str(one["msg"]) for one in error.errors}
    sentence = "; ".join(f"{name}: {message}" for name, message in told.items())
    return refusal(422, f"Correct these parameters – {sentence}.", list(told))


@csrf_exempt
def nothing_here(request: HttpRequest) -> HttpResponse:
    return refusal(
        404, "There is no such address in the API; /api/v1/openapi.json lists those that are."
    )


def for_programs(view: View) -> View:
    """What every answer of the API has: an entity tag, leave for pages of other hosts to read it,
    and errors as JSON. Nothing is read of who asks."""

    @csrf_exempt
    @wraps(view)
    def answered(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if request.method == "HEAD":
            request.method = "GET"  # the server leaves the body out
        response: HttpResponseBase
        if wait := program_waits("api", request):
            response = refusal(429, f"Too many requests from this address: wait {wait} seconds.")
            response.headers["Retry-After"] = str(wait)
        elif "\x00" in "".join(one for name, all_ in request.GET.lists() for one in (name, *all_)):
            response = refusal(422, "Leave out the character NUL: no text contains it.")
        else:
            response = tagged(view)(request, *args, **kwargs)
        if response.status_code == 405:
            allowed = response.headers["Allow"]
            response = refusal(405, "The API is read-only: use GET.")
            response.headers["Allow"] = f"{allowed}, HEAD"
        response.headers["Access-Control-Allow-Origin"] = "*"
        return response

    return answered


def tagged(view: View) -> View:
    return conditional_page(view)


def wrapped(pattern: URLPattern) -> URLPattern:
    return path(str(pattern.pattern), for_programs(pattern.callback), name=pattern.name)


# `api.urls` holds the addresses, the name of their application, and their namespace.
_patterns, _app_name, _namespace = api.urls
api_urls = (
    [
        *(wrapped(one) for one in _patterns if one.name != "api-root"),
        path("", for_programs(nothing_here), name="api-root"),
        re_path(r"^[\s\S]+$", for_programs(nothing_here)),
    ],
    _app_name,
    _namespace,
)
