"""`make bench`: how fast the portal is, as ratios to a bare measure in the same run.

`python -m bench [search] [page] [silence] [archive]` runs all of them, or those named;
`archive=5000` takes so many documents. They make a database
of their own on the given server and remove it.
"""

import os
import statistics
import sys
import time
from collections.abc import Callable
from urllib.parse import urlsplit, urlunsplit

import psycopg

NAME = f"portal_bench_{os.getpid()}"


def timed(act: Callable[[], object], times: int = 50) -> float:
    """The median of some runs, in milliseconds; the first run is left out."""
    act()
    runs = []
    for _ in range(times):
        start = time.perf_counter()
        act()
        runs.append((time.perf_counter() - start) * 1000)
    return statistics.median(runs)


def tell(what: str, ours: float, bare: float) -> None:
    sys.stdout.write(
        f"{what:<52} {ours:9.2f} ms   bare {bare:9.2f} ms   ratio {ours / bare:6.2f}\n"
    )


def main() -> int:
    server = os.environ["DATABASE_URL"]
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {NAME}")
    os.environ["DATABASE_URL"] = urlunsplit(urlsplit(server)._replace(path=f"/{NAME}"))
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "almaty_portal.settings")
    import django

    django.setup()
    from django.core.management import call_command
    from django.db import connections

    from bench import archive, page, search, silence

    all_of_them = {
        "search": search.run,
        "page": page.run,
        "silence": silence.run,
        "archive": archive.run,
    }
    chosen = sys.argv[1:] or list(all_of_them)
    try:
        call_command("migrate", interactive=False, verbosity=0)
        call_command("load_founding_archive", verbosity=0)
        for name in chosen:
            kind, _sign, argument = name.partition("=")
            all_of_them[kind](*([argument] if argument else []))
    finally:
        connections.close_all()
        with psycopg.connect(server, autocommit=True) as connection:
            connection.execute(f"DROP DATABASE IF EXISTS {NAME} WITH (FORCE)")
    return 0


if __name__ == "__main__":
    sys.exit(main())
