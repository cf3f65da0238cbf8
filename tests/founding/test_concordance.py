"""The check of concordance over the whole founding archive: what agrees, and what is planted."""

import re

import pytest

from documents import concordance
from documents.models import Edition, Term

# A change to one paragraph of the Communiqué or the Modalities, and the kind that must be told.
PLANTED = [
    ("National Coordinator", "Национальн", "Главн", "term"),
    ("Support Unit", "Групп", "Команд", "term"),
    ("Operating Modalities", "Поряд", "Устав", "term"),
    ("bserver", "аблюдател", "остя", "term"),
    ("2013", "2013", "2014", "date"),
]


def editions():
    return Edition.objects.with_text().order_by("pk")


def test_the_founding_archive_has_no_finding(archive):
    """No false alarm in any text of 2013 with its working translation."""
    compared = sum(len(edition.paragraphs.all()) for edition in editions())
    assert compared > 150
    assert Term.objects.count() >= 80
    assert [one.sentence for edition in editions() for one in concordance.check(edition)] == []


@pytest.mark.parametrize(("english", "russian", "instead", "kind"), PLANTED)
def test_what_is_planted_is_found(archive, english, russian, instead, kind):
    """In every paragraph in which the words stand, and nowhere else."""
    names, terms = concordance.known_names(), concordance.known_terms()
    planted = 0
    for edition in editions():
        for row in edition.paragraphs.all():
            if english not in (row.text_en or "") or russian not in (row.text_ru or ""):
                continue
            row.text_ru = re.sub(russian, instead, row.text_ru, flags=re.IGNORECASE)
            found = {one.kind for one in concordance.compare([row], names, terms)}
            if kind == "date":
                assert found & {"date", "number", "reference"}, row.text_en
            else:
                assert kind in found, row.text_en
            planted += 1
    assert planted
