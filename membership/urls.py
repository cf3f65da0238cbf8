"""Addresses of States and observers; the root puts a language before them."""

from django.urls import path

from membership import views

# members/
member_urls = [
    path("", views.MemberList.as_view(), name="member_list"),
    path("<slug:slug>/", views.MemberDetail.as_view(), name="member_detail"),
]

# observers/
observer_urls = [
    path("", views.ObserverList.as_view(), name="observer_list"),
]
