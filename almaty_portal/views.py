"""Pages that stand above the apps: home, about, the choice of a language, health."""

import logging
import time
from collections.abc import Callable
from typing import Any

from celery import current_app
from django.conf import settings
from django.core.cache import cache
from django.db import connection
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.utils import translation
from django.utils.cache import patch_vary_headers
from django.views.decorators.cache import never_cache
from django.views.generic import ListView, TemplateView
from post_office.models import Email

from almaty_portal.common.periodic import HEARTBEAT_KEY, HEARTBEAT_LATE_SECONDS
from chairmanship.rotation import rotation
from documents.models import Decision, Topic
from documents.search import searchable
from meetings.models import Meeting
from membership.permissions import is_support_unit

log = logging.getLogger(__name__)


def choose_language(request: HttpRequest) -> HttpResponse:
    """The first page leads to the language of the cookie, else of Accept-Language, else Russian."""
    language = translation.get_language_from_request(request)
    response = redirect(f"/{language}/")
    patch_vary_headers(response, ["Cookie", "Accept-Language"])
    return response


class Home(TemplateView):
    """What the Process is, who chairs it, what comes next, what is new in the archive."""

    template_name = "home.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        reader = self.request.user
        meetings = Meeting.objects.select_related("country").prefetch_related("country__names")
        return super().get_context_data(
            rotation=rotation(),
            coming=meetings.coming()[:3],
            latest_meetings=meetings.past()[:4],
            documents=searchable(reader)
            .select_related("meeting")
            .prefetch_related("editions__language_versions")[:5],
            decisions=Decision.objects.visible_to(reader).select_related("document")[:4],
            topics=Topic.objects.all(),
            **kwargs,
        )


class About(TemplateView):
    """The history of the Process, its objectives, the Support Unit, silence in plain words."""

    template_name = "about.html"


class AboutSilence(TemplateView):
    """What silence means, who may answer, what happens next, each with the source of its rule."""

    template_name = "about_silence.html"


class AboutData(TemplateView):
    """What is offered to programs, at which addresses, and how to harvest."""

    template_name = "about_data.html"
    extra_context = {"limit": settings.PROGRAM_REQUESTS_PER_MINUTE}


def styleguide(request: HttpRequest) -> HttpResponse:
    """The components of the pages, for the staff alone; for everybody else it is not there."""
    if not is_support_unit(request.user):
        raise Http404
    return render(request, "styleguide.html")


class MailPreview(ListView):
    """The latest mails of a demonstration; the address exists in no other installation."""

    template_name = "mail_preview.html"
    context_object_name = "mails"
    queryset = Email.objects.order_by("-pk")
    paginate_by = 20


# Health


@never_cache
def healthz(request: HttpRequest) -> HttpResponse:
    """The web server answers; nothing else is asked."""
    return HttpResponse("ok\n", content_type="text/plain")


def database_answers() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
        return cursor.fetchone() == (1,)


def broker_answers() -> bool:
    with current_app.connection_for_write(connect_timeout=2) as broker:
        broker.ensure_connection(max_retries=1, timeout=2)
    return True


def beat_is_heard() -> bool:
    """Whether beat and a worker have shown a sign of life within the last minute."""
    heard_at = cache.get(HEARTBEAT_KEY)
    return heard_at is not None and time.time() - heard_at < HEARTBEAT_LATE_SECONDS


CHECKS: dict[str, Callable[[], bool]] = {
    "database": database_answers,
    "broker": broker_answers,
    "heartbeat": beat_is_heard,
}


def passes(name: str, check: Callable[[], bool]) -> bool:
    try:
        return check()
    except Exception:  # whatever it is, the portal is not ready, and the log says why
        log.exception("readiness check %s failed", name)
        return False


@never_cache
def readyz(request: HttpRequest) -> JsonResponse:
    """200 when database, broker and beat are there, else 503; which one, only staff are told."""
    results = {name: passes(name, check) for name, check in CHECKS.items()}
    ready = all(results.values())
    answer: dict[str, Any] = {"ready": ready}
    if results["database"] and is_support_unit(request.user):
        answer["checks"] = results
    return JsonResponse(answer, status=200 if ready else 503)
