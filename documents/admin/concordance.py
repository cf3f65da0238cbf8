"""What the check of concordance finds in an edition, and accepting it with a reason."""

from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display
from unfold.widgets import UnfoldAdminTextareaWidget

from almaty_portal.common.admin import ReadOnlyAdmin
from documents import concordance
from documents.actions.concordance import accept_findings
from documents.concordance import Finding
from documents.models import AcceptedFinding, Edition
from documents.permissions import can_accept_findings


class FindingsForm(forms.Form):
    """The findings that are open, to be accepted with a reason."""

    findings = forms.MultipleChoiceField(
        label=_("Findings"), required=False, widget=forms.CheckboxSelectMultiple
    )
    reason_en = forms.CharField(
        label=_("Why the texts may differ (English)"),
        required=False,
        widget=UnfoldAdminTextareaWidget(attrs={"rows": 3}),
    )
    reason_ru = forms.CharField(
        label=_("Why the texts may differ (Russian)"),
        required=False,
        widget=UnfoldAdminTextareaWidget(attrs={"rows": 3}),
    )

    def __init__(self, found: list[Finding], *args: Any) -> None:
        super().__init__(*args)
        self.fields["findings"].choices = [  # type: ignore[attr-defined]
            (one.key, one.sentence) for one in found
        ]


def concordance_page(pages: Any, request: HttpRequest, edition: Edition) -> HttpResponse:
    """Where the two texts of an edition differ, what was accepted, and the form to accept."""
    if request.method == "POST" and not can_accept_findings(request.user):
        raise PermissionDenied
    found = concordance.open_findings(edition)
    accepted = AcceptedFinding.objects.filter(edition=edition).select_related("accepted_by")
    may_accept = edition.issued_at is None and can_accept_findings(request.user)
    return pages.act_page(
        request,
        edition,
        form=FindingsForm(found, request.POST or None),
        title=_("Concordance of the two texts"),
        submit=_("Accept the chosen differences"),
        done=_("The differences are accepted, with the reason on record."),
        perform=lambda data: accept_findings(
            edition=edition,
            keys=data["findings"],
            reason_en=data["reason_en"],
            reason_ru=data["reason_ru"],
            by=request.user,
        ),
        template="admin/documents/concordance.html",
        context={
            "found": found,
            "warnings": concordance.warnings(edition),
            "accepted": [(Finding(**one.finding), one) for one in accepted],
            "may_accept": may_accept,
            "compared": edition.paragraphs.filter(
                text_en__isnull=False, text_ru__isnull=False
            ).exists(),
        },
        redirect=lambda _result: request.path,
    )


@admin.register(AcceptedFinding)
class AcceptedFindingAdmin(ReadOnlyAdmin):
    """Differences that were accepted, with their reasons; entered on the page of an edition."""

    list_display = ["edition", "told", "reason_en", "accepted_by", "accepted_at"]
    search_fields = ["edition__document__reference", "edition__document__slug", "reason_en"]
    list_select_related = ["edition__document", "accepted_by"]
    fields = ["edition", "told", "reason_en", "reason_ru", "accepted_by", "accepted_at"]
    readonly_fields = ["told"]

    @display(description=_("finding"))
    def told(self, accepted: AcceptedFinding) -> str:
        return Finding(**accepted.finding).sentence
