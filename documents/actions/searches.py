"""Saving a search, and telling by mail what is new to it."""

import datetime as dt
import logging
from collections.abc import Collection, Mapping, Sequence

from celery.exceptions import SoftTimeLimitExceeded
from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _
from post_office.models import STATUS, Email

from almaty_portal.common import audit
from almaty_portal.common.actions import delete_audited, save_audited
from almaty_portal.common.errors import DomainError
from almaty_portal.common.instants import database_now
from almaty_portal.common.mail import one_line
from almaty_portal.common.models import Notice
from documents import alerts, mail, permissions, search
from documents.models import Document, SavedSearch, SearchHit
from documents.models.searches import NAME_LENGTH, SEARCHES
from membership.models import User

logger = logging.getLogger(__name__)
TELLING = dt.timedelta(hours=1)  # longer than telling one person ever takes
PUT_OFF = dt.timedelta(minutes=10)
Frequency = SavedSearch.Frequency


@transaction.atomic
def save_search(
    *, name: str, question: str, filters: Mapping[str, str], frequency: str, by: User
) -> SavedSearch:
    """Keep a search for a person. What it finds now is known; what it finds later is told.

    Raises DomainError where the person may not, has saved it already, or has saved too many.
    """
    if not permissions.can_save_searches(by):
        raise DomainError(
            _(
                "Searches are saved by National Coordinators in office, observers and the Support "
                "Unit. Everybody can follow a search by its feed, on the page of its results."
            )
        )
    own = SavedSearch.objects.filter(
        owner=User.objects.select_for_update(no_key=True).get(pk=by.pk)
    )
    same = own.filter(question=question, filters=dict(filters)).first()
    if same is not None:
        raise DomainError(_("You have saved this search already: %(name)s") % {"name": same})
    if own.count() >= SEARCHES:
        raise DomainError(
            _("You have saved %(number)s searches, and no more are kept: delete one first.")
            % {"number": SEARCHES}
        )
    now = database_now()
    kept = SavedSearch(
        owner=by,
        name=named(name),
        question=question,
        filters=dict(filters),
        frequency=frequency,
        saved_at=now,
        looked_at=now,
    )
    found, kept.bounded = look(kept, by)
    save_audited(obj=kept, changed={**kept.asked, "frequency": frequency}, by=by)
    SearchHit.objects.bulk_create([SearchHit(search=kept, document_id=pk) for pk in found])
    return kept


def named(name: str) -> str:
    """A name fit to be kept; DomainError for none, or one too long."""
    name = one_line(name)
    if not name or len(name) > NAME_LENGTH:
        raise DomainError(
            _("Give the search a name of at most %(number)s characters.") % {"number": NAME_LENGTH},
            fields=["name"],
        )
    return name


def look(kept: SavedSearch, reader: User) -> tuple[list[int], bool]:
    """The ids of what a saved search finds for a reader now (T6), and whether there is more."""
    return search.latest(
        reader=reader, question=search.Question.read(kept.question), filters=kept.filters
    )


@transaction.atomic
def change_search(*, kept: SavedSearch, name: str, frequency: str, by: User) -> SavedSearch:
    """Rename a saved search, or change how often its owner is told. Raises DomainError for a name
    that is none."""
    kept = SavedSearch.objects.select_for_update().get(pk=kept.pk)
    before = {"name": kept.name, "frequency": kept.frequency}
    kept.name, kept.frequency = named(name), frequency
    after = {"name": kept.name, "frequency": kept.frequency}
    changed = {key: [before[key], after[key]] for key in after if before[key] != after[key]}
    save_audited(obj=kept, changed=changed, by=by)
    return kept


def delete_search(*, kept: SavedSearch, by: User) -> None:
    """Delete a saved search with what it has found."""
    delete_audited(obj=kept, by=by)


@transaction.atomic
def stop_mails(*, searches: Collection[SavedSearch], by: User) -> None:
    """Send no more mails about searches, asked for at the address that a mail to `by` holds."""
    pks = [one.pk for one in searches]
    kept = SavedSearch.objects.select_for_update().filter(pk__in=pks)
    for one in kept.exclude(frequency=Frequency.NEVER):
        before, one.frequency = one.frequency, Frequency.NEVER.value
        changed = {"frequency": [before, one.frequency], "through": "link in a mail"}
        save_audited(obj=one, changed=changed, by=by)


def tell_new() -> int:
    """Tell everybody what is new to their searches, those that are due; how many were told.

    Each person by themselves: one whose mail fails, or a worker that dies, stops nobody else's.
    """
    told = 0
    followed = SavedSearch.objects.exclude(frequency=Frequency.NEVER)
    for owner in User.objects.filter(is_active=True, pk__in=followed.values("owner")):
        try:
            told += tell_person(owner)
        except SoftTimeLimitExceeded:
            raise  # the next run goes on
        except Exception:
            logger.exception("What is new to the searches of %s could not be told", owner)
    return told


@transaction.atomic
def tell_person(owner: User) -> bool:
    """Tell a person in one mail what is new to their searches that are due; whether there was any.

    Only what the person may read now (rule T6), each document once for a search, however often
    this runs: what was found and the mail are written together, and there is one mail for a day.
    Nobody is told who may save no search any more: no office, no account.
    """
    now = database_now()
    morning = alerts.morning_of(owner, now)
    due = alerts.due_searches(owner, morning)
    if not due.exists() or not permissions.can_save_searches(owner):
        return False
    news = []
    for one in due.select_for_update():
        if new := note_found(one, owner, now):
            news.append((one, new))
    if not news:
        return False
    if not mail.tell_found(owner, f"{morning:%Y-%m-%d}", news):
        transaction.set_rollback(True)  # told today already; these wait for tomorrow
        return False
    counts = {str(one.pk): len(new) for one, new in news}
    audit.record(by=None, action="tell_searches", target=owner, detail={"documents": counts})
    return True


def note_found(kept: SavedSearch, owner: User, now: dt.datetime) -> list[int]:
    """Note what a search finds now; the ids of what is new to it, the latest first."""
    found, more = look(kept, owner)
    known = set(kept.hits.values_list("document", flat=True))
    new = new_among(found, known, bounded=more or kept.bounded)
    SearchHit.objects.bulk_create(
        [
            SearchHit(search=kept, document_id=pk, told_at=now if pk in new else None)
            for pk in found
            if pk not in known
        ]
    )
    kept.looked_at, kept.bounded = now, more
    if new:
        kept.told_at = now
    kept.save(update_fields=["looked_at", "bounded", "told_at"])
    return new


def new_among(found: Sequence[int], known: Collection[int], *, bounded: bool) -> list[int]:
    """What is found and not known. Where only the latest were looked at, before or now, what is
    older than all that is known may have moved up, and is not new."""
    oldest = max((at for at, pk in enumerate(found) if pk in known), default=len(found))
    looked_at = found[:oldest] if bounded else found
    return [pk for pk in looked_at if pk not in known]


def take_back_mails() -> None:
    """Write anew the waiting mails about searches whose readers may no longer see all that these
    name: restricted or withdrawn since, or the reader's office is over (rule T6).

    One that cannot be judged stays behind, and holds up no other mail.
    """
    now = database_now()
    due = Q(email__scheduled_time__isnull=True) | Q(email__scheduled_time__lte=now)
    waiting = Notice.objects.filter(
        due, event__startswith="searches-", email__status__in=(STATUS.queued, STATUS.requeued)
    )
    for notice in waiting.select_related("recipient"):
        try:
            write_anew(notice, now)
        except Exception:
            logger.exception("The mail of the notice %s cannot be judged", notice.pk)
            Email.objects.filter(pk=notice.email_id).update(scheduled_time=now + PUT_OFF)


@transaction.atomic
def write_anew(notice: Notice, now: dt.datetime) -> None:
    """Leave out of a mail what its reader may not see, or take the mail back where nothing is left;
    opened again, what was left out is new to them."""
    owner = notice.recipient
    told = SearchHit.objects.filter(
        search__owner=owner,
        told_at__lte=notice.created_at,
        told_at__gt=notice.created_at - TELLING,
    )
    shown = Document.objects.visible_to(owner).filter(withdrawn_at__isnull=True)
    closed = told.exclude(document__in=shown.filter(pk__in=told.values("document")).values("pk"))
    if not closed.exists():
        return
    gone = sorted(closed.values_list("document", flat=True))
    closed.delete()
    left: dict[SavedSearch, list[int]] = {}
    for hit in told.order_by("search__name", "search", "pk").select_related("search"):
        left.setdefault(hit.search, []).append(hit.document_id)
    told.update(told_at=now)
    mail_id, event = notice.email_id, notice.event
    notice.delete()
    Email.objects.filter(pk=mail_id).delete()
    audit.record(by=None, action="take_back_mail", target=owner, detail={"documents": gone})
    if left:
        mail.tell_found(owner, event.removeprefix("searches-"), list(left.items()))
