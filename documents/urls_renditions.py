"""Addresses of the PDFs, to be included below /{language}/documents/."""

from django.urls import path

from documents.views import renditions

urlpatterns = [
    path("<slug:slug>.pdf", renditions.document_pdf, name="document_pdf"),
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
