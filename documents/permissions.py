"""Who may read which document, follow which procedure, and act in it."""

from typing import Any

from django.db.models import Q, QuerySet
from guardian.shortcuts import assign_perm, get_objects_for_user, remove_perm

from documents.models import (
    Document,
    Edition,
    Pack,
    PackItem,
    PaperNote,
    SilenceOutcome,
    SilenceProcedure,
    TechnicalCorrection,
    TranslationWork,
)
from documents.models.archive import Access, Reader
from membership.models import State, User
from membership.permissions import (
    acting_state,
    has_rights,
    is_support_unit,
    once_per_request,
    reading_state,
    reads_as_member,
    reads_as_observer,
)


def visible_documents(documents: "QuerySet[Document]", reader: Reader) -> "QuerySet[Document]":
    """The documents of which the reader may see an edition; the Support Unit: all (rule T6)."""
    if is_support_unit(reader):
        return documents
    readable = visible_editions(Edition.objects.all(), reader)
    return documents.filter(pk__in=readable.values("document"))


def visible_editions(editions: "QuerySet[Edition]", reader: Reader) -> "QuerySet[Edition]":
    """The issued editions that the reader may see; the Support Unit: all editions (rule T6).

    Everybody: of public documents. Observers: also of what is circulated to observers. Member
    States' Coordinators: also of what is for Members. A person given one document (guardian): of
    that one. Drafts and proposals only those who read as Members, and whoever acts for a State
    that a procedure addresses: the text put to it.
    """
    if is_support_unit(reader):
        return editions
    readable = Q(document__access__in=readable_access(reader)) | Q(
        document__in=documents_given(reader)
    )
    if not reads_as_member(reader):
        readable &= ~Q(kind=Edition.Kind.DRAFT) & ~texts_of(proposals())
    if state := reading_state(reader):
        readable |= texts_of(addressed_procedures(state))
    return editions.filter(readable, issued_at__isnull=False)


def readable_access(reader: Reader) -> list[str]:
    """The kinds of access that a reader has who is not of the Support Unit (rule T6)."""
    access = [Access.PUBLIC.value]
    if reads_as_observer(reader):
        access.append(Access.OBSERVERS.value)
    if reads_as_member(reader):
        access.append(Access.MEMBERS.value)
    return access


def circulable_editions(access: str) -> "QuerySet[Edition]":
    """The issued editions that everybody of an access level may read (rule T6): drafts and
    proposals go to Member States alone, withdrawn documents to nobody."""
    levels = [Access.PUBLIC, Access.OBSERVERS, Access.MEMBERS]
    readable = Q(document__access__in=levels[: levels.index(Access(access)) + 1])
    if access != Access.MEMBERS:
        readable &= ~Q(kind=Edition.Kind.DRAFT) & ~texts_of(proposals())
    return Edition.objects.filter(
        readable, issued_at__isnull=False, document__withdrawn_at__isnull=True
    )


def visible_packs(packs: "QuerySet[Pack]", reader: Reader) -> "QuerySet[Pack]":
    """The Support Unit: all. Everybody else: what was sent, where they may read its every document
    now, so that a pack ends for them when one of its documents is withdrawn or restricted (T6)."""
    if is_support_unit(reader):
        return packs
    readable = visible_editions(Edition.objects.all(), reader).filter(
        document__withdrawn_at__isnull=True
    )
    closed = PackItem.objects.exclude(edition__in=readable.values("pk"))
    return packs.filter(access__in=readable_access(reader), sent_at__isnull=False).exclude(
        pk__in=closed.values("pack")
    )


def can_pack(user: Reader) -> bool:
    """A member of the Support Unit who may add packs of documents (OM 3.iii)."""
    return is_support_unit(user) and user.has_perm("documents.add_pack")


def proposals() -> "QuerySet[SilenceProcedure]":
    """Procedures whose text is put forward and not adopted: silence runs on it or was broken.

    Such a text is not in force, whatever its kind, and for Members only (rules S4, T6).
    """
    return SilenceProcedure.objects.filter(
        historic=False, kind=SilenceProcedure.Kind.ADOPTION
    ).exclude(outcome__result=SilenceOutcome.Result.ADOPTED, outcome__annulment__isnull=True)


def texts_of(procedures: "QuerySet[SilenceProcedure]") -> Q:
    """The editions that procedures put to the States: as opened, and as corrected since (S10)."""
    corrected = TechnicalCorrection.objects.filter(procedure__in=procedures.values("pk"))
    return Q(pk__in=procedures.values("edition")) | Q(pk__in=corrected.values("edition"))


def addressed_procedures(state: State) -> "QuerySet[SilenceProcedure]":
    """The procedures of the portal in which a State is entitled to act, whatever its standing."""
    return SilenceProcedure.objects.filter(historic=False, electorate=state)


@once_per_request
def documents_given(reader: Reader) -> list[Any]:
    """The ids of the documents that a person was given one by one."""
    if not has_rights(reader):
        return []
    given = get_objects_for_user(
        reader, "documents.view_document", Document, use_groups=False, with_superuser=False
    )
    return list(given.values_list("pk", flat=True))


def visible_procedures(
    procedures: "QuerySet[SilenceProcedure]", reader: Reader
) -> "QuerySet[SilenceProcedure]":
    """Those who read as Members: all. Everybody else: those entered as history on a text that
    the reader may see, and those that address the State that the reader acts for."""
    if reads_as_member(reader):
        return procedures
    visible = Q(historic=True, edition__in=visible_editions(Edition.objects.all(), reader))
    if state := reading_state(reader):
        visible |= Q(pk__in=addressed_procedures(state).values("pk"))
    return procedures.filter(visible)


def can_open_silence(user: User) -> bool:
    """A member of the Support Unit who may add silence procedures (rule S1)."""
    return is_support_unit(user) and user.has_perm("documents.add_silenceprocedure")


def can_direct_silence(user: Reader, procedure: SilenceProcedure) -> bool:
    """A member of the Support Unit who may change silence procedures: it enters what the Chair
    decided while and after a procedure runs (OM 3.iii, rules S9, S10, S14). Not in history."""
    return (
        is_support_unit(user)
        and user.has_perm("documents.change_silenceprocedure")
        and not procedure.historic
    )


def can_enter_paper(user: Reader, procedure: SilenceProcedure) -> bool:
    """A member of the Support Unit who may add Notes Verbales on paper (rule S13)."""
    return (
        is_support_unit(user)
        and user.has_perm("documents.add_papernote")
        and not procedure.historic
    )


def can_confirm_paper(user: Reader, note: PaperNote) -> bool:
    """A member of the Support Unit who may enter such notes, and is another person than the one
    who entered this one (rule S13)."""
    return can_enter_paper(user, note.procedure) and user.pk != note.entered_by_id


def responding_state(user: Reader, procedure: SilenceProcedure) -> State | None:
    """The State for which the person may act in a procedure: the National Coordinator or deputy
    in office of a State fixed as entitled when it opened (rules S3, M3). Nobody of the staff."""
    state = acting_state(user)
    if state is None or not procedure.electorate.filter(pk=state.pk).exists():
        return None
    return state


def can_keep_terms(user: Reader) -> bool:
    """A member of the Support Unit who may change concepts of the glossary (U3)."""
    return is_support_unit(user) and user.has_perm("documents.change_concept")


def can_accept_findings(user: Reader) -> bool:
    """A member of the Support Unit who may add accepted findings: it lets the two texts of an
    edition differ, with a reason on record (rules T2, S4)."""
    return is_support_unit(user) and user.has_perm("documents.add_acceptedfinding")


def visible_translations(
    works: "QuerySet[TranslationWork]", reader: Reader
) -> "QuerySet[TranslationWork]":
    """The Support Unit: all. Others: those that were given to them (guardian) as translator or
    reviewer; so they read a draft that nobody else outside the Support Unit may (T6)."""
    if is_support_unit(reader):
        return works
    if not has_rights(reader):
        return works.none()
    given = get_objects_for_user(
        reader,
        "documents.work_on_translation",
        TranslationWork,
        use_groups=False,
        with_superuser=False,
    )
    return works.filter(pk__in=given.values("pk"))


def can_direct_translation(user: Reader, work: TranslationWork | None = None) -> bool:
    """A member of the Support Unit who may change translations: it gives them out (U3)."""
    return is_support_unit(user) and user.has_perm("documents.change_translationwork")


def works_on(user: Reader, work: TranslationWork) -> bool:
    """Of the Support Unit, or given the translation as one that the person works on."""
    return is_support_unit(user) or (
        has_rights(user) and user.has_perm("documents.work_on_translation", work)
    )


def can_translate(user: Reader, work: TranslationWork) -> bool:
    """The translator, and those of the Support Unit who direct translations; not the reviewer,
    who would judge work of their own."""
    if user.pk == work.reviewer_id:
        return False
    return (user.pk == work.translator_id and works_on(user, work)) or can_direct_translation(user)


def can_review(user: Reader, work: TranslationWork) -> bool:
    """The reviewer and nobody else, who is never the translator."""
    return user.pk == work.reviewer_id != work.translator_id and works_on(user, work)


def grant_translation(work: TranslationWork) -> None:
    """Give the translator and the reviewer the right to read and work on a translation."""
    for person in (work.translator, work.reviewer):
        assign_perm("documents.work_on_translation", person, work)


def revoke_translation(work: TranslationWork) -> None:
    """Take back the right to work on a translation from those who have it."""
    for person in (work.translator, work.reviewer):
        remove_perm("documents.work_on_translation", person, work)


def can_save_searches(reader: Reader) -> bool:
    """The Support Unit, Coordinators and deputies in office, and focal points of observers in
    force: those who may read more than the public, for whom a feed is no alert."""
    return is_support_unit(reader) or reading_state(reader) is not None or reads_as_observer(reader)
