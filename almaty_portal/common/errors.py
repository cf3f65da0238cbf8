"""Errors whose text is a sentence for the person who acted."""

from collections.abc import Sequence
from types import TracebackType
from typing import Self


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


class DomainErrors(DomainError):
    """Several rules forbid the act: `errors` holds each with its own fields."""

    def __init__(self, errors: Sequence[DomainError]) -> None:
        super().__init__(
            " ".join(str(one) for one in errors),
            fields=list(dict.fromkeys(name for one in errors for name in one.fields)),
        )
        self.errors = list(errors)


class Judging:
    """Rules judged one by one and refused together, so that who acts is told all at once.

    `with judging: …` keeps a DomainError and goes on; `settle()` raises what was kept.
    """

    def __init__(self) -> None:
        self.errors: list[DomainError] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> bool:
        if isinstance(error, DomainError):
            self.errors.append(error)
            return True
        return False

    def settle(self) -> None:
        if len(self.errors) > 1:
            raise DomainErrors(self.errors)
        for one in self.errors:
            raise one


class TooLate(DomainError):
    """The act came at or after the deadline (rule S6); that it came late is on record."""
