"""A translation out as XLIFF and back: what a file would change is shown before it does (U3)."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core import signing
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.csrf import csrf_exempt, csrf_protect
from django.views.decorators.http import require_http_methods, require_safe

from almaty_portal.common.errors import DomainError
from almaty_portal.common.uploads import LimitedUpload
from documents import concordance, translating
from documents.actions.translations import apply_translations, same
from documents.exchange.xliff import from_xliff, texts_of, to_xliff
from documents.models import TranslationWork
from documents.views.glossary import attached
from documents.views.silence.page import person
from documents.views.translations import work_of

MAX_BYTES = 5 * 1024 * 1024
SALT = "documents.xliff"
DAY = 24 * 60 * 60


@login_required
@require_safe
def translation_xliff(request: HttpRequest, pk: int) -> HttpResponse:
    """The translation as XLIFF 2.1."""
    work = work_of(request, pk)
    name = f"{work.edition.document.slug}-{work.edition.key}-{work.language}.xlf"
    return attached(to_xliff(work), "application/xliff+xml", name)


@csrf_exempt
@require_http_methods(["GET", "HEAD", "POST"])
def translation_import(request: HttpRequest, pk: int) -> HttpResponse:
    """A file is read and its changes shown; they are stored when the person says so.

    Exempt only until the upload has its limit: reading the token reads the whole form.
    """
    if request.method == "POST":
        request.upload_handlers.insert(0, LimitedUpload(request, MAX_BYTES))
    return answered(request, pk)


@csrf_protect
@login_required
def answered(request: HttpRequest, pk: int) -> HttpResponse:
    work = work_of(request, pk)
    if request.method != "POST":
        return page(request, work)
    told = request.POST.get("report")  # reading it reads the upload
    try:
        if getattr(request, "upload_too_large", False):
            raise DomainError(
                _("The file is larger than 5 MB: an edition never is. Nothing was stored.")
            )
        if not translating.can_write(request.user, work):
            raise DomainError(
                _("The translation is at “%(status)s”, and you cannot write in it now.")
                % {"status": work.get_status_display()}
            )
        if told:
            return applied(request, work)
        file = request.FILES.get("file")
        if file is None or not file.size:
            raise DomainError(_("Choose the XLIFF file that you worked on."))
        return page(request, work, report=report_of(work, from_xliff(file.read(), work)))
    except DomainError as error:
        return page(request, work, refusal=str(error))


def report_of(work: TranslationWork, translations: dict[str, str]) -> dict[str, Any]:
    """What a file would change, with what the check of concordance says of it."""
    names, terms = concordance.known_names(), concordance.known_terms()
    changes, seen, unchanged = [], {}, 0
    missing = 0
    for paragraph in work.edition.paragraphs.all():
        source, before = texts_of(paragraph, work)
        after = translations.get(paragraph.anchor)
        if after is None:
            missing += bool(source)
            continue
        seen[paragraph.anchor] = before
        if same(before) == same(after):
            unchanged += 1
            continue
        setattr(paragraph, f"text_{work.language}", after)
        changes.append(
            {
                "number": paragraph.label,
                "before": before,
                "after": after,
                "findings": concordance.compare([paragraph], names, terms),
            }
        )
    token = signing.dumps(
        {"work": work.pk, "translations": translations, "seen": seen}, salt=SALT, compress=True
    )
    return {"changes": changes, "unchanged": unchanged, "missing": missing, "token": token}


def applied(request: HttpRequest, work: TranslationWork) -> HttpResponse:
    try:
        report = signing.loads(request.POST["report"], salt=SALT, max_age=DAY)
    except signing.BadSignature as error:
        raise DomainError(
            _("The report is older than a day or is not one of this portal: send the file again.")
        ) from error
    if report["work"] != work.pk:
        raise DomainError(_("The report is of another translation: send the file again."))
    changed = apply_translations(
        work=work, translations=report["translations"], seen=report["seen"], by=person(request)
    )
    messages.success(
        request,
        ngettext(
            "%(count)d paragraph was changed from the file.",
            "%(count)d paragraphs were changed from the file.",
            len(changed),
        )
        % {"count": len(changed)},
    )
    return HttpResponseRedirect(work.get_absolute_url())


def page(
    request: HttpRequest,
    work: TranslationWork,
    refusal: str = "",
    report: dict[str, Any] | None = None,
) -> HttpResponse:
    return render(
        request,
        "documents/translation_import.html",
        {
            "work": work,
            "refusal": refusal,
            "report": report,
            "may_write": translating.can_write(request.user, work),
        },
        status=422 if refusal else 200,
    )
