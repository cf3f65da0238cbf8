"""Outgoing mail: a notice is a row of the outbox, written with the act that causes it.

The worker sends what waits (`periodic.send_notices`), so that a mail leaves only for an act that
was committed, and an act never waits for a mail server.
"""

import logging
import time
from collections.abc import Iterable
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import DataError, IntegrityError, connection, transaction
from django.template import Context, loader
from django.utils import translation
from post_office import mail
from post_office.mail import get_queued, send_queued
from post_office.models import Email

from almaty_portal.common.models import Notice

logger = logging.getLogger(__name__)

# Any fixed number: PostgreSQL's advisory lock of the one process that sends mail.
SENDER_LOCK = 5_06_2013
# A run begins no further batch after so many seconds: with the time that a batch may last
# (settings.POST_OFFICE) it ends before the worker would kill it.
BEGIN_SECONDS = 5
# What the data of one recipient may cause: an address, a time zone, a language that is none.
UNWRITABLE = (ValidationError, ValueError, LookupError, DataError)


def one_line(text: str) -> str:
    """The text on one line, fit for a mail header (fault P10: no line of its own)."""
    return " ".join(text.split())


def plain_text(template: str, values: dict[str, Any]) -> str:
    """A template of plain text, filled in: nothing in it is escaped as for a page.

    Nor is it marked as safe for one: a page that shows it escapes it (fault P4).
    """
    found: Any = loader.get_template(template)
    return found.template.render(Context(values, autoescape=False)) + ""


def notify(
    *,
    event: str,
    recipients: Iterable[Any],
    template: str,
    context: dict[str, Any],
    link: str = "",
) -> list[Notice]:
    """Owe each recipient one mail about `event`, in the language each of them reads.

    `template` names `emails/<template>_subject.txt` and `emails/<template>.txt`. `link` is a path
    of the portal beginning with a language placeholder `{language}`. A recipient who already has
    a notice of the same event gets no second one (fault F6). Call it inside the act's transaction.

    One whose mail cannot be written, as with a broken address, gets a notice without a mail: the
    act stands, the others are told, and the Support Unit sees it among the notices (fault F10).
    """
    notices = []
    for recipient in recipients:
        already = Notice.objects.filter(event=event, recipient=recipient)
        if already.exists():
            continue
        path = link.format(language=recipient.language)
        notice = Notice(event=event, recipient=recipient, subject=event, link=path)
        try:
            with transaction.atomic():
                notice.email = write_mail(notice, template, context)
                notice.save()
        except IntegrityError:
            if not already.exists():
                raise
            continue  # told meanwhile by another process
        except UNWRITABLE:
            logger.exception("No mail about %s can be written to %s", event, recipient)
            notice.email = None
            notice.save()
        notices.append(notice)
    return notices


def write_mail(notice: Notice, template: str, context: dict[str, Any]) -> Email:
    """Put the mail of a notice into the outbox, in its recipient's language, and name it so."""
    recipient = notice.recipient
    subject, body = compose(template, context, recipient, recipient.language, notice.link)
    notice.subject = subject[:250]
    return put_in_outbox(
        address=recipient.email, language=recipient.language, subject=subject, body=body
    )


def compose(
    template: str, context: dict[str, Any], recipient: Any, language: str, path: str
) -> tuple[str, str]:
    """The subject and the text of a mail to a person, in a language; stores nothing."""
    with translation.override(language):
        values = {
            **context,
            "recipient": recipient,
            "link": f"{settings.PORTAL_URL}{path}" if path else "",
            "demo": settings.DEMO,
        }
        subject = one_line(plain_text(f"emails/{template}_subject.txt", values))
        return subject, plain_text(f"emails/{template}.txt", values)


def put_in_outbox(*, address: str, language: str, subject: str, body: str) -> Email:
    """A mail of plain text in the outbox; the worker sends it.

    The outbox takes templates: what people wrote must not be read as one (fault P10).
    """
    return mail.send(
        address,
        settings.DEFAULT_FROM_EMAIL,
        subject="{{ subject|safe }}",
        message="{{ body|safe }}",
        context={"subject": one_line(subject), "body": body},
        headers={"Content-Language": language},
        commit=True,
    )


def send_waiting() -> tuple[int, int]:
    """Send what waits in the outbox; the numbers sent and not sent (those are tried again later).

    One sender at a time, whatever the number of workers, so that no mail leaves twice (F6). It goes
    in small batches, each on record before the next begins.
    """
    begun, sent, unsent = time.monotonic(), 0, 0
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s)", [SENDER_LOCK])
        if not cursor.fetchone()[0]:
            return 0, 0
        try:
            while time.monotonic() - begun < BEGIN_SECONDS and get_queued().exists():
                done, failed, requeued = send_queued(processes=1)
                sent, unsent = sent + done, unsent + failed + requeued
            return sent, unsent
        finally:
            cursor.execute("SELECT pg_advisory_unlock(%s)", [SENDER_LOCK])
