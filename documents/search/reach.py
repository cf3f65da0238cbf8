"""A reader's rights as the statements of the search say them (rule T6).

What the index copied of a document narrows early (`early`); whatever is found is then asked of the
archive itself (`VISIBLE`), which alone decides.
"""

from dataclasses import dataclass, field
from functools import cache
from typing import Any

from django.contrib.auth.models import AnonymousUser

from documents.models import Edition
from documents.models.archive import Reader
from documents.permissions import (
    addressed_procedures,
    documents_given,
    readable_access,
    texts_of,
)
from membership.permissions import is_support_unit, reading_state, reads_as_member


@dataclass(frozen=True)
class Reach:
    """What one reader may see, as SQL with its values."""

    early: str = "true"  # of a row of the index; lets through too much, never too little
    early_values: list[Any] = field(default_factory=list)
    visible: str = ""  # ids of editions that the reader may see
    visible_values: list[Any] = field(default_factory=list)


def reach_of(reader: Reader) -> Reach:
    """What a reader may see; of the public it is the same for all and worked out once."""
    return of_the_public() if isinstance(reader, AnonymousUser) else work_out(reader)


@cache
def of_the_public() -> Reach:
    return work_out(AnonymousUser())


def work_out(reader: Reader) -> Reach:
    editions = Edition.objects.order_by()
    sql, values = editions.visible_to(reader).values("id").query.sql_with_params()
    if is_support_unit(reader):
        return Reach(visible=sql, visible_values=list(values))
    given = list(documents_given(reader))
    if state := reading_state(reader):
        addressed = editions.filter(texts_of(addressed_procedures(state)))
        given += addressed.values_list("document_id", flat=True)
    drafts = "" if reads_as_member(reader) else " AND NOT t.members_only"
    return Reach(
        early=f"((t.access = ANY(%s){drafts}) OR t.document_id = ANY(%s))",
        early_values=[readable_access(reader), given],
        visible=sql,
        visible_values=list(values),
    )
