"""The navigation beside every page of the Support Unit's site."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.urls import reverse_lazy
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

GROUPS: list[tuple[Any, str, list[str]]] = [
    (
        _("Archive"),
        "folder_open",
        [
            "documents_document",
            "documents_edition",
            "documents_paragraph",
            "documents_languageversion",
            "documents_attachment",
            "documents_topic",
            "documents_relation",
            "documents_referencepattern",
            "documents_accesschange",
            "documents_decision",
        ],
    ),
    (
        _("Translation"),
        "translate",
        [
            "documents_translationwork",
            "documents_concept",
            "documents_term",
            "documents_acceptedfinding",
        ],
    ),
    (
        _("Silence procedures"),
        "hourglass_top",
        [
            "documents_silenceprocedure",
            "documents_entitlement",
            "documents_silenceresponse",
            "documents_unstoredact",
            "documents_objectionpoint",
            "documents_papernote",
            "documents_effect",
            "documents_technicalcorrection",
            "documents_silenceoutcome",
            "documents_stateoutcome",
            "documents_annulment",
            "documents_followup",
            "documents_ledgerentry",
            "documents_certificate",
            "documents_evidencebundle",
            "documents_dailyhead",
        ],
    ),
    (
        _("Meetings"),
        "groups",
        [
            "meetings_meeting",
            "documents_pack",
            "documents_packitem",
            "documents_packfile",
            "documents_packreceipt",
            "meetings_agendaitem",
            "meetings_delegation",
            "meetings_invitation",
            "meetings_listentry",
            "meetings_participant",
        ],
    ),
    (
        _("States and the Chair"),
        "public",
        [
            "membership_state",
            "membership_statename",
            "membership_standing",
            "membership_nationalcoordinator",
            "membership_organization",
            "membership_observer",
            "membership_contribution",
            "chairmanship_chairmanship",
            "chairmanship_volunteer",
        ],
    ),
    (
        _("People and rights"),
        "person",
        [
            "membership_user",
            "auth_group",
            "mfa_authenticator",
            "guardian_userobjectpermission",
            "guardian_groupobjectpermission",
        ],
    ),
    (
        _("Records and mail"),
        "history",
        [
            "common_auditrecord",
            "common_notice",
            "post_office_email",
            "documents_rendition",
            "documents_peculiarity",
            "documents_citation",
            "documents_formeraddress",
            "documents_searchtext",
            "documents_searchword",
            "documents_savedsearch",
            "documents_searchhit",
            "documents_attachmenttext",
            "documents_publicrecord",
        ],
    ),
]
# Names in both languages for what the libraries call otherwise.
NAMES = {
    "auth_group": _("Groups"),
    "mfa_authenticator": _("Second factors"),
    "guardian_userobjectpermission": _("Rights of people to one record"),
    "guardian_groupobjectpermission": _("Rights of groups to one record"),
    "post_office_email": _("Outbox"),
}


def navigation(request: HttpRequest) -> list[dict[str, Any]]:
    """The groups of lists that the person may read."""
    shown = {
        f"{model._meta.app_label}_{model._meta.model_name}": model
        for model, pages in admin.site._registry.items()
        if pages.has_view_permission(request)
    }
    groups = []
    for title, icon, names in GROUPS:
        items = [
            {
                "title": NAMES.get(name, capfirst(str(shown[name]._meta.verbose_name_plural))),
                "link": reverse_lazy(f"admin:{name}_changelist"),
            }
            for name in names
            if name in shown
        ]
        if items:
            groups.append({"title": title, "icon": icon, "collapsible": True, "items": items})
    return groups
