from django.db import migrations

# As in 0006, asked in such a way that indexes answer: with thousands of procedures under silence
# each of those that closed read all the others, several times at its commit.
FUNCTIONS = """
CREATE OR REPLACE FUNCTION documents_open_editions(which bigint) RETURNS SETOF bigint
LANGUAGE sql STABLE ROWS 3 AS $$
    SELECT edition.id FROM documents_edition edition
      JOIN documents_document document ON document.id = edition.document_id
     WHERE document.id = which AND document.access = 'public' AND document.withdrawn_at IS NULL
       AND edition.issued_at IS NOT NULL AND edition.kind <> 'draft'
       AND NOT EXISTS (
           SELECT 1 FROM (
                   SELECT put.id FROM documents_silenceprocedure put
                    WHERE put.edition_id = edition.id
                   UNION ALL
                   SELECT corrected.procedure_id FROM documents_technicalcorrection corrected
                    WHERE corrected.edition_id = edition.id
                   OFFSET 0) own
             JOIN documents_silenceprocedure asked ON asked.id = own.id
            WHERE NOT asked.historic AND asked.kind = 'adoption'
              AND NOT EXISTS (
                      SELECT 1 FROM documents_silenceoutcome outcome
                       WHERE outcome.procedure_id = asked.id AND outcome.result = 'adopted'
                         AND NOT EXISTS (SELECT 1 FROM documents_annulment annulment
                                          WHERE annulment.outcome_id = outcome.id)))
$$;

CREATE OR REPLACE FUNCTION documents_note_public(which bigint) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    open bigint[] := ARRAY(SELECT documents_open_editions(which));
BEGIN
    IF cardinality(open) > 0 THEN
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
                         WHERE version.standing <> 'missing' AND version.edition_id = ANY(open)
                         ORDER BY 1)::text[]
          FROM documents_document document WHERE document.id = which
        ON CONFLICT (document_id) DO UPDATE
           SET changed_at = clock_timestamp(), deleted = false, sets = EXCLUDED.sets;
    ELSE
        UPDATE documents_publicrecord SET changed_at = clock_timestamp(), deleted = true
         WHERE document_id = which AND NOT deleted;
    END IF;
END $$;
"""


class Migration(migrations.Migration):
    dependencies = [
        ("documents", "0020_years_of_a_language"),
    ]

    operations = [
        # What it replaces says the same; there is nothing to go back to.
        migrations.RunSQL(FUNCTIONS, migrations.RunSQL.noop),
    ]
