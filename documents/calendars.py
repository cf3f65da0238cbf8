"""The deadline of a procedure in a calendar: one event each, with alarms before it (S5, S9).

The event keeps its UID, and its SEQUENCE grows with each change, so that a calendar that has it
moves it when the deadline is extended and strikes it when the procedure ends before.
"""

import datetime as dt
import re
from collections.abc import Iterable
from email.utils import parseaddr
from typing import Any

from django.conf import settings
from django.core.signing import BadSignature, Signer
from django.db.models import Count, Q
from django.utils.crypto import constant_time_compare, salted_hmac
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from icalendar import Alarm, Calendar, Event, vCalAddress, vUri

from almaty_portal.common.instants import database_now
from almaty_portal.common.mail import one_line
from documents.models import SilenceProcedure
from membership.models import NationalCoordinator, User
from membership.permissions import acting_state, reads_as_member

MIME_TYPE = "text/calendar"
PRODUCT = "-//Almaty Process//Portal//EN"
Status = SilenceProcedure.Status
# Ended before its deadline: there is nothing to answer until then.
CANCELLED = (Status.WITHDRAWN, Status.BROKEN, Status.ANNULLED)
# The entries of the ledger after which the event says something else.
CHANGES = ("extended", "corrected", "withdrawn", "annulled")
# For how long a personal calendar keeps what has ended.
KEEP = dt.timedelta(days=90)
# A sender's address is signed for nothing else.
SIGNER = Signer(salt="documents.calendars", sep=".")
UNPRINTABLE = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")


def attached(procedure: SilenceProcedure) -> dict[str, tuple[bytes, str]]:
    """The event as a file of a mail, in the language of the moment."""
    content, method = procedure_calendar(procedure)
    return {f"{procedure.slug}.ics": (content, f"{MIME_TYPE}; method={method}; charset=utf-8")}


def procedure_calendar(procedure: SilenceProcedure) -> tuple[bytes, str]:
    """A calendar of one procedure and its method: published, or cancelled where it ended early."""
    procedure = SilenceProcedure.objects.with_text().get(pk=procedure.pk)
    method = "CANCEL" if is_cancelled(procedure, database_now()) else "PUBLISH"
    return calendar([procedure], method), method


def calendar(
    procedures: Iterable[SilenceProcedure], method: str = "PUBLISH", name: str = ""
) -> bytes:
    """A calendar of the deadlines of procedures, in the language of the moment."""
    now = database_now()
    made = Calendar()
    made.add("prodid", PRODUCT)
    made.add("version", "2.0")
    made.add("calscale", "GREGORIAN")
    made.add("method", method)
    if name:
        made.add("x-wr-calname", name)
    for procedure in procedures:
        made.add_component(event(procedure, now))
    return made.to_ical()


def is_cancelled(procedure: SilenceProcedure, now: dt.datetime) -> bool:
    return procedure.status(now) in CANCELLED


def event(procedure: SilenceProcedure, now: dt.datetime) -> Event:
    """The deadline of a procedure as an event, read at an aware instant."""
    made = Event()
    made.add("uid", f"silence-{procedure.pk}@{settings.POST_OFFICE['MESSAGE_ID_FQDN']}")
    made.add("sequence", sequence(procedure))
    made.add("dtstamp", now)
    made.add("dtstart", procedure.deadline_at.astimezone(dt.UTC))
    made.add("summary", clean(_("Deadline: %(title)s") % {"title": procedure.title}))
    made.add("description", clean(description(procedure, now)))
    made.add("url", vUri(settings.PORTAL_URL + procedure.get_absolute_url()))
    made.add("organizer", organizer())
    made.add("transp", "TRANSPARENT")
    if is_cancelled(procedure, now):
        made.add("status", "CANCELLED")
        return made
    made.add("status", "CONFIRMED")
    for hours in settings.SILENCE_REMINDER_HOURS:
        alarm = Alarm()
        alarm.add("action", "DISPLAY")
        alarm.add("trigger", dt.timedelta(hours=-hours))
        alarm.add("description", made["summary"])
        made.add_component(alarm)
    return made


def sequence(procedure: SilenceProcedure) -> int:
    """The number of the changes that the event has seen."""
    changes = getattr(procedure, "changes", None)
    if changes is None:
        changes = procedure.ledger.filter(step__in=CHANGES).count()
    return changes + (getattr(procedure, "outcome", None) is not None)


def description(procedure: SilenceProcedure, now: dt.datetime) -> str:
    """What the event says: what is asked, and what silence means."""
    if is_cancelled(procedure, now):
        return _("The procedure has ended before its deadline: %(status)s. Nothing is asked.") % {
            "status": procedure.status(now).label
        }
    if procedure.kind == SilenceProcedure.Kind.ADOPTION:
        asked = _(
            "The text is adopted by consensus unless a Member State objects in writing before "
            "this instant."
        )
    else:
        asked = _(
            "Each State addressed answers for itself before this instant. Silence means: %(means)s."
        ) % {"means": procedure.get_silence_means_display()}
    return asked + "\n" + _("The moment of receipt is judged by the clock of the portal alone.")


def organizer() -> vCalAddress:
    """The sender of the portal's mails: the Support Unit."""
    name, address = parseaddr(settings.DEFAULT_FROM_EMAIL)
    made = vCalAddress(f"mailto:{address}")
    made.params["cn"] = name or address
    return made


def clean(text: str) -> str:
    """The text without characters that could begin a line of their own (fault P10)."""
    return "\n".join(one_line(UNPRINTABLE.sub(" ", line)) for line in text.split("\n"))


# The personal calendar: an address that needs no sign-in, and dies with the rights of its owner.


def token_of(user: User) -> str:
    """The secret part of the address of a person's calendar."""
    return SIGNER.sign(f"{user.pk}.{fingerprint(user)}")


def owner_of(token: str) -> User | None:
    """Whose calendar an address opens; nobody's when password, designation or account ended."""
    try:
        number, found = SIGNER.unsign(token).split(".")
        user = User.objects.get(pk=int(number), is_active=True)
    except (BadSignature, ValueError, OverflowError, User.DoesNotExist):
        return None
    if not constant_time_compare(found, fingerprint(user)):
        return None
    return user if acting_state(user) or reads_as_member(user) else None


def fingerprint(user: User) -> str:
    """What the address rests on: the password and the designations in office, or the staff."""
    terms: list[Any] = sorted(
        NationalCoordinator.objects.in_office().filter(user=user).values_list("pk", flat=True)
    )
    value = f"{user.password}|{terms}|{user.is_staff}"
    return salted_hmac("documents.calendars", value, algorithm="sha256").hexdigest()[:32]


def personal_calendar(user: User) -> bytes:
    """The deadlines that a person may see: those that run, and those that ended lately."""
    procedures = (
        SilenceProcedure.objects.filter(historic=False, deadline_at__gte=database_now() - KEEP)
        .visible_to(user)
        .with_text()
        .annotate(changes=Count("ledger", filter=Q(ledger__step__in=CHANGES)))
    )
    return calendar(procedures, name=_("Almaty Process: deadlines"))


def file_name(procedure: SilenceProcedure) -> str:
    return f"{procedure.slug}-{get_language()}.ics"
