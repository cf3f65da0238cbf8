"""The guided form tells all that is wrong at once, offers whom an effect suits, and shows what it
would open without holding up the ledger (S1–S5, M4, C5)."""

import pytest

from almaty_portal.common.errors import DomainError, DomainErrors, Judging
from documents import ledger
from documents.models import LedgerEntry, SilenceProcedure
from membership.models import Organization
from tests.admin.test_opening import DIFFERENT, in_russian, url_of
from tests.admin.test_writing import silence_form
from tests.factories.documents import a_document
from tests.factories.membership import ObserverFactory, OrganizationFactory

pytestmark = pytest.mark.django_db


class TestAllAtOnce:
    @pytest.mark.parametrize("title", ["", "Решение"])
    def test_what_form_and_rules_refuse(self, unit, support_unit, members, title):
        """Whether a field is empty or a rule is broken: one look tells all."""
        different = a_document(by=support_unit, rows=DIFFERENT)
        fields = {
            "title_ru": title,
            "hours": -2,
            "directive_on": "2999-01-01",
            "effect": "invitation",
        }
        response = unit.post(url_of(different), silence_form(**fields))
        errors = response.context["form"].errors
        assert set(errors) == {
            *({"title_ru"} if not title else set()),
            "deadline_at",
            "directive_on",
            "effect_organization",
            "effect_meeting",
            "discordance_reason_en",
            "discordance_reason_ru",
        }
        assert all(len(told) == 1 for told in errors.values())
        assert not SilenceProcedure.objects.exists()

    def test_a_field_has_one_error_in_russian_too(self, unit, edition):
        data = silence_form(directive_form_ru="", kind="participation_window")
        errors = in_russian(unit).post(url_of(edition), data).context["form"].errors
        assert set(errors) == {"directive_form_ru", "silence_means", "states"}
        assert "умолчание государства" in errors["silence_means"][0]


def test_rules_are_judged_together():
    judging = Judging()
    with judging:
        raise DomainError("One.", fields=["a"])
    with judging:
        raise DomainError("Two.", fields=["b", "a"])
    with pytest.raises(DomainErrors, match=r"One\. Two\.") as caught:
        judging.settle()
    assert caught.value.fields == ("a", "b")
    with pytest.raises(ZeroDivisionError), Judging():
        raise ZeroDivisionError
    Judging().settle()


def test_the_preview_does_not_lock_the_chain(unit, edition, monkeypatch):
    """F2, F3: who objects elsewhere meanwhile waits for nobody."""
    before = LedgerEntry.objects.count()

    def locks():
        raise AssertionError("the chain is locked")

    monkeypatch.setattr(ledger, "lock_chain", locks)
    response = unit.post(url_of(edition), silence_form())
    assert response.context["preview"]["circulars"]
    assert LedgerEntry.objects.count() == before
    assert not SilenceProcedure.objects.exists()
    edition.refresh_from_db()
    assert edition.issued_at is None


def offered(response, name: str) -> dict[str, list[str]]:
    """What a list of the form offers, by its headings."""
    choices = response.context["form"].fields[name].choices
    return {
        str(heading): [label for _pk, label in group]
        for heading, group in choices
        if isinstance(group, list)
    }


def test_an_effect_is_offered_whom_it_suits(unit, edition, iran, kazakhstan):
    """M4, C5: an observer is no Member State and no observer yet."""
    OrganizationFactory(name_en="A Union", name_ru="Союз")
    ObserverFactory(organization=OrganizationFactory(name_en="Observing", name_ru="Наблюдатель"))
    OrganizationFactory(
        kind=Organization.Kind.CIVIL_SOCIETY, name_en="A Society", name_ru="Общество"
    )
    page = unit.get(url_of(edition))
    states = offered(page, "effect_state")
    assert states["May be admitted as observers"] == ["Iran"]
    assert "Kazakhstan" in states["May be elected to the Chair"]
    assert offered(page, "effect_organization") == {
        "May be admitted as observers": ["A Union"],
        "May be invited to a meeting": ["A Society"],
    }
    ObserverFactory(organization=None, state=iran)
    assert "May be admitted as observers" not in offered(unit.get(url_of(edition)), "effect_state")
    refused = unit.post(
        url_of(edition), silence_form(effect="observer", effect_state=kazakhstan.pk)
    )
    assert "is a Member State" in refused.context["form"].errors["effect_state"][0]
