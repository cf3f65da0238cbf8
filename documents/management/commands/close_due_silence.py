from typing import Any

from django.core.management.base import BaseCommand

from documents.actions.silence import close_due


class Command(BaseCommand):
    help = "Record the outcome of every silence procedure whose deadline and grace have passed."

    def handle(self, *args: Any, **options: Any) -> None:
        self.stdout.write(f"Closed: {close_due()}.")
