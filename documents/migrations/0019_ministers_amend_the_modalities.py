"""Rule D2 for relations, whichever of the records that it rests on is written."""

from django.db import migrations

FUNCTION = """
CREATE FUNCTION documents_keep_the_modalities() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    part bigint;
BEGIN
    IF TG_TABLE_NAME = 'documents_relation' THEN
        -- What the relation rests on stays as it is until it is committed.
        SELECT meeting_id INTO part FROM documents_document WHERE id = NEW.source_id FOR SHARE;
        PERFORM 1 FROM meetings_meeting WHERE id = part FOR SHARE;
        part := NEW.target_id;
        WHILE part IS NOT NULL LOOP
            SELECT annex_of_id INTO part FROM documents_document WHERE id = part FOR SHARE;
        END LOOP;
    END IF;
    IF EXISTS (
        SELECT 1 FROM documents_relation relation
          JOIN documents_document source ON source.id = relation.source_id
          LEFT JOIN meetings_meeting meeting ON meeting.id = source.meeting_id
         WHERE relation.kind IN ('amends', 'replaces')
           AND (TG_TABLE_NAME <> 'documents_relation' OR relation.id = NEW.id)
           AND meeting.type IS DISTINCT FROM 'ministerial_conference'
           AND EXISTS (
               WITH RECURSIVE part(type, above) AS (
                   SELECT document.type, document.annex_of_id FROM documents_document document
                    WHERE document.id = relation.target_id
                   UNION
                   SELECT whole.type, whole.annex_of_id FROM documents_document whole
                     JOIN part ON whole.id = part.above
               )
               SELECT 1 FROM part WHERE type = 'operating_modalities')
    ) THEN
        RAISE EXCEPTION 'only Ministerial meetings amend the Operating Modalities'
              USING ERRCODE = 'check_violation', CONSTRAINT = 'relations_keep_the_modalities';
    END IF;
    RETURN NULL;
END $$;
"""
# Table, events, and when a row is looked at.
TRIGGERS = [
    ("documents_relation", "INSERT OR UPDATE", "NEW.kind IN ('amends', 'replaces')"),
    (
        "documents_document",
        "UPDATE",
        "OLD.type <> NEW.type OR OLD.annex_of_id IS DISTINCT FROM NEW.annex_of_id"
        " OR OLD.meeting_id IS DISTINCT FROM NEW.meeting_id",
    ),
    ("meetings_meeting", "UPDATE", "OLD.type <> NEW.type"),
]
CREATE = FUNCTION + "".join(
    f"CREATE TRIGGER keeps_the_modalities AFTER {events} ON {table}"
    f" FOR EACH ROW WHEN ({condition}) EXECUTE FUNCTION documents_keep_the_modalities();"
    for table, events, condition in TRIGGERS
)
DROP = (
    "".join(f"DROP TRIGGER keeps_the_modalities ON {table};" for table, *_rest in TRIGGERS)
    + "DROP FUNCTION documents_keep_the_modalities();"
)


class Migration(migrations.Migration):
    dependencies = [
        ("documents", "0018_acts_not_stored"),
        ("meetings", "0003_invitations"),
    ]

    operations = [migrations.RunSQL(CREATE, DROP)]
