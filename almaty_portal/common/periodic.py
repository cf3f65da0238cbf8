"""What beat starts for the whole portal."""

import time

from celery import shared_task
from django.core.cache import cache

from almaty_portal.common import mail

HEARTBEAT_KEY = "beat-heartbeat"
HEARTBEAT_LATE_SECONDS = 60


@shared_task
def heartbeat() -> None:
    """Show that beat, broker and a worker are alive: `/readyz` reads it."""
    cache.set(HEARTBEAT_KEY, time.time(), timeout=24 * 3600)


@shared_task
def send_notices() -> None:
    """Send the mails that wait in the outbox."""
    mail.send_waiting()
