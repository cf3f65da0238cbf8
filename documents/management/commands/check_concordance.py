from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from documents.concordance import check, unrecorded
from documents.models import AcceptedFinding, Document, Edition


class Command(BaseCommand):
    help = (
        "Compare the English and the Russian text of documents paragraph by paragraph (numbers, "
        "dates, references, States, brackets, footnotes, terms of the glossary) and name what "
        "differs, and references that no document on record bears."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("slug", nargs="*", help="Addresses of documents; all without any.")

    def handle(self, *args: Any, slug: list[str], **options: Any) -> None:
        editions = Edition.objects.select_related("document").prefetch_related("paragraphs")
        if slug:
            editions = editions.filter(document__slug__in=slug)
            known = set(Document.objects.filter(slug__in=slug).values_list("slug", flat=True))
            if unknown := sorted(set(slug) - known):
                raise CommandError(f"No document has the address {', '.join(unknown)}.")
        accepted = set(AcceptedFinding.objects.values_list("edition_id", "key"))
        paragraphs = found = stands = 0
        for edition in editions:
            paragraphs += len(edition.paragraphs.all())
            for finding in check(edition):
                if (edition.pk, finding.key) in accepted:
                    stands += 1
                    continue
                found += 1
                where = f"{edition.document.slug} {edition.key}"
                self.stdout.write(f"{where} #{finding.anchor}: {finding.sentence}")
        warned = 0
        for edition, warning in unrecorded(editions):
            warned += 1
            where = f"{edition.document.slug} {edition.key}"
            self.stdout.write(f"{where} #{warning.anchor}: warning: {warning.sentence}")
        self.stdout.write(f"{paragraphs} paragraphs compared, {found} differences found.")
        if warned:
            self.stdout.write(f"{warned} references name a document that is not on record.")
        if stands:
            self.stdout.write(f"{stands} more were accepted with a reason.")
