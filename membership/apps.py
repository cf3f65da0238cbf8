from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class MembershipConfig(AppConfig):
    name = "membership"
    verbose_name = _("States and people")

    def ready(self) -> None:
        from django.db.models.signals import post_migrate

        from membership.permissions import create_support_unit_group

        post_migrate.connect(create_support_unit_group, sender=self)
