"""From a file or pasted text to the paragraphs of an edition (docs/adr/0018).

`reading` gives the lines of a DOCX, ODT, PDF or plain text; `recognising` their roles and numbers;
`naming` marks the States; `joining` puts two languages side by side. Nothing is stored here: the
rows go through the editor, where they are corrected.
"""

from documents.importing.joining import join
from documents.importing.naming import mark_states
from documents.importing.reading import Line, Unreadable, lines_of_file, lines_of_text
from documents.importing.recognising import recognise

__all__ = [
    "Line",
    "Unreadable",
    "join",
    "lines_of_file",
    "lines_of_text",
    "mark_states",
    "recognise",
]
