"""What follows when the participation of a State is settled: standing, brackets (S2, S12).

A State that formalises its participation is a Member from that day; one that does not, or whose
offer lapses, is no longer held to participate. Its brackets fall wherever they stand in a text in
force; what is issued says why.
"""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass, field

from django.utils.translation import gettext_noop

from almaty_portal.common.instants import ALMATY
from almaty_portal.common.languages import in_both
from documents.actions import brackets, effects
from documents.actions.brackets import FATE
from documents.models import Edition, SilenceProcedure, StateOutcome
from membership.models import Standing, State, User

Result = StateOutcome.Result
OPEN = (Standing.Kind.BRACKETS, Standing.Kind.REVIEW)


@dataclass
class Settled:
    """What followed from the results of a window: clean editions, and for each State's code the
    records of its standing that were made or changed; of a result that took the place of another,
    also what was taken back of that one, and what could not be."""

    editions: list[Edition] = field(default_factory=list)
    changes: dict[str, list[effects.Change]] = field(default_factory=dict)
    undone: list[effects.Change] = field(default_factory=list)
    not_undone: list[effects.Change] = field(default_factory=list)

    def edition_of(self, procedure: SilenceProcedure) -> Edition | None:
        """The clean edition of the text that was put, where one was issued."""
        document = procedure.edition.document_id
        return next((one for one in self.editions if one.document_id == document), None)


def settle(
    procedure: SilenceProcedure,
    results: Iterable[StateOutcome],
    *,
    at: dt.datetime,
    by: User | None,
) -> Settled:
    """Apply the results for States at an aware instant: standing, then brackets everywhere."""
    settled = [one for one in results if one.result in FATE]
    day = at.astimezone(ALMATY).date()
    changes = {one.state.code: change_standing(procedure, one, day) for one in settled}
    fates = {one.state.code: FATE[one.result] for one in settled}
    editions = brackets.issue_clean(fates, note=note_of(procedure), day=day, by=by)
    return Settled(editions, changes)


def note_of(procedure: SilenceProcedure) -> dict[str, str]:
    """What a clean edition says of the window after which it was issued."""
    return in_both(
        gettext_noop(
            "Issued after the participation window that ended on %(date)s: the brackets it settled "
            "have fallen."
        ),
        date=procedure.deadline_at.astimezone(ALMATY).date(),
    )


def change_standing(
    procedure: SilenceProcedure, one: StateOutcome, day: dt.date
) -> list[effects.Change]:
    """A State's standing from a day of Almaty on, as its result says (rule M1)."""
    standings = Standing.objects.in_force(on=day).filter(state=one.state)
    if one.result == Result.FORMALISED:
        if standings.filter(kind=Standing.Kind.MEMBER).exists():
            return []
        ended = standings
    else:
        ended = standings.filter(kind__in=OPEN)
    changes = [end_standing(standing, day) for standing in ended]
    if one.result == Result.FORMALISED:
        basis = in_both(
            gettext_noop("Participation formalised on %(date)s in a participation window."),
            date=day,
        )
        source = in_both(gettext_noop("The portal's own record of the procedure."))
        changes.append(
            effects.made(
                Standing(
                    state=one.state,
                    kind=Standing.Kind.MEMBER,
                    from_on=day,
                    basis_en=basis["en"],
                    basis_ru=basis["ru"],
                    source_en=source["en"],
                    source_ru=source["ru"],
                )
            )
        )
    return changes


def end_standing(standing: Standing, day: dt.date) -> effects.Change:
    """End a standing on a day; one that had not begun before it is annulled as never held."""
    if standing.from_on is not None and standing.from_on >= day:
        return effects.changed(standing, until_on=standing.from_on + dt.timedelta(days=1))
    return effects.changed(standing, until_on=day)


def resettle(
    procedure: SilenceProcedure,
    result: StateOutcome,
    former: StateOutcome,
    *,
    at: dt.datetime,
    by: User | None,
) -> Settled:
    """Apply a result that took the place of another for a State, after its window had closed.

    What the former one changed in its standing is taken back first, as far as nobody changed it
    since. Brackets that had fallen the other way fall anew, in every text.
    """
    if result.result == former.result:
        return Settled()
    code, day = result.state.code, at.astimezone(ALMATY).date()
    did = changes_of(procedure, result.state)
    undone = effects.undo(did, at)
    changes = {code: change_standing(procedure, result, day)}
    corrected = former.result in FATE
    note = (
        in_both(
            gettext_noop("Issued after the result for a State was corrected on %(date)s."), date=day
        )
        if corrected
        else note_of(procedure)
    )
    editions = brackets.issue_clean(
        {code: FATE[result.result]},
        note=note,
        day=day,
        by=by,
        fallen_since=result.outcome.recorded_at if corrected else None,
    )
    return Settled(editions, changes, undone, [one for one in did if one not in undone])


def changes_of(procedure: SilenceProcedure, state: State) -> list[effects.Change]:
    """What the last result for a State made and changed, as the ledger tells it."""
    for entry in procedure.ledger.order_by("-number"):
        told = entry.entry.get("changes") or {}
        if state.code in told:
            return list(told[state.code])
    return []
