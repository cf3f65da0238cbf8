"""The Support Unit's pages of the archive, of silence procedures and of the register."""

from documents.admin.archive import DocumentAdmin
from documents.admin.concordance import AcceptedFindingAdmin
from documents.admin.edition import EditionAdmin
from documents.admin.evidence import CertificateAdmin, DailyHeadAdmin, EvidenceBundleAdmin
from documents.admin.machine import PublicRecordAdmin, SearchTextAdmin
from documents.admin.packs import PackAdmin, PackReceiptAdmin
from documents.admin.paper import PaperNoteAdmin
from documents.admin.register import DecisionAdmin
from documents.admin.silence import SilenceProcedureAdmin
from documents.admin.terms import ConceptAdmin, TermAdmin
from documents.admin.translations import TranslationWorkAdmin
from meetings.admin import MeetingAdmin

# A meeting's page lists what stands above it.
MeetingAdmin.related += [
    ("documents.Document", "meeting"),
    ("documents.Decision", "meeting"),
    ("documents.Pack", "meeting"),
]

__all__ = [
    "AcceptedFindingAdmin",
    "CertificateAdmin",
    "ConceptAdmin",
    "DailyHeadAdmin",
    "DecisionAdmin",
    "DocumentAdmin",
    "EditionAdmin",
    "EvidenceBundleAdmin",
    "PackAdmin",
    "PackReceiptAdmin",
    "PaperNoteAdmin",
    "PublicRecordAdmin",
    "SearchTextAdmin",
    "SilenceProcedureAdmin",
    "TermAdmin",
    "TranslationWorkAdmin",
]
