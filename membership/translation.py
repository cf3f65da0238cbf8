from modeltranslation.translator import TranslationOptions, register

from membership.models import (
    Contribution,
    NationalCoordinator,
    Observer,
    Organization,
    Standing,
    State,
    StateName,
)


@register(State)
class StateTranslation(TranslationOptions):
    fields = ("note",)


@register(StateName)
class StateNameTranslation(TranslationOptions):
    fields = ("short", "formal", "source")
    required_languages = {"default": ("short", "formal")}


@register(Standing)
class StandingTranslation(TranslationOptions):
    fields = ("basis", "source")


@register(NationalCoordinator)
class NationalCoordinatorTranslation(TranslationOptions):
    fields = ("office",)


@register(Organization)
class OrganizationTranslation(TranslationOptions):
    fields = ("name",)
    required_languages = ("en", "ru")


@register(Observer)
class ObserverTranslation(TranslationOptions):
    fields = ("source",)


@register(Contribution)
class ContributionTranslation(TranslationOptions):
    fields = ("description",)
