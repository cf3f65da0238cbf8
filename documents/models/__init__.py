from documents.models.access import AccessChange
from documents.models.answers import ObjectionPoint, PaperNote, SilenceResponse, UnstoredAct
from documents.models.archive import (
    Attachment,
    AttachmentText,
    Document,
    FormerAddress,
    Peculiarity,
    Topic,
)
from documents.models.concordance import AcceptedFinding
from documents.models.editions import Edition, LanguageVersion, Paragraph
from documents.models.effects import Effect
from documents.models.evidence import Certificate, DailyHead, EvidenceBundle
from documents.models.ledger import LedgerEntry
from documents.models.outcomes import Annulment, FollowUp, SilenceOutcome, StateOutcome
from documents.models.packs import Pack, PackFile, PackItem, PackReceipt
from documents.models.public import PublicRecord
from documents.models.references import ReferencePattern
from documents.models.register import Decision
from documents.models.relations import Citation, Relation
from documents.models.renditions import Prepared, Rendition
from documents.models.search import SearchText, SearchWord
from documents.models.searches import SavedSearch, SearchHit
from documents.models.silence import Entitlement, SilenceProcedure, TechnicalCorrection
from documents.models.terms import Concept, Term
from documents.models.translations import TranslationWork

__all__ = [
    "AcceptedFinding",
    "AccessChange",
    "Annulment",
    "Attachment",
    "AttachmentText",
    "Certificate",
    "Citation",
    "Concept",
    "DailyHead",
    "Decision",
    "Document",
    "Edition",
    "Effect",
    "Entitlement",
    "EvidenceBundle",
    "FollowUp",
    "FormerAddress",
    "LanguageVersion",
    "LedgerEntry",
    "ObjectionPoint",
    "Pack",
    "PackFile",
    "PackItem",
    "PackReceipt",
    "PaperNote",
    "Paragraph",
    "Peculiarity",
    "Prepared",
    "PublicRecord",
    "ReferencePattern",
    "Relation",
    "Rendition",
    "SavedSearch",
    "SearchHit",
    "SearchText",
    "SearchWord",
    "SilenceOutcome",
    "SilenceProcedure",
    "SilenceResponse",
    "StateOutcome",
    "TechnicalCorrection",
    "Term",
    "Topic",
    "TranslationWork",
    "UnstoredAct",
]
