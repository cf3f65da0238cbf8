"""The pages of the audit record, the notices and the outbox."""

from typing import Any

from allauth.account.decorators import secure_admin_login
from allauth.account.models import EmailAddress
from django.apps import apps
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.text import capfirst
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from post_office.models import Attachment as MailAttachment
from post_office.models import Email, EmailTemplate
from post_office.models import Log as MailLog
from unfold.decorators import display

from almaty_portal.common.admin.base import ForStaffMixin, ReadOnlyAdmin, call, table
from almaty_portal.common.models import AuditRecord, Notice

ACTIONS = {
    "abandoned": _("Text abandoned"),
    "accept_findings": _("Differences between the texts accepted"),
    "act_not_stored": _("Act of a State that could not be stored"),
    "add_attachment": _("File added"),
    "annul": _("Adoption annulled"),
    "apply_effects": _("Effects of a decision applied"),
    "assign_reference": _("Reference assigned"),
    "assign_translation": _("Translation given out"),
    "close_account": _("Account closed"),
    "confirm_paper_note": _("Note Verbale on paper confirmed"),
    "confirm_receipt": _("Receipt of a pack confirmed"),
    "confirm_translation": _("Translation confirmed after a change of the source"),
    "correct_historic_text": _("Historic text corrected"),
    "correct_historic_window": _("Historic procedure corrected"),
    "correct_text": _("Technical correction made"),
    "create_account": _("Account opened"),
    "create_document": _("Document entered"),
    "create_edition": _("Edition entered"),
    "create_pack": _("Pack of documents made up"),
    "designate_coordinator": _("National Coordinator designated"),
    "enter_historic_window": _("Historic procedure entered"),
    "enter_paper_note": _("Note Verbale on paper entered"),
    "extend": _("Deadline extended"),
    "import_terms": _("Terms imported from a file"),
    "import_translation": _("Translation taken from a file"),
    "issue_certificate": _("Certificate issued"),
    "issue_edition": _("Edition issued"),
    "load_founding_record": _("Loaded with the founding archive"),
    "make_bundle": _("Evidence bundle made"),
    "move_translation": _("Translation taken a step on"),
    "open_silence": _("Silence procedure opened"),
    "prepare_pack": _("PDF of a pack asked for"),
    "record_outcome": _("Outcome recorded"),
    "referred": _("Text referred to a meeting"),
    "refuse_paper_note": _("Note Verbale on paper refused"),
    "register_decision": _("Decision registered"),
    "reissue_prepared": _("Reissue as a revision prepared"),
    "remind": _("States reminded"),
    "remind_translation": _("Reminder of a translation"),
    "remove_founding_record": _("Removed with the founding archive"),
    "respond_acknowledgement": _("Receipt acknowledged"),
    "respond_declines": _("Participation declined by a State"),
    "respond_dissociation": _("A State dissociated itself"),
    "respond_joins": _("Consensus joined by a State"),
    "respond_more_time": _("More time asked for by a State"),
    "respond_objection": _("Silence broken by a State"),
    "respond_participates": _("Participation formalised by a State"),
    "respond_reservation": _("Reservation made by a State"),
    "respond_statement": _("Statement made by a State"),
    "respond_withdrawal": _("Objection withdrawn by a State"),
    "result_corrected": _("Result for a State corrected"),
    "send_pack": _("Pack sent"),
    "set_access": _("Access changed"),
    "set_password": _("Password set"),
    "set_text": _("Text stored"),
    "settled": _("Result for a State settled by the Chair"),
    "take_back_mail": _("Waiting mail taken back"),
    "tell_searches": _("Mail about saved searches written"),
    "translate_paragraph": _("Paragraph translated"),
    "withdraw_document": _("Document withdrawn"),
}


def action_words(action: str) -> str:
    """What an audit record's action is in words; an unknown one stays as it is."""
    if action in ACTIONS:
        return str(ACTIONS[action])
    act, _line, kind = action.partition("_")
    for model in apps.get_models():
        if model._meta.model_name == kind:
            name = {"name": model._meta.verbose_name}
            if act == "add":
                return gettext("Record added: %(name)s") % name
            if act == "change":
                return gettext("Record changed: %(name)s") % name
            if act == "delete":
                return gettext("Record deleted: %(name)s") % name
    return action


def kind_words(label: str) -> str:
    """The name of a kind of record, from its label."""
    try:
        return capfirst(str(apps.get_model(label)._meta.verbose_name))
    except (LookupError, ValueError):
        return label


class ActionFilter(admin.SimpleListFilter):
    title = _("action")
    parameter_name = "action"
    words = staticmethod(action_words)

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        name = self.parameter_name
        values = AuditRecord.objects.order_by(name).values_list(name, flat=True).distinct()
        return [(one, self.words(one)) for one in values]

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        return queryset.filter(**{self.parameter_name: self.value()}) if self.value() else queryset


class KindFilter(ActionFilter):
    title = _("kind of record")
    parameter_name = "target_type"
    words = staticmethod(kind_words)


# The second factor is asked for by the portal's own sign-in; the site's own page would not.
admin.site.login = secure_admin_login(admin.site.login)  # type: ignore[method-assign]


@admin.register(AuditRecord)
class AuditRecordAdmin(ReadOnlyAdmin):
    list_display = ["at", "by", "act", "target_label", "kind"]
    list_display_links = ["at", "act"]
    list_filter = [ActionFilter, KindFilter]
    search_fields = ["action", "target_label", "target_id", "by__email", "by__name"]
    date_hierarchy = "at"
    list_select_related = ["by"]
    fieldsets = [
        (
            None,
            {
                "fields": [
                    ("at", "by"),
                    "act",
                    "target_label",
                    ("kind", "target_id"),
                    "details",
                ]
            },
        )
    ]

    @display(description=_("action"), ordering="action")
    def act(self, record: AuditRecord) -> str:
        return action_words(record.action)

    @display(description=_("kind of record"), ordering="target_type")
    def kind(self, record: AuditRecord) -> str:
        return kind_words(record.target_type)

    @display(description=_("detail"))
    def details(self, record: AuditRecord) -> SafeString | str:
        if not record.detail:
            return "—"
        return table(
            [_("what"), _("value")],
            [
                (name, " → ".join("—" if one in (None, "") else str(one) for one in value))
                if isinstance(value, list) and len(value) == 2
                else (name, str(value))
                for name, value in record.detail.items()
            ],
        )


@admin.register(Notice)
class NoticeAdmin(ReadOnlyAdmin):
    list_display = ["created_at", "recipient", "subject", "event", "delivery"]
    list_display_links = ["created_at", "subject"]
    search_fields = ["event", "subject", "recipient__email", "recipient__name"]
    list_filter = [("email__status", admin.ChoicesFieldListFilter)]
    date_hierarchy = "created_at"
    list_select_related = ["recipient", "email"]
    fieldsets = [
        (
            None,
            {
                "fields": [
                    "event",
                    "recipient",
                    "subject",
                    "link",
                    ("created_at", "delivery"),
                    "email",
                ]
            },
        )
    ]

    @display(description=_("delivery"), ordering="email__status")
    def delivery(self, notice: Notice) -> str:
        return delivery(notice.email)


DELIVERY = {
    0: _("sent"),
    1: _("not delivered"),
    2: _("waiting to be sent"),
    3: _("waiting to be sent again"),
}


def delivery(email: Email | None) -> str:
    """How the mail of a notice fares, in words."""
    if email is None:
        return str(_("no mail"))
    return str(DELIVERY.get(email.status, _("waiting to be sent")))


for model in (Email, EmailTemplate, MailAttachment, MailLog, EmailAddress):
    if admin.site.is_registered(model):
        admin.site.unregister(model)


call(
    Email,
    _("mail"),
    _("mails"),
    created=_("created"),
    last_updated=_("last updated"),
    number_of_retries=_("number of retries"),
)


@admin.register(Email)
class OutboxAdmin(ForStaffMixin, ReadOnlyAdmin):
    """The outbox: every mail, what became of it, never changed here."""

    change_form_template = "admin/change_form.html"  # the library's own page offers to resend

    list_display = ["created", "addressees", "subject", "how_it_fares", "last_updated"]
    list_display_links = ["created", "subject"]
    list_filter = ["status"]
    search_fields = ["to", "subject"]
    date_hierarchy = "created"
    fieldsets = [
        (
            None,
            {
                "fields": [
                    "addressees",
                    "from_email",
                    "subject",
                    ("how_it_fares", "number_of_retries"),
                    ("created", "last_updated", "scheduled_time"),
                    "text",
                    "attempts",
                ]
            },
        )
    ]

    @display(description=_("to"))
    def addressees(self, email: Email) -> str:
        return ", ".join(email.to or [])

    @display(description=_("delivery"), ordering="status")
    def how_it_fares(self, email: Email) -> str:
        return delivery(email)

    @display(description=_("text"))
    def text(self, email: Email) -> SafeString:
        return format_html('<div class="whitespace-pre-line">{}</div>', email.message)

    @display(description=_("attempts"))
    def attempts(self, email: Email) -> SafeString | str:
        rows = [
            (one.date, _("sent") if one.status == 0 else _("not delivered"), one.message)
            for one in email.logs.all()
        ]
        return table([_("at"), _("result"), _("message")], rows) if rows else "—"
