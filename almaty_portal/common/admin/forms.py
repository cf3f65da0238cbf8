"""Forms at which every refusal is a sentence, and what they changed."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django import forms
from django.apps import apps
from django.core.exceptions import ValidationError
from django.db import (
    DataError,
    IntegrityError,
    InternalError,
    ProgrammingError,
    models,
    transaction,
)
from django.db.models import Model, QuerySet
from django.utils.translation import gettext_lazy as _
from psycopg.errors import RaiseException

from almaty_portal.common.errors import DomainError, DomainErrors

# A trigger that forbids raises ProgrammingError: `sentence` lets any other one through.
Refused = (DomainError, IntegrityError, InternalError, DataError, ProgrammingError)
LONG = 300  # letters of a text that an audit record keeps


def plain(value: Any) -> Any:
    """A value as an audit record keeps it: short texts, numbers and days as they are."""
    if isinstance(value, models.Manager | QuerySet):
        return [str(one) for one in value.all()]
    if isinstance(value, Model):
        return str(value)
    if isinstance(value, str) and len(value) > LONG:
        return f"{value[:LONG]}…"
    if isinstance(value, list | tuple):
        return [plain(one) for one in value]
    if value is None or isinstance(value, bool | int | str) or hasattr(value, "isoformat"):
        return value
    return str(value)


def changes(form: forms.BaseModelForm) -> dict[str, list[Any]]:
    """What a bound form changes, before it is stored: the field's old and new value."""
    instance = form.instance
    before = type(instance)._base_manager.filter(pk=instance.pk).first()
    stored = {field.name for field in instance._meta.get_fields()}
    found = {}
    for name in form.changed_data:
        if name not in stored or name == "password":  # a password is in no record
            continue
        old = plain(getattr(before, name, None)) if before else None
        new = plain(form.cleaned_data.get(name))
        if (old or None) != (new or None):
            found[name] = [old, new]
    return found


def row_changes(formsets: Iterable[forms.BaseFormSet]) -> list[dict[str, Any]]:
    """What the rows below a form change, before they are stored."""
    rows: list[dict[str, Any]] = []
    for formset in formsets:
        for form in formset.forms:
            kind = form.instance._meta.model_name
            if form in formset.deleted_forms:
                if form.instance.pk:
                    rows.append({"kind": kind, "deleted": str(form.instance)})
            elif form.has_changed() and (found := changes(form)):
                rows.append({"kind": kind, "id": form.instance.pk, **found})
    return rows


def sentence(error: Exception, refusals: Mapping[str, Any]) -> str:
    """What a refused write says to the person: the rule's own sentence, never the database's.

    `refusals` gives sentences by the name of a trigger or by a word of the database's message.
    """
    if isinstance(error, DomainError):
        return str(error)
    cause = error.__cause__
    if isinstance(error, ProgrammingError) and not isinstance(cause, RaiseException):
        raise error
    name = getattr(getattr(cause, "diag", None), "constraint_name", None) or ""
    if name in refusals:
        return str(refusals[name])
    for model in apps.get_models():
        for constraint in model._meta.constraints:
            if (
                constraint.name == name
                and constraint.violation_error_message != constraint.default_violation_error_message
            ):
                return str(constraint.violation_error_message)
    for word, text in refusals.items():
        if word in str(error):
            return str(text)
    return str(
        _(
            "The database refused the entry, and nothing was stored: it would contradict "
            "another record. Compare the two and correct one of them."
        )
    )


class AuditedForm(forms.ModelForm):
    """A form at which every refusal is shown: the constraints' and the action's."""

    refusal: tuple[str, Sequence[str]] | None = None

    def _post_clean(self) -> None:
        # Django would judge all constraints in one go, in which a period written backwards is an
        # error of the database; they are judged one by one below.
        self.instance.validate_constraints = lambda exclude=None: None
        try:
            super()._post_clean()
        finally:
            del self.instance.validate_constraints
        self.judge_constraints()
        if self.refusal is not None:
            text, fields = self.refusal
            named = [name for name in fields if name in self.fields]
            for name in named or [None]:
                self.add_error(name, text)

    def judge_constraints(self) -> None:
        """Show what the model's constraints refuse, each with its own sentence."""
        # A field that nobody edits has its value all the same, and conditions may name it.
        kept = {field.name for field in self.instance._meta.fields if not field.editable}
        exclude = self._get_validation_exclusions() - kept
        for model, constraints in self.instance.get_constraints():
            for constraint in constraints:
                if not self.judges(constraint):
                    continue
                try:
                    with transaction.atomic():
                        constraint.validate(model, self.instance, exclude=exclude)
                except ValidationError as error:
                    fields = getattr(constraint, "fields", ())
                    alone = fields[0] if error.code == "unique" and len(fields) == 1 else None
                    self.add_error(alone if alone in self.fields else self.place(), error)
                except DataError:
                    if not self.errors:
                        self.add_error(self.place(), _("The period ends before it starts."))

    def place(self) -> str | None:
        """The field at which what concerns none alone is shown; None is above all of them."""
        return None

    def judges(self, constraint: models.BaseConstraint) -> bool:
        """Whether a constraint can be judged before the form is stored."""
        return True


class AuditedRowForm(AuditedForm):
    """A row below a record. What it may not be beside other rows only the database can say: one
    of them may be ended on the same page."""

    def judges(self, constraint: models.BaseConstraint) -> bool:
        return isinstance(constraint, models.CheckConstraint)

    def place(self) -> str | None:
        """The first field: the pages of stacked rows show nothing above a row."""
        return next((name for name in self.fields if not self[name].is_hidden), None)


def show_refusal(form: forms.Form, error: Exception, refusals: Mapping[str, Any]) -> None:
    """Show a refusal at its fields, or above all of them; several each at its own."""
    if isinstance(error, DomainErrors):
        for one in error.errors:
            show_refusal(form, one, refusals)
        return
    named = [name for name in getattr(error, "fields", ()) if name in form.fields]
    for name in named or [None]:
        form.add_error(name, sentence(error, refusals))
