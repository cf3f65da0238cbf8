"""Relations, citations, patterns of references, changes of access; what stands beside a text."""

import django.db.models.deletion
import django.db.models.functions.text
import pgtrigger.compiler
import pgtrigger.migrations
from django.conf import settings
from django.db import migrations, models

import documents.models.references


class Migration(migrations.Migration):
    dependencies = [
        ("documents", "0011_packs_of_documents"),
        ("meetings", "0003_invitations"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name="document",
            name="reference_key",
            field=models.GeneratedField(
                db_persist=True,
                expression=models.Func(
                    models.Func(
                        django.db.models.functions.text.Lower(models.F("reference")),
                        models.Value("[^[:alnum:]]+"),
                        models.Value("-"),
                        models.Value("g"),
                        function="regexp_replace",
                    ),
                    models.Value("(^|-)0+([0-9])"),
                    models.Value("\\1\\2"),
                    models.Value("g"),
                    function="regexp_replace",
                ),
                output_field=models.CharField(
                    max_length=100, null=True, verbose_name="plain form of the reference"
                ),
            ),
        ),
        migrations.CreateModel(
            name="AccessChange",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "before",
                    models.CharField(
                        choices=[
                            ("public", "public"),
                            ("observers", "Member States and observers"),
                            ("members", "Member States"),
                            ("support_unit", "Support Unit"),
                        ],
                        max_length=20,
                        verbose_name="access before",
                    ),
                ),
                (
                    "after",
                    models.CharField(
                        choices=[
                            ("public", "public"),
                            ("observers", "Member States and observers"),
                            ("members", "Member States"),
                            ("support_unit", "Support Unit"),
                        ],
                        max_length=20,
                        verbose_name="access after",
                    ),
                ),
                ("reason", models.TextField(verbose_name="reason")),
                ("reason_en", models.TextField(null=True, verbose_name="reason")),
                ("reason_ru", models.TextField(null=True, verbose_name="reason")),
                ("changed_at", models.DateTimeField(verbose_name="changed at")),
            ],
            options={
                "verbose_name": "change of access",
                "verbose_name_plural": "changes of access",
                "ordering": ["document", "pk"],
            },
        ),
        migrations.CreateModel(
            name="Citation",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("key", models.CharField(db_index=True, max_length=100, verbose_name="reference")),
            ],
            options={
                "verbose_name": "citation",
                "verbose_name_plural": "citations",
                "ordering": ["pk"],
            },
        ),
        migrations.CreateModel(
            name="ReferencePattern",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "pattern",
                    models.CharField(
                        help_text="With {number} and {year}, as in Almaty Process/{number:02d}/01/{year}; :02d writes the number with two digits at least.",
                        max_length=80,
                        validators=[documents.models.references.makes_references],
                        verbose_name="pattern",
                    ),
                ),
                (
                    "from_on",
                    models.DateField(
                        help_text="References assigned before this day stay as they are.",
                        verbose_name="in force from",
                    ),
                ),
                ("note", models.TextField(blank=True, verbose_name="on what it rests")),
                (
                    "note_en",
                    models.TextField(blank=True, null=True, verbose_name="on what it rests"),
                ),
                (
                    "note_ru",
                    models.TextField(blank=True, null=True, verbose_name="on what it rests"),
                ),
                ("added_at", models.DateTimeField(auto_now_add=True, verbose_name="added at")),
            ],
            options={
                "verbose_name": "pattern of references",
                "verbose_name_plural": "patterns of references",
                "ordering": ["-from_on", "-pk"],
            },
        ),
        migrations.CreateModel(
            name="Relation",
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
                            ("amends", "amends"),
                            ("implements", "implements"),
                            ("replaces", "replaces"),
                            ("supplements", "supplements"),
                            ("replies_to", "replies to"),
                        ],
                        max_length=12,
                        verbose_name="relation",
                    ),
                ),
            ],
            options={
                "verbose_name": "relation",
                "verbose_name_plural": "relations between documents",
                "ordering": ["kind", "pk"],
            },
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name="edition",
            name="supersedes_its_own_document",
        ),
        migrations.AddField(
            model_name="edition",
            name="belongs_to",
            field=models.ForeignKey(
                blank=True,
                help_text="Of an addendum or a corrigendum: the edition that it adds to or corrects.",
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="beside",
                to="documents.edition",
                verbose_name="belongs to",
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="document",
            trigger=pgtrigger.compiler.Trigger(
                name="annexes_make_no_ring",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition='WHEN (NEW."annex_of_id" IS NOT NULL)',
                    func="\n                    PERFORM pg_advisory_xact_lock(22013);\n                    IF EXISTS (\n                        WITH RECURSIVE reached(id, above) AS (\n                            SELECT id, annex_of_id FROM documents_document\n                             WHERE id = NEW.annex_of_id\n                            UNION\n                            SELECT document.id, document.annex_of_id\n                              FROM documents_document document\n                              JOIN reached ON document.id = reached.above\n                        )\n                        SELECT 1 FROM reached WHERE id = NEW.id\n                    ) THEN\n                        RAISE EXCEPTION 'annexes make no ring'\n                              USING ERRCODE = 'check_violation',\n                                    CONSTRAINT = 'annexes_make_no_ring';\n                    END IF;\n                    RETURN NEW;\n                ",
                    hash="1d610261e007623553ae7db33378a6e9e433a17e",
                    operation='INSERT OR UPDATE OF "annex_of_id"',
                    pgid="pgtrigger_annexes_make_no_ring_86904",
                    table="documents_document",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="edition",
            trigger=pgtrigger.compiler.Trigger(
                name="supersedes_its_own_document",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="\n                    IF NEW.supersedes_id IS NOT NULL AND NOT EXISTS (\n                        SELECT 1 FROM documents_edition earlier\n                         WHERE earlier.id = NEW.supersedes_id AND earlier.id < NEW.id\n                           AND earlier.document_id = NEW.document_id\n                    ) THEN\n                        RAISE EXCEPTION 'an edition supersedes an older one of its own document'\n                              USING ERRCODE = 'check_violation',\n                                    CONSTRAINT = 'supersedes_its_own_document';\n                    END IF;\n                    IF NEW.belongs_to_id IS NOT NULL AND NOT EXISTS (\n                        SELECT 1 FROM documents_edition text\n                         WHERE text.id = NEW.belongs_to_id AND text.id < NEW.id\n                           AND text.document_id = NEW.document_id\n                    ) THEN\n                        RAISE EXCEPTION 'an addendum belongs to an edition of its own document'\n                              USING ERRCODE = 'check_violation',\n                                    CONSTRAINT = 'supersedes_its_own_document';\n                    END IF;\n                    RETURN NEW;\n                ",
                    hash="adbf30755298b67c533560466563b8a4a9ce0902",
                    operation="INSERT OR UPDATE",
                    pgid="pgtrigger_supersedes_its_own_document_ffa0b",
                    table="documents_edition",
                    when="BEFORE",
                ),
            ),
        ),
        migrations.AddConstraint(
            model_name="document",
            constraint=models.UniqueConstraint(
                fields=("reference_key",),
                name="a_reference_in_any_spelling_once",
                violation_error_message="Another document bears this reference: a reference is never used twice.",
            ),
        ),
        migrations.AddConstraint(
            model_name="edition",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("belongs_to__isnull", True),
                    models.Q(("kind__in", ["add", "corr"]), ("supersedes__isnull", True)),
                    _connector="OR",
                ),
                name="addenda_and_corrigenda_belong",
                violation_error_message="Only an addendum or a corrigendum belongs to another edition, and supersedes none.",
            ),
        ),
        migrations.AddField(
            model_name="accesschange",
            name="by",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                to=settings.AUTH_USER_MODEL,
                verbose_name="by",
            ),
        ),
        migrations.AddField(
            model_name="accesschange",
            name="document",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="access_changes",
                to="documents.document",
                verbose_name="document",
            ),
        ),
        migrations.AddField(
            model_name="citation",
            name="paragraph",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE,
                related_name="citations",
                to="documents.paragraph",
                verbose_name="paragraph",
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="referencepattern",
            trigger=pgtrigger.compiler.Trigger(
                name="reference_patterns_rows_stay",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                    hash="bf5dc9cbd7798400c96cdc57eab17892772ec9e9",
                    operation="UPDATE OR DELETE",
                    pgid="pgtrigger_reference_patterns_rows_stay_d36e1",
                    table="documents_referencepattern",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="referencepattern",
            trigger=pgtrigger.compiler.Trigger(
                name="reference_patterns_table_stays",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION 'the rows of % stay: it is append-only', TG_TABLE_NAME;",
                    hash="7b38ea49d41a764abb8427aef24d826290bea0a9",
                    level="STATEMENT",
                    operation="TRUNCATE",
                    pgid="pgtrigger_reference_patterns_table_stays_605f6",
                    table="documents_referencepattern",
                    when="BEFORE",
                ),
            ),
        ),
        migrations.AddField(
            model_name="relation",
            name="source",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="relations",
                to="documents.document",
                verbose_name="document",
            ),
        ),
        migrations.AddField(
            model_name="relation",
            name="target",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="inverse_relations",
                to="documents.document",
                verbose_name="to the document",
            ),
        ),
        migrations.AddConstraint(
            model_name="accesschange",
            constraint=models.CheckConstraint(
                condition=models.Q(("before", models.F("after")), _negated=True),
                name="access_changes",
            ),
        ),
        migrations.AddConstraint(
            model_name="accesschange",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("reason_en__isnull", False),
                    models.Q(("reason_en", ""), _negated=True),
                    ("reason_ru__isnull", False),
                    models.Q(("reason_ru", ""), _negated=True),
                ),
                name="access_changes_for_a_reason",
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="accesschange",
            trigger=pgtrigger.compiler.Trigger(
                name="access_changes_rows_stay",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                    hash="54d64325ff7fc43bfc6141107da119039d9a702f",
                    operation="UPDATE OR DELETE",
                    pgid="pgtrigger_access_changes_rows_stay_616ab",
                    table="documents_accesschange",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="accesschange",
            trigger=pgtrigger.compiler.Trigger(
                name="access_changes_table_stays",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION 'the rows of % stay: it is append-only', TG_TABLE_NAME;",
                    hash="38467bdc2509aa33a1c39dd9999b8243e4817081",
                    level="STATEMENT",
                    operation="TRUNCATE",
                    pgid="pgtrigger_access_changes_table_stays_c1a6a",
                    table="documents_accesschange",
                    when="BEFORE",
                ),
            ),
        ),
        migrations.AddConstraint(
            model_name="citation",
            constraint=models.UniqueConstraint(
                fields=("paragraph", "key"), name="one_citation_per_paragraph_and_reference"
            ),
        ),
        migrations.AddConstraint(
            model_name="relation",
            constraint=models.UniqueConstraint(
                fields=("source", "kind", "target"),
                name="one_relation_of_a_kind",
                violation_error_message="This relation is entered already.",
            ),
        ),
        migrations.AddConstraint(
            model_name="relation",
            constraint=models.CheckConstraint(
                condition=models.Q(("source", models.F("target")), _negated=True),
                name="no_relation_to_itself",
                violation_error_message="A document has no relation to itself: choose another.",
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="relation",
            trigger=pgtrigger.compiler.Trigger(
                name="relations_make_no_ring",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="\n                    PERFORM pg_advisory_xact_lock(22013);\n                    IF EXISTS (\n                        WITH RECURSIVE reached(id) AS (\n                            SELECT NEW.target_id\n                            UNION\n                            SELECT relation.target_id\n                              FROM documents_relation relation\n                              JOIN reached ON relation.source_id = reached.id\n                             WHERE relation.kind = NEW.kind AND relation.id <> NEW.id\n                        )\n                        SELECT 1 FROM reached WHERE id = NEW.source_id\n                    ) THEN\n                        RAISE EXCEPTION 'relations of one kind make no ring'\n                              USING ERRCODE = 'check_violation',\n                                    CONSTRAINT = 'relations_make_no_ring';\n                    END IF;\n                    RETURN NEW;\n                ",
                    hash="20bcabe2da77b0ad775bb5d4e144ef4234d649a0",
                    operation="INSERT OR UPDATE",
                    pgid="pgtrigger_relations_make_no_ring_35893",
                    table="documents_relation",
                    when="BEFORE",
                ),
            ),
        ),
    ]
