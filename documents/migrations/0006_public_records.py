import django.contrib.postgres.fields
import django.contrib.postgres.indexes
import django.db.models.deletion
import pgtrigger.compiler
import pgtrigger.migrations
from django.db import migrations, models

# The public sees a document that is public, not withdrawn, and has an issued edition that is
# neither a draft nor put forward under silence: as `documents.permissions.visible_documents` says
# for a reader who is nobody. A test compares the two.
FUNCTIONS = """
CREATE FUNCTION documents_open_editions(which bigint) RETURNS SETOF bigint
LANGUAGE sql STABLE AS $$
    SELECT edition.id FROM documents_edition edition
      JOIN documents_document document ON document.id = edition.document_id
     WHERE document.id = which AND document.access = 'public' AND document.withdrawn_at IS NULL
       AND edition.issued_at IS NOT NULL AND edition.kind <> 'draft'
       AND NOT EXISTS (
           SELECT 1 FROM documents_silenceprocedure asked
            WHERE NOT asked.historic AND asked.kind = 'adoption'
              AND (asked.edition_id = edition.id OR EXISTS (
                      SELECT 1 FROM documents_technicalcorrection corrected
                       WHERE corrected.procedure_id = asked.id
                         AND corrected.edition_id = edition.id))
              AND NOT EXISTS (
                      SELECT 1 FROM documents_silenceoutcome outcome
                       WHERE outcome.procedure_id = asked.id AND outcome.result = 'adopted'
                         AND NOT EXISTS (SELECT 1 FROM documents_annulment annulment
                                          WHERE annulment.outcome_id = outcome.id)))
$$;

CREATE FUNCTION documents_note_public(which bigint) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT 1 FROM documents_open_editions(which)) THEN
        INSERT INTO documents_publicrecord (document_id, identifier, changed_at, deleted, sets)
        SELECT document.id, document.slug, clock_timestamp(), false,
               ARRAY['type-' || document.type]
               || ARRAY(SELECT 'topic-' || topic.slug FROM documents_topic topic
                          JOIN documents_document_topics linked ON linked.topic_id = topic.id
                         WHERE linked.document_id = which ORDER BY topic.position)::text[]
               || ARRAY(SELECT 'meeting-' || slug FROM meetings_meeting
                         WHERE id = document.meeting_id)::text[]
               || ARRAY(SELECT DISTINCT 'language-' || version.language
                          FROM documents_languageversion version
                         WHERE version.standing <> 'missing' AND version.edition_id IN (
                               SELECT documents_open_editions(which))
                         ORDER BY 1)::text[]
          FROM documents_document document WHERE document.id = which
        ON CONFLICT (document_id) DO UPDATE
           SET changed_at = clock_timestamp(), deleted = false, sets = EXCLUDED.sets;
    ELSE
        UPDATE documents_publicrecord SET changed_at = clock_timestamp(), deleted = true
         WHERE document_id = which AND NOT deleted;
    END IF;
END $$;

CREATE FUNCTION documents_note_change() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    changed jsonb;
    one bigint;
BEGIN
    IF TG_OP = 'DELETE' THEN changed := to_jsonb(OLD); ELSE changed := to_jsonb(NEW); END IF;
    FOR one IN EXECUTE 'SELECT id FROM documents_document WHERE id IN (' || TG_ARGV[0] || ')'
         USING changed
    LOOP
        PERFORM documents_note_public(one);
    END LOOP;
    RETURN NULL;
END $$;
"""

OWN = "SELECT ($1->>''document_id'')::bigint"
EDITION = "SELECT document_id FROM documents_edition WHERE id = ($1->>''edition_id'')::bigint"
OF_PROCEDURE = (
    "SELECT edition.document_id FROM documents_silenceprocedure asked "
    "JOIN documents_edition edition ON edition.id = asked.edition_id WHERE asked.id = "
)
OF_TOPIC = (
    "SELECT document_id FROM documents_document_topics WHERE topic_id = ($1->>''id'')::bigint"
)
OF_MEETING = "SELECT id FROM documents_document WHERE meeting_id = ($1->>''id'')::bigint"
OF_OUTCOME = (
    "(SELECT procedure_id FROM documents_silenceoutcome WHERE id = ($1->>''outcome_id'')::bigint)"
)
DIFFERS = "OLD.* IS DISTINCT FROM NEW.*"
# Table, events, condition, the ids of the documents that a changed row ($1) concerns.
TRIGGERS = [
    (
        "documents_document",
        "UPDATE",
        f"{DIFFERS} AND (OLD.access = 'public' OR NEW.access = 'public')",
        "SELECT ($1->>''id'')::bigint",
    ),
    ("documents_document_topics", "INSERT OR UPDATE OR DELETE", "true", OWN),
    ("documents_edition", "INSERT OR UPDATE", "NEW.issued_at IS NOT NULL", OWN),
    ("documents_languageversion", "UPDATE", DIFFERS, EDITION),
    ("documents_attachment", "INSERT OR UPDATE OR DELETE", "true", OWN),
    ("documents_silenceprocedure", "INSERT", "NOT NEW.historic", EDITION),
    ("documents_technicalcorrection", "INSERT", "true", EDITION),
    (
        "documents_silenceoutcome",
        "INSERT",
        "true",
        OF_PROCEDURE + "($1->>''procedure_id'')::bigint",
    ),
    ("documents_annulment", "INSERT", "true", OF_PROCEDURE + OF_OUTCOME),
    ("documents_topic", "UPDATE", DIFFERS, OF_TOPIC),
    ("meetings_meeting", "UPDATE", "OLD.slug <> NEW.slug", OF_MEETING),
]
# They run when the transaction commits: by what it leaves behind, at the moment it takes effect.
CREATE_TRIGGERS = "\n".join(
    f"""CREATE CONSTRAINT TRIGGER notes_public_change AFTER {events} ON {table}
        DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN ({condition})
        EXECUTE FUNCTION documents_note_change('{concerned}');"""
    for table, events, condition, concerned in TRIGGERS
)
DROP = (
    "\n".join(f"DROP TRIGGER notes_public_change ON {table};" for table, *_rest in TRIGGERS)
    + """
DROP FUNCTION documents_note_change();
DROP FUNCTION documents_note_public(bigint);
DROP FUNCTION documents_open_editions(bigint);
"""
)
NOTE_ALL = "SELECT documents_note_public(id) FROM documents_document ORDER BY id;"


class Migration(migrations.Migration):
    dependencies = [
        ("documents", "0005_glossary"),
        ("meetings", "0003_invitations"),
    ]

    operations = [
        migrations.CreateModel(
            name="PublicRecord",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "identifier",
                    models.CharField(
                        help_text="The address with which the document became public; it never changes.",
                        max_length=120,
                        unique=True,
                        verbose_name="identifier",
                    ),
                ),
                (
                    "changed_at",
                    models.DateTimeField(
                        help_text="By the clock of the database, when the change took effect.",
                        verbose_name="changed at",
                    ),
                ),
                (
                    "deleted",
                    models.BooleanField(default=False, verbose_name="no longer public"),
                ),
                (
                    "sets",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=140),
                        help_text="Its type, topics, meeting and languages, as they last were to the public.",
                        size=None,
                        verbose_name="sets",
                    ),
                ),
                (
                    "document",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="public_record",
                        to="documents.document",
                        verbose_name="document",
                    ),
                ),
            ],
            options={
                "verbose_name": "public record",
                "verbose_name_plural": "public records",
                "ordering": ["changed_at", "pk"],
                "indexes": [
                    models.Index(fields=["changed_at", "id"], name="public_records_in_order"),
                    django.contrib.postgres.indexes.GinIndex(
                        fields=["sets"], name="public_records_by_set"
                    ),
                ],
            },
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="publicrecord",
            trigger=pgtrigger.compiler.Trigger(
                name="public_records_stay",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION 'pgtrigger: Cannot delete rows from % table', TG_TABLE_NAME;",
                    hash="db847a9cc2280b107e63063ba5d1765573d26514",
                    operation="DELETE",
                    pgid="pgtrigger_public_records_stay_6562d",
                    table="documents_publicrecord",
                    when="BEFORE",
                ),
            ),
        ),
        migrations.RunSQL(FUNCTIONS + CREATE_TRIGGERS, DROP),
        migrations.RunSQL(NOTE_ALL, migrations.RunSQL.noop),
    ]
