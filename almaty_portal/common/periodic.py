"""What beat starts for the whole portal."""

import time
from typing import Any

from celery import shared_task
from celery.signals import beat_init
from django.core.cache import cache

from almaty_portal.common import mail

HEARTBEAT_KEY = "beat-heartbeat"
HEARTBEAT_LATE_SECONDS = 60


@shared_task
def heartbeat() -> None:
    """Show that beat, broker and a worker are alive: `/readyz` reads it."""
    cache.set(HEARTBEAT_KEY, time.time(), timeout=24 * 3600)


@beat_init.connect
def heartbeat_at_start(**kwargs: Any) -> None:
    """A beat that comes up shows itself at once, not only when its first period is over."""
    heartbeat.apply_async(expires=HEARTBEAT_LATE_SECONDS)


@shared_task
def send_notices() -> None:
    """Send the mails that wait in the outbox."""
    mail.send_waiting()
