"""Who may read which document, follow which procedure, and act in it."""

from django.db.models import Q, QuerySet
from guardian.shortcuts import get_objects_for_user

from almaty_portal.common.instants import database_now
from documents.models import Document, Edition, SilenceProcedure
from documents.models.archive import Access, Reader
from membership.models import State, User
from membership.permissions import (
    acting_state,
    is_support_unit,
    reads_as_member,
    reads_as_observer,
)


def visible_documents(documents: "QuerySet[Document]", reader: Reader) -> "QuerySet[Document]":
    """Everybody: public documents with an issued edition. Observers: also what is circulated to
    observers. Member States' Coordinators: also what is for Members. A person given one document
    (guardian): that one. The Support Unit: everything (rule T6)."""
    if is_support_unit(reader):
        return documents
    access = [Access.PUBLIC]
    if reads_as_observer(reader):
        access.append(Access.OBSERVERS)
    if reads_as_member(reader):
        access.append(Access.MEMBERS)
    allowed = Q(access__in=access)
    if reader.is_authenticated:
        allowed |= Q(
            pk__in=get_objects_for_user(
                reader, "documents.view_document", Document, use_groups=False
            ).values("pk")
        )
    readable = visible_editions(Edition.objects.all(), reader, alone=True)
    return documents.filter(allowed, pk__in=readable.values("document"))


def visible_editions(
    editions: "QuerySet[Edition]", reader: Reader, *, alone: bool = False
) -> "QuerySet[Edition]":
    """The Support Unit: all. Those who read as Members: issued ones, drafts included. Everybody
    else: issued ones that are not drafts. `alone` leaves the document's own access aside."""
    if is_support_unit(reader):
        return editions
    editions = editions.filter(issued_at__isnull=False)
    if not reads_as_member(reader):
        editions = editions.exclude(kind=Edition.Kind.DRAFT)
    if alone:
        return editions
    return editions.filter(document__in=visible_documents(Document.objects.all(), reader))


def visible_procedures(
    procedures: "QuerySet[SilenceProcedure]", reader: Reader
) -> "QuerySet[SilenceProcedure]":
    """Procedures entered as history: everybody who sees the document. All others: the Support
    Unit and those who read as Members."""
    if reads_as_member(reader):
        return procedures
    return procedures.filter(
        historic=True, edition__document__in=visible_documents(Document.objects.all(), reader)
    )


def can_open_silence(user: User) -> bool:
    """A member of the Support Unit who may add silence procedures (rule S1)."""
    return is_support_unit(user) and user.has_perm("documents.add_silenceprocedure")


def responding_state(user: Reader, procedure: SilenceProcedure) -> State | None:
    """The State for which the person may act in a procedure: the National Coordinator or deputy
    in office of a State fixed as entitled when it opened (rules S3, M3). Nobody of the staff."""
    state = acting_state(user)
    if state is None or not procedure.electorate.filter(pk=state.pk).exists():
        return None
    return state


def can_respond(user: Reader, procedure: SilenceProcedure) -> bool:
    """Who may act for an entitled State, while the deadline has not passed."""
    return responding_state(user, procedure) is not None and procedure.is_running(database_now())
