from django.apps import AppConfig
from django.db.models.signals import post_migrate
from django.utils.translation import gettext_lazy as _


class PortalConfig(AppConfig):
    name = "almaty_portal"
    label = "portal"
    verbose_name = _("Portal")

    def ready(self) -> None:
        from almaty_portal import checks  # noqa: F401 -- registers them
        from almaty_portal.common.role import grant_after_migrating

        post_migrate.connect(grant_after_migrating, sender=self)  # the last app of the list
