"""Packs of documents for a meeting: their page, their files, the receipt (rule T7)."""

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.utils.translation import get_language
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from documents import packs
from documents.actions.packs import confirm_receipt
from documents.models import Edition, Pack, PackFile, PackReceipt
from documents.models.archive import Access
from documents.views.files import served
from documents.views.renditions import HttpResponseSeeOther
from documents.views.silence.page import person


def readable_pack(request: HttpRequest, slug: str, pk: int) -> Pack:
    """The pack of a meeting, for those who may read it; 404 for everybody else (rule T6)."""
    packs_of_all = Pack.objects.visible_to(request.user).select_related("meeting", "sent_by")
    return get_object_or_404(packs_of_all, pk=pk, meeting__slug=slug)


@never_cache
@require_safe
def pack_detail(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """What is in a pack, its files, and whether the reader has confirmed its receipt."""
    pack = readable_pack(request, slug, pk)
    editions = (
        Edition.objects.filter(packed__pack=pack)
        .order_by("packed__position", "packed__pk")
        .select_related("document")
        .prefetch_related("language_versions")
    )
    receipt = None
    if request.user.is_authenticated:
        receipt = PackReceipt.objects.filter(pack=pack, user=person(request)).first()
    newer = Pack.objects.visible_to(request.user).filter(
        meeting=pack.meeting, kind=pack.kind, number__gt=pack.number, sent_at__isnull=False
    )
    context = {
        "pack": pack,
        "meeting": pack.meeting,
        "editions": editions,
        "files": sorted(
            pack.files.filter(status=PackFile.Status.READY),
            key=lambda one: one.language != (get_language() or "ru")[:2],
        ),
        "receipt": receipt,
        "newer": newer.select_related("meeting").order_by("number").last(),
    }
    return render(request, "documents/pack_detail.html", context)


@require_safe
def pack_file(request: HttpRequest, slug: str, pk: int, language: str) -> HttpResponseBase:
    """The PDF of a pack in a language, as a download; 404 where it is not ready."""
    pack = readable_pack(request, slug, pk)
    file = pack.files.filter(language=language, status=PackFile.Status.READY).first()
    if file is None:
        raise Http404
    public = pack.sent_at is not None and pack.access == Access.PUBLIC
    response = served(file.file, packs.file_name(pack, language), public=public)
    response.headers["Content-Type"] = "application/pdf"
    response.headers["Content-Language"] = language
    return response


@login_required
@require_POST
def pack_receipt(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """Confirm the receipt of a pack; the page says since when it is on record."""
    pack = readable_pack(request, slug, pk)
    if not PackReceipt.objects.filter(pack=pack, user=person(request)).exists():
        raise Http404
    confirm_receipt(pack=pack, by=person(request))
    return HttpResponseSeeOther(pack.get_absolute_url())
