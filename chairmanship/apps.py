from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ChairmanshipConfig(AppConfig):
    name = "chairmanship"
    verbose_name = _("Chairmanship")

    def ready(self) -> None:
        from chairmanship.checks import check_election, check_extension
        from documents.actions.effects import CHECKS
        from documents.models import Effect

        CHECKS[Effect.Kind.CHAIR] = check_election
        CHECKS[Effect.Kind.TERM] = check_extension
