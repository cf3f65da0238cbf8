"""Whether a file or a hash is genuine, and the heads of days, for everybody (rule S15)."""

import datetime as dt

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt, csrf_protect
from django.views.decorators.http import require_http_methods, require_safe

from almaty_portal.common.limits import client_address, over_limit, too_many
from almaty_portal.common.uploads import LimitedUpload
from documents.evidence import answering
from documents.forms.verify import MAX_BYTES, TOO_LARGE, TOO_MUCH, VerifyForm
from documents.models import DailyHead

HEADS = 14


@csrf_exempt
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def verify(request: HttpRequest) -> HttpResponse:
    """The form and its answer. Nothing is stored, whatever is sent; in a minute 60 questions are
    answered to an address and 20 to a session.

    Exempt only until the upload has its limit: reading the token reads the whole form.
    """
    if request.method == "POST" or request.GET.get("sha256"):
        by_address, by_session = (60, client_address(request)), (20, request.session.session_key)
        for kind, (limit, who) in {"address": by_address, "session": by_session}.items():
            if who and (wait := over_limit(f"verify-{kind}", who, limit)):
                return too_many(request, wait)
    if request.method == "POST":
        request.upload_handlers.insert(0, LimitedUpload(request, MAX_BYTES))
    return answered(request)


@csrf_protect
def answered(request: HttpRequest) -> HttpResponse:
    asked = request.GET.get("sha256", "")
    data = request.POST if request.method == "POST" else {"sha256": asked} if asked else None
    form = VerifyForm(data, request.FILES if request.method == "POST" else None)
    context = {"form": form, "heads": DailyHead.objects.order_by("-day")[:HEADS]}
    if data is not None and getattr(request, "upload_too_large", False):
        form.errors.clear()
        form.add_error("file", str(TOO_LARGE))
    elif data is not None and form.is_valid():
        file, sha256 = form.cleaned_data["file"], form.cleaned_data["sha256"]
        try:
            if file:
                sha256, context["answer"] = answering.of_file(file, request.user)
                context["name"] = file.name
            else:
                context["answer"] = answering.of_hash(sha256, request.user)
            context |= {"asked": True, "sha256": sha256}
        except answering.TooMuch:
            form.add_error("file", str(TOO_MUCH))
    return render(request, "documents/verify.html", context, status=422 if form.errors else 200)


@require_safe
def head_token(request: HttpRequest, day: str) -> HttpResponse:
    """The time stamp of a day's head (RFC 3161), for everybody."""
    try:
        head = DailyHead.objects.get(day=dt.date.fromisoformat(day), token__isnull=False)
    except (ValueError, DailyHead.DoesNotExist) as error:
        raise Http404 from error
    response = HttpResponse(bytes(head.token or b""), content_type="application/timestamp-reply")
    response.headers["Content-Disposition"] = f'attachment; filename="head-{day}.tsr"'
    response.headers["X-Content-Type-Options"] = "nosniff"
    return response
