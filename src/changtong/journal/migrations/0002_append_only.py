from __future__ import annotations

from django.db import migrations


# The application owns these tables, so it could remove the triggers; they stop mistakes. What
# stops forgers are the seals published outside the database.
FORWARD = """
CREATE FUNCTION journal_entry_is_written_once() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% of journal entry % refused: the journal is append-only', TG_OP, OLD.id
        USING ERRCODE = 'integrity_constraint_violation';
END $$;

CREATE TRIGGER journal_entry_changed BEFORE UPDATE ON journal_entry FOR EACH ROW
    WHEN (NOT (
        OLD.seal IS NULL AND NEW.seal IS NOT NULL
        AND ROW(OLD.id, OLD.tag, OLD.subject, OLD.actor, OLD.facts,
                OLD.happened_at, OLD.recorded_at)
          = ROW(NEW.id, NEW.tag, NEW.subject, NEW.actor, NEW.facts,
                NEW.happened_at, NEW.recorded_at)
    ))
    EXECUTE FUNCTION journal_entry_is_written_once();

CREATE TRIGGER journal_entry_deleted BEFORE DELETE ON journal_entry FOR EACH ROW
    EXECUTE FUNCTION journal_entry_is_written_once();

CREATE TRIGGER journal_batch_changed BEFORE UPDATE OR DELETE ON journal_batch FOR EACH ROW
    EXECUTE FUNCTION journal_entry_is_written_once();

CREATE FUNCTION journal_is_never_emptied() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'TRUNCATE of % refused: the journal is append-only', TG_TABLE_NAME
        USING ERRCODE = 'integrity_constraint_violation';
END $$;

CREATE TRIGGER journal_entry_emptied BEFORE TRUNCATE ON journal_entry FOR EACH STATEMENT
    EXECUTE FUNCTION journal_is_never_emptied();

CREATE TRIGGER journal_batch_emptied BEFORE TRUNCATE ON journal_batch FOR EACH STATEMENT
    EXECUTE FUNCTION journal_is_never_emptied();
"""

BACKWARD = """
DROP TRIGGER journal_batch_emptied ON journal_batch;
DROP TRIGGER journal_entry_emptied ON journal_entry;
DROP FUNCTION journal_is_never_emptied();
DROP TRIGGER journal_batch_changed ON journal_batch;
DROP TRIGGER journal_entry_deleted ON journal_entry;
DROP TRIGGER journal_entry_changed ON journal_entry;
DROP FUNCTION journal_entry_is_written_once();
"""


class Migration(migrations.Migration):
    dependencies = [("journal", "0001_initial")]

    operations = [migrations.RunSQL(sql=FORWARD, reverse_sql=BACKWARD)]
