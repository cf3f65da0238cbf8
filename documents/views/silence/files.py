"""What is downloaded of a procedure: a State's Note Verbale, the deadline for a calendar."""

from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils import translation
from django.views.decorators.http import require_safe

from documents import calendars
from documents.models import SilenceProcedure, SilenceResponse
from documents.views.files import served


@require_safe
def silence_note(request: HttpRequest, slug: str, pk: int) -> FileResponse:
    """The Note Verbale of an answer, or the scan of that on paper, for those who may see the
    procedure; 404 for anybody else."""
    procedure = get_object_or_404(SilenceProcedure.objects.visible_to(request.user), slug=slug)
    response = get_object_or_404(
        SilenceResponse.objects.select_related("paper_note"), procedure=procedure, pk=pk
    )
    note = response if response.note_file else response.paper_note
    if note is None or not note.note_file:
        raise Http404
    return served(note.note_file, note.note_name, public=False)


@require_safe
def silence_calendar(request: HttpRequest, slug: str) -> HttpResponse:
    """The deadline of a procedure for a calendar, with its alarms."""
    procedure = get_object_or_404(
        SilenceProcedure.objects.visible_to(request.user).filter(historic=False), slug=slug
    )
    content, method = calendars.procedure_calendar(procedure)
    return calendar_response(content, method, calendars.file_name(procedure))


@require_safe
def personal_calendar(request: HttpRequest, token: str) -> HttpResponse:
    """All deadlines that the owner of an address may see, in their language; no sign-in.

    404 once the password, the designation or the account has ended.
    """
    owner = calendars.owner_of(token)
    if owner is None:
        raise Http404
    with translation.override(owner.language):
        content = calendars.personal_calendar(owner)
    return calendar_response(content, "PUBLISH", "almaty-process.ics")


def calendar_response(content: bytes, method: str, name: str) -> HttpResponse:
    response = HttpResponse(
        content, content_type=f"{calendars.MIME_TYPE}; charset=utf-8; method={method}"
    )
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["X-Robots-Tag"] = "noindex"
    response.headers["Cache-Control"] = "private, no-store"
    return response
