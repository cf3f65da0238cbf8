"""The searches that a person has saved, and the address that stops the mails about them."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from almaty_portal.common.errors import DomainError
from documents import alerts, search
from documents.actions import searches
from documents.forms.search import ChangeSearchForm, SaveSearchForm
from documents.models import SavedSearch
from documents.models.searches import SEARCHES
from documents.permissions import can_save_searches
from documents.views.silence.page import person


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def saved_searches(request: HttpRequest) -> HttpResponse:
    """The reader's saved searches; one that is sent is saved."""
    if request.method != "POST":
        return page(request)
    form = SaveSearchForm(request.POST)
    if form.is_valid():
        try:
            searches.save_search(
                name=form.cleaned_data["name"],
                question=form.question.text,
                filters=form.filters,
                frequency=form.cleaned_data["frequency"],
                by=person(request),
            )
        except DomainError as error:
            form.add_domain_error(error)
        else:
            messages.success(request, _("The search is saved."))
            return HttpResponseRedirect(reverse("saved_searches"))
    return page(request, save_form=form)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def saved_search_change(request: HttpRequest, pk: int) -> HttpResponse:
    """Rename a search, or change how often its owner is told; another person's is a 404."""
    kept = own_search(request, pk)
    if request.method != "POST":
        return HttpResponseRedirect(kept.get_absolute_url())
    form = change_form(kept, request.POST)
    if form.is_valid():
        try:
            kept = searches.change_search(kept=kept, **form.cleaned_data, by=person(request))
        except DomainError as error:
            form.add_domain_error(error)
        else:
            messages.success(request, _("The search is changed."))
            return HttpResponseRedirect(kept.get_absolute_url())
    return page(request, changed=(kept, form))


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def saved_search_delete(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask whether a search shall be deleted; sent, it is. Another person's is a 404."""
    kept = own_search(request, pk)
    if request.method != "POST":
        return render(request, "documents/saved_search_confirm_delete.html", {"kept": kept})
    searches.delete_search(kept=kept, by=person(request))
    messages.success(request, _("The search is deleted."))
    return HttpResponseRedirect(reverse("saved_searches"))


@csrf_exempt  # a mail program sends it, which knows no token but that of the address (RFC 8058)
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def alerts_stop(request: HttpRequest, token: str) -> HttpResponse:
    """The page that stops the mails about one search or all of a person, without a sign-in.

    It changes nothing until its button is pressed, since mail scanners open every address.
    """
    found = alerts.read_token(token)
    if found is None:
        raise Http404
    owner, kept, of_all = found
    stopped = request.method == "POST"
    if stopped:
        searches.stop_mails(searches=kept, by=owner)
    context = {"kept": None if of_all else kept.first(), "of_all": of_all, "stopped": stopped}
    response = render(request, "documents/alerts_stop.html", context)
    response.headers["X-Robots-Tag"] = "noindex"
    return response


def own_search(request: HttpRequest, pk: int) -> SavedSearch:
    return get_object_or_404(SavedSearch, owner=person(request), pk=pk)


def change_form(kept: SavedSearch, data: Any = None) -> ChangeSearchForm:
    return ChangeSearchForm(
        data,
        initial={"name": kept.name, "frequency": kept.frequency},
        auto_id=f"id_{kept.pk}_%s",
    )


def page(
    request: HttpRequest,
    *,
    save_form: SaveSearchForm | None = None,
    changed: tuple[SavedSearch, ChangeSearchForm] | None = None,
) -> HttpResponse:
    labels = search.labels_of((get_language() or "en")[:2])
    refused = save_form or (changed[1] if changed else None)
    rows = [
        {
            "kept": one,
            "words": search.in_words(one.question, search.names_of(one.filters, labels)),
            "url": search.url_of(one.asked),
            "form": changed[1] if changed and changed[0] == one else change_form(one),
            "open": bool(changed and changed[0] == one),
        }
        for one in SavedSearch.objects.filter(owner=person(request))
    ]
    context = {
        "rows": rows,
        "save_form": save_form,
        "refused": refused,
        "may_save": can_save_searches(request.user),
        "most": SEARCHES,
        "candidates": search.CANDIDATES,
    }
    status = 422 if refused else 200
    return render(request, "documents/saved_search_list.html", context, status=status)
