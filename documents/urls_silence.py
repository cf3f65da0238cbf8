"""Addresses of the Coordinator's pages, below /{language}/portal/."""

from django.urls import path

from documents.views import silence

urlpatterns = [
    path("", silence.portal_home, name="portal_home"),
    path("silence/<slug:slug>/", silence.silence_detail, name="silence_detail"),
    path(
        "silence/<slug:slug>/acknowledge/", silence.silence_acknowledge, name="silence_acknowledge"
    ),
    path("silence/<slug:slug>/break/", silence.silence_break, name="silence_break"),
    path("silence/<slug:slug>/answer/", silence.silence_answer, name="silence_answer"),
]
