import django.db.models.deletion
import pgtrigger.compiler
import pgtrigger.migrations
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("documents", "0003_links_and_rules"),
        ("meetings", "0003_invitations"),
        ("membership", "0002_annulled_with_their_decision"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Annulment",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("annulled_at", models.DateTimeField(verbose_name="annulled at")),
                ("undone", models.JSONField(default=list, verbose_name="what was undone")),
            ],
            options={
                "verbose_name": "annulment",
                "verbose_name_plural": "annulments",
            },
        ),
        migrations.CreateModel(
            name="Certificate",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "upto",
                    models.PositiveBigIntegerField(
                        help_text="The last ledger entry that it certifies.",
                        verbose_name="up to entry",
                    ),
                ),
                ("file", models.FileField(upload_to="certificates/", verbose_name="file")),
                ("sha256", models.CharField(max_length=64, unique=True, verbose_name="SHA-256")),
                (
                    "signed_by",
                    models.CharField(blank=True, max_length=200, verbose_name="signed by"),
                ),
                ("made_at", models.DateTimeField(verbose_name="made at")),
            ],
            options={
                "verbose_name": "certificate",
                "verbose_name_plural": "certificates",
                "ordering": ["procedure", "pk"],
            },
        ),
        migrations.CreateModel(
            name="DailyHead",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("day", models.DateField(unique=True, verbose_name="day")),
                ("number", models.PositiveBigIntegerField(verbose_name="number of the last entry")),
                ("entry_hash", models.CharField(max_length=64, verbose_name="hash")),
                ("sealed_at", models.DateTimeField(verbose_name="sealed at")),
                ("token", models.BinaryField(null=True, verbose_name="time-stamp token")),
                ("token_at", models.DateTimeField(null=True, verbose_name="time-stamped at")),
            ],
            options={
                "verbose_name": "head of a day",
                "verbose_name_plural": "heads of days",
                "ordering": ["-day"],
            },
        ),
        migrations.CreateModel(
            name="Effect",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("observer", "admits an observer"),
                            ("invitation", "invites a civil-society organization to a meeting"),
                            ("chair", "elects a Chair"),
                            ("term", "extends the term of the Chair"),
                        ],
                        max_length=12,
                        verbose_name="effect",
                    ),
                ),
                ("from_on", models.DateField(blank=True, null=True, verbose_name="from")),
                (
                    "until_on",
                    models.DateField(
                        blank=True,
                        help_text="The first day it no longer holds.",
                        null=True,
                        verbose_name="until",
                    ),
                ),
                (
                    "applied",
                    models.JSONField(
                        blank=True, default=list, verbose_name="what it made and changed"
                    ),
                ),
            ],
            options={
                "verbose_name": "effect",
                "verbose_name_plural": "effects",
            },
        ),
        migrations.CreateModel(
            name="EvidenceBundle",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("upto", models.PositiveBigIntegerField(verbose_name="up to entry")),
                ("file", models.FileField(upload_to="evidence/", verbose_name="file")),
                ("sha256", models.CharField(max_length=64, unique=True, verbose_name="SHA-256")),
                ("made_at", models.DateTimeField(verbose_name="made at")),
            ],
            options={
                "verbose_name": "evidence bundle",
                "verbose_name_plural": "evidence bundles",
                "ordering": ["procedure", "pk"],
            },
        ),
        migrations.CreateModel(
            name="FollowUp",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("reissue", "reissued as a revision"),
                            ("referral", "referred to a meeting"),
                            ("abandonment", "abandoned"),
                        ],
                        max_length=12,
                        verbose_name="kind",
                    ),
                ),
                ("reason", models.TextField(verbose_name="the Chair's decision")),
                ("reason_en", models.TextField(null=True, verbose_name="the Chair's decision")),
                ("reason_ru", models.TextField(null=True, verbose_name="the Chair's decision")),
                ("at", models.DateTimeField(verbose_name="at")),
            ],
            options={
                "verbose_name": "follow-up",
                "verbose_name_plural": "follow-ups",
            },
        ),
        migrations.CreateModel(
            name="ObjectionPoint",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "proposed_en",
                    models.TextField(blank=True, verbose_name="proposed wording (English)"),
                ),
                (
                    "proposed_ru",
                    models.TextField(blank=True, verbose_name="proposed wording (Russian)"),
                ),
            ],
            options={
                "verbose_name": "paragraph objected to",
                "verbose_name_plural": "paragraphs objected to",
                "ordering": ["response", "paragraph__position"],
            },
        ),
        migrations.CreateModel(
            name="PaperNote",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "note_file",
                    models.FileField(blank=True, upload_to="notes/", verbose_name="Note Verbale"),
                ),
                (
                    "note_name",
                    models.CharField(blank=True, max_length=200, verbose_name="name of the file"),
                ),
                ("note_size", models.PositiveIntegerField(default=0, verbose_name="size in bytes")),
                (
                    "note_sha256",
                    models.CharField(blank=True, max_length=64, verbose_name="SHA-256 of the file"),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("objection", "breaks silence"),
                            ("participates", "formalises its participation"),
                            ("declines", "does not formalise its participation"),
                        ],
                        max_length=16,
                        verbose_name="kind",
                    ),
                ),
                ("reason", models.TextField(blank=True, verbose_name="reason")),
                (
                    "points",
                    models.JSONField(
                        blank=True, default=list, verbose_name="paragraphs and proposed wording"
                    ),
                ),
                ("received_at", models.DateTimeField(verbose_name="received on paper at")),
                (
                    "received_how",
                    models.CharField(
                        help_text="As in: handed in at the Support Unit in Almaty, stamp No. 41.",
                        max_length=200,
                        verbose_name="how it was received",
                    ),
                ),
                ("entered_at", models.DateTimeField(verbose_name="entered at")),
                ("confirm_before", models.DateTimeField(verbose_name="to be confirmed before")),
                (
                    "confirmed_at",
                    models.DateTimeField(blank=True, null=True, verbose_name="confirmed at"),
                ),
                (
                    "refused_at",
                    models.DateTimeField(blank=True, null=True, verbose_name="refused at"),
                ),
                ("refused_reason", models.TextField(blank=True, verbose_name="why it was refused")),
            ],
            options={
                "verbose_name": "Note Verbale on paper",
                "verbose_name_plural": "Notes Verbales on paper",
                "ordering": ["-entered_at"],
            },
        ),
        migrations.CreateModel(
            name="TechnicalCorrection",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("note", models.TextField(verbose_name="what was corrected")),
                ("note_en", models.TextField(null=True, verbose_name="what was corrected")),
                ("note_ru", models.TextField(null=True, verbose_name="what was corrected")),
                ("made_at", models.DateTimeField(verbose_name="made at")),
            ],
            options={
                "verbose_name": "technical correction",
                "verbose_name_plural": "technical corrections",
                "ordering": ["procedure", "pk"],
            },
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name="edition",
            name="an_issued_edition_stays",
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name="silenceoutcome",
            name="the_outcome_follows",
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name="silenceresponse",
            name="answers_are_judged",
        ),
        migrations.RemoveConstraint(
            model_name="stateoutcome",
            name="one_window_outcome_per_state",
        ),
        migrations.AddField(
            model_name="decision",
            name="annulled_at",
            field=models.DateTimeField(
                blank=True,
                editable=False,
                help_text="The decision it rests on was annulled; the record stays.",
                null=True,
                verbose_name="annulled at",
            ),
        ),
        migrations.AddField(
            model_name="edition",
            name="annulled_at",
            field=models.DateTimeField(
                blank=True,
                editable=False,
                help_text="The decision it rests on was annulled; the record stays.",
                null=True,
                verbose_name="annulled at",
            ),
        ),
        migrations.AddField(
            model_name="silenceprocedure",
            name="discordance_reason",
            field=models.TextField(
                blank=True,
                help_text="The recorded reason for opening in spite of what the check found.",
                verbose_name="why the texts may differ",
            ),
        ),
        migrations.AddField(
            model_name="silenceprocedure",
            name="discordance_reason_en",
            field=models.TextField(
                blank=True,
                help_text="The recorded reason for opening in spite of what the check found.",
                null=True,
                verbose_name="why the texts may differ",
            ),
        ),
        migrations.AddField(
            model_name="silenceprocedure",
            name="discordance_reason_ru",
            field=models.TextField(
                blank=True,
                help_text="The recorded reason for opening in spite of what the check found.",
                null=True,
                verbose_name="why the texts may differ",
            ),
        ),
        migrations.AddField(
            model_name="silenceprocedure",
            name="discordances",
            field=models.JSONField(
                blank=True,
                default=list,
                help_text="What the check of concordance found when the procedure opened.",
                verbose_name="where the two texts differ",
            ),
        ),
        migrations.AddField(
            model_name="silenceprocedure",
            name="reissue_of",
            field=models.ForeignKey(
                blank=True,
                help_text="The procedure whose text was not adopted, before this revision of it.",
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="reissues",
                to="documents.silenceprocedure",
                verbose_name="reissue of",
            ),
        ),
        migrations.AddField(
            model_name="silenceresponse",
            name="note_file",
            field=models.FileField(blank=True, upload_to="notes/", verbose_name="Note Verbale"),
        ),
        migrations.AddField(
            model_name="silenceresponse",
            name="note_name",
            field=models.CharField(blank=True, max_length=200, verbose_name="name of the file"),
        ),
        migrations.AddField(
            model_name="silenceresponse",
            name="note_sha256",
            field=models.CharField(blank=True, max_length=64, verbose_name="SHA-256 of the file"),
        ),
        migrations.AddField(
            model_name="silenceresponse",
            name="note_size",
            field=models.PositiveIntegerField(default=0, verbose_name="size in bytes"),
        ),
        migrations.AddField(
            model_name="silenceresponse",
            name="submission",
            field=models.UUIDField(
                editable=False,
                help_text="The form that was sent: sent twice, it acts once.",
                null=True,
                unique=True,
                verbose_name="submission",
            ),
        ),
        migrations.AddField(
            model_name="stateoutcome",
            name="replaces",
            field=models.OneToOneField(
                blank=True,
                help_text="The result that the Chair's settlement or a Note Verbale on paper corrected.",
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="replaced_by",
                to="documents.stateoutcome",
                verbose_name="takes the place of",
            ),
        ),
        migrations.AddField(
            model_name="stateoutcome",
            name="response",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="documents.silenceresponse",
                verbose_name="answer it rests on",
            ),
        ),
        migrations.AlterField(
            model_name="silenceoutcome",
            name="result",
            field=models.CharField(
                choices=[
                    ("adopted", "adopted under silence"),
                    ("broken", "silence broken, not adopted"),
                    ("window_closed", "window closed"),
                    ("withdrawn", "withdrawn by the Chair"),
                ],
                max_length=16,
                verbose_name="result",
            ),
        ),
        migrations.AlterField(
            model_name="silenceresponse",
            name="kind",
            field=models.CharField(
                choices=[
                    ("acknowledgement", "acknowledges receipt"),
                    ("objection", "breaks silence"),
                    ("joins", "joins the consensus expressly"),
                    ("more_time", "asks for more time"),
                    ("statement", "makes an interpretative statement"),
                    ("reservation", "makes a reservation"),
                    ("dissociation", "dissociates itself from the decision"),
                    ("participates", "formalises its participation"),
                    ("declines", "does not formalise its participation"),
                    ("withdrawal", "withdraws its objection"),
                ],
                max_length=16,
                verbose_name="kind",
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="decision",
            trigger=pgtrigger.compiler.Trigger(
                name="an_annulment_stays",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition='WHEN (OLD."annulled_at" IS NOT NULL AND OLD."annulled_at" IS DISTINCT FROM (NEW."annulled_at"))',
                    func="RAISE EXCEPTION 'pgtrigger: Cannot update rows from % table', TG_TABLE_NAME;",
                    hash="59697759749519ee42aa18310b9685b3da076396",
                    operation="UPDATE",
                    pgid="pgtrigger_an_annulment_stays_b1855",
                    table="documents_decision",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="edition",
            trigger=pgtrigger.compiler.Trigger(
                name="an_issued_edition_stays",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition="WHEN (OLD.issued_at IS NOT NULL AND (to_jsonb(NEW) - ARRAY['note', 'note_en', 'note_ru', 'annulled_at'] IS DISTINCT FROM to_jsonb(OLD) - ARRAY['note', 'note_en', 'note_ru', 'annulled_at'] OR OLD.annulled_at IS NOT NULL AND OLD.annulled_at IS DISTINCT FROM NEW.annulled_at))",
                    func="RAISE EXCEPTION 'pgtrigger: Cannot update rows from % table', TG_TABLE_NAME;",
                    hash="e01dbef825d00c4e42c4017a0866d8b10529d815",
                    operation="UPDATE",
                    pgid="pgtrigger_an_issued_edition_stays_9b664",
                    table="documents_edition",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="silenceoutcome",
            trigger=pgtrigger.compiler.Trigger(
                name="the_outcome_follows",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    declare="DECLARE asked documents_silenceprocedure%ROWTYPE; objection documents_silenceresponse%ROWTYPE;",
                    func="\n                    SELECT * INTO asked FROM documents_silenceprocedure\n                     WHERE id = NEW.procedure_id;\n                    IF asked.historic THEN RETURN NEW; END IF;\n                    SELECT * INTO objection FROM documents_silenceresponse\n                     WHERE procedure_id = NEW.procedure_id AND kind = 'objection' AND NOT late\n                     ORDER BY received_at, id LIMIT 1;\n                    IF NOT COALESCE(CASE NEW.result\n                        WHEN 'broken' THEN asked.kind = 'adoption'\n                             AND NEW.broken_by_id = objection.id\n                             AND NEW.effective_at = objection.received_at\n                        WHEN 'adopted' THEN asked.kind = 'adoption' AND objection.id IS NULL\n                             AND NEW.effective_at = asked.deadline_at\n                             AND clock_timestamp() >= asked.deadline_at\n                        WHEN 'window_closed' THEN asked.kind = 'participation_window'\n                             AND NEW.effective_at = asked.deadline_at\n                             AND clock_timestamp() >= asked.deadline_at\n                        WHEN 'withdrawn' THEN objection.id IS NULL\n                             AND NEW.effective_at < asked.deadline_at\n                             AND NEW.effective_at BETWEEN asked.opened_at AND clock_timestamp()\n                        END, false) THEN\n                        RAISE EXCEPTION 'the outcome does not follow from deadline and answers'\n                              USING ERRCODE = 'check_violation',\n                                    CONSTRAINT = 'the_outcome_follows';\n                    END IF;\n                    RETURN NEW;\n                ",
                    hash="de8ed98ab0843b10d386f6acb91398fef96624a7",
                    operation="INSERT",
                    pgid="pgtrigger_the_outcome_follows_5205e",
                    table="documents_silenceoutcome",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="silenceprocedure",
            trigger=pgtrigger.compiler.Trigger(
                name="the_modalities_stay",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition='WHEN (NOT NEW."historic")',
                    func="\n                    IF EXISTS (\n                        WITH RECURSIVE part(id, type, annex_of_id) AS (\n                            SELECT document.id, document.type, document.annex_of_id\n                              FROM documents_document document\n                              JOIN documents_edition put ON put.document_id = document.id\n                             WHERE put.id = NEW.edition_id\n                             UNION\n                            SELECT whole.id, whole.type, whole.annex_of_id\n                              FROM documents_document whole\n                              JOIN part ON whole.id = part.annex_of_id)\n                        SELECT 1 FROM part WHERE type = 'operating_modalities')\n                       AND (NEW.kind = 'adoption' OR EXISTS (\n                            SELECT 1 FROM documents_edition put\n                             WHERE put.id = NEW.edition_id AND put.kind IN ('draft', 'rev'))) THEN\n                        RAISE EXCEPTION 'silence does not amend the Operating Modalities'\n                              USING ERRCODE = 'check_violation',\n                                    CONSTRAINT = 'the_modalities_stay';\n                    END IF;\n                    RETURN NEW;\n                ",
                    hash="5dedbad56544ba0b1530de6517d0711071bd3533",
                    operation="INSERT",
                    pgid="pgtrigger_the_modalities_stay_0fcfd",
                    table="documents_silenceprocedure",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="silenceresponse",
            trigger=pgtrigger.compiler.Trigger(
                name="answers_are_judged",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    declare="DECLARE asked documents_silenceprocedure%ROWTYPE; paper documents_papernote%ROWTYPE; result text;",
                    func="\n                    SELECT * INTO asked FROM documents_silenceprocedure\n                     WHERE id = NEW.procedure_id;\n                    IF NOT EXISTS (SELECT 1 FROM documents_entitlement entitled\n                                    WHERE entitled.procedure_id = NEW.procedure_id\n                                      AND entitled.state_id = NEW.state_id) THEN\n                        RAISE EXCEPTION 'this State is not entitled to act in this procedure'\n                              USING ERRCODE = 'check_violation', CONSTRAINT = 'state_is_entitled';\n                    END IF;\n                    SELECT outcome.result INTO result FROM documents_silenceoutcome outcome\n                     WHERE outcome.procedure_id = NEW.procedure_id;\n                    IF NEW.paper_note_id IS NOT NULL THEN\n                        -- Rule S13: what a second person confirmed, as received then.\n                        SELECT * INTO paper FROM documents_papernote WHERE id = NEW.paper_note_id;\n                        IF paper.confirmed_at IS NULL OR NEW.late\n                           OR (paper.procedure_id, paper.state_id, paper.kind, paper.received_at)\n                              <> (NEW.procedure_id, NEW.state_id, NEW.kind, NEW.received_at) THEN\n                            RAISE EXCEPTION 'no confirmed Note Verbale on paper says so'\n                                  USING ERRCODE = 'check_violation',\n                                        CONSTRAINT = 'paper_is_confirmed';\n                        END IF;\n                        RETURN NEW;\n                    END IF;\n                    IF NEW.received_at > clock_timestamp() OR NEW.received_at\n                       < clock_timestamp() - interval '20 seconds'\n                    THEN\n                        RAISE EXCEPTION 'the moment of receipt is not a reading of this clock'\n                              USING ERRCODE = 'check_violation', CONSTRAINT = 'received_just_now';\n                    END IF;\n                    IF NEW.kind = 'withdrawal' THEN\n                        -- Rule S14: it may come at any time, and changes nothing.\n                        IF NEW.late OR NOT EXISTS (\n                            SELECT 1 FROM documents_silenceresponse objection\n                             WHERE objection.procedure_id = NEW.procedure_id\n                               AND objection.state_id = NEW.state_id\n                               AND objection.kind = 'objection' AND NOT objection.late) THEN\n                            RAISE EXCEPTION 'there is no objection to withdraw'\n                                  USING ERRCODE = 'check_violation',\n                                        CONSTRAINT = 'an_objection_to_withdraw';\n                        END IF;\n                        RETURN NEW;\n                    END IF;\n                    IF result IS NOT NULL AND NOT NEW.late\n                       AND NOT (NEW.kind = 'objection' AND result = 'broken') THEN\n                        RAISE EXCEPTION 'the procedure has ended'\n                              USING ERRCODE = 'check_violation', CONSTRAINT = 'not_after_its_end';\n                    END IF;\n                    IF NEW.late <> (NEW.received_at >= asked.deadline_at) THEN\n                        RAISE EXCEPTION 'an answer is late at the deadline and after it'\n                              USING ERRCODE = 'check_violation',\n                                    CONSTRAINT = 'late_at_the_deadline';\n                    END IF;\n                    RETURN NEW;\n                ",
                    hash="f8f420b59860feec6bcacf21fa03e66a82cd7974",
                    operation="INSERT",
                    pgid="pgtrigger_answers_are_judged_76210",
                    table="documents_silenceresponse",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="stateoutcome",
            trigger=pgtrigger.compiler.Trigger(
                name="a_replacement_is_founded",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition='WHEN (NEW."replaces_id" IS NOT NULL)',
                    func="\n                    IF NOT EXISTS (\n                        SELECT 1 FROM documents_stateoutcome former\n                          LEFT JOIN documents_silenceresponse answer ON answer.id = NEW.response_id\n                         WHERE former.id = NEW.replaces_id\n                           AND former.outcome_id = NEW.outcome_id\n                           AND former.state_id = NEW.state_id\n                           AND (former.result = 'to_be_settled_by_chair'\n                                OR answer.paper_note_id IS NOT NULL\n                                   AND answer.state_id = NEW.state_id)) THEN\n                        RAISE EXCEPTION 'nothing founds another result for the State'\n                              USING ERRCODE = 'check_violation',\n                                    CONSTRAINT = 'a_replacement_is_founded';\n                    END IF;\n                    RETURN NEW;\n                ",
                    hash="180c03947533d7f4cec4873ae87e1728ee39118f",
                    operation="INSERT",
                    pgid="pgtrigger_a_replacement_is_founded_93287",
                    table="documents_stateoutcome",
                    when="BEFORE",
                ),
            ),
        ),
        migrations.AddConstraint(
            model_name="silenceprocedure",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("discordances", []),
                    models.Q(
                        ("discordance_reason_en__isnull", False),
                        models.Q(("discordance_reason_en", ""), _negated=True),
                        ("discordance_reason_ru__isnull", False),
                        models.Q(("discordance_reason_ru", ""), _negated=True),
                    ),
                    _connector="OR",
                ),
                name="texts_agree_or_a_reason_is_recorded",
            ),
        ),
        migrations.AddConstraint(
            model_name="stateoutcome",
            constraint=models.UniqueConstraint(
                condition=models.Q(("replaces__isnull", True)),
                fields=("outcome", "state"),
                name="one_window_outcome_per_state",
            ),
        ),
        migrations.AddField(
            model_name="annulment",
            name="objection",
            field=models.OneToOneField(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="annulment",
                to="documents.silenceresponse",
                verbose_name="objection on paper",
            ),
        ),
        migrations.AddField(
            model_name="annulment",
            name="outcome",
            field=models.OneToOneField(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="annulment",
                to="documents.silenceoutcome",
                verbose_name="outcome",
            ),
        ),
        migrations.AddField(
            model_name="certificate",
            name="procedure",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="certificates",
                to="documents.silenceprocedure",
                verbose_name="procedure",
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="dailyhead",
            trigger=pgtrigger.compiler.Trigger(
                name="heads_rows_stay",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION 'pgtrigger: Cannot delete rows from % table', TG_TABLE_NAME;",
                    hash="5c1868e0cedec9acd112391aaea7d4b27939ff2f",
                    operation="DELETE",
                    pgid="pgtrigger_heads_rows_stay_b5702",
                    table="documents_dailyhead",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="dailyhead",
            trigger=pgtrigger.compiler.Trigger(
                name="heads_table_stays",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION 'the rows of % stay: it is append-only', TG_TABLE_NAME;",
                    hash="6132ebe3d2dc03f51212dd5b1f48ccdfe7c9f0a6",
                    level="STATEMENT",
                    operation="TRUNCATE",
                    pgid="pgtrigger_heads_table_stays_231e7",
                    table="documents_dailyhead",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="dailyhead",
            trigger=pgtrigger.compiler.Trigger(
                name="a_head_stays",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition="WHEN (OLD.token IS NOT NULL OR (OLD.day, OLD.number, OLD.entry_hash, OLD.sealed_at) IS DISTINCT FROM (NEW.day, NEW.number, NEW.entry_hash, NEW.sealed_at))",
                    func="RAISE EXCEPTION 'pgtrigger: Cannot update rows from % table', TG_TABLE_NAME;",
                    hash="a7dc62745439aa3b427e6ca7a49977f291f87c2c",
                    operation="UPDATE",
                    pgid="pgtrigger_a_head_stays_fcfa2",
                    table="documents_dailyhead",
                    when="BEFORE",
                ),
            ),
        ),
        migrations.AddField(
            model_name="effect",
            name="meeting",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                to="meetings.meeting",
                verbose_name="meeting",
            ),
        ),
        migrations.AddField(
            model_name="effect",
            name="organization",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                to="membership.organization",
                verbose_name="organization",
            ),
        ),
        migrations.AddField(
            model_name="effect",
            name="procedure",
            field=models.OneToOneField(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="effect",
                to="documents.silenceprocedure",
                verbose_name="procedure",
            ),
        ),
        migrations.AddField(
            model_name="effect",
            name="state",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                to="membership.state",
                verbose_name="State",
            ),
        ),
        migrations.AddField(
            model_name="evidencebundle",
            name="by",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
                verbose_name="by",
            ),
        ),
        migrations.AddField(
            model_name="evidencebundle",
            name="procedure",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="bundles",
                to="documents.silenceprocedure",
                verbose_name="procedure",
            ),
        ),
        migrations.AddField(
            model_name="followup",
            name="agenda_item",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="referrals",
                to="meetings.agendaitem",
                verbose_name="agenda item",
            ),
        ),
        migrations.AddField(
            model_name="followup",
            name="by",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
                verbose_name="by",
            ),
        ),
        migrations.AddField(
            model_name="followup",
            name="edition",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="documents.edition",
                verbose_name="revision",
            ),
        ),
        migrations.AddField(
            model_name="followup",
            name="procedure",
            field=models.OneToOneField(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="follow_up",
                to="documents.silenceprocedure",
                verbose_name="procedure",
            ),
        ),
        migrations.AddField(
            model_name="objectionpoint",
            name="paragraph",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="documents.paragraph",
                verbose_name="paragraph",
            ),
        ),
        migrations.AddField(
            model_name="objectionpoint",
            name="response",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="points",
                to="documents.silenceresponse",
                verbose_name="objection",
            ),
        ),
        migrations.AddField(
            model_name="papernote",
            name="confirmed_by",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
                verbose_name="confirmed by",
            ),
        ),
        migrations.AddField(
            model_name="papernote",
            name="entered_by",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
                verbose_name="entered by",
            ),
        ),
        migrations.AddField(
            model_name="papernote",
            name="procedure",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="paper_notes",
                to="documents.silenceprocedure",
                verbose_name="procedure",
            ),
        ),
        migrations.AddField(
            model_name="papernote",
            name="refused_by",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
                verbose_name="refused by",
            ),
        ),
        migrations.AddField(
            model_name="papernote",
            name="state",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                to="membership.state",
                verbose_name="State",
            ),
        ),
        migrations.AddField(
            model_name="silenceresponse",
            name="paper_note",
            field=models.OneToOneField(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="response",
                to="documents.papernote",
                verbose_name="Note Verbale on paper",
            ),
        ),
        migrations.AddField(
            model_name="technicalcorrection",
            name="by",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
                verbose_name="by",
            ),
        ),
        migrations.AddField(
            model_name="technicalcorrection",
            name="edition",
            field=models.OneToOneField(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="correction",
                to="documents.edition",
                verbose_name="corrected edition",
            ),
        ),
        migrations.AddField(
            model_name="technicalcorrection",
            name="procedure",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="corrections",
                to="documents.silenceprocedure",
                verbose_name="procedure",
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="annulment",
            trigger=pgtrigger.compiler.Trigger(
                name="annulments_rows_stay",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                    hash="4ddc08b295c691ecafdd2829cce8c734b002b983",
                    operation="UPDATE OR DELETE",
                    pgid="pgtrigger_annulments_rows_stay_cb51e",
                    table="documents_annulment",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="annulment",
            trigger=pgtrigger.compiler.Trigger(
                name="annulments_table_stays",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION 'the rows of % stay: it is append-only', TG_TABLE_NAME;",
                    hash="0aab9c43e0dbfe6b80f06ba3d6a6ce7ee1de9042",
                    level="STATEMENT",
                    operation="TRUNCATE",
                    pgid="pgtrigger_annulments_table_stays_2b428",
                    table="documents_annulment",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="annulment",
            trigger=pgtrigger.compiler.Trigger(
                name="paper_annuls_an_adoption",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="\n                    IF NOT EXISTS (\n                        SELECT 1 FROM documents_silenceoutcome outcome\n                          JOIN documents_silenceresponse objection\n                            ON objection.procedure_id = outcome.procedure_id\n                         WHERE outcome.id = NEW.outcome_id AND objection.id = NEW.objection_id\n                           AND outcome.result = 'adopted' AND objection.kind = 'objection'\n                           AND NOT objection.late AND objection.paper_note_id IS NOT NULL) THEN\n                        RAISE EXCEPTION 'an adoption is annulled by an objection on paper alone'\n                              USING ERRCODE = 'check_violation',\n                                    CONSTRAINT = 'paper_annuls_an_adoption';\n                    END IF;\n                    RETURN NEW;\n                ",
                    hash="6468e51781aace1ef44ad31b2c080e491559b147",
                    operation="INSERT",
                    pgid="pgtrigger_paper_annuls_an_adoption_bd74b",
                    table="documents_annulment",
                    when="BEFORE",
                ),
            ),
        ),
        migrations.AddConstraint(
            model_name="certificate",
            constraint=models.UniqueConstraint(
                fields=("procedure", "upto"), name="one_certificate_per_state_of_the_record"
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="certificate",
            trigger=pgtrigger.compiler.Trigger(
                name="certificates_rows_stay",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                    hash="a26a587cc7f17dcaa1263dc199afcf367d490706",
                    operation="UPDATE OR DELETE",
                    pgid="pgtrigger_certificates_rows_stay_0c637",
                    table="documents_certificate",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="certificate",
            trigger=pgtrigger.compiler.Trigger(
                name="certificates_table_stays",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION 'the rows of % stay: it is append-only', TG_TABLE_NAME;",
                    hash="f53b43624432e8bdb0e91ae36564600829b2eee9",
                    level="STATEMENT",
                    operation="TRUNCATE",
                    pgid="pgtrigger_certificates_table_stays_51baf",
                    table="documents_certificate",
                    when="BEFORE",
                ),
            ),
        ),
        migrations.AddConstraint(
            model_name="effect",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        models.Q(
                            models.Q(("organization__isnull", True), ("state__isnull", False)),
                            models.Q(("organization__isnull", False), ("state__isnull", True)),
                            _connector="OR",
                        ),
                        ("kind", "observer"),
                        ("meeting__isnull", True),
                    ),
                    models.Q(
                        ("kind", "invitation"),
                        ("meeting__isnull", False),
                        ("organization__isnull", False),
                        ("state__isnull", True),
                    ),
                    models.Q(
                        ("from_on__isnull", False),
                        ("kind", "chair"),
                        ("meeting__isnull", True),
                        ("organization__isnull", True),
                        ("state__isnull", False),
                    ),
                    models.Q(
                        ("kind", "term"),
                        ("meeting__isnull", True),
                        ("organization__isnull", True),
                        ("state__isnull", True),
                        ("until_on__isnull", False),
                    ),
                    _connector="OR",
                ),
                name="effect_says_what_it_does",
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="effect",
            trigger=pgtrigger.compiler.Trigger(
                name="effects_rows_stay",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION 'pgtrigger: Cannot delete rows from % table', TG_TABLE_NAME;",
                    hash="f730d14ffac20d425b7c1f66182e7376c74bc49d",
                    operation="DELETE",
                    pgid="pgtrigger_effects_rows_stay_3389c",
                    table="documents_effect",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="effect",
            trigger=pgtrigger.compiler.Trigger(
                name="effects_table_stays",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION 'the rows of % stay: it is append-only', TG_TABLE_NAME;",
                    hash="ac39fff50aad2d3622f1430ca37475e0a361cda0",
                    level="STATEMENT",
                    operation="TRUNCATE",
                    pgid="pgtrigger_effects_table_stays_70f30",
                    table="documents_effect",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="effect",
            trigger=pgtrigger.compiler.Trigger(
                name="the_effect_stays",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="\n                    IF TG_OP = 'INSERT' THEN\n                        IF NEW.applied <> '[]'::jsonb OR EXISTS (\n                            SELECT 1 FROM documents_ledgerentry\n                             WHERE procedure_id = NEW.procedure_id) THEN\n                            RAISE EXCEPTION 'an effect is fixed when its procedure opens'\n                                  USING ERRCODE = 'check_violation',\n                                        CONSTRAINT = 'the_effect_stays';\n                        END IF;\n                    ELSIF OLD.applied <> '[]'::jsonb\n                       OR to_jsonb(NEW) - 'applied' IS DISTINCT FROM to_jsonb(OLD) - 'applied' THEN\n                        RAISE EXCEPTION 'an effect is applied once and never changed'\n                              USING ERRCODE = 'check_violation', CONSTRAINT = 'the_effect_stays';\n                    END IF;\n                    RETURN NEW;\n                ",
                    hash="e948f58834612e02ff0c4af99ed504039ddffed0",
                    operation="INSERT OR UPDATE",
                    pgid="pgtrigger_the_effect_stays_ebcda",
                    table="documents_effect",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="evidencebundle",
            trigger=pgtrigger.compiler.Trigger(
                name="bundles_rows_stay",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                    hash="9e6919a54b947bb13d9add0fdb7698e56bd26621",
                    operation="UPDATE OR DELETE",
                    pgid="pgtrigger_bundles_rows_stay_82952",
                    table="documents_evidencebundle",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="evidencebundle",
            trigger=pgtrigger.compiler.Trigger(
                name="bundles_table_stays",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION 'the rows of % stay: it is append-only', TG_TABLE_NAME;",
                    hash="cd27d2a31728b02b3ab315c9aa2c53f98a1cd1f9",
                    level="STATEMENT",
                    operation="TRUNCATE",
                    pgid="pgtrigger_bundles_table_stays_5ab06",
                    table="documents_evidencebundle",
                    when="BEFORE",
                ),
            ),
        ),
        migrations.AddConstraint(
            model_name="followup",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("agenda_item__isnull", True),
                        ("edition__isnull", False),
                        ("kind", "reissue"),
                    ),
                    models.Q(
                        ("agenda_item__isnull", False),
                        ("edition__isnull", True),
                        ("kind", "referral"),
                    ),
                    models.Q(
                        ("agenda_item__isnull", True),
                        ("edition__isnull", True),
                        ("kind", "abandonment"),
                    ),
                    _connector="OR",
                ),
                name="follow_up_leads_somewhere",
            ),
        ),
        migrations.AddConstraint(
            model_name="followup",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("reason_en__isnull", False),
                    models.Q(("reason_en", ""), _negated=True),
                    ("reason_ru__isnull", False),
                    models.Q(("reason_ru", ""), _negated=True),
                ),
                name="follow_up_rests_on_a_decision",
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="followup",
            trigger=pgtrigger.compiler.Trigger(
                name="follow_ups_rows_stay",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                    hash="daaa381d5f147a3ffebe9b3d614eb53b2b84ac5a",
                    operation="UPDATE OR DELETE",
                    pgid="pgtrigger_follow_ups_rows_stay_af8a2",
                    table="documents_followup",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="followup",
            trigger=pgtrigger.compiler.Trigger(
                name="follow_ups_table_stays",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION 'the rows of % stay: it is append-only', TG_TABLE_NAME;",
                    hash="b8660d48f18bbf2131775ce1b565985461eb0e7c",
                    level="STATEMENT",
                    operation="TRUNCATE",
                    pgid="pgtrigger_follow_ups_table_stays_7f234",
                    table="documents_followup",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="followup",
            trigger=pgtrigger.compiler.Trigger(
                name="follows_what_was_not_adopted",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="\n                    IF NOT EXISTS (\n                        SELECT 1 FROM documents_silenceoutcome outcome\n                          LEFT JOIN documents_annulment annulment\n                            ON annulment.outcome_id = outcome.id\n                         WHERE outcome.procedure_id = NEW.procedure_id\n                           AND (outcome.result IN ('broken', 'withdrawn')\n                                OR annulment.id IS NOT NULL)) THEN\n                        RAISE EXCEPTION 'only a text that was not adopted is followed up'\n                              USING ERRCODE = 'check_violation',\n                                    CONSTRAINT = 'follows_what_was_not_adopted';\n                    END IF;\n                    RETURN NEW;\n                ",
                    hash="e541470fa2c68cc965088fb6475790cca053a42f",
                    operation="INSERT",
                    pgid="pgtrigger_follows_what_was_not_adopted_81963",
                    table="documents_followup",
                    when="BEFORE",
                ),
            ),
        ),
        migrations.AddConstraint(
            model_name="objectionpoint",
            constraint=models.UniqueConstraint(
                fields=("response", "paragraph"), name="an_objection_names_a_paragraph_once"
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="objectionpoint",
            trigger=pgtrigger.compiler.Trigger(
                name="objection_points_rows_stay",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                    hash="9a8f6157cc700c39880fb0b37d6696becde62d44",
                    operation="UPDATE OR DELETE",
                    pgid="pgtrigger_objection_points_rows_stay_1f272",
                    table="documents_objectionpoint",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="objectionpoint",
            trigger=pgtrigger.compiler.Trigger(
                name="objection_points_table_stays",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION 'the rows of % stay: it is append-only', TG_TABLE_NAME;",
                    hash="07f700db24985cc08a0a425663c3127e12db2774",
                    level="STATEMENT",
                    operation="TRUNCATE",
                    pgid="pgtrigger_objection_points_table_stays_10e2b",
                    table="documents_objectionpoint",
                    when="BEFORE",
                ),
            ),
        ),
        migrations.AddConstraint(
            model_name="papernote",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("confirmed_by__isnull", True),
                    models.Q(("confirmed_by", models.F("entered_by")), _negated=True),
                    _connector="OR",
                ),
                name="paper_is_confirmed_by_another_person",
            ),
        ),
        migrations.AddConstraint(
            model_name="papernote",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("confirmed_at__isnull", True),
                    ("confirmed_at__lt", models.F("confirm_before")),
                    _connector="OR",
                ),
                name="paper_is_confirmed_in_time",
            ),
        ),
        migrations.AddConstraint(
            model_name="papernote",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("confirmed_at__isnull", True), ("confirmed_by__isnull", True)),
                    models.Q(("confirmed_at__isnull", False), ("confirmed_by__isnull", False)),
                    _connector="OR",
                ),
                name="paper_confirmation_is_whole",
            ),
        ),
        migrations.AddConstraint(
            model_name="papernote",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("confirmed_at__isnull", True), ("refused_at__isnull", True), _connector="OR"
                ),
                name="paper_is_confirmed_or_refused",
            ),
        ),
        migrations.AddConstraint(
            model_name="papernote",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("kind", "objection"), _negated=True),
                    models.Q(("reason__isnull", False), models.Q(("reason", ""), _negated=True)),
                    _connector="OR",
                ),
                name="paper_objection_names_its_reason",
            ),
        ),
        migrations.AddConstraint(
            model_name="papernote",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("note_file", ""), _negated=True),
                    ("note_sha256__regex", "^[0-9a-f]{64}$"),
                ),
                name="paper_is_kept_as_a_scan",
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="papernote",
            trigger=pgtrigger.compiler.Trigger(
                name="paper_notes_rows_stay",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION 'pgtrigger: Cannot delete rows from % table', TG_TABLE_NAME;",
                    hash="a0c74927d6f19c75988e2cf5dd004286d8c3da34",
                    operation="DELETE",
                    pgid="pgtrigger_paper_notes_rows_stay_d5566",
                    table="documents_papernote",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="papernote",
            trigger=pgtrigger.compiler.Trigger(
                name="paper_notes_table_stays",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION 'the rows of % stay: it is append-only', TG_TABLE_NAME;",
                    hash="5fbeb3607787dd92c8376ecfd59fb194eb827f51",
                    level="STATEMENT",
                    operation="TRUNCATE",
                    pgid="pgtrigger_paper_notes_table_stays_f1125",
                    table="documents_papernote",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="papernote",
            trigger=pgtrigger.compiler.Trigger(
                name="paper_stays",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="\n                    IF OLD.confirmed_at IS NOT NULL OR OLD.refused_at IS NOT NULL\n                       OR to_jsonb(NEW) - ARRAY['confirmed_by_id', 'confirmed_at',\n                              'refused_by_id', 'refused_at', 'refused_reason']\n                          IS DISTINCT FROM\n                          to_jsonb(OLD) - ARRAY['confirmed_by_id', 'confirmed_at',\n                              'refused_by_id', 'refused_at', 'refused_reason'] THEN\n                        RAISE EXCEPTION 'a Note Verbale on paper stays as it was entered'\n                              USING ERRCODE = 'check_violation', CONSTRAINT = 'paper_stays';\n                    END IF;\n                    RETURN NEW;\n                ",
                    hash="41caa931acbcfb24b8670ad2a75b8c1ec08cbe4b",
                    operation="UPDATE",
                    pgid="pgtrigger_paper_stays_a9bd6",
                    table="documents_papernote",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="papernote",
            trigger=pgtrigger.compiler.Trigger(
                name="paper_came_in_time",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    declare="DECLARE asked documents_silenceprocedure%ROWTYPE;",
                    func="\n                    SELECT * INTO asked FROM documents_silenceprocedure\n                     WHERE id = NEW.procedure_id;\n                    IF asked.historic OR NEW.received_at < asked.opened_at\n                       OR NEW.received_at >= asked.deadline_at\n                       OR NEW.received_at > clock_timestamp()\n                       OR NOT EXISTS (SELECT 1 FROM documents_entitlement entitled\n                                       WHERE entitled.procedure_id = NEW.procedure_id\n                                         AND entitled.state_id = NEW.state_id) THEN\n                        RAISE EXCEPTION 'no Note Verbale of a State entitled, received in time'\n                              USING ERRCODE = 'check_violation', CONSTRAINT = 'paper_came_in_time';\n                    END IF;\n                    RETURN NEW;\n                ",
                    hash="06e846d8b09eb4efc18dac1da4fa4e3352d06b86",
                    operation="INSERT",
                    pgid="pgtrigger_paper_came_in_time_af61a",
                    table="documents_papernote",
                    when="BEFORE",
                ),
            ),
        ),
        migrations.AddConstraint(
            model_name="technicalcorrection",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("note_en__isnull", False),
                    models.Q(("note_en", ""), _negated=True),
                    ("note_ru__isnull", False),
                    models.Q(("note_ru", ""), _negated=True),
                ),
                name="correction_told_in_both_languages",
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="technicalcorrection",
            trigger=pgtrigger.compiler.Trigger(
                name="corrections_rows_stay",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                    hash="77ac1f09836b82c22481fbf6ac133af5ec4943cb",
                    operation="UPDATE OR DELETE",
                    pgid="pgtrigger_corrections_rows_stay_4b296",
                    table="documents_technicalcorrection",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="technicalcorrection",
            trigger=pgtrigger.compiler.Trigger(
                name="corrections_table_stays",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION 'the rows of % stay: it is append-only', TG_TABLE_NAME;",
                    hash="30b1d7d1a3c5883a093b8d9152a3146febedf7b3",
                    level="STATEMENT",
                    operation="TRUNCATE",
                    pgid="pgtrigger_corrections_table_stays_89ac6",
                    table="documents_technicalcorrection",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="technicalcorrection",
            trigger=pgtrigger.compiler.Trigger(
                name="corrected_while_it_runs",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="\n                    IF clock_timestamp() >= (SELECT deadline_at FROM documents_silenceprocedure\n                                              WHERE id = NEW.procedure_id)\n                       OR EXISTS (SELECT 1 FROM documents_silenceoutcome\n                                   WHERE procedure_id = NEW.procedure_id) THEN\n                        RAISE EXCEPTION 'a text is corrected while its procedure runs'\n                              USING ERRCODE = 'check_violation',\n                                    CONSTRAINT = 'corrected_while_it_runs';\n                    END IF;\n                    RETURN NEW;\n                ",
                    hash="c3bff38d08d702dfe90b643bb587ec5e6a8ad092",
                    operation="INSERT",
                    pgid="pgtrigger_corrected_while_it_runs_f9d93",
                    table="documents_technicalcorrection",
                    when="BEFORE",
                ),
            ),
        ),
    ]
