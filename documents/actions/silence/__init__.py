"""The silence procedure: opening, answering, directing, closing, and what comes after.

Every step takes the database's clock first, then the procedure's row lock, then judges (rule S6);
it writes its ledger entry, its notices and its audit record in the same transaction.
"""

from documents.actions.silence.answering import (
    acknowledge,
    answer_window,
    break_silence,
    take_position,
    withdraw_objection,
)
from documents.actions.silence.checks import judge_opening
from documents.actions.silence.closing import close_due, close_procedure
from documents.actions.silence.directing import correct_text, settle_state, withdraw
from documents.actions.silence.extending import extend
from documents.actions.silence.following import abandon, prepare_reissue, refer
from documents.actions.silence.opening import draw_up, open_silence, states_without_coordinator
from documents.actions.silence.paper import (
    confirm_paper_note,
    enter_paper_note,
    lapse_paper_notes,
    refuse_paper_note,
)
from documents.actions.silence.receiving import keep_note
from documents.actions.silence.reminding import remind

__all__ = [
    "abandon",
    "acknowledge",
    "answer_window",
    "break_silence",
    "close_due",
    "close_procedure",
    "confirm_paper_note",
    "correct_text",
    "draw_up",
    "enter_paper_note",
    "extend",
    "judge_opening",
    "keep_note",
    "lapse_paper_notes",
    "open_silence",
    "prepare_reissue",
    "refer",
    "refuse_paper_note",
    "remind",
    "settle_state",
    "states_without_coordinator",
    "take_position",
    "withdraw",
    "withdraw_objection",
]
