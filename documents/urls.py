"""Addresses of the archive and the register; the root puts a language before them."""

from django.urls import path, re_path

from documents.formats import FORMATS
from documents.views import (
    archive,
    comparing,
    downloads,
    evidence,
    feeds,
    files,
    glossary,
    packs,
    register,
    renditions,
    searches,
    silence,
    suggest,
    translations,
    verify,
    xliff,
)

FILES = f"(?P<suffix>{'|'.join(['pdf', *FORMATS])})"

# documents/
archive_urls = [
    path("", archive.Archive.as_view(), name="archive"),
    path("feed/", feeds.SearchFeed(), name="document_feed"),
    path("suggest/", suggest.suggest, name="suggest"),
    path("<slug:slug>/", archive.DocumentDetail.as_view(), name="document_detail"),
    path("<slug:slug>/bilingual/", archive.DocumentBilingual.as_view(), name="document_bilingual"),
    path("<slug:slug>/history/", archive.DocumentHistory.as_view(), name="document_history"),
    path("<slug:slug>/compare/", comparing.DocumentCompare.as_view(), name="document_compare"),
    path(
        "<slug:slug>/editions/<slug:key>/", archive.EditionDetail.as_view(), name="edition_detail"
    ),
    path("<slug:slug>/files/<int:pk>/", files.attachment_download, name="attachment_download"),
    path("<slug:slug>.pdf", renditions.document_pdf, name="document_pdf"),
    re_path(rf"^(?P<slug>[-\w]+)\.{FILES}$", downloads.document_download, name="document_download"),
    re_path(
        rf"^(?P<slug>[-\w]+)/editions/(?P<key>[-\w]+)\.{FILES}$",
        downloads.edition_download,
        name="edition_download",
    ),
    path("<slug:slug>/pdf/", renditions.rendition_ask, name="rendition_ask"),
    path(
        "<slug:slug>/pdf/<slug:key>/<slug:layout>.pdf",
        renditions.rendition_download,
        name="rendition_download",
    ),
    path(
        "<slug:slug>/pdf/<slug:key>/<slug:layout>/",
        renditions.rendition_progress,
        name="rendition_progress",
    ),
]

# decisions/
decision_urls = [
    path("", register.DecisionList.as_view(), name="decision_list"),
    path("feed/", register.DecisionFeed(), name="decision_feed"),
    path("<slug:slug>/", register.DecisionDetail.as_view(), name="decision_detail"),
]

# meetings/<meeting>/packs/
pack_urls = [
    path("<int:pk>/", packs.pack_detail, name="pack_detail"),
    path("<int:pk>/receipt/", packs.pack_receipt, name="pack_receipt"),
    path("<int:pk>/<slug:language>.pdf", packs.pack_file, name="pack_file"),
]

# topics/
topic_urls = [
    path("<slug:slug>/", archive.TopicDetail.as_view(), name="topic_detail"),
    path("<slug:slug>/feed/", feeds.TopicFeed(), name="topic_feed"),
]

# meetings/, before the pages of the meetings themselves
meeting_feed_urls = [
    path("<slug:slug>/feed/", feeds.MeetingFeed(), name="meeting_feed"),
]

# glossary/
glossary_urls = [
    path("", glossary.Glossary.as_view(), name="glossary"),
    path("glossary.csv", glossary.glossary_csv, name="glossary_csv"),
    path("glossary.tbx", glossary.glossary_tbx, name="glossary_tbx"),
]

# portal/
portal_urls = [
    path("", silence.portal_home, name="portal_home"),
    path("searches/", searches.saved_searches, name="saved_searches"),
    path("searches/<int:pk>/", searches.saved_search_change, name="saved_search_change"),
    path("searches/<int:pk>/delete/", searches.saved_search_delete, name="saved_search_delete"),
    path("searches/stop/<str:token>/", searches.alerts_stop, name="alerts_stop"),
    path("translations/", translations.TranslationList.as_view(), name="translation_list"),
    path("translations/<int:pk>/", translations.translation_detail, name="translation_detail"),
    path("translations/<int:pk>/xliff/", xliff.translation_import, name="translation_import"),
    path(
        "translations/<int:pk>/translation.xlf", xliff.translation_xliff, name="translation_xliff"
    ),
    path("translations/<int:pk>/step/", translations.translation_step, name="translation_step"),
    path("silence/<slug:slug>/", silence.silence_detail, name="silence_detail"),
    path(
        "silence/<slug:slug>/acknowledge/", silence.silence_acknowledge, name="silence_acknowledge"
    ),
    path("silence/<slug:slug>/position/", silence.silence_position, name="silence_position"),
    path("silence/<slug:slug>/break/", silence.silence_break, name="silence_break"),
    path("silence/<slug:slug>/break/confirm/", silence.silence_confirm, name="silence_confirm"),
    path("silence/<slug:slug>/withdraw/", silence.silence_withdraw, name="silence_withdraw"),
    path("silence/<slug:slug>/notes/<int:pk>/", silence.silence_note, name="silence_note"),
    path("silence/<slug:slug>/deadline.ics", silence.silence_calendar, name="silence_calendar"),
    path("silence/<slug:slug>/answer/", silence.silence_answer, name="silence_answer"),
    path(
        "silence/<slug:slug>/answer/confirm/",
        silence.silence_answer_confirm,
        name="silence_answer_confirm",
    ),
    path(
        "silence/<slug:slug>/certificate.pdf",
        evidence.silence_certificate,
        name="silence_certificate",
    ),
    path("silence/<slug:slug>/evidence/", evidence.silence_evidence, name="silence_evidence"),
    path(
        "silence/<slug:slug>/evidence/<slug:key>.zip",
        evidence.silence_bundle,
        name="silence_bundle",
    ),
]

# verify/
verify_urls = [
    path("", verify.verify, name="verify"),
    path("heads/<slug:day>.tsr", verify.head_token, name="head_token"),
]
