"""Loads the founding archive from the data files of `founding_archive/`."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _

from almaty_portal.common.errors import DomainError
from almaty_portal.founding.loader import DIRECTORY, load_founding_archive


class Command(BaseCommand):
    help = "Loads the founding archive, or takes over what was corrected in its data files."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--directory",
            type=Path,
            default=DIRECTORY,
            help=_("The directory of the data files."),
        )

    def handle(self, *args: Any, directory: Path, **options: Any) -> None:
        try:
            counts = load_founding_archive(directory)
        except DomainError as error:
            raise CommandError(
                error.message + "\n" + _("Nothing was stored. Correct this and load again.")
            ) from error
        if options["verbosity"]:
            self.stdout.write(
                _(
                    "Founding archive: %(created)s created, %(changed)s changed, "
                    "%(removed)s removed, %(unchanged)s unchanged."
                )
                % {name: counts[name] for name in ("created", "changed", "removed", "unchanged")}
            )
