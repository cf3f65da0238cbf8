"""The Chairmanship: past, present, next."""

from typing import Any

from django.views.generic import TemplateView

from almaty_portal.common.instants import almaty_today
from chairmanship.models import Chairmanship, Volunteer
from chairmanship.rotation import rotation
from chairmanship.timeline import timeline


class ChairmanshipPage(TemplateView):
    """Who chairs, who chaired, whose turn is next, with a picture of the terms."""

    template_name = "chairmanship/chairmanship.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        today = almaty_today()
        terms = list(
            Chairmanship.objects.standing()
            .select_related("state", "representative")
            .prefetch_related("state__names")
        )
        return super().get_context_data(
            terms=terms,
            today=today,
            rotation=rotation(today),
            volunteers=Volunteer.objects.filter(withdrawn_on__isnull=True)
            .select_related("state")
            .prefetch_related("state__names"),
            picture=timeline([one for one in terms if one.from_on <= today], today),
            **kwargs,
        )
