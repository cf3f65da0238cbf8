"""When a saved search is looked at anew, and the addresses at which its mails are stopped."""

import datetime as dt
from zoneinfo import ZoneInfo

from django.core.signing import BadSignature, Signer
from django.db.models import Q, QuerySet

from almaty_portal.common.instants import ALMATY
from documents.models import SavedSearch
from membership.models import User

HOUR = 7  # of the morning in the person's time zone
SIGNER = Signer(salt="documents.alerts", sep=".")
Frequency = SavedSearch.Frequency


def morning_of(owner: User, now: dt.datetime) -> dt.datetime:
    """The last seven o'clock in the morning where the person is, at an aware instant."""
    try:
        zone = ZoneInfo(owner.time_zone)
    except (ValueError, LookupError, OSError):  # what is no time zone
        zone = ALMATY
    here = now.astimezone(zone)
    morning = here.replace(hour=HOUR, minute=0, second=0, microsecond=0)
    return morning if morning <= here else morning - dt.timedelta(days=1)


def due_searches(owner: User, morning: dt.datetime) -> "QuerySet[SavedSearch]":
    """The searches of a person not looked at since that morning, or since that of Monday."""
    monday = morning - dt.timedelta(days=morning.weekday())
    return SavedSearch.objects.filter(
        Q(frequency=Frequency.DAILY, looked_at__lt=morning)
        | Q(frequency=Frequency.WEEKLY, looked_at__lt=monday),
        owner=owner,
    )


def token_of(owner: User, search: SavedSearch | None = None) -> str:
    """The secret part of the address that stops the mails about one search of a person, or all."""
    return SIGNER.sign(f"{owner.pk}-{search.pk if search else 0}")


def read_token(token: str) -> tuple[User, "QuerySet[SavedSearch]", bool] | None:
    """The person of such an address, the searches whose mails it stops, and whether these are all;
    nothing where it is forged. It never expires: a mail may be read years later."""
    try:
        owner, search = (int(one) for one in SIGNER.unsign(token).split("-"))
        person = User.objects.get(pk=owner)
    except (BadSignature, ValueError, User.DoesNotExist):
        return None
    searches = SavedSearch.objects.filter(owner=person)
    return person, (searches.filter(pk=search) if search else searches), not search
