"""The buttons of a procedure's page, each for a step of `documents.transitions`."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.translation import gettext
from unfold.decorators import action

from almaty_portal.common.errors import DomainError
from almaty_portal.common.instants import database_now
from documents.models import SilenceProcedure
from documents.transitions import TABLE, require


def act(
    step: str, *, why: Callable[..., str] | None = None, **options: Any
) -> Callable[[Callable[..., HttpResponse]], Any]:
    """A button and its page, as Unfold's `action`, for a step of `documents.transitions`.

    Where the step was closed while the page was open, the person is told what happened since, by
    `why(admin, request, object_id)` where the step depends on more than the procedure.
    """

    def decorate(page: Callable[..., HttpResponse]) -> Any:
        guarded: Any = action(**options)(page)

        @wraps(guarded)
        def told(self: Any, request: HttpRequest, object_id: Any) -> HttpResponse:
            try:
                return guarded(self, request, object_id=object_id)
            except PermissionDenied:
                procedure = self.procedure(object_id)
                if not TABLE[step].may(request.user, procedure):
                    raise
                told_why = why(self, request, object_id) if why else ""
                messages.error(request, told_why or closed(step, procedure, request))
                return HttpResponseRedirect(self.page_of(object_id))

        return told

    return decorate


def closed(step: str, procedure: SilenceProcedure, request: HttpRequest) -> str:
    """Why a step that the person may take is not open now."""
    try:
        require(step, procedure, database_now(), request.user)
    except DomainError as error:
        return str(error)
    return gettext("This has been done meanwhile: what was done stands below. Nothing was stored.")
