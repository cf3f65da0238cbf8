"""The address parts of new records."""

from django.db import models
from django.utils.text import slugify


def free_slug(title: str, model: type[models.Model]) -> str:
    """An address part made of a title that no record of the model bears yet."""
    base = slugify(title)[:100] or model._meta.model_name or "record"
    slug, number = base, 2
    while model._default_manager.filter(slug=slug).exists():
        slug, number = f"{base}-{number}", number + 1
    return slug
