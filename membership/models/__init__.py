"""States with their names and standing, the people who act for them, observers, contributions."""

from membership.models.organizations import Contribution, Observer, Organization
from membership.models.people import NationalCoordinator, User
from membership.models.rules import (
    annulled,
    days,
    ends_after_start,
    said,
    state_or_organization,
)
from membership.models.states import Standing, State, StateName, StateQuerySet, protocol_key

__all__ = [
    "Contribution",
    "NationalCoordinator",
    "Observer",
    "Organization",
    "Standing",
    "State",
    "StateName",
    "StateQuerySet",
    "User",
    "annulled",
    "days",
    "ends_after_start",
    "protocol_key",
    "said",
    "state_or_organization",
]
