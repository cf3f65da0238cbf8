"""Addresses of the archive and the register; the root puts a language before them."""

from django.urls import path

from documents import urls_renditions, urls_silence
from documents.views import archive, register

# documents/
archive_urls = [
    *urls_renditions.urlpatterns,
    path("", archive.Archive.as_view(), name="archive"),
    path("<slug:slug>/", archive.DocumentDetail.as_view(), name="document_detail"),
    path("<slug:slug>/bilingual/", archive.DocumentBilingual.as_view(), name="document_bilingual"),
    path("<slug:slug>/history/", archive.DocumentHistory.as_view(), name="document_history"),
    path(
        "<slug:slug>/editions/<slug:key>/", archive.EditionDetail.as_view(), name="edition_detail"
    ),
]

# decisions/
decision_urls = [
    path("", register.DecisionList.as_view(), name="decision_list"),
    path("<slug:slug>/", register.DecisionDetail.as_view(), name="decision_detail"),
]

# topics/
topic_urls = [
    path("<slug:slug>/", archive.TopicDetail.as_view(), name="topic_detail"),
]

# portal/
portal_urls = urls_silence.urlpatterns
