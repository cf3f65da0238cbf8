"""What every page of the Support Unit's site stands on, and the pages of this app's records.

A page writes through an action, with one audit record; what a rule or the database refuses comes
back as a sentence at the form, with nothing stored.
"""

from almaty_portal.common.admin.base import (
    AuditedAdmin,
    AuditedStackedInline,
    AuditedTabularInline,
    ForStaffMixin,
    ReadOnlyAdmin,
    ReadOnlyInline,
    table,
)
from almaty_portal.common.admin.forms import AuditedForm, Refused, sentence, show_refusal
from almaty_portal.common.admin.records import delivery

__all__ = [
    "AuditedAdmin",
    "AuditedForm",
    "AuditedStackedInline",
    "AuditedTabularInline",
    "ForStaffMixin",
    "ReadOnlyAdmin",
    "ReadOnlyInline",
    "Refused",
    "delivery",
    "sentence",
    "show_refusal",
    "table",
]
