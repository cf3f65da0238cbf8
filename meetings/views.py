"""Meetings: the list, and one meeting with its agenda and participants."""

from itertools import groupby
from typing import Any

from django.db.models import Prefetch, QuerySet
from django.views.generic import DetailView, ListView

from meetings.models import ListEntry, Meeting, MeetingQuerySet, Participant


class MeetingList(ListView):
    """Meetings to come, the next first, and past ones, the latest first; `?type=` narrows."""

    template_name = "meetings/meeting_list.html"
    context_object_name = "past"
    paginate_by = 20

    @property
    def type(self) -> str:
        wanted = self.request.GET.get("type", "")
        return wanted if wanted in Meeting.Type.values else ""

    def meetings(self) -> MeetingQuerySet:
        meetings = Meeting.objects.select_related("country", "host").prefetch_related(
            "country__names", "host__names"
        )
        return meetings.filter(type=self.type) if self.type else meetings

    def get_queryset(self) -> QuerySet[Meeting]:
        return self.meetings().past()

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        held = set(Meeting.objects.order_by().values_list("type", flat=True).distinct())
        return super().get_context_data(
            coming=self.meetings().coming(),
            type=self.type,
            types=[(value, label) for value, label in Meeting.Type.choices if value in held],
            **kwargs,
        )


class MeetingDetail(DetailView):
    """A meeting: when and where, its agenda, its List of Participants as printed, its people."""

    template_name = "meetings/meeting_detail.html"
    context_object_name = "meeting"

    def get_queryset(self) -> QuerySet[Meeting]:
        return Meeting.objects.select_related("country", "host").prefetch_related(
            "country__names",
            "host__names",
            "agenda",
            "topics",
            Prefetch(
                "list_entries",
                ListEntry.objects.select_related("delegation__state", "delegation__organization"),
            ),
            Prefetch(
                "participants",
                Participant.objects.select_related(
                    "delegation__state", "delegation__organization"
                ).prefetch_related("delegation__state__names"),
            ),
        )

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        meeting = self.object
        entries = list(meeting.list_entries.all())
        people = list(meeting.participants.all())
        return super().get_context_data(
            invited=meeting.invitations.in_force().select_related("organization"),
            agenda=[
                {"day": day, "items": list(items)}
                for day, items in groupby(meeting.agenda.all(), key=lambda item: item.on)
            ],
            groups=[
                {"label": ListEntry.Group(group).label, "entries": list(own)}
                for group, own in groupby(entries, key=lambda entry: entry.group)
            ],
            entry_count=len(entries),
            participant_count=len({entry.delegation_id for entry in entries}),
            entered_twice=entered_twice(entries),
            people=[
                {"label": role.label, "people": own}
                for role in Participant.Role
                if (own := [one for one in people if one.role == role])
            ],
            **kwargs,
        )


def entered_twice(entries: list[ListEntry]) -> list[dict[str, Any]]:
    """The participants that stand in a list more than once, with their numbers there."""
    numbers: dict[int, list[ListEntry]] = {}
    for entry in entries:
        numbers.setdefault(entry.delegation_id, []).append(entry)
    return [
        {"printed": own[0].printed, "numbers": [one.number for one in own]}
        for own in numbers.values()
        if len(own) > 1
    ]
