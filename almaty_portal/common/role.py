"""The role that web server, worker and beat act as in the database (fault F12).

It owns nothing: it reads and writes the portal's tables, truncates none, and of a table whose rows
stay it has no right to change or delete them; where some columns stay it may change the others
alone. A trigger can be told to stand aside by a setting
that any role may make (`pgtrigger.ignore`); a right that a role has not cannot.
"""

import logging
from collections.abc import Iterator
from typing import Any

import pgtrigger
from django.apps import apps
from django.conf import settings
from django.db import connections, models, transaction
from django.db.utils import DatabaseError
from psycopg import sql

logger = logging.getLogger(__name__)
ATTEMPTS = 5  # roles belong to the whole cluster: another database may be changing the same one


def refused(model: type[models.Model]) -> set[str]:
    """What the triggers of a model refuse for every one of its rows: UPDATE, DELETE or both."""
    return {
        str(operation)
        for trigger in getattr(model._meta, "triggers", [])
        if isinstance(trigger, pgtrigger.Protect) and trigger.condition is None
        for operation in trigger.operation
        if str(operation) in {"UPDATE", "DELETE"}
    }


def changeable(model: type[models.Model]) -> frozenset[str]:
    """The columns that the triggers of a model let change, where some of them stay; else none."""
    kept = [
        trigger.changeable
        for trigger in getattr(model._meta, "triggers", [])
        if hasattr(trigger, "changeable")
    ]
    return frozenset.intersection(*kept) if kept else frozenset()


def revoked() -> Iterator[tuple[str, set[str]]]:
    """Each table whose rows stay, with the rights that nobody has on it."""
    yield "django_migrations", {"INSERT", "UPDATE", "DELETE"}
    for model in apps.get_models(include_auto_created=True):
        if rights := refused(model):
            yield model._meta.db_table, rights


def grant(using: str = "default") -> bool:
    """Make the role where the one who migrates may, and give it its rights; whether it is there."""
    name = settings.DATABASE_ROLE
    if not name:
        return False
    for attempt in range(1, ATTEMPTS + 1):
        try:
            with transaction.atomic(using=using), connections[using].cursor() as cursor:
                return give(cursor, name)
        except DatabaseError:
            # Made or granted at this moment for another database of the same server.
            if attempt == ATTEMPTS:
                raise
    return False


def give(cursor: Any, name: str) -> bool:
    role = sql.Identifier(name)
    cursor.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [name])
    if cursor.fetchone() is None:
        cursor.execute(
            "SELECT rolsuper OR rolcreaterole FROM pg_roles WHERE rolname = current_user"
        )
        if not cursor.fetchone()[0]:
            logger.warning("There is no role %s: see “The role” in docs/operating.md", name)
            return False
        cursor.execute(sql.SQL("CREATE ROLE {} NOLOGIN").format(role))
    cursor.execute("SELECT pg_has_role(current_user, %s, 'MEMBER')", [name])
    if not cursor.fetchone()[0]:
        cursor.execute(sql.SQL("GRANT {} TO CURRENT_USER").format(role))
    for statement in (
        "REVOKE ALL ON ALL TABLES IN SCHEMA public FROM {}",
        "GRANT USAGE ON SCHEMA public TO {}",
        "GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO {}",
        "GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO {}",
    ):
        cursor.execute(sql.SQL(statement).format(role))
    tables = set(connections["default"].introspection.table_names(cursor))
    for table, rights in revoked():
        if table in tables:
            cursor.execute(
                sql.SQL("REVOKE {} ON {} FROM {}").format(
                    sql.SQL(", ").join(sql.SQL(one) for one in sorted(rights)),
                    sql.Identifier(table),
                    role,
                )
            )
    for model in apps.get_models(include_auto_created=True):
        if (columns := changeable(model)) and model._meta.db_table in tables:
            where = sql.Identifier(model._meta.db_table)
            names = sql.SQL(", ").join(sql.Identifier(one) for one in sorted(columns))
            for statement in ("REVOKE UPDATE ON {} FROM {}", "GRANT UPDATE ({}) ON {} TO {}"):
                parts = [names, where, role] if "GRANT" in statement else [where, role]
                cursor.execute(sql.SQL(statement).format(*parts))
    return True


def grant_after_migrating(using: str = "default", **kwargs: Any) -> None:
    """What `post_migrate` calls, once, when the last app is migrated."""
    if using == "default":
        grant(using)
