from modeltranslation.translator import TranslationOptions, register

from chairmanship.models import Chairmanship


@register(Chairmanship)
class ChairmanshipTranslation(TranslationOptions):
    fields = ("published", "note", "source")
