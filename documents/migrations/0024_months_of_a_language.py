import django.contrib.postgres.fields
import django.contrib.postgres.indexes
import django.contrib.postgres.search
import django.db.models.expressions
from django.db import migrations, models

TERMS = """array_to_tsvector(ARRAY[
        'y0' || language,
        'y0' || language || coalesce(date_part('year', dated_on), 0)::int::text,
        'y0' || language || coalesce(
            (date_part('year', dated_on) * 100 + date_part('month', dated_on))::int, 0
        )::text
    ])"""
TITLE = (
    "\n    " + TERMS + " || CASE language WHEN 'ru'\n"
    "    THEN to_tsvector('simple'::regconfig, title_terms)\n"
    "    ELSE to_tsvector('english'::regconfig, title_terms)\n    END\n"
)
WHOLE = (
    "\n    " + TERMS + " || array_to_tsvector(pairs::text[]) || CASE language WHEN 'ru'\n"
    "    THEN setweight(to_tsvector('simple'::regconfig, title_terms), 'A')\n"
    "      || setweight(to_tsvector('simple'::regconfig, body_terms), 'D')\n"
    "    ELSE setweight(to_tsvector('english'::regconfig, title_terms), 'A')\n"
    "      || setweight(to_tsvector('english'::regconfig, body_terms), 'D')\n    END\n"
)
# What each row of a document says of the whole of it.
BOTH = """
UPDATE documents_searchtext t SET states = both_rows.states, languages = both_rows.languages
  FROM (
       SELECT document_id,
              array(SELECT DISTINCT unnest(string_to_array(
                  string_agg(array_to_string(states, ' '), ' '), ' ')) EXCEPT SELECT '') AS states,
              coalesce(array_agg(language ORDER BY language) FILTER (WHERE has_text), '{}')
                  AS languages
         FROM documents_searchtext GROUP BY document_id
       ) both_rows
 WHERE both_rows.document_id = t.document_id
"""


def generated(expression: str) -> models.GeneratedField:
    return models.GeneratedField(
        db_persist=True,
        expression=django.db.models.expressions.RawSQL(expression, []),  # noqa: S611 (a constant)
        output_field=django.contrib.postgres.search.SearchVectorField(),
    )


class Migration(migrations.Migration):
    dependencies = [
        ("documents", "0023_sizes_of_prepared_files"),
    ]

    operations = [
        # A generated column cannot be altered: both are taken away and made anew.
        migrations.RemoveIndex(model_name="searchtext", name="search_text_vector"),
        migrations.RemoveIndex(model_name="searchtext", name="search_text_title"),
        migrations.RemoveIndex(model_name="searchtext", name="search_text_pairs"),
        migrations.RemoveField(model_name="searchtext", name="vector"),
        migrations.RemoveField(model_name="searchtext", name="title_vector"),
        migrations.AddField(
            "searchtext",
            "languages",
            django.contrib.postgres.fields.ArrayField(
                base_field=models.CharField(max_length=2),
                default=list,
                size=None,
                verbose_name="languages of the text",
            ),
        ),
        migrations.RunSQL(BOTH, migrations.RunSQL.noop),
        migrations.RemoveField(model_name="searchtext", name="has_text"),
        migrations.AddField("searchtext", "vector", generated(WHOLE)),
        migrations.AddField("searchtext", "title_vector", generated(TITLE)),
        # As in 0008: rows stay short.
        migrations.RunSQL(
            "ALTER TABLE documents_searchtext ALTER vector SET STORAGE EXTERNAL",
            migrations.RunSQL.noop,
        ),
        *(
            migrations.AddIndex(
                "searchtext",
                django.contrib.postgres.indexes.GinIndex(
                    fields=[column],
                    name=f"{name}_{language}",
                    condition=models.Q(language=language),
                ),
            )
            for column, name in (
                ("vector", "search_text_vector"),
                ("title_vector", "search_text_title"),
            )
            for language in ("en", "ru")
        ),
    ]
