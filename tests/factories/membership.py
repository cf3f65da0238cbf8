"""People, States and their standing."""

import datetime as dt

import factory
from django.utils.text import slugify

from membership import actions
from membership.models import Observer, Organization, Standing, State, StateName, User, protocol_key


class UserFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = User

    email = factory.Sequence(lambda n: f"person{n}@example.org")
    name = factory.LazyAttribute(lambda one: one.email.split("@")[0].title())
    language = "ru"
    password = factory.django.Password("a long enough passphrase")


def letters(n: int) -> str:
    return chr(65 + n // 26 % 26) + chr(65 + n % 26)


class StateFactory(factory.Factory):
    """A State with one name in each language: StateFactory(code="KZ", english="Kazakhstan")."""

    class Meta:
        model = State

    code = factory.Sequence(letters)
    iso3 = factory.Sequence(lambda n: f"X{letters(n)}")
    english = factory.Sequence(lambda n: f"Land {n}")
    russian = factory.Sequence(lambda n: f"Страна {n}")

    @classmethod
    def _create(cls, model_class, *, english, russian, **fields):
        state = State.objects.create(
            slug=slugify(english), protocol_key=protocol_key(english), **fields
        )
        StateName.objects.create(
            state=state,
            short_en=english,
            short_ru=russian,
            formal_en=f"Republic of {english}",
            formal_ru=f"Республика {russian}",
        )
        return state


class StandingFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Standing

    state = factory.SubFactory(StateFactory)
    kind = Standing.Kind.MEMBER
    from_on = dt.date(2013, 6, 5)
    basis_en = "A decision"
    basis_ru = "Решение"
    source_en = "A source"
    source_ru = "Источник"


class DesignationFactory(factory.Factory):
    """A designation in force, entered through its action with the grant it carries."""

    class Meta:
        model = dict

    state = factory.SubFactory(StateFactory)
    user = factory.SubFactory(UserFactory)
    role = "coordinator"
    note_verbale = "Note Verbale 1"
    from_on = dt.date(2020, 1, 1)
    until_on = None

    @classmethod
    def _create(cls, model_class, **fields):
        return actions.designate_coordinator(by=None, **fields)


class OrganizationFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Organization

    slug = factory.Sequence(lambda n: f"organization-{n}")
    kind = Organization.Kind.INTERGOVERNMENTAL
    name_en = factory.Sequence(lambda n: f"Organization {n}")
    name_ru = factory.Sequence(lambda n: f"Организация {n}")


class ObserverFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Observer

    organization = factory.SubFactory(OrganizationFactory)
    from_on = dt.date(2015, 1, 1)
    decision = "A decision"
