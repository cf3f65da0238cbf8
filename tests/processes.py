"""Real processes of the portal, for tests: where they listen, on which database."""

import os
import socket
from urllib.parse import urlsplit, urlunsplit


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def own_broker(number: int) -> str:
    """The address of one of the broker's sixteen bases: another one in each process of pytest, so
    that no worker takes the tasks of another's portal."""
    at = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))
    return os.environ["REDIS_URL"].replace("db=0", f"db={number + at}")


def replace_database(url: str, name: str) -> str:
    return urlunsplit(urlsplit(url)._replace(path=f"/{name}"))
