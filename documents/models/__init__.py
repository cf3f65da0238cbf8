from documents.models.answers import SilenceResponse
from documents.models.archive import Attachment, Document, FormerAddress, Peculiarity, Topic
from documents.models.editions import Edition, LanguageVersion, Paragraph
from documents.models.ledger import LedgerEntry
from documents.models.outcomes import SilenceOutcome, StateOutcome
from documents.models.register import Decision
from documents.models.renditions import Rendition
from documents.models.search import SearchText
from documents.models.silence import Entitlement, SilenceProcedure

__all__ = [
    "Attachment",
    "Decision",
    "Document",
    "Edition",
    "Entitlement",
    "FormerAddress",
    "LanguageVersion",
    "LedgerEntry",
    "Paragraph",
    "Peculiarity",
    "Rendition",
    "SearchText",
    "SilenceOutcome",
    "SilenceProcedure",
    "SilenceResponse",
    "StateOutcome",
    "Topic",
]
