"""How documents stand to each other."""

from collections.abc import Mapping
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction

from almaty_portal.common.actions import save_audited
from almaty_portal.common.errors import DomainError
from documents.models import Relation
from membership.models import User


@transaction.atomic
def set_relation(*, relation: Relation, changed: Mapping[str, Any], by: User | None) -> Relation:
    """Store a relation, new or changed; `changed` is what the audit record tells of it.

    Raises DomainError where it is there already, or would let anything but a Ministerial meeting
    change the Operating Modalities (rule D2).
    """
    try:
        relation.full_clean()
    except ValidationError as error:
        raise DomainError(" ".join(error.messages), fields=list(error.message_dict)) from error
    save_audited(obj=relation, changed=changed, by=by)
    return relation
