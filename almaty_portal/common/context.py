from typing import Any

from django.conf import settings
from django.http import HttpRequest


def portal(request: HttpRequest) -> dict[str, Any]:
    """What every page knows of the installation."""
    return {"demo": settings.DEMO, "portal_url": settings.PORTAL_URL}
