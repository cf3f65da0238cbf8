"""Outgoing mail: a notice is a row of the outbox, written with the act that causes it.

The worker sends what waits (`periodic.send_notices`), so that a mail leaves only for an act that
was committed, and an act never waits for a mail server.
"""

import datetime as dt
import logging
import time
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from email.utils import make_msgid
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile
from django.db import DataError, IntegrityError, connection, transaction
from django.template import Context, loader
from django.utils import timezone, translation
from post_office.mail import get_queued, send_queued
from post_office.models import PRIORITY, STATUS, Email
from post_office.utils import create_attachments
from post_office.validators import validate_email_with_name

from almaty_portal.common.models import Notice

logger = logging.getLogger(__name__)

# Any fixed number: PostgreSQL's advisory lock of the one process that sends mail.
SENDER_LOCK = 5_06_2013
# A run begins no further batch after so many seconds: with the time that a batch may last
# (settings.POST_OFFICE) it ends before the worker would kill it.
BEGIN_SECONDS = 5
# What the data of one recipient may cause: an address, a time zone, a language that is none.
UNWRITABLE = (ValidationError, ValueError, LookupError, DataError)

# What is done before each batch of mails leaves: an app takes back what may be told no longer (T6).
BEFORE_SENDING: list[Callable[[], object]] = []

# What goes with a mail: the files by their names, each its bytes and its kind (MIME type).
Attached = Mapping[str, tuple[bytes, str]]


def one_line(text: str) -> str:
    """The text on one line, fit for a mail header (fault P10: no line of its own)."""
    return " ".join(text.split())


def plain_text(template: str, values: dict[str, Any]) -> str:
    """A template of plain text, filled in: nothing in it is escaped as for a page.

    Nor is it marked as safe for one: a page that shows it escapes it (fault P4).
    """
    found: Any = loader.get_template(template)
    return found.template.render(Context(values, autoescape=False)) + ""


@dataclass(frozen=True)
class Occasion:
    """Something that people are told by mail.

    `template` names `emails/<template>_subject.txt` and `emails/<template>.txt`. `link` is a path
    of the portal beginning with a language placeholder `{language}`. `attach` makes the files that
    go with a mail, in the language of its reader. `headers` are those of the mail besides its own.
    """

    event: str
    recipients: Collection[Any]
    template: str
    context: dict[str, Any]
    link: str = ""
    attach: Callable[[], Attached] | None = None
    headers: Mapping[str, str] = field(default_factory=dict)


def notify(
    *,
    event: str,
    recipients: Iterable[Any],
    template: str,
    context: dict[str, Any],
    link: str = "",
    attach: Callable[[], Attached] | None = None,
) -> list[Notice]:
    """Owe each recipient one mail about one `Occasion`, as `notify_all` does."""
    return notify_all([Occasion(event, list(recipients), template, context, link, attach)])


def notify_all(occasions: Sequence[Occasion]) -> list[Notice]:
    """Owe each recipient of each occasion one mail, in the language each of them reads.

    A recipient who already has a notice of the same event gets no second one (fault F6). Call it
    inside the act's transaction.

    One whose mail cannot be written, as with a broken address, gets a notice without a mail: the
    act stands, the others are told, and the Support Unit sees it among the notices (fault F10).
    """
    told = set(
        Notice.objects.filter(event__in=[one.event for one in occasions]).values_list(
            "event", "recipient"
        )
    )
    notices = [
        written(occasion, recipient)
        for occasion in occasions
        for recipient in occasion.recipients
        if (occasion.event, recipient.pk) not in told
    ]
    try:
        with transaction.atomic():
            return store(notices)
    except (IntegrityError, *UNWRITABLE):
        # one that the database refuses, or that another process wrote meanwhile
        return [kept for notice in notices for kept in store_alone(notice)]


def written(occasion: Occasion, recipient: Any) -> Notice:
    """The notice of an occasion to a recipient with its mail, not yet stored."""
    path = occasion.link.format(language=recipient.language)
    notice = Notice(event=occasion.event, recipient=recipient, subject=occasion.event, link=path)
    try:
        write_mail(notice, occasion)
    except UNWRITABLE:
        unwritten(notice)
    return notice


def unwritten(notice: Notice) -> None:
    """Leave a notice without its mail, which cannot be written."""
    logger.exception("No mail about %s can be written to %s", notice.event, notice.recipient)
    notice.email = None


def store(notices: Sequence[Notice]) -> list[Notice]:
    """Put notices and their mails on record."""
    mails = [one.email for one in notices if one.email]
    Email.objects.bulk_create(mails)
    for email in mails:
        attach_files(email)
    return Notice.objects.bulk_create(notices)


def store_alone(notice: Notice) -> list[Notice]:
    """Put one notice on record: without its mail where the database refuses that, not at all where
    its recipient has been told meanwhile."""
    if (email := notice.email) is not None:
        email.pk = None  # what was tried together with others was undone
        notice.pk, notice.email = None, email
    try:
        with transaction.atomic():
            return store([notice])
    except IntegrityError:
        if not Notice.objects.filter(event=notice.event, recipient=notice.recipient).exists():
            raise
        return []
    except UNWRITABLE:
        unwritten(notice)
        return store([notice])


def write_mail(notice: Notice, occasion: Occasion) -> None:
    """Give a notice its subject and its mail, in its recipient's language."""
    recipient = notice.recipient
    subject, body = compose(
        occasion.template, occasion.context, recipient, recipient.language, notice.link
    )
    notice.subject = subject[:250]
    email = plain_mail(
        address=recipient.email, language=recipient.language, subject=subject, body=body
    )
    email.headers |= occasion.headers
    if occasion.attach is not None:
        with translation.override(recipient.language):
            email.files = occasion.attach()
    notice.email = email


def attach_files(email: Email) -> None:
    """Put the files that go with a mail on record with it, once it is stored."""
    files: Attached = getattr(email, "files", {})
    if not files:
        return
    try:
        kept = create_attachments(
            {
                name: {"file": ContentFile(content), "mimetype": kind}
                for name, (content, kind) in files.items()
            }
        )
    except OSError:
        # The mail leaves without them: a full disk never stands in the way of an act (F11).
        logger.exception("The files of a mail cannot be kept: %s", ", ".join(files))
    else:
        email.attachments.add(*kept)


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


def plain_mail(*, address: str, language: str, subject: str, body: str) -> Email:
    """A mail of plain text as the outbox holds it, not yet stored.

    It is made here and not by post_office's own `send`, which reads subject and body as templates:
    what people wrote must not be one (fault P10). Raises ValidationError for a broken address.
    """
    validate_email_with_name(address)
    return Email(
        from_email=settings.DEFAULT_FROM_EMAIL,
        to=[address],
        subject=one_line(subject),
        message=body,
        headers={"Content-Language": language},
        message_id=make_msgid(domain=str(settings.POST_OFFICE["MESSAGE_ID_FQDN"])),
        priority=PRIORITY.medium,
        status=STATUS.queued,
    )


def put_in_outbox(*, address: str, language: str, subject: str, body: str) -> Email:
    """A mail of plain text in the outbox; the worker sends it."""
    email = plain_mail(address=address, language=language, subject=subject, body=body)
    email.save()
    return email


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
                for judge in BEFORE_SENDING:
                    judge()
                batch_begun = timezone.now()
                done, failed, requeued = send_queued(processes=1)
                put_off(since=batch_begun)
                sent, unsent = sent + done, unsent + failed + requeued
            return sent, unsent
        finally:
            cursor.execute("SELECT pg_advisory_unlock(%s)", [SENDER_LOCK])


def put_off(*, since: dt.datetime) -> None:
    """Let mails that could not be sent since an instant wait twice as long after each attempt: from
    a minute to some two hours (settings.POST_OFFICE), so that a server may be down for hours.
    """
    unsent = list(Email.objects.filter(status=STATUS.requeued, last_updated__gte=since))
    for email in unsent:
        wait = settings.POST_OFFICE["RETRY_INTERVAL"] * 2 ** (email.number_of_retries - 1)
        email.scheduled_time = timezone.now() + wait
    Email.objects.bulk_update(unsent, ["scheduled_time"])
