"""The certificate and the evidence bundle of a procedure, for those who may follow it (S15)."""

from contextlib import suppress
from typing import cast

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db.models.fields.files import FieldFile
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from documents.actions import evidence
from documents.models import Rendition, SilenceProcedure
from documents.views.renditions import HttpResponseSeeOther
from membership.models import User

WANTED = "bundle_wanted"  # the session's: the procedure whose bundle waits for its PDF files
PREFIX = 16  # digits of a bundle's SHA-256 in its address


def followed(request: HttpRequest, slug: str) -> SilenceProcedure:
    """The procedure, where the reader may follow it; what is history has no evidence (S16)."""
    visible = SilenceProcedure.objects.visible_to(request.user).filter(historic=False)
    return get_object_or_404(visible.select_related("edition__document"), slug=slug)


def handed_out(file: FieldFile, name: str, kind: str) -> FileResponse:
    """A file as a download, kept by nobody on the way (P3, P6)."""
    try:
        opened = file.open()
    except FileNotFoundError as error:
        raise Http404 from error
    response = FileResponse(opened, as_attachment=True, filename=name, content_type=kind)
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    response.headers["Cache-Control"] = "private, no-store"
    return response


@require_safe
@login_required
def silence_certificate(request: HttpRequest, slug: str) -> FileResponse:
    """The latest certificate of a procedure; 404 before one is issued."""
    procedure = followed(request, slug)
    certificate = procedure.certificates.order_by("-pk").first()
    if certificate is None:
        raise Http404
    return handed_out(certificate.file, f"certificate-{slug}.pdf", "application/pdf")


@never_cache
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def silence_evidence(request: HttpRequest, slug: str) -> HttpResponse:
    """The page of a procedure's evidence; sent, its button makes the bundle (P7).

    Where the PDF files have to be made first, the page that the same session then renews makes the
    bundle that was asked for, once.
    """
    procedure = followed(request, slug)
    if request.method == "POST":
        try:
            made = evidence.make_bundle(procedure=procedure, by=cast(User, request.user))
        except evidence.Waiting:
            messages.info(
                request, _("The PDF files of the text are being made; the bundle waits for them.")
            )
            request.session[WANTED] = procedure.pk
            return redirect("silence_evidence", slug)
        return HttpResponseSeeOther(made_address(procedure, made.sha256))
    pdfs = Rendition.objects.filter(
        edition=procedure.text_edition(), layout__in=[Rendition.Layout.EN, Rendition.Layout.RU]
    )
    on_their_way = [
        one for one in pdfs if one.status in (Rendition.Status.WAITING, Rendition.Status.RUNNING)
    ]
    failed = [one for one in pdfs if one.status == Rendition.Status.FAILED]
    if request.session.get(WANTED) == procedure.pk and not on_their_way:
        del request.session[WANTED]
        if not failed:
            with suppress(evidence.Waiting):  # another edition came meanwhile: the button is there
                evidence.make_bundle(procedure=procedure, by=cast(User, request.user))
    bundle = evidence.current_bundle(procedure)
    return render(
        request,
        "documents/silence_evidence.html",
        {
            "procedure": procedure,
            "bundle": bundle,
            "address": made_address(procedure, bundle.sha256) if bundle else "",
            "pdfs": pdfs,
            "on_their_way": on_their_way,
            "failed": failed,
        },
    )


def made_address(procedure: SilenceProcedure, sha256: str) -> str:
    return reverse("silence_bundle", args=[procedure.slug, sha256[:PREFIX]])


@require_safe
@login_required
def silence_bundle(request: HttpRequest, slug: str, key: str) -> FileResponse:
    """A bundle that was made, by the first digits of its SHA-256."""
    procedure = followed(request, slug)
    bundle = procedure.bundles.filter(sha256__startswith=key).first()
    if len(key) != PREFIX or bundle is None:
        raise Http404
    return handed_out(bundle.file, f"evidence-{slug}-{bundle.upto}.zip", "application/zip")
