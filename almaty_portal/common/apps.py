from django.apps import AppConfig
from django.db.backends.signals import connection_created
from django.utils.translation import gettext_lazy as _

from almaty_portal.celery import app as celery_app


class CommonConfig(AppConfig):
    name = "almaty_portal.common"
    label = "common"
    verbose_name = _("Records and mail")

    def ready(self) -> None:
        from almaty_portal.common.kept import watch  # apps must be there first

        connection_created.connect(watch, dispatch_uid="kept-pages")
        # Two threads that called the first task at once would find it not registered.
        celery_app.finalize()
