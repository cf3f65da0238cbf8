from typing import Any

from django.core.management.base import BaseCommand

from documents.actions.citations import record_citations
from documents.models import Edition

BATCH = 500  # editions


class Command(BaseCommand):
    help = "Record which issued texts cite which references."

    def handle(self, *args: Any, **options: Any) -> None:
        count, last = 0, 0
        issued = Edition.objects.issued().select_related("document").order_by("pk")
        while batch := list(issued.filter(pk__gt=last)[:BATCH]):
            count, last = count + record_citations(batch), batch[-1].pk
        self.stdout.write(f"{count} citations recorded.")
