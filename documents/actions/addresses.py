"""The references and address parts of new records."""

from collections.abc import Iterable

from django.conf import settings
from django.db import connection, models
from django.db.models import Q
from django.utils.text import slugify

from almaty_portal.common.instants import almaty_today
from documents.models import Document, ReferencePattern
from documents.references import plain_form

# Any fixed number: the advisory lock under which the next reference is chosen.
REFERENCE_LOCK = 3_01_2013


def free_slug(title: str, model: type[models.Model]) -> str:
    """An address part made of a title that no record of the model bears yet."""
    base = slugify(title)[:100] or model._meta.model_name or "record"
    slug, number = base, 2
    while model._default_manager.filter(slug=slug).exists():
        slug, number = f"{base}-{number}", number + 1
    return slug


def free_slugs(slugs: Iterable[str], model: type[models.Model]) -> dict[str, str]:
    """For each of these addresses itself, or where a record of the model bears it another one."""
    wanted = list(slugs)
    borne = set(model._default_manager.filter(slug__in=wanted).values_list("slug", flat=True))
    return {slug: free_slug(slug, model) if slug in borne else slug for slug in wanted}


def next_reference(year: int) -> str:
    """The next reference of a year, beyond those already assigned in it (rule T1).

    By the pattern in force today in Almaty; where none was entered, by `REFERENCE_PATTERN`.
    """
    return next_references(year, 1)[0]


def next_references(year: int, count: int) -> list[str]:
    """So many next references of a year, in their order.

    Nobody else gets one until the transaction ends, so that two adoptions never want the same.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [REFERENCE_LOCK])
    bearing = Document.objects.exclude(reference=None)
    pattern = pattern_in_force()
    number = bearing.filter(reference__contains=str(year)).count() + 1
    found: list[str] = []
    while len(found) < count:
        numbers = range(number, number + count - len(found))
        number = numbers.stop
        wanted = [pattern.format(number=one, year=year) for one in numbers]
        slugs = [slug_of(one) for one in wanted]
        keys = [plain_form(one) for one in wanted]
        taken = Document.objects.filter(Q(reference_key__in=keys) | Q(slug__in=slugs))
        borne = {value for pair in taken.values_list("reference_key", "slug") for value in pair}
        found += [one for one in wanted if not {plain_form(one), slug_of(one)} & borne]
    return found


def pattern_in_force() -> str:
    """The pattern of the references that are assigned today in Almaty."""
    entered = ReferencePattern.objects.in_force(almaty_today())
    return entered.pattern if entered else settings.REFERENCE_PATTERN


def slug_of(reference: str) -> str:
    """The address part of a document with this reference."""
    return slugify(reference.replace("/", "-"))
