"""Keeps records in step with the data files: what a run creates, changes, leaves and removes.

What was loaded for each entry is in the audit record of its loading. An entry that says the same
as then is left alone, so that what the Support Unit corrected in the portal stays; of an entry that
was corrected, the fields whose words changed are taken over.
"""

import json
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar

from django.apps import apps
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.db.models.deletion import ProtectedError
from django.utils.translation import gettext as _

from almaty_portal.common import audit
from almaty_portal.common.languages import CODES
from almaty_portal.common.models import AuditRecord
from almaty_portal.founding.files import DataError, Place
from almaty_portal.founding.schema import Words

M = TypeVar("M", bound=models.Model)
LOADED, REMOVED = "load_founding_record", "remove_founding_record"


def words(**fields: Words | None) -> dict[str, str]:
    """The columns of fields in both languages; empty where a file says nothing."""
    return {
        f"{name}_{language}": getattr(value, language) if value else ""
        for name, value in fields.items()
        for language in CODES
    }


def plain(values: Mapping[str, Any]) -> dict[str, Any]:
    """Values as an audit record keeps them: a record by its number, a day as text."""
    simple = {
        name: value.pk
        if isinstance(value, models.Model)
        else [one.pk if isinstance(one, models.Model) else one for one in value]
        if isinstance(value, list | tuple)
        else value
        for name, value in values.items()
    }
    return json.loads(json.dumps(simple, cls=DjangoJSONEncoder))


class Loading:
    """One run of the loader; use it inside one transaction."""

    def __init__(self) -> None:
        self.counts: Counter[str] = Counter()
        self.seen: set[str] = set()
        self.known: dict[str, AuditRecord] = {}
        self.cache: dict[type[models.Model], dict[Any, models.Model]] = {}
        for record in AuditRecord.objects.filter(action__in=[LOADED, REMOVED]).order_by("pk"):
            if record.action == LOADED:
                self.known[record.detail["key"]] = record
            else:
                self.known.pop(record.detail["key"], None)

    def found(self, model: type[M], key: str) -> M | None:
        """The record that an earlier run made of the entry `key`."""
        if key not in self.known:
            return None
        if model not in self.cache:
            label = model._meta.label_lower
            numbers = [one.target_id for one in self.known.values() if one.target_type == label]
            records = model._default_manager.in_bulk(numbers)
            self.cache[model] = {str(pk): one for pk, one in records.items()}
        return self.cache[model].get(self.known[key].target_id)  # type: ignore[return-value]

    def as_loaded(self, key: str) -> dict[str, Any]:
        """What an earlier run loaded for the entry `key`."""
        return self.known[key].detail["loaded"] if key in self.known else {}

    def remember(self, key: str, target: models.Model, loaded: dict[str, Any], did: str) -> None:
        """Count what was done, and write down what was loaded."""
        self.seen.add(key)
        self.counts[did] += 1
        if did != "unchanged" or self.as_loaded(key) != loaded:
            self.known[key] = audit.record(
                by=None,
                action=LOADED,
                target=target,
                detail={"key": key, "did": did, "loaded": loaded},
            )

    def store(
        self,
        model: type[M],
        key: str,
        values: Mapping[str, Any],
        *,
        place: Place,
        natural: Mapping[str, Any] | None = None,
        links: Mapping[str, Sequence[models.Model]] | None = None,
        create: Callable[..., M] | None = None,
    ) -> M:
        """Create the record of an entry, or take over what was corrected in it.

        `natural` finds a record that was there before the archive was loaded; `links` are
        many-to-many; `create` is the action that makes one. Raises DataError at `place`.
        """
        links = links or {}
        loaded = plain({**values, **{name: list(many) for name, many in links.items()}})
        record = self.found(model, key)
        if record is not None and self.as_loaded(key) == loaded:
            self.remember(key, record, loaded, "unchanged")
            return record
        with place.named():
            if record is None and natural is not None:
                record = model._default_manager.filter(**natural).first()
            if record is None:
                record = create(**values) if create else self.created(model, values)
                changed = set(links)
                did = "created"
            else:
                before = self.as_loaded(key)
                changed = {name for name in loaded if before.get(name, ...) != loaded[name]}
                fields = {name: value for name, value in values.items() if name in changed}
                did = "changed" if self.differs(record, fields, links) else "unchanged"
                for name, value in fields.items():
                    setattr(record, name, value)
                if did == "changed":
                    record.full_clean()
                    record.save()
            for name, many in links.items():
                if name in changed:
                    getattr(record, name).set(many)
        self.remember(key, record, loaded, did)
        return record

    def created(self, model: type[M], values: Mapping[str, Any]) -> M:
        record = model(**values)
        record.full_clean()
        record.save()
        return record

    def differs(
        self,
        record: models.Model,
        fields: Mapping[str, Any],
        links: Mapping[str, Sequence[models.Model]],
    ) -> bool:
        return any(
            (getattr(record, name) or None) != (value or None) for name, value in fields.items()
        ) or any(
            set(getattr(record, name).values_list("pk", flat=True)) != {one.pk for one in many}
            for name, many in links.items()
        )

    def remove_what_is_gone(self, file: str) -> None:
        """Remove the records whose entries were taken out of the files, the last loaded first."""
        gone = [record for key, record in self.known.items() if key not in self.seen]
        for record in sorted(gone, key=lambda one: -one.pk):
            model = apps.get_model(record.target_type)
            target = model._default_manager.filter(pk=record.target_id).first()
            if target is None:
                continue
            if model._meta.model_name in {"document", "edition", "silenceprocedure", "decision"}:
                raise DataError(self.stays(file, target))
            audit.record(
                by=None, action=REMOVED, target=target, detail={"key": record.detail["key"]}
            )
            try:
                target.delete()
            except ProtectedError as error:
                raise DataError(self.stays(file, target)) from error
            self.counts["removed"] += 1

    def stays(self, file: str, target: models.Model) -> str:
        return _(
            "%(file)s: “%(record)s” was taken out of the files, but the archive keeps it, since "
            "other records rest on it or it is an issued text. Put its entry back."
        ) % {"file": file, "record": target}
