"""Addresses of the portal; once public they never break (`docs`: the list of addresses)."""

from django.conf import settings
from django.conf.urls.i18n import i18n_patterns
from django.contrib import admin
from django.urls import URLPattern, URLResolver, include, path

from almaty_portal import sitemaps, views
from almaty_portal.api import api_urls
from chairmanship.urls import chairmanship_urls
from documents import urls as documents
from documents.views.archive import reference
from documents.views.oai import oai
from documents.views.silence import personal_calendar
from meetings.urls import meeting_urls
from membership.urls import member_urls, observer_urls

# Without a language in the address
plain_urls: list[URLPattern | URLResolver] = [
    path("", views.choose_language, name="choose_language"),
    path("admin/", admin.site.urls),
    path("accounts/", include("allauth.urls")),
    path("i18n/", include("django.conf.urls.i18n")),
    path("ref/<path:reference>", reference, name="reference"),
    path("calendar/<str:token>.ics", personal_calendar, name="personal_calendar"),
    path("oai", oai, name="oai"),
    path("api/v1/", api_urls),
    path("robots.txt", sitemaps.robots, name="robots"),
    path("sitemap.xml", sitemaps.sitemap_index, name="sitemap"),
    path("sitemap-<slug:section>-<int:number>.xml", sitemaps.sitemap_page, name="sitemap_page"),
    path("healthz", views.healthz, name="healthz"),
    path("readyz", views.readyz, name="readyz"),
]

# Under /en/ and /ru/
public_urls: list[URLPattern | URLResolver] = [
    path("", views.Home.as_view(), name="home"),
    path("about/", views.About.as_view(), name="about"),
    path("about/data/", views.AboutData.as_view(), name="about_data"),
    path("about/silence/", views.AboutSilence.as_view(), name="about_silence"),
    path("documents/", include(documents.archive_urls)),
    path("decisions/", include(documents.decision_urls)),
    path("topics/", include(documents.topic_urls)),
    path("glossary/", include(documents.glossary_urls)),
    path("meetings/", include(documents.meeting_feed_urls)),
    path("meetings/", include(meeting_urls)),
    path("meetings/<slug:slug>/packs/", include(documents.pack_urls)),
    path("members/", include(member_urls)),
    path("observers/", include(observer_urls)),
    path("chairmanship/", include(chairmanship_urls)),
    path("verify/", include(documents.verify_urls)),
    path("portal/", include(documents.portal_urls)),
    path("styleguide/", views.styleguide, name="styleguide"),
]

if settings.DEMO:
    public_urls += [path("mail/", views.MailPreview.as_view(), name="mail_preview")]

urlpatterns = [*plain_urls, *i18n_patterns(*public_urls, prefix_default_language=True)]
