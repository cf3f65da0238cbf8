"""The pages of the audit record, the notices and the outbox."""

from allauth.account.decorators import secure_admin_login
from allauth.account.models import EmailAddress
from django.contrib import admin
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from post_office.models import Attachment as MailAttachment
from post_office.models import Email, EmailTemplate
from post_office.models import Log as MailLog
from unfold.decorators import display

from almaty_portal.common.admin.base import ForStaffMixin, ReadOnlyAdmin, table
from almaty_portal.common.models import AuditRecord, Notice

# The second factor is asked for by the portal's own sign-in; the site's own page would not.
admin.site.login = secure_admin_login(admin.site.login)  # type: ignore[method-assign]


@admin.register(AuditRecord)
class AuditRecordAdmin(ReadOnlyAdmin):
    list_display = ["at", "by", "action", "target_label", "target_type"]
    list_display_links = ["at", "action"]
    list_filter = ["action", "target_type"]
    search_fields = ["action", "target_label", "target_id", "by__email", "by__name"]
    date_hierarchy = "at"
    list_select_related = ["by"]
    fieldsets = [
        (
            None,
            {
                "fields": [
                    ("at", "by"),
                    "action",
                    "target_label",
                    ("target_type", "target_id"),
                    "details",
                ]
            },
        )
    ]

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
