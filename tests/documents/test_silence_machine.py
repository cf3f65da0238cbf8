"""S6–S15 as a machine: random acts at random moments, against a model that knows only the rules.

PostgreSQL's own clock is moved (`tests.factories.clock`), so that the real triggers judge.
"""

import datetime as dt
import uuid

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from almaty_portal.common.errors import DomainError
from documents.actions import silence, texts
from documents.actions.ledger import verify_ledger
from documents.models import (
    Annulment,
    Edition,
    FollowUp,
    SilenceOutcome,
    SilenceProcedure,
    SilenceResponse,
)
from membership.models import State, User
from tests.factories.clock import DatabaseClock
from tests.factories.documents import a_procedure, a_public_document
from tests.factories.files import a_pdf
from tests.factories.membership import DesignationFactory, UserFactory

pytestmark = pytest.mark.django_db

NOTE = a_pdf()
GRACE = dt.timedelta(seconds=25)  # the issue: longer than any request may last
ENTRY = dt.timedelta(days=14)  # how long after the deadline paper may still be entered
MICROSECOND = dt.timedelta(microseconds=1)
CODES = ("AF", "AZ", "KZ", "KG", "TJ")

codes = st.sampled_from(CODES)
AROUND_THE_DEADLINE = (-MICROSECOND, 0 * MICROSECOND, MICROSECOND, GRACE - MICROSECOND, GRACE)
# When an act happens: at once, some hours later, or about the deadline.
moments = st.one_of(
    st.none(),
    st.integers(1, 40 * 3600).map(lambda seconds: ("on", dt.timedelta(seconds=seconds))),
    st.sampled_from([("deadline", offset) for offset in AROUND_THE_DEADLINE]),
)
mostly = st.sampled_from([True] * 5 + [False])


class Silence(RuleBasedStateMachine):
    """One procedure, and what should have come of it (`self.result`, `self.objected` …)."""

    def __init__(self) -> None:
        super().__init__()
        self.block = transaction.atomic()
        self.block.__enter__()
        self.clock = DatabaseClock()
        self.staff, self.other = User.objects.filter(is_staff=True).order_by("email")
        self.states = {one.code: one for one in State.objects.filter(code__in=CODES)}
        self.people = {
            code: User.objects.get(designations__state=one) for code, one in self.states.items()
        }
        self.procedure = None

    def teardown(self) -> None:
        try:
            if self.procedure is not None:
                assert [str(one) for one in verify_ledger()] == []
        finally:
            transaction.set_rollback(True)
            self.block.__exit__(None, None, None)

    # The model

    @initialize(window=st.sampled_from([False, False, True]))
    def opens(self, window: bool) -> None:
        extra = {}
        if window:
            extra = {
                "edition": a_public_document(by=self.staff),
                "kind": "participation_window",
                "silence_means": "lapses",
                "states": list(self.states.values()),
            }
        self.window = window
        self.procedure = a_procedure(by=self.staff, hours=73, **extra)
        self.deadline = self.procedure.deadline_at
        self.objected: dict[str, dt.datetime] = {}
        self.answers: dict[str, bool] = {}
        self.said: set[tuple[str, str]] = set()
        self.waiting: dict[str, dt.datetime] = {}
        self.took_back: set[str] = set()
        self.annulled, self.abandoned, self.corrections = "", False, 0
        self.result, self.effective, self.closed = None, None, None

    @property
    def running(self) -> bool:
        return self.result is None and self.clock.now < self.deadline

    def ends(self, result: str, effective: dt.datetime) -> None:
        self.result, self.effective = result, effective

    def happens(self, act, *, accepted: bool) -> None:
        """An act that is accepted, or refused with a sentence."""
        if accepted:
            act()
            return
        with pytest.raises(DomainError) as refused:
            act()
        assert str(refused.value).strip().endswith(".")

    # What happens

    def time_passes(self, moment: tuple[str, dt.timedelta] | None) -> None:
        if moment is None:
            return
        since, by = moment
        to = (self.clock.now if since == "on" else self.deadline) + by
        self.clock.set(max(self.clock.now, to))

    @rule(code=codes)
    def acknowledges(self, code: str) -> None:
        accepted = self.running or (code, "acknowledgement") in self.said
        self.happens(
            lambda: silence.acknowledge(
                procedure=self.procedure, state=self.states[code], by=self.people[code]
            ),
            accepted=accepted,
        )
        if accepted:
            self.said.add((code, "acknowledgement"))

    @rule(
        code=codes, kind=st.sampled_from(["joins", "more_time", "statement"]), words=st.booleans()
    )
    def takes_a_position(self, code: str, kind: str, words: bool) -> None:
        accepted = self.running and (code, kind) not in self.said and (words or kind == "joins")
        self.happens(
            lambda: silence.take_position(
                procedure=self.procedure,
                state=self.states[code],
                kind=kind,
                text="Words." if words else " ",
                by=self.people[code],
            ),
            accepted=accepted,
        )
        if accepted:
            self.said.add((code, kind))

    @rule(moment=moments, code=codes, as_itself=mostly, with_reason=mostly)
    def objects(self, moment, code: str, as_itself: bool, with_reason: bool) -> None:
        self.time_passes(moment)
        person = self.people[code if as_itself or code == "KZ" else "KZ"]
        reason = "No." if with_reason else " "
        may = (
            not self.window
            and person == self.people[code]
            and with_reason
            and code not in self.objected
        )
        accepted = may and self.clock.now < self.deadline and self.result in (None, "broken")
        self.happens(
            lambda: silence.break_silence(
                procedure=self.procedure, state=self.states[code], reason=reason, by=person
            ),
            accepted=accepted,
        )
        if accepted:
            self.objected[code] = self.clock.now
            if self.result is None:
                self.ends("broken", self.clock.now)

    @precondition(lambda self: not self.window and self.running)
    @rule(code=codes)
    def sends_the_same_form_twice(self, code: str) -> None:
        """P7: it acts once, and the second time finds the first answer."""
        if code in self.objected:
            return
        form = uuid.uuid4()
        answers = [
            silence.break_silence(
                procedure=self.procedure,
                state=self.states[code],
                reason="No.",
                by=self.people[code],
                submission=form,
            )
            for _ in range(2)
        ]
        assert answers[0] == answers[1]
        self.objected[code] = self.clock.now
        self.ends("broken", self.clock.now)

    @rule(moment=moments, code=codes, participates=st.booleans())
    def answers_the_window(self, moment, code: str, participates: bool) -> None:
        self.time_passes(moment)
        accepted = self.window and self.running and code not in self.answers
        self.happens(
            lambda: silence.answer_window(
                procedure=self.procedure,
                state=self.states[code],
                participates=participates,
                by=self.people[code],
            ),
            accepted=accepted,
        )
        if accepted:
            self.answers[code] = participates

    @rule(moment=moments, hours=st.integers(-80, 60), because=mostly)
    def is_extended(self, moment, hours: int, because: bool) -> None:
        self.time_passes(moment)
        wanted = self.deadline + dt.timedelta(hours=hours)
        accepted = self.running and because and wanted > self.deadline
        self.happens(
            lambda: silence.extend(
                procedure=self.procedure,
                deadline_at=wanted,
                deadline_zone="Asia/Almaty",
                reason_en="The Chair decides." if because else "",
                reason_ru="Председатель постановляет." if because else "",
                by=self.staff,
            ),
            accepted=accepted,
        )
        if accepted:
            self.deadline = wanted

    @rule(moment=moments)
    def is_withdrawn(self, moment) -> None:
        self.time_passes(moment)
        accepted = self.running
        self.happens(
            lambda: silence.withdraw(
                procedure=self.procedure,
                reason_en="The Chair decides.",
                reason_ru="Председатель постановляет.",
                by=self.staff,
            ),
            accepted=accepted,
        )
        if accepted:
            self.ends("withdrawn", self.clock.now)

    @rule(moment=moments)
    def is_corrected(self, moment) -> None:
        """S10: a slip is put right while it runs; that restarts nothing."""
        self.time_passes(moment)
        rows = texts.text_rows(Edition.objects.with_text().get(pk=self.text().pk))
        rows[-1] = {**rows[-1], **{key: rows[-1][key] + ";" for key in ("text_en", "text_ru")}}
        accepted = self.running
        self.happens(
            lambda: silence.correct_text(
                procedure=self.procedure,
                rows=rows,
                note_en="A semicolon.",
                note_ru="Точка с запятой.",
                by=self.staff,
            ),
            accepted=accepted,
        )
        self.corrections += accepted

    @rule(code=codes, moment=moments)
    def withdraws_its_objection(self, code: str, moment) -> None:
        """S14: once, visible, and it revives nothing."""
        self.time_passes(moment)
        accepted = code in self.objected and code not in self.took_back
        self.happens(
            lambda: silence.withdraw_objection(
                procedure=self.procedure,
                state=self.states[code],
                reason="Satisfied.",
                by=self.people[code],
            ),
            accepted=accepted,
        )
        if accepted:
            self.took_back.add(code)

    @rule(because=mostly)
    def is_abandoned(self, because: bool) -> None:
        """S14: only what was not adopted is given up, and once."""
        not_adopted = self.annulled or self.result in ("broken", "withdrawn")
        accepted = bool(not_adopted) and because and not self.abandoned
        self.happens(
            lambda: silence.abandon(
                procedure=self.procedure,
                reason_en="The Chair decides." if because else "",
                reason_ru="Председатель постановляет." if because else "",
                by=self.staff,
            ),
            accepted=accepted,
        )
        self.abandoned = self.abandoned or accepted

    @rule(code=codes, hours=st.integers(1, 72), same=st.booleans(), yes=st.booleans())
    def paper_is_entered_and_confirmed(self, code: str, hours: int, same: bool, yes: bool) -> None:
        """S13: received in time, confirmed by a second person; it counts, annuls or corrects."""
        received = min(self.clock.now, self.procedure.opened_at + dt.timedelta(hours=hours))
        answer = ("participates" if yes else "declines") if self.window else "objection"
        if code in {**self.objected, **self.answers, **self.waiting} or self.result == "withdrawn":
            return
        entered = self.clock.now < self.deadline + ENTRY

        def enter():
            return silence.enter_paper_note(
                procedure=self.procedure,
                state=self.states[code],
                kind=answer,
                reason="No.",
                points=[],
                received_at=received,
                received_how="Handed in",
                file=SimpleUploadedFile("note.pdf", NOTE, "application/pdf"),
                by=self.staff,
            )

        if not entered:
            self.happens(enter, accepted=False)
            return
        note = enter()
        confirm = self.staff if same else self.other
        if same:
            self.waiting[code] = received  # for a second person, who does not come
        self.happens(lambda: silence.confirm_paper_note(note=note, by=confirm), accepted=not same)
        if not same and self.window:
            self.answers[code] = yes
        elif not same:
            self.objected[code] = received
            if self.result is None:
                self.ends("broken", received)
            elif self.result == "adopted":
                self.annulled = self.annulled or code  # a later one changes nothing more
                annulment = Annulment.objects.get(outcome__procedure=self.procedure)
                assert annulment.objection.state.code == self.annulled

    @rule(moment=moments)
    def sweeps(self, moment) -> None:
        self.time_passes(moment)
        due = self.result is None and self.clock.now >= self.deadline + GRACE
        assert silence.close_due() == int(due)
        if due:
            self.ends("window_closed" if self.window else "adopted", self.deadline)

    def text(self) -> Edition:
        """The edition whose text is under silence, as corrected."""
        return SilenceProcedure.objects.get(pk=self.procedure.pk).text_edition()

    # What always holds

    @invariant()
    def the_record_says_what_the_rules_say(self) -> None:
        if self.procedure is None:
            return
        procedure = SilenceProcedure.objects.get(pk=self.procedure.pk)
        assert procedure.deadline_at == self.deadline
        outcomes = list(SilenceOutcome.objects.filter(procedure=procedure))
        assert [(one.result, one.effective_at) for one in outcomes] == (
            [(self.result, self.effective)] if self.result else []
        )
        assert procedure.corrections.count() == self.corrections
        assert FollowUp.objects.filter(procedure=procedure).exists() == self.abandoned
        assert Annulment.objects.filter(outcome__procedure=procedure).exists() == bool(
            self.annulled
        )
        timely = SilenceResponse.objects.filter(procedure=procedure, late=False)
        objections = timely.filter(kind="objection").select_related("state")
        assert {one.state.code: one.received_at for one in objections} == self.objected
        assert all(at < self.deadline for at in self.objected.values())
        if self.result == "window_closed":
            held = outcomes[0].by_state.standing().select_related("state")
            assert {one.state.code: one.result for one in held} == {
                code: {True: "formalised", False: "declined", None: "lapsed"}[
                    self.answers.get(code)
                ]
                for code in CODES
            }

    @invariant()
    def nothing_changes_after_the_end(self) -> None:
        if self.procedure is None or self.result is None:
            return
        rows = {
            "procedure": list(SilenceProcedure.objects.filter(pk=self.procedure.pk).values()),
            "outcome": list(SilenceOutcome.objects.filter(procedure=self.procedure).values()),
            "answers": {one["id"]: one for one in self.procedure.responses.values()},
        }
        if self.closed is None:
            self.closed = rows
        assert rows["procedure"] == self.closed["procedure"]
        assert rows["outcome"] == self.closed["outcome"]
        assert self.closed["answers"].items() <= rows["answers"].items()
        added = [rows["answers"][pk] for pk in rows["answers"].keys() - self.closed["answers"]]
        assert all(
            one["late"] or one["kind"] in ("objection", "withdrawal") or one["paper_note_id"]
            for one in added
        )


def test_whatever_happens_the_rules_are_kept(members, support_unit, other_staff):
    """S3, S6–S9, S11, S15: one outcome, which follows from the deadline and the answers alone."""
    for code in CODES:
        DesignationFactory(state=members[code], user=UserFactory(email=f"{code}@example.org"))
    run_state_machine_as_test(
        Silence,
        settings=settings(
            max_examples=50,
            stateful_step_count=12,
            deadline=None,
            database=None,
            derandomize=True,  # the same course every time: a failure is seen again
            phases=[Phase.generate],  # the steps are few; to shrink them takes minutes
            suppress_health_check=list(HealthCheck),
        ),
    )
