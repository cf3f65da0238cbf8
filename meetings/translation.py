from modeltranslation.translator import TranslationOptions, register

from meetings.models import AgendaItem, Delegation, ListEntry, Meeting, Participant


@register(Meeting)
class MeetingTranslation(TranslationOptions):
    fields = ("title", "city", "venue", "summary", "source")
    required_languages = {"default": ("title",)}


@register(AgendaItem)
class AgendaItemTranslation(TranslationOptions):
    fields = ("title", "details", "format", "moderator", "room", "speakers")
    required_languages = {"default": ("title",)}


@register(Delegation)
class DelegationTranslation(TranslationOptions):
    fields = ("note",)


@register(ListEntry)
class ListEntryTranslation(TranslationOptions):
    fields = ("printed",)
    required_languages = ("en", "ru")


@register(Participant)
class ParticipantTranslation(TranslationOptions):
    fields = ("name", "title", "source")
    required_languages = {"default": ("name",)}
