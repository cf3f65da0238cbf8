"""Packs of documents for a meeting: made, filled, prepared, sent, receipts confirmed (rule T7)."""

from collections.abc import Iterable
from functools import partial

from django.db import transaction
from django.db.models import Max, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from almaty_portal.common import audit
from almaty_portal.common.errors import DomainError
from almaty_portal.common.instants import almaty_today, database_now
from documents import mail, packs
from documents.actions.renditions import send as hand_over
from documents.models import Document, Edition, Pack, PackFile, PackItem, PackReceipt
from documents.models.archive import Access
from documents.permissions import can_pack, circulable_editions
from documents.preparing import wait_anew
from documents.reading import editions_of, in_force
from documents.tasks import render_pack
from meetings.models import Meeting
from membership.models import NationalCoordinator, Observer, Standing, User


@transaction.atomic
def create_pack(
    *, meeting: Meeting, kind: str, access: str, note_en: str, note_ru: str, by: User
) -> Pack:
    """Begin a pack with the documents of its meeting that all who get it may read.

    Each in the edition in force, in the order of their annexes and references. Raises DomainError
    where the person may not, and for a compilation before the meeting has begun.
    """
    may_pack(by)
    Meeting.objects.select_for_update().get(pk=meeting.pk)  # numbers are given one by one
    refuse_early(meeting, kind)
    last = Pack.objects.filter(meeting=meeting, kind=kind).aggregate(last=Max("number"))["last"]
    pack = Pack.objects.create(
        meeting=meeting,
        kind=kind,
        number=(last or 0) + 1,
        access=access,
        note_en=note_en,
        note_ru=note_ru,
    )
    chosen = list(fitting_editions(meeting, access))
    PackItem.objects.bulk_create(
        PackItem(pack=pack, position=place, edition=edition)
        for place, edition in enumerate(chosen, start=1)
    )
    audit.record(
        by=by,
        action="create_pack",
        target=pack,
        detail={"access": access, "documents": [str(one) for one in chosen]},
    )
    return pack


def may_pack(by: User) -> None:
    if not can_pack(by):
        raise DomainError(_("Only the Support Unit makes and sends packs of documents (OM 3.iii)."))


def refuse_early(meeting: Meeting, kind: str) -> None:
    if kind == Pack.Kind.COMPILATION and almaty_today() < meeting.from_on:
        raise DomainError(
            _("A compilation is made after the meeting: make a pack of materials until then."),
            fields=["kind"],
        )


def fitting_editions(meeting: Meeting, access: str) -> Iterable[Edition]:
    """The edition in force of each document of a meeting that everybody of an access level may
    read."""
    documents = Document.objects.filter(meeting=meeting, withdrawn_at__isnull=True)
    fitting = set(circulable_editions(access).filter(document__in=documents).values_list("pk"))
    for document in documents.in_order():
        edition = in_force([one for one in editions_of(document) if (one.pk,) in fitting])
        if edition is not None:
            yield edition


@transaction.atomic
def number_items(*, pack: Pack) -> None:
    """Give the documents of a pack the places 1, 2, 3 … in the order in which they stand."""
    for place, item in enumerate(pack.items.order_by("position", "pk"), start=1):
        if item.position != place:
            PackItem.objects.filter(pk=item.pk).update(position=place)


@transaction.atomic
def prepare_pack(*, pack: Pack, by: User) -> None:
    """Have the PDF of a pack made in each language, unless it is on its way or says all already.

    Raises DomainError where the person may not, where the pack was sent, and where it is empty.
    """
    may_pack(by)
    pack = Pack.objects.select_for_update().get(pk=pack.pk)
    refuse_sent(pack)
    judge_items(pack)
    waiting = []
    for language in packs.languages():
        file, created = PackFile.objects.get_or_create(pack=pack, language=language)
        file = PackFile.objects.select_for_update().select_related("pack__meeting").get(pk=file.pk)
        if not created:
            if file.on_its_way or packs.is_current(file):
                continue
            wait_anew(file)
        waiting.append(file.pk)
    if waiting:
        audit.record(by=by, action="prepare_pack", target=pack)
        transaction.on_commit(partial(hand_over, render_pack, waiting))


def refuse_sent(pack: Pack) -> None:
    if pack.sent_at is not None:
        raise DomainError(
            _("This pack was sent and stays as everybody has it. Make a new one for the meeting.")
        )


def judge_items(pack: Pack) -> None:
    """Refuse a pack that is empty, or holds what not all who get it may read (rule T6)."""
    editions = [one.edition for one in pack.items.select_related("edition__document")]
    if not editions:
        raise DomainError(_("The pack is empty: choose its documents first."))
    fitting = set(
        circulable_editions(pack.access)
        .filter(pk__in=[one.pk for one in editions])
        .values_list("pk", flat=True)
    )
    if closed := [str(one) for one in editions if one.pk not in fitting]:
        raise DomainError(
            ngettext(
                "Not all who get the pack may read this document: %(documents)s. Take it out, or "
                "send the pack to fewer.",
                "Not all who get the pack may read these documents: %(documents)s. Take them out, "
                "or send the pack to fewer.",
                len(closed),
            )
            % {"documents": "; ".join(closed)}
        )


@transaction.atomic
def send_pack(*, pack: Pack, by: User) -> Pack:
    """Send a pack: to the Coordinators and deputies in office, and where it is for observers or
    public also to their focal points; a receipt is owed by each. It stays as it is from then on.

    Raises DomainError where the person may not, where it was sent, is empty, holds what not all may
    read, has a PDF that is not ready or says no longer what the texts say, or where nobody gets it.
    """
    may_pack(by)
    pack = Pack.objects.select_for_update(of=("self",)).select_related("meeting").get(pk=pack.pk)
    refuse_sent(pack)
    refuse_early(pack.meeting, pack.kind)
    judge_items(pack)
    files = list(PackFile.objects.filter(pack=pack).select_related("pack__meeting"))
    if len(files) < len(packs.languages()) or not all(packs.is_current(one) for one in files):
        raise DomainError(
            _(
                "Prepare the PDF files first, and wait until both are ready and say what the "
                "texts say now."
            )
        )
    receipts = list(receipts_of(pack))
    if not receipts:
        raise DomainError(_("Nobody would get it: no Coordinator and no focal point is in office."))
    PackReceipt.objects.bulk_create(receipts)
    pack.sent_at, pack.sent_by = database_now(), by
    pack.save(update_fields=["sent_at", "sent_by"])
    mail.tell_pack(pack, [one.user for one in receipts])
    audit.record(
        by=by,
        action="send_pack",
        target=pack,
        detail={
            "files": {one.language: one.sha256 for one in files},
            "recipients": sorted(one.user.email for one in receipts),
        },
    )
    return pack


def receipts_of(pack: Pack) -> Iterable[PackReceipt]:
    """Who gets a pack now, each once, and for which State or organization."""
    told: set[int] = set()
    for one in coordinators():
        if one.user_id not in told:
            told.add(one.user_id)
            yield PackReceipt(pack=pack, user=one.user, state=one.state)
    if pack.access == Access.MEMBERS:
        return
    for observer in Observer.objects.in_force().prefetch_related("focal_points"):
        for user in observer.focal_points.all():
            if user.is_active and user.pk not in told:
                told.add(user.pk)
                yield PackReceipt(
                    pack=pack, user=user, state=observer.state, organization=observer.organization
                )


def coordinators() -> "QuerySet[NationalCoordinator]":
    """The Coordinators and deputies in office who read as Members, in the order of protocol."""
    reading = Standing.objects.in_force().exclude(kind=Standing.Kind.OBSERVER)
    return (
        NationalCoordinator.objects.in_office()
        .filter(state__in=reading.values("state"), user__is_active=True)
        .select_related("user", "state")
        .order_by("state__protocol_key", "role", "pk")
    )


@transaction.atomic
def confirm_receipt(*, pack: Pack, by: User) -> PackReceipt:
    """Confirm that a pack came; said again it changes nothing.

    Raises DomainError where the pack was not sent to the person.
    """
    receipt = PackReceipt.objects.select_for_update().filter(pack=pack, user=by).first()
    if receipt is None:
        raise DomainError(_("This pack was not sent to you, so there is no receipt to confirm."))
    if receipt.confirmed_at is None:
        receipt.confirmed_at = database_now()
        receipt.save(update_fields=["confirmed_at"])
        audit.record(by=by, action="confirm_receipt", target=pack)
    return receipt
