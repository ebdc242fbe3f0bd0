from django.db import migrations, models


# Whoever holds the connection: what is approved was rehearsed word for word.
GUARD = """
CREATE FUNCTION standard_approval_is_rehearsed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.approved_digest <> OLD.approved_digest AND NEW.approved_digest <> ''
        AND NEW.approved_digest <> NEW.rehearsed_digest
    THEN
        RAISE EXCEPTION 'a draft is rehearsed as it is before it is approved'
            USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER draft_approval_is_rehearsed BEFORE UPDATE ON standard_draft
    FOR EACH ROW EXECUTE FUNCTION standard_approval_is_rehearsed();
"""

UNGUARD = """
DROP TRIGGER draft_approval_is_rehearsed ON standard_draft;
DROP FUNCTION standard_approval_is_rehearsed();
"""


class Migration(migrations.Migration):

    dependencies = [
        ('standard', '0002_add_drafts'),
    ]

    operations = [
        migrations.AddField(
            model_name='draft',
            name='rehearsed_digest',
            field=models.CharField(blank=True, db_default='', default='', max_length=64),
        ),
        migrations.AddField(
            model_name='draft',
            name='rehearsed_in',
            field=models.CharField(blank=True, db_default='', default='', max_length=64),
        ),
        migrations.RunSQL(GUARD, UNGUARD),
    ]
