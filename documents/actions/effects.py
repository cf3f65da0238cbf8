"""What an adoption does besides giving force to its text: who checks it, who applies it (S2).

The apps above `documents` register what concerns their own records as they start.
"""

from collections.abc import Callable
from typing import Any

from documents.models import Effect

# By kind: raises DomainError where the effect, not stored yet, could not be applied today.
CHECKS: dict[str, Callable[[Effect], None]] = {}
# By kind: applies the effect of an adopted procedure; tells which records it made and changed.
APPLIERS: dict[str, Callable[[Effect], list[dict[str, Any]]]] = {}


def check(effect: Effect) -> None:
    """Raise DomainError where an effect could not be applied, as far as it is known today."""
    if effect.kind in CHECKS:
        CHECKS[effect.kind](effect)
