"""F10: a mail server that refuses a recipient, and falls silent after a mail; a real server."""

import datetime as dt
import socketserver
import threading
from collections.abc import Iterator

import pytest
from django.core.mail import get_connection
from django.utils import timezone
from post_office.models import STATUS, Email

from almaty_portal.common.mail import notify, send_waiting
from almaty_portal.common.models import Notice
from tests.factories.documents import a_procedure
from tests.factories.membership import UserFactory

pytestmark = pytest.mark.django_db

REFUSED, SILENT = "refused@example.org", "silent@example.org"


class Conversation(socketserver.StreamRequestHandler):
    """One client's talk with the mail server."""

    def say(self, line: str) -> None:
        self.wfile.write(f"{line}\r\n".encode())

    def handle(self) -> None:
        self.say("220 ready")
        recipient = ""
        while line := self.rfile.readline().decode().strip():
            match line.split()[0].upper().split(":")[0]:
                case "EHLO" | "HELO" | "MAIL" | "RSET":
                    self.say("250 ok")
                case "RCPT":
                    recipient = line.split("<")[1].split(">")[0]
                    self.say("550 no such person" if recipient == REFUSED else "250 ok")
                case "DATA":
                    self.say("354 go on")
                    text = b"".join(iter(self.rfile.readline, b".\r\n"))
                    self.server.taken.append((recipient, text.decode()))
                    if recipient in self.server.silent:
                        self.server.ended.wait(20)  # the mail is taken, and nobody is told
                        return
                    self.say("250 taken")
                case _:
                    self.say("221 bye")
                    return


class MailServer(socketserver.ThreadingTCPServer):
    allow_reuse_address = daemon_threads = True


@pytest.fixture
def server(settings) -> Iterator[MailServer]:
    with MailServer(("127.0.0.1", 0), Conversation) as running:
        running.taken, running.silent, running.ended = [], {SILENT}, threading.Event()
        threading.Thread(target=running.serve_forever, daemon=True).start()
        settings.EMAIL_HOST, settings.EMAIL_PORT = running.server_address
        settings.EMAIL_TIMEOUT = 1
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.POST_OFFICE = {
            **settings.POST_OFFICE,
            "BACKENDS": {"default": settings.EMAIL_BACKEND},
        }
        yield running
        running.ended.set()
        running.shutdown()


def owe(procedure, *addresses: str) -> None:
    notify(
        event="told",
        recipients=[UserFactory(email=one, language="en") for one in addresses],
        template="silence_opened",
        context={"procedure": procedure, "document": procedure.edition.document},
    )


def received(server: MailServer, address: str) -> list[str]:
    return [text for recipient, text in server.taken if recipient == address]


def message_id(text: str) -> str:
    return next(line for line in text.splitlines() if line.lower().startswith("message-id:"))


def test_one_is_refused_one_falls_silent_the_others_are_sent(server, support_unit, members):
    """F10: each is tried again later, later each time, under the same Message-ID."""
    procedure = a_procedure(by=support_unit)
    Email.objects.all().delete()
    owe(procedure, "first@example.org", REFUSED, SILENT, "last@example.org")
    send_waiting()
    status = {one.to[0]: one.status for one in Email.objects.all()}
    assert status == {
        "first@example.org": STATUS.sent,
        REFUSED: STATUS.requeued,
        SILENT: STATUS.requeued,
        "last@example.org": STATUS.sent,
    }
    waiting = Email.objects.filter(status=STATUS.requeued)
    first_wait = min(one.scheduled_time for one in waiting) - timezone.now()
    assert dt.timedelta(0) < first_wait <= dt.timedelta(minutes=1)
    assert send_waiting() == (0, 0)  # not before its time

    server.silent.clear()
    waiting.update(scheduled_time=timezone.now())
    send_waiting()
    assert Email.objects.get(to=SILENT).status == STATUS.sent
    twice = received(server, SILENT)
    assert len(twice) == 2
    assert message_id(twice[0]) == message_id(twice[1])
    assert len(received(server, "first@example.org")) == 1
    refused = Email.objects.get(to=REFUSED)
    assert refused.status == STATUS.requeued
    assert refused.scheduled_time - timezone.now() > first_wait
    assert refused.logs.filter(message__contains="no such person").count() == 2
    assert get_connection().host == "127.0.0.1"
    assert Notice.objects.filter(event="told").count() == 4
