"""A client of the virus scanner clamd: the command INSTREAM alone (man clamd)."""

import socket
import struct
from urllib.parse import urlsplit

CHUNK_BYTES = 64 * 1024
SECONDS = 8  # for each step: connecting, sending, the answer


class Infected(Exception):
    """The scanner found something; the message is the name it gives it."""


class Unreachable(Exception):
    """The scanner is down, too slow, or answers that it could not scan."""


def scan(content: bytes, url: str) -> None:
    """Have clamd at `url` (tcp://host:3310 or unix:///path) look at the content.

    Raises Infected or Unreachable; returns only after clamd said that all is well.
    """
    try:
        answer = ask(content, url)
    except (OSError, ValueError) as error:
        raise Unreachable(str(error)) from error
    if answer.endswith(" FOUND"):
        raise Infected(answer.removeprefix("stream: ").removesuffix(" FOUND"))
    if answer != "stream: OK":
        raise Unreachable(answer)


def ask(content: bytes, url: str) -> str:
    with connected(url) as connection:
        connection.sendall(b"zINSTREAM\0")
        for start in range(0, len(content), CHUNK_BYTES):
            chunk = content[start : start + CHUNK_BYTES]
            connection.sendall(struct.pack("!L", len(chunk)) + chunk)
        connection.sendall(struct.pack("!L", 0))
        answer = b""
        while not answer.endswith(b"\0") and (more := connection.recv(4096)):
            answer += more
    return answer.rstrip(b"\0\n").decode("utf-8", "replace")


def connected(url: str) -> socket.socket:
    parts = urlsplit(url)
    if parts.scheme == "unix":
        connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        connection.settimeout(SECONDS)
        connection.connect(parts.path)
        return connection
    return socket.create_connection((parts.hostname or "", parts.port or 3310), timeout=SECONDS)
