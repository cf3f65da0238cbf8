import django.contrib.postgres.indexes
import django.contrib.postgres.search
import django.db.models.expressions
from django.db import migrations, models

TERMS = (
    "array_to_tsvector(ARRAY[\n        'y0' || language,\n        'y0' || language ||"
    " coalesce(date_part('year', dated_on), 0)::int::text\n    ])"
)
TITLE = (
    "\n    " + TERMS + " || CASE language WHEN 'ru'\n"
    "    THEN to_tsvector('simple'::regconfig, title_terms)\n"
    "    ELSE to_tsvector('english'::regconfig, title_terms)\n    END\n"
)
WHOLE = (
    "\n    " + TERMS + " || CASE language WHEN 'ru'\n"
    "    THEN setweight(to_tsvector('simple'::regconfig, title_terms), 'A')\n"
    "      || setweight(to_tsvector('simple'::regconfig, body_terms), 'D')\n"
    "    ELSE setweight(to_tsvector('english'::regconfig, title_terms), 'A')\n"
    "      || setweight(to_tsvector('english'::regconfig, body_terms), 'D')\n    END\n"
)


def generated(expression: str) -> models.GeneratedField:
    return models.GeneratedField(
        db_persist=True,
        expression=django.db.models.expressions.RawSQL(expression, []),  # noqa: S611 (a constant)
        output_field=django.contrib.postgres.search.SearchVectorField(),
    )


class Migration(migrations.Migration):
    dependencies = [
        ("documents", "0019_ministers_amend_the_modalities"),
    ]

    operations = [
        # A generated column cannot be altered: both are taken away and made anew.
        migrations.RemoveIndex(model_name="searchtext", name="search_text_vector"),
        migrations.RemoveIndex(model_name="searchtext", name="search_text_title"),
        migrations.RemoveField(model_name="searchtext", name="vector"),
        migrations.RemoveField(model_name="searchtext", name="title_vector"),
        migrations.AddField("searchtext", "vector", generated(WHOLE)),
        migrations.AddField("searchtext", "title_vector", generated(TITLE)),
        # As in 0008: rows stay short.
        migrations.RunSQL(
            "ALTER TABLE documents_searchtext ALTER vector SET STORAGE EXTERNAL",
            migrations.RunSQL.noop,
        ),
        migrations.AddIndex(
            "searchtext",
            django.contrib.postgres.indexes.GinIndex(fields=["vector"], name="search_text_vector"),
        ),
        migrations.AddIndex(
            "searchtext",
            django.contrib.postgres.indexes.GinIndex(
                fields=["title_vector"], name="search_text_title"
            ),
        ),
    ]
