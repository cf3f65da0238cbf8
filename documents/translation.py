from modeltranslation.translator import TranslationOptions, register

from documents.models import (
    AcceptedFinding,
    AccessChange,
    Attachment,
    Concept,
    Decision,
    Document,
    Edition,
    FollowUp,
    Pack,
    Paragraph,
    Peculiarity,
    ReferencePattern,
    SilenceOutcome,
    SilenceProcedure,
    StateOutcome,
    TechnicalCorrection,
    Topic,
)


@register(Topic)
class TopicTranslation(TranslationOptions):
    fields = ("name",)
    required_languages = ("en", "ru")


@register(Document)
class DocumentTranslation(TranslationOptions):
    fields = ("title", "source_note", "withdrawn_reason")


@register(Peculiarity)
class PeculiarityTranslation(TranslationOptions):
    fields = ("text",)


@register(AccessChange)
class AccessChangeTranslation(TranslationOptions):
    fields = ("reason",)


@register(ReferencePattern)
class ReferencePatternTranslation(TranslationOptions):
    fields = ("note",)


@register(Edition)
class EditionTranslation(TranslationOptions):
    fields = ("note",)


@register(Paragraph)
class ParagraphTranslation(TranslationOptions):
    fields = ("text",)


@register(Attachment)
class AttachmentTranslation(TranslationOptions):
    fields = ("title",)


@register(Decision)
class DecisionTranslation(TranslationOptions):
    fields = ("title", "note", "source")
    required_languages = {"default": ("title",)}


@register(SilenceProcedure)
class SilenceProcedureTranslation(TranslationOptions):
    fields = (
        "title",
        "directive_form",
        "directive_by",
        "urgency_reason",
        "discordance_reason",
        "deadline_note",
        "note",
        "source",
    )


@register(TechnicalCorrection)
class TechnicalCorrectionTranslation(TranslationOptions):
    fields = ("note",)


@register(FollowUp)
class FollowUpTranslation(TranslationOptions):
    fields = ("reason",)


@register(SilenceOutcome)
class SilenceOutcomeTranslation(TranslationOptions):
    fields = ("note", "source")


@register(StateOutcome)
class StateOutcomeTranslation(TranslationOptions):
    fields = ("note",)


@register(Concept)
class ConceptTranslation(TranslationOptions):
    fields = ("definition", "source")


@register(AcceptedFinding)
class AcceptedFindingTranslation(TranslationOptions):
    fields = ("reason",)


@register(Pack)
class PackTranslation(TranslationOptions):
    fields = ("note",)
