"""Static files as they are served: hashed, compressed, and the stylesheets in one file."""

import re
from collections.abc import Iterator
from typing import Any

from django.core.files.base import ContentFile
from whitenoise.storage import CompressedManifestStaticFilesStorage

from almaty_portal.common.templatetags.components import BUNDLE, STYLESHEETS


class PortalStaticFilesStorage(CompressedManifestStaticFilesStorage):
    """Joins the stylesheets of every page into `css/portal.css` when static files are collected.

    A first view on a slow line asks for one file instead of sixteen; the sources stay one small
    file for each component.
    """

    has_bundle = True

    def post_process(
        self, paths: dict[str, tuple[Any, str]], dry_run: bool = False, **options: Any
    ) -> Iterator[tuple[str, str | None, bool | Exception]]:
        sheets = [f"css/{name}.css" for name in STYLESHEETS]
        if not dry_run and all(sheet in paths for sheet in sheets):
            texts = []
            for sheet in sheets:
                storage, path = paths[sheet]
                with storage.open(path) as file:
                    texts.append(file.read().decode())
            self.delete(BUNDLE)
            self.save(BUNDLE, ContentFile(_squeezed("\n".join(texts)).encode()))
            paths[BUNDLE] = (self, BUNDLE)
        yield from super().post_process(paths, dry_run, **options)


def _squeezed(css: str) -> str:
    """The same rules without comments, and with one space where there were many."""
    return re.sub(r"\s+", " ", re.sub(r"/\*.*?\*/", "", css, flags=re.DOTALL)).strip()
