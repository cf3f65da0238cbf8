"""The address of the Chairmanship; the root puts a language before it."""

from django.urls import path

from chairmanship import views

# chairmanship/
chairmanship_urls = [
    path("", views.ChairmanshipPage.as_view(), name="chairmanship"),
]
