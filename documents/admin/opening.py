"""The page of the guided form: check, preview of the circular, opening (rules S1–S5)."""

import datetime as dt
from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from almaty_portal.common.admin import AuditedAdmin, Refused, show_refusal
from almaty_portal.common.errors import DomainError, DomainErrors
from almaty_portal.common.instants import database_now
from documents import concordance
from documents.actions import silence
from documents.admin.opening_form import OpenSilenceForm
from documents.admin.printed import printed
from documents.concordance import Finding
from documents.daysoff import clocks
from documents.mail import circular, recipients_of
from documents.models import Edition, LanguageVersion, SilenceProcedure
from documents.models.archive import LANGUAGES
from documents.text import standing_in
from membership.models import NationalCoordinator, State, User


def opening_page(admin: AuditedAdmin, request: HttpRequest, edition: Edition) -> HttpResponse:
    """The form; checked, with what it would open; confirmed, the procedure that was opened.

    Nothing is opened but what was shown: the check signs it. Sent twice, it opens once and leads
    to the same procedure (fault P7).
    """
    if running := running_on(edition):
        return lead_to(request, running)
    findings = concordance.check(edition)
    form = OpenSilenceForm(request.POST or None, edition=edition, findings=findings)
    context: dict[str, Any] = {}
    if request.method == "POST" and form.is_valid():
        signed = form.cleaned_data["previewed"]
        confirmed = "confirm" in request.POST and signed == form.signature()
        try:
            if confirmed:
                procedure = silence.open_silence(edition=edition, by=request.user, **form.values())
            else:
                with transaction.atomic():
                    # Drawn up, so that what a rule refuses is told now; nothing of it is kept.
                    drawn = silence.draw_up(edition=edition, by=request.user, **form.values())
                    context["preview"] = preview(drawn, request.user)
                    transaction.set_rollback(True)
        except Refused as error:
            if "confirm" in request.POST and (running := running_on(edition)):
                return lead_to(request, running)
            show_refusal(form, error, admin.refusals)
        else:
            if confirmed:
                messages.success(
                    request,
                    _("The procedure is open, and the National Coordinators are being told."),
                )
                return HttpResponseRedirect(page_of(procedure))
            context["changed"] = "confirm" in request.POST
            form.data = form.data.copy()
            form.data["previewed"] = form.signature()
    elif request.method == "POST":
        show_what_rules_refuse(form)
    members = list(State.objects.members().in_protocol_order().with_names())
    if request.method == "POST" and "preview" not in context:
        context["deadline"] = deadline_of(form, members)
    return TemplateResponse(
        request,
        "admin/documents/open_silence.html",
        {
            **admin.admin_site.each_context(request),
            "opts": admin.opts,
            "original": edition,
            "title": _("Put under silence"),
            "form": form,
            "media": admin.media + form.media,
            "back": admin.page_of(edition.pk),
            "edition": edition,
            "standings": [(name, standing_words(edition, code)) for code, name in LANGUAGES],
            "paragraphs": len(edition.paragraphs.all()),
            "differences": by_paragraph(edition, findings),
            "members": [(one, coordinators_of(members).get(one.pk, [])) for one in members],
            "without_coordinator": silence.states_without_coordinator(members),
            **context,
        },
    )


def show_what_rules_refuse(form: OpenSilenceForm) -> None:
    """Beside what the form itself refuses, what the rules say of the rest, so that all is told at
    once; a field that has its error keeps that one alone."""
    data = form.partial_values()
    try:
        silence.judge_opening(
            document=form.edition.document,
            edition=Edition.objects.with_text().get(pk=form.edition.pk),
            now=database_now(),
            **data,
        )
    except DomainError as error:
        wrong = set(form.errors)
        for one in error.errors if isinstance(error, DomainErrors) else [error]:
            if one.fields and wrong & set(one.fields):
                continue
            named = [name for name in one.fields if name in form.fields]
            for name in named or [None]:
                form.add_error(name, str(one))


def running_on(edition: Edition) -> SilenceProcedure | None:
    """The procedure under which the text of an edition is now."""
    return SilenceProcedure.objects.open().filter(edition=edition, historic=False).first()


def lead_to(request: HttpRequest, procedure: SilenceProcedure) -> HttpResponse:
    messages.warning(
        request,
        _(
            "This text is under silence already, by this procedure: it is opened once. To change "
            "the text, the Chair withdraws the procedure."
        ),
    )
    return HttpResponseRedirect(page_of(procedure))


def page_of(procedure: SilenceProcedure) -> str:
    return reverse("admin:documents_silenceprocedure_change", args=[procedure.pk])


def standing_words(edition: Edition, language: str) -> str:
    """What an edition's text in a language is, in words."""
    if edition.issued_at is None:
        return str(_("not issued yet: it will be issued when the procedure opens"))
    return str(LanguageVersion.Standing(standing_in(edition, language)).label)


def by_paragraph(edition: Edition, findings: Sequence[Finding]) -> list[dict[str, Any]]:
    """The paragraphs whose two texts differ, with what differs in each."""
    found: dict[int, list[Finding]] = defaultdict(list)
    for one in findings:
        found[one.position].append(one)
    return [
        {**printed(paragraph), "row": row, "findings": found[paragraph.position]}
        for row, paragraph in enumerate(edition.paragraphs.all())
        if paragraph.position in found
    ]


def coordinators_of(states: Collection[State]) -> dict[int, list[NationalCoordinator]]:
    """The Coordinators and deputies in office, by State."""
    found: dict[int, list[NationalCoordinator]] = defaultdict(list)
    designations = NationalCoordinator.objects.in_office().filter(state__in=states)
    for one in designations.select_related("user").order_by("role"):
        found[one.state_id].append(one)
    return found


def deadline_of(form: OpenSilenceForm, members: Sequence[State]) -> dict[str, Any] | None:
    """What is known of a deadline that was entered, while the form is not complete yet."""
    deadline_at = form.cleaned_data.get("deadline_at")
    if deadline_at is None or deadline_at.tzinfo is None:
        return None
    states = list(form.cleaned_data.get("states") or members)
    demonstration = form.edition.document.is_demonstration
    return deadline(deadline_at, database_now(), states, demonstration=demonstration)


def deadline(
    deadline_at: dt.datetime, now: dt.datetime, states: Sequence[State], *, demonstration: bool
) -> dict[str, Any]:
    """A deadline by the clock and calendar of each capital, and whether the period is enough."""
    read = clocks(deadline_at, states)
    return {
        "at": deadline_at,
        "clocks": read,
        "off": [one for one in read if one.off],
        "unknown": [one.state for one in read if not one.known],
        "period": period_words(deadline_at - now, demonstration=demonstration),
    }


def period_words(period: dt.timedelta, *, demonstration: bool) -> str:
    """How long the States have, and how that stands to the least that is allowed (rule S5)."""
    hours, minutes = (int(period.total_seconds() // unit) for unit in (3600, 60))
    if hours:
        long = ngettext("%(hours)s full hour from now", "%(hours)s full hours from now", hours)
    else:
        long = ngettext("%(minutes)s minute from now", "%(minutes)s minutes from now", minutes)
    words = long % {"hours": hours, "minutes": minutes}
    least, urgent = settings.SILENCE_PERIOD_HOURS, settings.SILENCE_URGENT_PERIOD_HOURS
    if period <= dt.timedelta():
        return gettext("The deadline is in the past.")
    if settings.DEMO and demonstration:
        verdict = gettext("a demonstration has no least period but a minute")
    elif period >= dt.timedelta(hours=least):
        verdict = gettext("at least %(least)d are required")
    elif period >= dt.timedelta(hours=urgent):
        verdict = gettext("under the %(least)d required: only with the Chair's reason of urgency")
    else:
        verdict = gettext("under %(urgent)d, the least that even urgency allows")
    verdict %= {"least": least, "urgent": urgent}
    return f"{words}: {verdict}."


def warnings_of_window(procedure: SilenceProcedure, states: Iterable[State]) -> list[str]:
    """What a participation window could not do, for whom or in which text (rules M1, S2, S12)."""
    if procedure.kind != SilenceProcedure.Kind.WINDOW:
        return []
    members = set(State.objects.members().values_list("pk", flat=True))
    told = [
        gettext(
            "%(state)s is a Member State already: the window leaves its standing as it is, and "
            "settles its brackets in texts alone."
        )
        % {"state": state.name()}
        for state in states
        if state.pk in members
    ]
    if procedure.edition.kind in (Edition.Kind.DRAFT, Edition.Kind.REVISION):
        told.append(
            gettext(
                "This text is a proposal: its brackets stay until it is adopted. What the window "
                "settles is applied to the texts in force."
            )
        )
    return told


def preview(procedure: SilenceProcedure, by: User) -> dict[str, Any]:
    """What a procedure would be, read before it is taken back."""
    states = list(procedure.electorate.in_protocol_order().with_names())
    names = {one.pk: one for one in [*State.objects.members().with_names(), *states]}
    in_office = coordinators_of(names.values())
    offices = {
        one.user_id: (names[state], one) for state, found in in_office.items() for one in found
    }
    told = [
        (person, *offices.get(person.pk, (None, None)))
        for person in recipients_of([procedure])[procedure.pk]
    ]
    told.sort(key=lambda one: (one[1].protocol_key, one[2].role) if one[1] else ("~", ""))
    reader = next((person for person, state, _office in told if state), by)
    return {
        "title_en": procedure.title_en,
        "title_ru": procedure.title_ru,
        "kind": procedure.get_kind_display(),
        "silence_means": procedure.get_silence_means_display(),
        "effect": getattr(procedure, "effect", None),
        "reissue_of": procedure.reissue_of,
        "differences": len(procedure.discordances),
        "reasons": [
            ("en", procedure.discordance_reason_en),
            ("ru", procedure.discordance_reason_ru),
        ],
        "zone": procedure.deadline_zone,
        "deadline": deadline(
            procedure.deadline_at,
            procedure.opened_at,
            states,
            demonstration=procedure.is_demonstration,
        ),
        "states": ", ".join(state.name() for state in states),
        "warnings": warnings_of_window(procedure, states),
        "without": ", ".join(one.name() for one in silence.states_without_coordinator(states)),
        "directive": f"{procedure.directive_form}; {procedure.directive_by}",
        "directive_on": procedure.directive_on,
        "urgency": procedure.urgency_reason,
        "hashes": [("EN", procedure.text_hash_en), ("RU", procedure.text_hash_ru)],
        "reader": reader,
        "circulars": [(code, name, *circular(procedure, code, reader)) for code, name in LANGUAGES],
        "told": told,
    }
