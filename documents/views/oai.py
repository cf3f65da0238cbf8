"""The archive for harvesters: OAI-PMH 2.0 at `/oai`, by GET and by POST."""

from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from documents.harvest.answer import answer


@csrf_exempt  # it reads only, and harvesters know no tokens
@require_http_methods(["GET", "HEAD", "POST"])
def oai(request: HttpRequest) -> HttpResponse:
    """What the public sees, whoever asks; errors are the protocol's, with status 200."""
    sent: dict[str, list[str]] = {}
    for values in (request.GET, request.POST):
        for name, given in values.lists():
            sent.setdefault(name, []).extend(str(one) for one in given)
    return HttpResponse(answer(sent), content_type="text/xml; charset=utf-8")
