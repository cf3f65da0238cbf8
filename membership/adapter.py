"""How allauth works here: accounts are made by the Support Unit, its mails go by the outbox."""

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse
from django.utils import translation

from almaty_portal.common.mail import put_in_outbox
from membership.models import User


class AccountAdapter(DefaultAccountAdapter):
    """Accounts are made by the Support Unit, never by a visitor."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """Mails about an account, in the language that its owner reads, through the outbox."""
        reader = User.objects.filter(email=email.lower()).first()
        language = reader.language if reader else translation.get_language() or "ru"
        with translation.override(language):
            written = self.render_mail(template_prefix, email, context)
            put_in_outbox(
                address=email,
                language=language,
                subject=str(written.subject),
                body=str(written.body),
            )

    def format_email_subject(self, subject: str) -> str:
        return subject

    def get_reset_password_from_key_url(self, key: str) -> str:
        """The link of a password mail: at the portal's own address, whatever the request says."""
        path = reverse("account_reset_password_from_key", kwargs={"uidb36": "U", "key": "K"})
        return settings.PORTAL_URL + path.replace("U-K", key)
