"""PostgreSQL's clock, moved by a test: the triggers of the portal judge by it, too."""

import datetime as dt

from django.db import connection

from almaty_portal.common.instants import database_now


class DatabaseClock:
    """A clock that stands still until it is moved, for the rest of a transaction.

    A function of our own stands before PostgreSQL's `clock_timestamp()` on the search path. The
    clocks of Python are left as they are: nothing legal depends on them.
    """

    def __init__(self) -> None:
        self.now = database_now()
        with connection.cursor() as cursor:
            cursor.execute(
                "CREATE SCHEMA IF NOT EXISTS moved_clock;"
                "CREATE OR REPLACE FUNCTION moved_clock.clock_timestamp() RETURNS timestamptz"
                " LANGUAGE sql VOLATILE"
                " AS $$ SELECT current_setting('portal.now')::timestamptz $$;"
                "SET LOCAL search_path = moved_clock, public, pg_catalog"
            )
        self.set(self.now)

    def set(self, now: dt.datetime) -> None:
        self.now = now
        with connection.cursor() as cursor:
            cursor.execute("SELECT set_config('portal.now', %s, true)", [now.isoformat()])
