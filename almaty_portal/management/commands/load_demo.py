"""Demonstration accounts and one demonstration procedure; never in production (rule S16)."""

import datetime as dt
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction

from almaty_portal.common.actions import save_audited
from almaty_portal.common.instants import almaty_today, database_now
from documents.actions import archive, silence, texts
from documents.models import Document, Edition, SilenceProcedure
from membership import actions
from membership.models import Observer, Organization, State, User

PASSWORD = "almaty-demonstration"  # noqa: S105 (printed on purpose: the accounts are open)

ACCOUNTS = [
    # address, name, role, language, State
    ("support@example.org", "Demonstration: Support Unit", "staff", "en", None),
    ("support2@example.org", "Демонстрация: Группа поддержки", "staff", "ru", None),
    ("observer@example.org", "Demonstration: observer", "observer", "en", None),
    ("kz@example.org", "Демонстрация: координатор Казахстана", "coordinator", "ru", "KZ"),
    ("kz-deputy@example.org", "Демонстрация: заместитель, Казахстан", "deputy", "ru", "KZ"),
    ("az@example.org", "Demonstration: Coordinator of Azerbaijan", "coordinator", "en", "AZ"),
    ("kg@example.org", "Демонстрация: координатор Кыргызстана", "coordinator", "ru", "KG"),
    ("tj@example.org", "Демонстрация: координатор Таджикистана", "coordinator", "ru", "TJ"),
    ("tr@example.org", "Demonstration: Coordinator of Türkiye", "coordinator", "en", "TR"),
]
ROWS: list[dict[str, Any]] = [
    {
        "role": "heading",
        "level": 1,
        "text_en": "Demonstration decision on the exchange of information sheets",
        "text_ru": "Демонстрационное решение об обмене информационными бюллетенями",
    },
    {
        "role": "masthead",
        "text_en": "A text for demonstration. No State has proposed or agreed it.",
        "text_ru": "Текст для демонстрации. Ни одно государство его не предлагало и не "
        "согласовывало.",
    },
    {
        "role": "preambular",
        "number": "(i)",
        "text_en": "The Member States of the Almaty Process,",
        "text_ru": "Государства — члены Алматинского процесса,",
    },
    {
        "role": "preambular",
        "number": "(ii)",
        "text_en": "Recalling that the Support Unit develops regular joint information sheets;",
        "text_ru": "напоминая, что Группа поддержки регулярно готовит совместные информационные "
        "бюллетени,",
    },
    {"role": "paragraph", "anchor": "decide", "text_en": "Decide:", "text_ru": "постановляют:"},
    {
        "role": "operative",
        "number": "1.",
        "text_en": "To send the Support Unit their contributions to the information sheet by the "
        "tenth day of each quarter;",
        "text_ru": "направлять Группе поддержки материалы для информационного бюллетеня до "
        "десятого числа первого месяца каждого квартала;",
    },
    {
        "role": "operative",
        "number": "2.",
        "text_en": "To publish the information sheet in English and in Russian.",
        "text_ru": "публиковать информационный бюллетень на английском и русском языках.",
    },
]


class Command(BaseCommand):
    help = "Add demonstration accounts and open a demonstration procedure (DEMO=1 only)."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--end",
            action="store_true",
            help="End the demonstration accounts instead: nobody signs in with them any more.",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        if options["end"]:
            for user in User.objects.filter(is_demonstration=True, is_active=True):
                actions.close_account(user=user, by=None)
                self.stdout.write(f"Ended: {user.email}")
            return
        if not settings.DEMO:
            raise CommandError("load_demo adds open accounts: it runs with DEMO=1 only.")
        with transaction.atomic():
            people = {row[0]: self.account(*row) for row in ACCOUNTS}
            staff = people["support@example.org"]
            procedure = self.procedure(staff)
            self.draft(staff)  # for a newcomer to put under silence in the admin site
        self.stdout.write(f"\nDemonstration accounts (password of all: {PASSWORD})")
        for address, name, *_rest in ACCOUNTS:
            self.stdout.write(f"  {address:<24} {name}")
        self.stdout.write(
            f"\nUnder silence until {procedure.deadline_at.astimezone(dt.UTC):%H:%M:%S} UTC: "
            f"{settings.PORTAL_URL}/en/portal/silence/{procedure.slug}/"
        )

    def account(self, address: str, name: str, role: str, language: str, code: str | None) -> User:
        """The account of one role, as it is, or made now with what its role needs."""
        user = User.objects.filter(email=address).first()
        if user is not None:
            return user
        state = State.objects.get(code=code) if code else None
        user = actions.create_account(
            email=address,
            name=name,
            language=language,
            password=PASSWORD,
            time_zone=state.time_zone if state else None,
            support_unit=role == "staff",
            is_demonstration=True,
            by=None,
        )
        if role == "observer":
            self.observer(user)
        if state is not None:
            actions.designate_coordinator(
                state=state,
                user=user,
                role=role,
                note_verbale="Demonstration",
                from_on=almaty_today(),
                by=None,
            )
        return user

    def observer(self, user: User) -> None:
        """An observer whose focal point is the person."""
        organization = Organization(
            slug="demonstration-observer",
            kind=Organization.Kind.REGIONAL,
            name_en="Demonstration observer",
            name_ru="Демонстрационный наблюдатель",
        )
        save_audited(obj=organization, changed={}, by=None)
        observer = Observer(
            organization=organization, from_on=almaty_today(), decision="Demonstration"
        )
        save_audited(
            obj=observer, changed={}, by=None, related=lambda: observer.focal_points.add(user)
        )

    def procedure(self, staff: User) -> SilenceProcedure:
        """The running demonstration procedure; a new one where the last has ended."""
        running = (
            SilenceProcedure.objects.open()
            .filter(is_demonstration=True, deadline_at__gt=database_now())
            .first()
        )
        if running is not None:
            return running
        # The period is measured once more, a little later, when the text has been checked.
        period = dt.timedelta(minutes=settings.SILENCE_DEMO_PERIOD_MINUTES, seconds=10)
        # Never the draft that waits: whoever tries the portal may have left it half-written.
        edition = self.new_draft(staff)
        document = edition.document
        return silence.open_silence(
            edition=edition,
            kind=SilenceProcedure.Kind.ADOPTION,
            silence_means=SilenceProcedure.SilenceMeans.ADOPTED,
            title_en=document.title_en or "",
            title_ru=document.title_ru or "",
            directive_on=almaty_today(),
            directive_form_en="demonstration letter",
            directive_form_ru="демонстрационное письмо",
            directive_by_en="Demonstration Chair",
            directive_by_ru="Демонстрационный Председатель",
            deadline_at=database_now() + period,
            deadline_zone="Asia/Almaty",
            by=staff,
        )

    def draft(self, staff: User) -> Edition:
        """A demonstration text in both languages, not issued yet; a new one where none waits."""
        waiting = Edition.objects.filter(
            document__is_demonstration=True, kind=Edition.Kind.DRAFT, issued_at=None
        ).first()
        return waiting or self.new_draft(staff)

    def new_draft(self, staff: User) -> Edition:
        number = Document.objects.filter(is_demonstration=True).count() + 1
        document = archive.create_document(
            by=staff,
            slug=f"demonstration-decision-{number}",
            type=Document.Type.DECISION,
            title_en=f"Demonstration decision No. {number} on the exchange of information sheets",
            title_ru=f"Демонстрационное решение № {number} об обмене информационными бюллетенями",
            is_demonstration=True,
        )
        edition = archive.create_edition(
            document=document, kind=Edition.Kind.DRAFT, dated_on=almaty_today(), by=staff
        )
        texts.set_text(edition=edition, rows=ROWS, by=staff)
        return edition
