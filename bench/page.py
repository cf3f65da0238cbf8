"""A document page, made anew, and the PDF of the Communiqué, against a view that only answers."""

import time

from django.http import HttpRequest, HttpResponse
from django.test import Client, RequestFactory, override_settings

from bench.__main__ import tell, timed
from documents.models import Document, Edition
from documents.pdf import render

SLUG = "almaty-process-03-01-2013"


def bare(request: HttpRequest) -> HttpResponse:
    """One indexed query and 40 kB of text: what any page of a database costs at least."""
    title = Document.objects.values_list("title_en", flat=True).get(slug=SLUG)
    return HttpResponse((title or "") * 400)


@override_settings(
    PAGES_KEPT_SECONDS=0,
    STORAGES={
        "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
        "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
    },
)
def run() -> None:
    client, request = Client(headers={"host": "localhost"}), RequestFactory().get("/")
    plain = timed(lambda: bare(request))
    for address in (f"/en/documents/{SLUG}/", f"/ru/documents/{SLUG}/bilingual/", "/ru/documents/"):
        if client.get(address).status_code != 200:
            raise SystemExit(f"{address} does not answer")
        tell(f"page {address}", timed(lambda path=address: client.get(path), 20), plain)
    edition = Edition.objects.with_text().filter(document__slug=SLUG).order_by("pk")[0]
    start = time.perf_counter()
    render(edition, "bilingual")
    tell("PDF of the Communiqué, bilingual / one page", (time.perf_counter() - start) * 1000, plain)
