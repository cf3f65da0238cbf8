"""The web server's worker: as gunicorn's with threads, but it says in words what it refuses."""

import gc
import socket
from typing import Any

from django.utils import translation
from django.utils.html import format_html, format_html_join
from django.utils.translation import gettext
from gunicorn.http.errors import LimitRequestLine
from gunicorn.util import write_nonblock
from gunicorn.workers.gthread import ThreadWorker


class Worker(ThreadWorker):
    """An address that is too long, as a search by 100 kB of text, never reaches Django."""

    def load_wsgi(self) -> None:
        """The portal stays: looking through it for what may go cost some answers 0.1 s."""
        super().load_wsgi()
        gc.collect()
        gc.freeze()

    def handle_error(self, req: Any, client: socket.socket, addr: Any, exc: Exception) -> None:
        if isinstance(exc, LimitRequestLine):
            write_nonblock(client, address_too_long())
        else:
            super().handle_error(req, client, addr, exc)


def address_too_long() -> bytes:
    """The answer 414 with its page; in both languages, since no address tells the reader's."""
    said = []
    for language in ("en", "ru"):
        with translation.override(language):
            said.append(
                (
                    language,
                    gettext("This address is too long"),
                    gettext("Search by fewer words: a query has at most 500 characters."),
                    f"/{language}/documents/",
                    gettext("Search the archive"),
                )
            )
    page = format_html(
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width"><title>414</title></head>\n'
        "<body>{}</body></html>\n",
        format_html_join(
            "\n",
            '<section lang="{}"><h1>{}</h1><p>{}</p><p><a href="{}">{}</a></p></section>',
            said,
        ),
    ).encode()
    head = (
        "HTTP/1.1 414 URI Too Long\r\nConnection: close\r\n"
        f"Content-Type: text/html; charset=utf-8\r\nContent-Length: {len(page)}\r\n\r\n"
    )
    return head.encode() + page
