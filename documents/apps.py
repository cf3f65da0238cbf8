from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class DocumentsConfig(AppConfig):
    name = "documents"
    verbose_name = _("Documents and decisions")

    def ready(self) -> None:
        from almaty_portal.common.mail import BEFORE_SENDING
        from documents.actions.searches import take_back_mails

        BEFORE_SENDING.append(take_back_mails)
