"""The Coordinator's pages: what awaits them, a procedure, and the acts in it."""

from documents.views.silence.acts import (
    silence_acknowledge,
    silence_position,
    silence_withdraw,
)
from documents.views.silence.files import personal_calendar, silence_calendar, silence_note
from documents.views.silence.home import portal_home
from documents.views.silence.objecting import silence_break, silence_confirm
from documents.views.silence.page import silence_detail
from documents.views.silence.window import silence_answer, silence_answer_confirm

__all__ = [
    "personal_calendar",
    "portal_home",
    "silence_acknowledge",
    "silence_answer",
    "silence_answer_confirm",
    "silence_break",
    "silence_calendar",
    "silence_confirm",
    "silence_detail",
    "silence_note",
    "silence_position",
    "silence_withdraw",
]
