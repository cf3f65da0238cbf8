"""The archive for harvesters: OAI-PMH 2.0 at `/oai`, by GET and by POST."""

from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from almaty_portal.common.limits import program_waits
from documents.harvest.answer import answer


@csrf_exempt  # it reads only, and harvesters know no tokens
@require_http_methods(["GET", "HEAD", "POST"])
def oai(request: HttpRequest) -> HttpResponse:
    """What the public sees, whoever asks; errors are the protocol's, with status 200.

    An address that asks too often is told when to go on, as the protocol does: 503, Retry-After.
    """
    if wait := program_waits("oai", request):
        told = f"Too many requests from this address: go on in {wait} seconds."
        response = HttpResponse(told, status=503, content_type="text/plain; charset=utf-8")
        response.headers["Retry-After"] = str(wait)
        return response
    sent: dict[str, list[str]] = {}
    for values in (request.GET, request.POST):
        for name, given in values.lists():
            sent.setdefault(name, []).extend(str(one) for one in given)
    return HttpResponse(answer(sent), content_type="text/xml; charset=utf-8")
