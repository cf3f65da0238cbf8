"""The patterns by which references are made."""

from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext_lazy as _

from almaty_portal import env
from almaty_portal.common.models import append_only


def makes_references(pattern: str) -> None:
    """Refuse a pattern that would not make a new reference for each number and year (rule T1)."""
    if not env.makes_references(pattern):
        raise ValidationError(
            _(
                "Write {number} and {year} into the pattern, as in "
                "Almaty Process/{number:02d}/01/{year}."
            )
        )


class ReferencePatternQuerySet(models.QuerySet["ReferencePattern"]):
    def in_force(self, on: object) -> "ReferencePattern | None":
        """The pattern of a day in Almaty: the latest begun; of two of one day the later entry."""
        return self.filter(from_on__lte=on).order_by("-from_on", "-pk").first()


class ReferencePattern(models.Model):
    """How new references are made from a day on (rule T1); those assigned stay as they are."""

    pattern = models.CharField(
        _("pattern"),
        max_length=80,
        validators=[makes_references],
        help_text=_(
            "With {number} and {year}, as in Almaty Process/{number:02d}/01/{year}; :02d writes "
            "the number with two digits at least."
        ),
    )
    from_on = models.DateField(
        _("in force from"), help_text=_("References assigned before this day stay as they are.")
    )
    note = models.TextField(_("on what it rests"), blank=True)
    added_at = models.DateTimeField(_("added at"), auto_now_add=True)

    objects = ReferencePatternQuerySet.as_manager()

    class Meta:
        verbose_name = _("pattern of references")
        verbose_name_plural = _("patterns of references")
        ordering = ["-from_on", "-pk"]
        triggers = append_only("reference_patterns")

    def __str__(self) -> str:
        return self.pattern
