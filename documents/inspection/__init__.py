"""What a file that somebody sends is: found out in a process of its own with little memory and
time, so that a bomb harms nobody else (fault F14, docs/adr/0017); and the virus scanner."""

from documents.inspection.judging import Fault, judge, pdf_pages, pdf_sheets
from documents.inspection.virus import Infected, Unreachable, scan

__all__ = ["Fault", "Infected", "Unreachable", "judge", "pdf_pages", "pdf_sheets", "scan"]
