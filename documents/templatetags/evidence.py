"""What a procedure's page shows of its evidence: certificate, bundle, how to verify (S15)."""

from typing import Any

from django import template

from documents.models import SilenceProcedure

register = template.Library()


@register.inclusion_tag("documents/_evidence.html", takes_context=True)
def evidence(context: template.Context, procedure: SilenceProcedure) -> dict[str, Any]:
    """Certificate, bundle and how to verify them, for those who are signed in; no history."""
    request = context.get("request")
    user = getattr(request, "user", None)
    shown = not procedure.historic and user is not None and user.is_authenticated
    return {
        "procedure": procedure,
        "shown": shown,
        "certificate": procedure.certificates.order_by("-pk").first() if shown else None,
        "ended": hasattr(procedure, "outcome"),
        "csrf_token": context.get("csrf_token"),
        "request": request,
    }
