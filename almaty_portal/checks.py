"""What a portal in production must not be: checks that refuse to start one (rule S16).

Django's system checks: `manage.py check --database default` runs them, and so does every start of
`almaty_portal.run`.
"""

from collections.abc import Sequence
from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, register
from django.db import connections

from membership.models import User


@register("portal")
def check_periods(**kwargs: Any) -> list[CheckMessage]:
    """Shortened periods of silence belong to a demonstration alone."""
    if settings.DEMO or not settings.SILENCE_DEMO_PERIOD_MINUTES:
        return []
    return [
        Error(
            "SILENCE_DEMO_PERIOD_MINUTES is set, but this is no demonstration: no text may have a "
            "shortened period of silence.",
            hint="Unset SILENCE_DEMO_PERIOD_MINUTES.",
            id="portal.E001",
        )
    ]


@register(Tags.database)
def check_accounts(databases: Sequence[str] | None = None, **kwargs: Any) -> list[CheckMessage]:
    """Demonstration accounts, whose password is printed, open no other portal."""
    if settings.DEMO or "default" not in (databases or []):
        return []
    connection = connections["default"]
    if User._meta.db_table not in connection.introspection.table_names():
        return []  # not migrated yet
    people = User.objects.filter(is_demonstration=True, is_active=True)
    addresses = list(people.order_by("email").values_list("email", flat=True))
    if not addresses:
        return []
    return [
        Error(
            "This is no demonstration, but anybody can sign in with the demonstration accounts of "
            f"its database: {', '.join(addresses)}.",
            hint="Start with a new database, or end the accounts: manage.py load_demo --end.",
            id="portal.E002",
        )
    ]
