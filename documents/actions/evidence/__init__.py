"""Evidence: certificates, bundles, heads of days, the delivery of notices (rule S15)."""

from documents.actions.evidence.bundles import Waiting, current_bundle, make_bundle
from documents.actions.evidence.certificates import (
    issue_certificate,
    issue_due,
    without_certificate,
)
from documents.actions.evidence.deliveries import record_deliveries
from documents.actions.evidence.heads import seal_heads, stamp_heads

__all__ = [
    "Waiting",
    "current_bundle",
    "issue_certificate",
    "issue_due",
    "make_bundle",
    "record_deliveries",
    "seal_heads",
    "stamp_heads",
    "without_certificate",
]
