"""Addresses of meetings; the root puts a language before them."""

from django.urls import path

from meetings import views

# meetings/
meeting_urls = [
    path("", views.MeetingList.as_view(), name="meeting_list"),
    path("<slug:slug>/", views.MeetingDetail.as_view(), name="meeting_detail"),
]
