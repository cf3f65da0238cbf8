"""Errors whose text is a sentence for the person who acted."""

from collections.abc import Sequence


class DomainError(Exception):
    """A rule forbids the act; nothing was stored. The message says what to do.

    `fields` names the form fields it concerns, for the forms that show it beside them.
    """

    def __init__(self, message: str, *, fields: Sequence[str] = ()) -> None:
        super().__init__(message)
        self.message = message
        self.fields = tuple(fields)

    def __str__(self) -> str:
        return str(self.message)


class TooLate(DomainError):
    """The act came at or after the deadline (rule S6); that it came late is on record."""
