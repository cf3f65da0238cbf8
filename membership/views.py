"""States with their standing, their Coordinators' public contact, and observers."""

from typing import Any

from django.db.models import Exists, OuterRef, Prefetch, QuerySet
from django.views.generic import DetailView, TemplateView

from membership.models import (
    NationalCoordinator,
    Observer,
    Standing,
    State,
    StateQuerySet,
    User,
)


def with_standing_today(states: StateQuerySet) -> StateQuerySet:
    """The States in the order of protocol, with names, today's standing and Coordinators."""
    return (
        states.in_protocol_order()
        .with_names()
        .prefetch_related(
            Prefetch("standings", queryset=Standing.objects.in_force(), to_attr="standing_today"),
            Prefetch(
                "coordinators",
                queryset=NationalCoordinator.objects.in_office().select_related("user"),
                to_attr="coordinators_today",
            ),
        )
    )


def standing_today(state: State) -> Standing | None:
    """Today's standing of a State that `with_standing_today` fetched."""
    return next(iter(getattr(state, "standing_today", [])), None)


class MemberList(TemplateView):
    """The Member States in the order of protocol, and the States whose standing is still open."""

    template_name = "membership/member_list.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        kinds = Standing.Kind
        states = with_standing_today(
            State.objects.with_standing(kinds.MEMBER, kinds.REVIEW, kinds.BRACKETS)
        )
        rows = [(state, standing_today(state)) for state in states]
        return super().get_context_data(
            members=[state for state, one in rows if one and one.kind == kinds.MEMBER],
            others=[state for state, one in rows if one and one.kind != kinds.MEMBER],
            **kwargs,
        )


class MemberDetail(DetailView):
    """A State: its standing and names with their history, its Coordinator's public contact."""

    template_name = "membership/member_detail.html"
    context_object_name = "state"

    def get_queryset(self) -> QuerySet[State]:
        return with_standing_today(
            State.objects.filter(pk__in=Standing.objects.values("state"))
        ).prefetch_related("standings")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(
            meetings_hosted=self.object.meetings_hosted.order_by("-from_on"), **kwargs
        )


class ObserverList(TemplateView):
    """The observers of today, States in the order of protocol and organizations, with their basis.

    A State may be on record as an observer by its standing, by its admission, or by both; it
    stands in the list once, and no longer when it is a Member State (rule M1).
    """

    template_name = "membership/observer_list.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        demonstration_focal_points = User.objects.filter(
            observers=OuterRef("pk"), is_demonstration=True
        )
        observers = list(
            Observer.objects.in_force()
            .annotate(demonstration=Exists(demonstration_focal_points))
            .select_related("state", "organization")
            .prefetch_related("state__names")
        )
        states = with_standing_today(
            (
                State.objects.with_standing(Standing.Kind.OBSERVER)
                | State.objects.filter(
                    pk__in=[one.state_id for one in observers if one.state_id is not None]
                )
            ).exclude(pk__in=State.objects.members().values("pk"))
        )
        admitted = {one.state_id: one for one in observers}
        return super().get_context_data(
            states=[
                {
                    "state": state,
                    "standing": standing_today(state),
                    "observer": admitted.get(state.pk),
                }
                for state in states
            ],
            organizations=sorted(
                (one for one in observers if one.organization_id),
                key=lambda one: one.organization.name_en,
            ),
            **kwargs,
        )
