import django.contrib.postgres.fields
import django.contrib.postgres.indexes
import django.contrib.postgres.search
import django.db.models.expressions
import pgtrigger.compiler
import pgtrigger.migrations
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("documents", "0007_accepted_findings"),
    ]

    operations = [
        # A generated column cannot be altered: it is taken away, and made of more below.
        migrations.RemoveIndex(model_name="searchtext", name="search_text_vector"),
        migrations.RemoveField(model_name="searchtext", name="vector"),
        migrations.CreateModel(
            name="SearchWord",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("word", models.CharField(max_length=60, unique=True, verbose_name="word")),
            ],
            options={
                "verbose_name": "word",
                "verbose_name_plural": "words",
            },
        ),
        migrations.AddField(
            model_name="searchtext",
            name="access",
            field=models.CharField(
                default="", editable=False, max_length=20, verbose_name="access"
            ),
        ),
        migrations.AddField(
            model_name="searchtext",
            name="dated_on",
            field=models.DateField(editable=False, null=True, verbose_name="date of the document"),
        ),
        migrations.AddField(
            model_name="searchtext",
            name="has_text",
            field=models.BooleanField(default=False, verbose_name="has a text"),
        ),
        migrations.AddField(
            model_name="searchtext",
            name="made_by",
            field=models.PositiveSmallIntegerField(default=0, verbose_name="version of the index"),
        ),
        migrations.AddField(
            model_name="searchtext",
            name="meeting",
            field=models.BigIntegerField(editable=False, null=True, verbose_name="meeting"),
        ),
        migrations.AddField(
            model_name="searchtext",
            name="members_only",
            field=models.BooleanField(default=False, verbose_name="draft"),
        ),
        migrations.AddField(
            model_name="searchtext",
            name="pairs",
            field=django.contrib.postgres.fields.ArrayField(
                base_field=models.IntegerField(),
                default=list,
                size=None,
                verbose_name="pairs of words",
            ),
        ),
        migrations.AddField(
            model_name="searchtext",
            name="reference_numbers",
            field=models.CharField(
                default="", editable=False, max_length=100, verbose_name="reference"
            ),
        ),
        migrations.AddField(
            model_name="searchtext",
            name="states",
            field=django.contrib.postgres.fields.ArrayField(
                base_field=models.CharField(max_length=2),
                default=list,
                size=None,
                verbose_name="States named",
            ),
        ),
        migrations.AddField(
            model_name="searchtext",
            name="type",
            field=models.CharField(default="", editable=False, max_length=30, verbose_name="type"),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="searchtext",
            trigger=pgtrigger.compiler.Trigger(
                name="a_search_text_knows_its_document",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="\n    SELECT issued_on, type, meeting_id, access,\n           coalesce(array_to_string(regexp_match(\n               reference, '0*([0-9]+)[^0-9]+0*([0-9]+)[^0-9]+0*([0-9]+)$'\n           ), '-'), '')\n      INTO NEW.dated_on, NEW.type, NEW.meeting, NEW.access, NEW.reference_numbers\n      FROM documents_document WHERE id = NEW.document_id;\n    RETURN NEW;\n",
                    hash="d0c5905ffab172bef49b32f0264a55b9f18992be",
                    operation="INSERT OR UPDATE",
                    pgid="pgtrigger_a_search_text_knows_its_document_7d944",
                    table="documents_searchtext",
                    when="BEFORE",
                ),
            ),
        ),
        # The rows learn what the trigger copies, and the index makes itself anew (`index_archive`).
        migrations.RunSQL(
            "UPDATE documents_searchtext SET document_id = document_id", migrations.RunSQL.noop
        ),
        migrations.AddField(
            model_name="searchtext",
            name="title_vector",
            field=models.GeneratedField(
                db_persist=True,
                expression=django.db.models.expressions.RawSQL(
                    "\n    array_to_tsvector(ARRAY['y0' || coalesce(date_part('year', dated_on), 0)::int::text]) || CASE language WHEN 'ru'\n    THEN to_tsvector('simple'::regconfig, title_terms)\n    ELSE to_tsvector('english'::regconfig, title_terms)\n    END\n",
                    [],
                ),
                output_field=django.contrib.postgres.search.SearchVectorField(),
            ),
        ),
        migrations.AddField(
            model_name="searchtext",
            name="vector",
            field=models.GeneratedField(
                db_persist=True,
                expression=django.db.models.expressions.RawSQL(
                    "\n    array_to_tsvector(ARRAY['y0' || coalesce(date_part('year', dated_on), 0)::int::text]) || CASE language WHEN 'ru'\n    THEN setweight(to_tsvector('simple'::regconfig, title_terms), 'A')\n      || setweight(to_tsvector('simple'::regconfig, body_terms), 'D')\n    ELSE setweight(to_tsvector('english'::regconfig, title_terms), 'A')\n      || setweight(to_tsvector('english'::regconfig, body_terms), 'D')\n    END\n",
                    [],
                ),
                output_field=django.contrib.postgres.search.SearchVectorField(),
            ),
        ),
        migrations.AddIndex(
            model_name="searchtext",
            index=django.contrib.postgres.indexes.GinIndex(
                fields=["vector"], name="search_text_vector"
            ),
        ),
        migrations.AddIndex(
            model_name="searchtext",
            index=django.contrib.postgres.indexes.GinIndex(
                fields=["title_vector"], name="search_text_title"
            ),
        ),
        migrations.AddIndex(
            model_name="searchtext",
            index=django.contrib.postgres.indexes.GinIndex(
                fields=["pairs"], name="search_text_pairs"
            ),
        ),
        migrations.AddIndex(
            model_name="searchtext",
            index=models.Index(
                models.OrderBy(models.F("dated_on"), descending=True, nulls_first=True),
                models.OrderBy(models.F("document"), descending=True),
                name="search_text_date",
            ),
        ),
        migrations.AddIndex(
            model_name="searchtext",
            index=models.Index(fields=["reference_numbers"], name="search_text_reference"),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="document",
            trigger=pgtrigger.compiler.Trigger(
                name="a_search_text_follows",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition='WHEN (OLD."access" IS DISTINCT FROM (NEW."access") OR OLD."issued_on" IS DISTINCT FROM (NEW."issued_on") OR OLD."meeting_id" IS DISTINCT FROM (NEW."meeting_id") OR OLD."reference" IS DISTINCT FROM (NEW."reference") OR OLD."type" IS DISTINCT FROM (NEW."type"))',
                    func="\n                    UPDATE documents_searchtext SET document_id = NEW.id WHERE document_id = NEW.id;\n                    RETURN NEW;\n                ",
                    hash="387ccd5f2b9e18fa333ef6751fe7daa47bd14de3",
                    operation="UPDATE",
                    pgid="pgtrigger_a_search_text_follows_50727",
                    table="documents_document",
                    when="AFTER",
                ),
            ),
        ),
        migrations.AddIndex(
            model_name="searchword",
            index=django.contrib.postgres.indexes.GinIndex(
                fields=["word"], name="search_word_trigrams", opclasses=["gin_trgm_ops"]
            ),
        ),
        # Rows stay short, so that many are read at once: long values are kept beside the table.
        migrations.RunSQL(
            "ALTER TABLE documents_searchtext SET (toast_tuple_target = 128);"
            "ALTER TABLE documents_searchtext ALTER vector SET STORAGE EXTERNAL",
            migrations.RunSQL.noop,
        ),
    ]
