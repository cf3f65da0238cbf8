"""Writes the whole public archive into a folder that works without the portal."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _

from almaty_portal.common.errors import DomainError
from almaty_portal.exporting import export_archive


class Command(BaseCommand):
    help = "Writes the public archive as a static site in both languages, or as a BagIt bag."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("out", type=Path, help=_("A folder that is new or empty."))
        parser.add_argument(
            "--bagit", action="store_true", help=_("Make a BagIt bag of it (RFC 8493).")
        )

    def handle(self, *args: Any, out: Path, bagit: bool, **options: Any) -> None:
        try:
            count = export_archive(out, bag=bagit)
        except DomainError as error:
            raise CommandError(error.message) from error
        if options["verbosity"]:
            self.stdout.write(
                _("Files in %(folder)s: %(count)s.") % {"count": count, "folder": out}
            )
