"""Translations: what is given to the reader, and the page on which it is written (U3)."""

import datetime as dt
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.contrib.auth.mixins import LoginRequiredMixin
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST
from django.views.generic import ListView

from almaty_portal.common.errors import DomainError
from almaty_portal.common.instants import write_day
from documents import concordance, markup, translating
from documents.actions.translations import take_step, translate_paragraph
from documents.concordance.terms import Glossary, bare
from documents.models import Paragraph, Term, TranslationWork
from documents.models.archive import LANGUAGES
from documents.permissions import can_direct_translation
from documents.search.memory import remembered
from documents.views.silence.page import person
from membership.models import User

ROWS = 10


class TranslationList(LoginRequiredMixin, ListView):
    """The translations given to the reader; the Support Unit sees all."""

    template_name = "documents/translation_list.html"
    context_object_name = "works"
    paginate_by = 20

    def get_queryset(self) -> "QuerySet[TranslationWork]":
        return TranslationWork.objects.visible_to(self.request.user).select_related(
            "edition__document"
        )

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        directs = can_direct_translation(self.request.user)
        return super().get_context_data(directs=directs, **kwargs)


def work_of(request: HttpRequest, pk: int) -> TranslationWork:
    """The translation, where the reader may see it; else 404."""
    works = TranslationWork.objects.visible_to(request.user)
    people = ("edition__document", "translator", "reviewer")
    return get_object_or_404(works.select_related(*people), pk=pk)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def translation_detail(request: HttpRequest, pk: int) -> HttpResponse:
    """Source and target row by row, with the glossary, earlier translations and findings; a row
    that is sent is stored."""
    work = work_of(request, pk)
    if request.method != "POST":
        return page(request, work)
    anchor = request.POST.get("anchor", "")
    text = request.POST.get("text", "")[:50_000]
    try:
        translate_paragraph(
            work=work,
            anchor=anchor,
            text=text,
            seen=request.POST.get("seen", ""),
            by=person(request),
        )
    except DomainError as error:
        return page(request, work, refusal=str(error), typed={anchor: text})
    number = request.GET.get("page", "1")
    number = number if number.isdigit() else "1"
    return HttpResponseRedirect(f"{work.get_absolute_url()}?page={number}#row-{anchor}")


@login_required
@require_POST
def translation_step(request: HttpRequest, pk: int) -> HttpResponse:
    """One step of a translation: begin, give to the reviewer, give back, approve, open again."""
    work = work_of(request, pk)
    step = request.POST.get("step", "")
    if step not in translating.TABLE:
        return page(request, work, refusal=_("Choose one of the buttons of this page."))
    try:
        note = request.POST.get("note", "")
        work = take_step(work=work, step=step, by=person(request), note=note)
    except DomainError as error:
        return page(request, work, refusal=str(error))
    messages.success(
        request,
        _("The translation is now: %(status)s.") % {"status": work.get_status_display()},
    )
    return HttpResponseRedirect(work.get_absolute_url())


def page(
    request: HttpRequest,
    work: TranslationWork,
    refusal: str = "",
    typed: dict[str, str] | None = None,
) -> HttpResponse:
    paragraphs = list(work.edition.paragraphs.all())
    page_obj = Paginator(paragraphs, ROWS).get_page(request.GET.get("page"))
    shown: list[Paragraph] = list(page_obj.object_list)
    names, terms = concordance.known_names(), concordance.known_terms()
    findings: dict[str, list[concordance.Finding]] = {}
    for one in concordance.compare(paragraphs, names, terms):
        if one.kind != concordance.Kind.MISSING:
            findings.setdefault(one.anchor, []).append(one)
    untranslated = {
        one.anchor: source
        for one in shown
        if (source := getattr(one, f"text_{work.source}"))
        and not getattr(one, f"text_{work.language}")
    }
    memory, complete = remembered(untranslated, work.source, work.language, request.user)
    may_write = translating.can_write(request.user, work)
    return render(
        request,
        "documents/translation_detail.html",
        {
            "work": work,
            "facts": facts(work),
            "steps": [
                (name, step.label)
                for name, step in translating.TABLE.items()
                if translating.allowed(name, work, request.user)
            ],
            "rows": [row_of(one, work, terms, findings, memory, typed or {}) for one in shown],
            "page_obj": page_obj,
            "may_write": may_write,
            "slow": not complete,
            "refusal": refusal,
            "done": sum(bool(getattr(one, f"text_{work.language}")) for one in paragraphs),
            "all": len(paragraphs),
            "open": sum(map(len, findings.values())),
        },
        status=422 if refusal else 200,
    )


def facts(work: TranslationWork) -> list[tuple[str, str]]:
    def by_day(who: User, day: dt.date) -> str:
        return _("%(person)s, by %(day)s") % {"person": who, "day": write_day(day)}

    return [
        (_("Translated from"), str(dict(LANGUAGES)[work.source])),
        (_("Into"), work.get_language_display()),
        (_("Translator"), by_day(work.translator, work.due_on)),
        (_("Reviewer"), by_day(work.reviewer, work.review_due_on)),
    ]


def row_of(
    paragraph: Paragraph,
    work: TranslationWork,
    terms: Glossary,
    findings: dict[str, list[concordance.Finding]],
    memory: dict[str, Any],
    typed: dict[str, str],
) -> dict[str, Any]:
    source = getattr(paragraph, f"text_{work.source}") or ""
    target = getattr(paragraph, f"text_{work.language}") or ""
    return {
        "paragraph": paragraph,
        "place": concordance.Finding(
            "missing", paragraph.position, paragraph.number, paragraph.anchor, "", ""
        ).place,
        "source": source,
        "html": safe_html(source),
        "marked": any(sign in source for sign in "{[\\"),
        "seen": target,
        "target": typed.get(paragraph.anchor, target),
        "lines": max(2, min(20, max(len(source), len(target)) // 45 + 1)),
        "terms": [
            (
                hit.words,
                terms.agreed(hit.concept, work.language),
                hit.status == Term.Status.FORBIDDEN,
            )
            for hit in terms.find(bare(source), work.source)
        ],
        "memory": memory.get(paragraph.anchor, []),
        "findings": findings.get(paragraph.anchor, []),
    }


def safe_html(text: str) -> str:
    """The text as a reader sees it; one whose marks are malformed, as it stands."""
    try:
        return markup.html(text)
    except markup.MarkupError:
        return text
