"""The acts of the Support Unit on a procedure: the Chair's decisions, a Note Verbale on paper."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from almaty_portal.common.instants import database_now
from almaty_portal.common.languages import CODES
from documents import redline
from documents.actions import silence, texts
from documents.admin.act_forms import (
    CorrectionForm,
    PaperNoteForm,
    ReasonForm,
    ReferForm,
    ReissueForm,
    SettleForm,
)
from documents.admin.forms import ExtendForm
from documents.admin.opening import deadline
from documents.admin.steps import act
from documents.models import Edition, FollowUp, SilenceProcedure, StateOutcome
from documents.text import paragraph_name
from documents.transitions import allowed

TOLD = _("All States entitled are told at once, in their languages.")


def extended_deadline(procedure: SilenceProcedure) -> dict[str, Any]:
    """A later deadline by the clock and calendar of each State, as at an opening (rule S5)."""
    states = list(procedure.electorate.in_protocol_order().with_names())
    told = deadline(procedure.deadline_at, database_now(), states, demonstration=False)
    return {**told, "period": ""}  # an extension has no least period


def corrected_rows(before: Edition, after: Edition) -> list[tuple[str, redline.Row]]:
    """The paragraphs that a correction changes, each with its name (rule S10)."""
    return [
        (paragraph_name(row.paragraph.number, row.paragraph.role), row)
        for row in redline.compare(before.paragraphs.all(), after.paragraphs.all())
        if row.differs(CODES)
    ]


class ChairsActs:
    """The buttons of a procedure's page; each is shown while its step is open to the person."""

    ACTS = [
        "extend",
        "correct",
        "withdraw",
        "enter_paper",
        "settle",
        "reissue",
        "refer",
        "abandon",
    ]

    def procedure(self, object_id: Any) -> SilenceProcedure:
        return get_object_or_404(
            SilenceProcedure.objects.select_related("outcome__annulment", "edition__document"),
            pk=object_id,
        )

    def may(self, step: str, request: HttpRequest, object_id: Any) -> bool:
        if not object_id:
            return False
        return allowed(step, self.procedure(object_id), database_now(), request.user)

    def may_follow(self, step: str, request: HttpRequest, object_id: Any) -> bool:
        followed = FollowUp.objects.filter(procedure=object_id).exists()
        return not followed and self.may(step, request, object_id)

    def has_extend_permission(self, request: HttpRequest, object_id: Any = None) -> bool:
        return self.may("extended", request, object_id)

    def has_correct_permission(self, request: HttpRequest, object_id: Any = None) -> bool:
        return self.may("corrected", request, object_id)

    def has_withdraw_permission(self, request: HttpRequest, object_id: Any = None) -> bool:
        return self.may("withdrawn", request, object_id)

    def has_paper_permission(self, request: HttpRequest, object_id: Any = None) -> bool:
        return self.may("paper_entered", request, object_id)

    def has_settle_permission(self, request: HttpRequest, object_id: Any = None) -> bool:
        left = StateOutcome.objects.filter(
            outcome__procedure=object_id, result=StateOutcome.Result.CHAIR
        ).standing()
        return self.may("settled", request, object_id) and left.exists()

    def has_reissue_permission(self, request: HttpRequest, object_id: Any = None) -> bool:
        return self.may_follow("reissue_prepared", request, object_id)

    def has_refer_permission(self, request: HttpRequest, object_id: Any = None) -> bool:
        return self.may_follow("referred", request, object_id)

    def has_abandon_permission(self, request: HttpRequest, object_id: Any = None) -> bool:
        return self.may_follow("abandoned", request, object_id)

    @act("extended", description=_("Extend the deadline"), icon="more_time", permissions=["extend"])
    def extend(self, request: HttpRequest, object_id: Any) -> HttpResponse:
        """Enter the Chair's decision to extend, before the deadline expires (rule S9)."""
        procedure = self.procedure(object_id)
        return self.act_page(
            request,
            procedure,
            form=ExtendForm(
                request.POST or None, initial={"deadline_zone": procedure.deadline_zone}
            ),
            title=_("Extend the deadline"),
            intro=_("Only to a later moment, on the Chair's decision. %(told)s") % {"told": TOLD},
            submit=_("Extend it"),
            done=_("The deadline is extended, and all are being told."),
            perform=lambda data: silence.extend(procedure=procedure, by=request.user, **data),
            preview=extended_deadline,
            preview_template="admin/documents/open_silence_deadline.html",
        )

    @act("withdrawn", description=_("Withdraw the text"), icon="undo", permissions=["withdraw"])
    def withdraw(self, request: HttpRequest, object_id: Any) -> HttpResponse:
        """Enter the Chair's decision to take the text out of silence (rule S10)."""
        procedure = self.procedure(object_id)
        return self.act_page(
            request,
            procedure,
            form=ReasonForm(request.POST or None),
            title=_("Withdraw the text"),
            intro=_(
                "The procedure ends and the text is not adopted. It can be reissued as a revision "
                "under a new period. %(told)s"
            )
            % {"told": TOLD},
            submit=_("Withdraw it"),
            done=_("The text is withdrawn, and all are being told."),
            perform=lambda data: silence.withdraw(procedure=procedure, by=request.user, **data),
        )

    @act(
        "corrected",
        description=_("Technical correction"),
        icon="spellcheck",
        permissions=["correct"],
    )
    def correct(self, request: HttpRequest, object_id: Any) -> HttpResponse:
        """Correct a slip while silence runs; nothing starts anew (rule S10)."""
        procedure = self.procedure(object_id)
        edition = Edition.objects.with_text().get(pk=procedure.text_edition().pk)
        form = CorrectionForm(request.POST or None, rows=texts.text_rows(edition))
        return self.act_page(
            request,
            procedure,
            form=form,
            title=_("Technical correction"),
            intro=_(
                "For slips alone: the deadline and all answers stand. Paragraphs, numbers, States, "
                "brackets and footnotes cannot be changed here: that is a change of substance, for "
                "which the Chair withdraws the text and reissues it. %(told)s"
            )
            % {"told": TOLD},
            submit=_("Correct the text"),
            done=_("The text is corrected, and all are being told."),
            template="admin/documents/correct.html",
            perform=lambda data: silence.correct_text(
                procedure=procedure,
                rows=form.corrected(),
                note_en=data["note_en"],
                note_ru=data["note_ru"],
                by=request.user,
            ),
            preview=lambda correction: corrected_rows(edition, correction.edition),
            preview_template="admin/documents/correct_preview.html",
        )

    @act(
        "paper_entered",
        description=_("Enter a Note Verbale on paper"),
        icon="description",
        permissions=["paper"],
    )
    def enter_paper(self, request: HttpRequest, object_id: Any) -> HttpResponse:
        """Enter what came on paper before the deadline; another person confirms it (rule S13)."""
        procedure = self.procedure(object_id)
        form = PaperNoteForm(request.POST or None, request.FILES or None, procedure=procedure)
        return self.act_page(
            request,
            procedure,
            form=form,
            title=_("Enter a Note Verbale on paper"),
            intro=_(
                "For a Note Verbale that the Support Unit received on paper before the deadline "
                "and that the State could not enter itself. It has no effect until another member "
                "of the Support Unit has compared it with the paper and confirmed it. An objection "
                "confirmed after an adoption annuls it."
            ),
            submit=_("Enter it"),
            done=_("The Note Verbale is entered. Ask another member of staff to confirm it."),
            template="admin/documents/enter_paper.html",
            perform=lambda data: silence.enter_paper_note(
                procedure=procedure, by=request.user, **form.values()
            ),
            redirect=lambda note: reverse("admin:documents_papernote_change", args=[note.pk]),
        )

    @act("settled", description=_("Settle for a State"), icon="gavel", permissions=["settle"])
    def settle(self, request: HttpRequest, object_id: Any) -> HttpResponse:
        """Enter how the Chair settled what the silence of a State had left open (rule S2)."""
        procedure = self.procedure(object_id)
        return self.act_page(
            request,
            procedure,
            form=SettleForm(request.POST or None, procedure=procedure),
            title=_("Settle for a State"),
            intro=_(
                "Its standing changes from today, its brackets fall in every text in force, and "
                "the former result stays on record. %(told)s"
            )
            % {"told": TOLD},
            submit=_("Settle it"),
            done=_("The result is on record, and all are being told."),
            perform=lambda data: silence.settle_state(procedure=procedure, by=request.user, **data),
        )

    @act(
        "reissue_prepared",
        description=_("Reissue as a revision"),
        icon="content_copy",
        permissions=["reissue"],
    )
    def reissue(self, request: HttpRequest, object_id: Any) -> HttpResponse:
        """Begin the revision, with the proposed wording that the Chair accepts (S10, S14)."""
        procedure = self.procedure(object_id)
        form = ReissueForm(request.POST or None, procedure=procedure)
        return self.act_page(
            request,
            procedure,
            form=form,
            title=_("Reissue as a revision"),
            intro=_(
                "The revision begins as the text that was not adopted, with the wording chosen "
                "below. Edit it, then put it under silence for a new period. %(told)s"
            )
            % {"told": TOLD},
            submit=_("Prepare the revision"),
            done=_("The revision is prepared: read it, edit it, and put it under silence."),
            template="admin/documents/reissue.html",
            context={
                "points": [
                    (point, str(point.pk) in form.data.getlist("accepted") if form.data else False)
                    for point in form.fields["accepted"].queryset
                ]
            },
            perform=lambda data: silence.prepare_reissue(
                procedure=procedure, by=request.user, **data
            ),
            redirect=lambda edition: reverse("admin:documents_edition_change", args=[edition.pk]),
        )

    @act("referred", description=_("Refer to a meeting"), icon="groups", permissions=["refer"])
    def refer(self, request: HttpRequest, object_id: Any) -> HttpResponse:
        """Put the text that was not adopted on the agenda of a meeting (rule S14)."""
        procedure = self.procedure(object_id)
        return self.act_page(
            request,
            procedure,
            form=ReferForm(request.POST or None),
            title=_("Refer to a meeting"),
            intro=_("The text becomes the last item of the agenda. %(told)s") % {"told": TOLD},
            submit=_("Refer it"),
            done=_("The text is on the agenda of the meeting, and all are being told."),
            perform=lambda data: silence.refer(procedure=procedure, by=request.user, **data),
        )

    @act("abandoned", description=_("Abandon the text"), icon="block", permissions=["abandon"])
    def abandon(self, request: HttpRequest, object_id: Any) -> HttpResponse:
        """Give up the text that was not adopted (rule S14)."""
        procedure = self.procedure(object_id)
        return self.act_page(
            request,
            procedure,
            form=ReasonForm(request.POST or None),
            title=_("Abandon the text"),
            intro=_("The text is not pursued any further; all of it stays on record. %(told)s")
            % {"told": TOLD},
            submit=_("Abandon it"),
            done=_("It is on record that the text is not pursued, and all are being told."),
            perform=lambda data: silence.abandon(procedure=procedure, by=request.user, **data),
        )
