from django.apps import AppConfig, apps
from django.db.models.signals import post_migrate
from django.utils.translation import gettext_lazy as _


class PortalConfig(AppConfig):
    name = "almaty_portal"
    label = "portal"
    verbose_name = _("Portal")

    def ready(self) -> None:
        from almaty_portal import checks  # noqa: F401 -- registers them
        from almaty_portal.common.role import grant_after_migrating

        # Once, after the last of the apps: the signal is sent for those with models.
        last = [one for one in apps.get_app_configs() if one.models_module][-1]
        post_migrate.connect(grant_after_migrating, sender=last)
