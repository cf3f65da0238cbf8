from typing import Any

from django.core.management.base import BaseCommand, CommandError

from documents.actions.ledger import verify_ledger
from documents.models import LedgerEntry


class Command(BaseCommand):
    help = (
        "Go through the ledger's chain and compare it with the answers and outcomes on record; "
        "name everything that does not agree."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        faults = list(verify_ledger())
        for fault in faults:
            self.stderr.write(str(fault))
        if faults:
            raise CommandError(f"The ledger does not verify: {len(faults)} fault(s).")
        last = LedgerEntry.objects.order_by("-number").first()
        head = f"{last.number} entries, head {last.entry_hash}" if last else "no entries yet"
        self.stdout.write(f"The ledger verifies: {head}.")
