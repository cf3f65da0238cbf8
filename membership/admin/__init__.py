"""The Support Unit's pages of States and people."""

from membership.admin.people import PersonAdmin, time_zones
from membership.admin.states import (
    InForceFilter,
    OfStateAdmin,
    OfStateOrOrganizationAdmin,
    StateAdmin,
    StateFilter,
)

__all__ = [
    "InForceFilter",
    "OfStateAdmin",
    "OfStateOrOrganizationAdmin",
    "PersonAdmin",
    "StateAdmin",
    "StateFilter",
    "time_zones",
]
