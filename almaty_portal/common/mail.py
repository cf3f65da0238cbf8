"""Outgoing mail: a notice is a row of the outbox, written with the act that causes it.

The worker sends what waits (`periodic.send_notices`), so that a mail leaves only for an act that
was committed, and an act never waits for a mail server.
"""

from collections.abc import Iterable
from typing import Any

from django.conf import settings
from django.db import connection
from django.template.loader import render_to_string
from django.utils import translation
from post_office import mail
from post_office.mail import get_queued, send_queued

from almaty_portal.common.models import Notice

# Any fixed number: PostgreSQL's advisory lock of the one process that sends mail.
SENDER_LOCK = 5_06_2013


def one_line(text: str) -> str:
    """The text on one line, fit for a mail header (fault P10: no line of its own)."""
    return " ".join(text.split())


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
    """
    notices = []
    for recipient in recipients:
        path = link.format(language=recipient.language)
        with translation.override(recipient.language):
            values = {
                **context,
                "recipient": recipient,
                "link": f"{settings.PORTAL_URL}{path}" if path else "",
                "demo": settings.DEMO,
            }
            subject = one_line(render_to_string(f"emails/{template}_subject.txt", values))
            body = render_to_string(f"emails/{template}.txt", values)
        notice, created = Notice.objects.get_or_create(
            event=event,
            recipient=recipient,
            defaults={"subject": subject[:250], "link": path},
        )
        if created:
            notice.email = mail.send(
                recipient.email,
                settings.DEFAULT_FROM_EMAIL,
                subject=subject,
                message=body,
                headers={"Content-Language": recipient.language},
                commit=True,
            )
            notice.save(update_fields=["email"])
            notices.append(notice)
    return notices


def send_waiting() -> tuple[int, int]:
    """Send what waits in the outbox; the numbers sent and not sent (those are tried again later).

    One sender at a time, whatever the number of workers, so that no mail leaves twice (F6).
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s)", [SENDER_LOCK])
        if not cursor.fetchone()[0]:
            return 0, 0
        try:
            if not get_queued().exists():
                return 0, 0
            sent, failed, requeued = send_queued(processes=1)
            return sent, failed + requeued
        finally:
            cursor.execute("SELECT pg_advisory_unlock(%s)", [SENDER_LOCK])
