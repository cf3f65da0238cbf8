"""The notices of the archive and of procedures, owed in the transaction of what they tell."""

import datetime as dt
from collections import defaultdict
from collections.abc import Collection, Sequence
from typing import Any, NamedTuple

from django.conf import settings
from django.utils import translation

from almaty_portal.common.instants import database_now
from almaty_portal.common.mail import Occasion, compose, notify, notify_all, one_line
from almaty_portal.common.models import Notice
from documents import alerts, calendars, search
from documents.harvest.naming import address, described, heading
from documents.ledger import Step, record_steps
from documents.models import (
    DailyHead,
    Document,
    Pack,
    SavedSearch,
    SilenceOutcome,
    SilenceProcedure,
    SilenceResponse,
    StateOutcome,
    TranslationWork,
)
from membership.models import NationalCoordinator, State, User

PAGE = "/{language}/portal/silence/%s/"
# What changes the entry in a calendar, which goes with the mail that tells it.
WITH_CALENDAR = ("opened", "extended", "withdrawn", "broken")
DOCUMENTS = 20  # of one search in a mail


def recipients_of(procedures: Collection[SilenceProcedure]) -> dict[int, list[User]]:
    """For each procedure the Coordinators and deputies in office of the States entitled and of the
    Members, and the Support Unit: all are told (S7, S12)."""
    members = list(State.objects.members().values_list("pk", flat=True))
    entitled = {
        one.pk: list(dict.fromkeys([*(state.pk for state in one.electorate.all()), *members]))
        for one in procedures
    }
    serving: dict[int, list[User]] = defaultdict(list)
    states = {pk for one in entitled.values() for pk in one}
    for one in (
        NationalCoordinator.objects.in_office()
        .filter(state__in=states, user__is_active=True)
        .select_related("user")
    ):
        serving[one.state_id].append(one.user)
    staff = list(User.objects.filter(is_staff=True, is_active=True))
    return {
        pk: list(dict.fromkeys([user for state in states for user in serving[state]] + staff))
        for pk, states in entitled.items()
    }


def occasion(
    procedure: SilenceProcedure, told: Collection[User], about: str, event: str = "", **context: Any
) -> Occasion:
    """What a step of a procedure is told by."""
    return Occasion(
        event=f"silence-{procedure.pk}-{event or about}",
        recipients=told,
        template=f"silence_{about}",
        context=common(procedure, **context),
        link=PAGE % procedure.slug,
        attach=(lambda: calendars.attached(procedure)) if about in WITH_CALENDAR else None,
    )


def tell(procedure: SilenceProcedure, about: str, *, event: str = "", **context: Any) -> None:
    """Owe all a notice of a step."""
    told = recipients_of([procedure])[procedure.pk]
    tell_all([(procedure, occasion(procedure, told, about, event, **context))])


def tell_all(occasions: Sequence[tuple[SilenceProcedure, Occasion]]) -> None:
    """Owe the notices of occasions, and put on the ledger who is told (rule S15)."""
    told: dict[str, list[str]] = defaultdict(list)
    for notice in notify_all([one for _procedure, one in occasions]):
        told[notice.event].append(notice.recipient.email)
    now = database_now()
    record_steps(
        [
            Step(
                "notified",
                procedure,
                {"event": one.event, "recipients": sorted(told[one.event])},
                now,
            )
            for procedure, one in occasions
            if told[one.event]
        ]
    )


def common(procedure: SilenceProcedure, **context: Any) -> dict[str, Any]:
    """What every notice of a procedure may tell."""
    return {"procedure": procedure, "document": procedure.edition.document, **context}


def opening(procedure: SilenceProcedure) -> dict[str, Any]:
    """What the circular tells besides."""
    return {
        "electorate": list(procedure.electorate.order_by("protocol_key").prefetch_related("names")),
        "effect": getattr(procedure, "effect", None),
    }


def tell_opened(procedure: SilenceProcedure) -> None:
    """Circulate the text: what is asked, until when, what silence means (S4, S5)."""
    tell(procedure, "opened", **opening(procedure))


def circular(procedure: SilenceProcedure, language: str, reader: User) -> tuple[str, str]:
    """The subject and the text of the circular, as `tell_opened` writes it to a reader."""
    return compose(
        "silence_opened",
        common(procedure, **opening(procedure)),
        reader,
        language,
        (PAGE % procedure.slug).format(language=language),
    )


def tell_broken(procedure: SilenceProcedure, objection: SilenceResponse) -> None:
    """Tell all at once that silence was broken and the text was not adopted (S7)."""
    tell(procedure, "broken", objection=objection)


def tell_extended(procedure: SilenceProcedure, reason: dict[str, str], before: dt.datetime) -> None:
    """Tell all the new deadline at once (S9)."""
    event = f"extended-{procedure.deadline_at:%Y%m%d%H%M%S}"
    tell(procedure, "extended", event=event, reason=reason, before=before)


def tell_effects(outcome: SilenceOutcome) -> None:
    """Tell all the reference and the edition that could not be told with the outcome (S12)."""
    tell_closed([outcome], event="effects")


def tell_closed(outcomes: Sequence[SilenceOutcome], event: str = "") -> None:
    """Tell all in writing what came of it (S12)."""
    told = recipients_of([one.procedure for one in outcomes])
    tell_all(
        [
            (
                one.procedure,
                occasion(
                    one.procedure,
                    told[one.procedure_id],
                    "closed",
                    event,
                    outcome=one,
                    by_state=states_of(one),
                ),
            )
            for one in outcomes
        ]
    )


def states_of(outcome: SilenceOutcome) -> list[StateOutcome]:
    """What a window ended with for each State."""
    if outcome.result != SilenceOutcome.Result.WINDOW_CLOSED:
        return []
    results = StateOutcome.objects.filter(outcome=outcome).standing()
    return list(results.select_related("state").prefetch_related("state__names"))


def tell_more_time(procedure: SilenceProcedure, response: SilenceResponse) -> None:
    """Tell all that a State asked for more time: the Chair may extend the deadline (S8, S9)."""
    event = f"more-time-{response.state.code}"
    tell(procedure, "more_time", event=event, response=response)


def tell_objection_withdrawn(procedure: SilenceProcedure, response: SilenceResponse) -> None:
    """Tell all that a State withdrew its objection, and that this revives nothing (S14)."""
    event = f"objection-withdrawn-{response.state.code}"
    tell(procedure, "objection_withdrawn", event=event, response=response)


def remind(procedure: SilenceProcedure, hours: int, states: Collection[State]) -> None:
    """Remind the Coordinators and deputies in office of States that have not answered.

    Once for each recipient, mark and deadline: an extended deadline is another one.
    """
    in_office = NationalCoordinator.objects.in_office().filter(state__in=states)
    told = User.objects.filter(pk__in=in_office.values("user"), is_active=True)
    event = f"reminder-{hours}-{procedure.deadline_at:%Y%m%d%H%M%S}"
    tell_all([(procedure, occasion(procedure, list(told), "reminder", event, hours=hours))])


def tell_pack(pack: Pack, recipients: Collection[User]) -> None:
    """Tell those who get a pack of documents that it is there, once (T7)."""
    notify(
        event=f"pack-{pack.pk}",
        recipients=recipients,
        template="pack_sent",
        context={"pack": pack, "meeting": pack.meeting},
        link=f"/{{language}}/meetings/{pack.meeting.slug}/packs/{pack.pk}/",
    )


def tell_head(head: DailyHead) -> None:
    """Mail the head of a day to every National Coordinator and deputy in office, once (S15)."""
    in_office = NationalCoordinator.objects.in_office().values("user")
    notify(
        event=f"ledger-head-{head.day:%Y-%m-%d}",
        recipients=User.objects.filter(pk__in=in_office, is_active=True),
        template="ledger_head",
        context={"head": head},
        link="/{language}/verify/",
    )


def tell_found(
    owner: User, day: str, news: Sequence[tuple[SavedSearch, Sequence[int]]]
) -> list[Notice]:
    """Tell a person what is new to their searches: one mail for all of them, once for a day.

    A digest, and not a mail for each search: whoever follows many gets one mail in the morning.
    Each search in it has an address that stops its mails, and the mail has one for all (RFC 8058).
    """
    with translation.override(owner.language):
        labels = search.labels_of(owner.language)
        found = [found_by(one, owner, pks, labels) for one, pks in news]
    stop = address("alerts_stop", alerts.token_of(owner), language=owner.language)
    told = Occasion(
        event=f"searches-{day}",
        recipients=[owner],
        template="saved_searches",
        context={
            "searches": found,
            "total": len({pk for _one, pks in news for pk in pks}),
            "stop": stop,
        },
        link="/{language}/portal/searches/",
        headers={
            "List-Unsubscribe": f"<{stop}>",
            "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
        },
    )
    return notify_all([told])


def found_by(
    kept: SavedSearch, owner: User, pks: Sequence[int], labels: dict[str, dict[str, str]]
) -> dict[str, Any]:
    """What a mail tells of one search, in the present language."""
    language = owner.language
    shown = Document.objects.filter(pk__in=pks[:DOCUMENTS]).select_related("meeting").in_bulk()
    names = search.names_of(kept.filters, labels)
    return {
        "name": kept.name,
        "words": search.in_words(kept.question, names),
        "link": settings.PORTAL_URL + search.url_of({**kept.asked, "sort": "newest"}),
        "stop": address("alerts_stop", alerts.token_of(owner, kept), language=language),
        "documents": [
            {
                "title": one_line(heading(shown[pk], language)),
                "described": one_line(described(shown[pk])),
                "link": address("document_detail", shown[pk].slug, language=language),
            }
            for pk in pks[:DOCUMENTS]
        ],
        "more": max(0, len(pks) - DOCUMENTS),
    }


class Task(NamedTuple):
    """What a translation asks of one person, until a day in Almaty."""

    kind: str  # "translation" or "review"
    person: User
    due_on: dt.date


def tell_given_out(work: TranslationWork, tasks: Sequence[Task]) -> None:
    """Tell people of a translation that was given to them, or of another day by which it is due."""
    moment = f"{database_now():%Y%m%d%H%M%S%f}"
    notify_all([of_translation(work, one, "given", moment) for one in tasks])


def remind_of_translation(work: TranslationWork, task: Task, *, overdue: bool) -> list[Notice]:
    """Remind of a translation that will be due soon or is overdue, once for each day set."""
    about = "overdue" if overdue else "due"
    return notify_all([of_translation(work, task, about, f"{task.due_on:%Y%m%d}")])


def of_translation(work: TranslationWork, task: Task, about: str, event: str) -> Occasion:
    return Occasion(
        event=f"translation-{work.pk}-{task.kind}-{about}-{event}",
        recipients=[task.person] if task.person.is_active else [],
        template=f"translation_{about}",
        context={"work": work, "task": task},
        link=f"/{{language}}/portal/translations/{work.pk}/",
    )
