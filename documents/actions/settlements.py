"""What follows when the participation of a State is settled: standing, brackets (S2, S12).

A State that formalises its participation is a Member from that day; one that does not, or whose
offer lapses, is no longer held to participate. Its brackets fall wherever they stand in a text in
force; what is issued says why.
"""

import datetime as dt
from collections.abc import Iterable, Mapping

from django.db.models import Q
from django.utils.translation import gettext_noop

from almaty_portal.common.instants import ALMATY
from documents import markup
from documents.actions import archive, effects
from documents.actions.adoption import in_both
from documents.models import Document, Edition, Paragraph, SilenceProcedure, StateOutcome
from documents.reading import counts, current_edition, editions_of, is_aside
from membership.models import Standing, State, User

Result = StateOutcome.Result
FATE: dict[str, markup.Settlement] = {
    Result.FORMALISED: "lifted",
    Result.DECLINED: "struck",
    Result.LAPSED: "struck",
}
OPEN = (Standing.Kind.BRACKETS, Standing.Kind.REVIEW)


def settle(
    procedure: SilenceProcedure,
    results: Iterable[StateOutcome],
    *,
    at: dt.datetime,
    by: User | None,
) -> tuple[Edition | None, dict[str, list[effects.Change]]]:
    """Apply the results for States at an aware instant: standing, then brackets everywhere.

    Returns the clean edition of the text that was put, where one was issued, and for each State's
    code the records of its standing that were made or changed.
    """
    settled = [one for one in results if one.result in FATE]
    day = at.astimezone(ALMATY).date()
    changes = {one.state.code: change_standing(procedure, one, day) for one in settled}
    fates = {one.state.code: FATE[one.result] for one in settled}
    return issue_clean(procedure, fates, day=day, by=by), changes


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


def issue_clean(
    procedure: SilenceProcedure,
    fates: Mapping[str, markup.Settlement],
    *,
    day: dt.date,
    by: User | None,
) -> Edition | None:
    """Issue clean editions of every text in force in which the States stand in brackets.

    Returns that of the text that was put. A historic text stays; beside it stands a reading
    edition, which is made anew. A text under silence is left alone: its words are what is asked.
    """
    note = in_both(
        gettext_noop(
            "Issued after the participation window that ended on %(date)s: the brackets it settled "
            "have fallen."
        ),
        date=day,
    )
    issued = None
    for document in bracketing(fates, procedure):
        base = to_be_cleaned(document)
        if base is None or not bracketed(base) & fates.keys():
            continue
        clean = archive.issue_clean_edition(
            edition=base,
            settlements=fates,
            dated_on=day,
            by=by,
            note_en=note["en"],
            note_ru=note["ru"],
            historic=base.historic,
        )
        if document.pk == procedure.edition.document_id:
            issued = clean
    return issued


def bracketing(
    fates: Mapping[str, markup.Settlement], procedure: SilenceProcedure
) -> Iterable[Document]:
    """The documents in whose issued texts one of the States stands in brackets."""
    marks = Q()
    for code in fates:
        marks |= Q(text_en__contains=f"[{{{code}|")
    if not fates:
        return Document.objects.none()
    named = Paragraph.objects.filter(marks, edition__issued_at__isnull=False)
    under_silence = SilenceProcedure.objects.filter(
        outcome__isnull=True, historic=False, kind=SilenceProcedure.Kind.ADOPTION
    ).values("edition__document")
    return (
        Document.objects.filter(pk__in=named.values("edition__document"), withdrawn_at__isnull=True)
        .exclude(Q(pk__in=under_silence) & ~Q(pk=procedure.edition.document_id))
        .order_by("pk")
    )


def to_be_cleaned(document: Document) -> Edition | None:
    """The text in force; of a historic document the latest reading edition beside it, if any."""
    current = current_edition(document)
    if current is not None and not counts(current):
        return None  # a draft, or what was not adopted, is not put in force by this
    aside = [one for one in editions_of(document) if is_aside(one) and one.issued_at]
    if current is not None and current.historic and aside:
        current = aside[-1]
    return Edition.objects.with_text().get(pk=current.pk) if current is not None else None


def bracketed(edition: Edition) -> set[str]:
    """The codes of the States that stand in brackets in a text."""
    return {
        code
        for one in edition.paragraphs.all()
        for code in markup.bracketed_states(one.text_en or "")
    }


def resettle(
    procedure: SilenceProcedure,
    result: StateOutcome,
    former_result: StateOutcome,
    *,
    at: dt.datetime,
    by: User | None,
) -> tuple[Edition | None, dict[str, list[effects.Change]]]:
    """Apply a result that took the place of another for a State, after its window had closed.

    What the former result changed in its standing is taken back first; the text is issued anew
    from the last edition in which the State stood in brackets.
    """
    if result.result == former_result.result:
        return None, {}
    effects.undo(changes_of(procedure, result.state), at)
    day = at.astimezone(ALMATY).date()
    changes = {result.state.code: change_standing(procedure, result, day)}
    fate = FATE[result.result]
    edition = issue_clean(procedure, {result.state.code: fate}, day=day, by=by)
    if edition is None:
        edition = issue_again(procedure, result.state, fate, day=day, by=by)
    return edition, changes


def changes_of(procedure: SilenceProcedure, state: State) -> list[effects.Change]:
    """What the last result for a State made and changed, as the ledger tells it."""
    for entry in procedure.ledger.order_by("-number"):
        told = entry.entry.get("changes") or {}
        if state.code in told:
            return list(told[state.code])
    return []


def issue_again(
    procedure: SilenceProcedure,
    state: State,
    fate: markup.Settlement,
    *,
    day: dt.date,
    by: User | None,
) -> Edition | None:
    """A clean edition in which a State whose brackets fell one way stands as they fall now.

    Made of the text before they fell, in which the other States stand as they stand in the text
    that it supersedes. None where the State never stood in brackets.
    """
    latest = to_be_cleaned(procedure.edition.document)
    before = procedure.edition if latest is None or latest.historic else latest
    while state.code not in bracketed(before):
        if before.supersedes is None:
            return None
        before = before.supersedes
    if latest is None:
        return None
    named = {
        code for one in latest.paragraphs.all() for code in markup.states(one.text_en or "")
    } - bracketed(latest)
    fates: dict[str, markup.Settlement] = {
        code: "lifted" if code in named else "struck"
        for code in bracketed(before) - bracketed(latest)
    }
    note = in_both(
        gettext_noop("Issued after the result for a State was corrected on %(date)s."), date=day
    )
    return archive.issue_clean_edition(
        edition=before,
        settlements={**fates, state.code: fate},
        supersedes=latest,
        dated_on=day,
        by=by,
        note_en=note["en"],
        note_ru=note["ru"],
        historic=latest.historic,
    )
