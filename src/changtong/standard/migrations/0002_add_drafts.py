import django.db.models.deletion
from django.db import migrations, models


# Who changed a draft does not approve it, its history is not rewritten, and its words stand still
# while others read and approve them, whoever holds the connection.
GUARD = """
CREATE FUNCTION standard_draft_is_guarded() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' THEN
        RAISE EXCEPTION 'a draft and its changes are never deleted'
            USING ERRCODE = 'restrict_violation';
    END IF;
    IF TG_TABLE_NAME = 'standard_draft' THEN
        IF NEW.approved_by <> '' AND EXISTS (
            SELECT FROM standard_draftchange c
            WHERE c.draft_id = NEW.id AND c.by = NEW.approved_by
        ) THEN
            RAISE EXCEPTION 'who changed a draft does not approve it'
                USING ERRCODE = 'restrict_violation';
        END IF;
        RETURN NEW;
    END IF;
    IF TG_TABLE_NAME = 'standard_draftchange' AND TG_OP = 'UPDATE' THEN
        RAISE EXCEPTION 'a change of a draft is never rewritten'
            USING ERRCODE = 'restrict_violation';
    END IF;
    IF NOT EXISTS (
        SELECT FROM standard_draft d WHERE d.id = NEW.draft_id AND d.state = 'drafting'
    ) THEN
        RAISE EXCEPTION 'a draft is only changed while it is being drafted'
            USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER draft_is_guarded BEFORE UPDATE OR DELETE ON standard_draft
    FOR EACH ROW EXECUTE FUNCTION standard_draft_is_guarded();
CREATE TRIGGER draft_text_is_guarded BEFORE UPDATE OR DELETE ON standard_drafttext
    FOR EACH ROW EXECUTE FUNCTION standard_draft_is_guarded();
CREATE TRIGGER draft_change_is_guarded BEFORE INSERT OR UPDATE OR DELETE ON standard_draftchange
    FOR EACH ROW EXECUTE FUNCTION standard_draft_is_guarded();
"""

UNGUARD = """
DROP TRIGGER draft_change_is_guarded ON standard_draftchange;
DROP TRIGGER draft_text_is_guarded ON standard_drafttext;
DROP TRIGGER draft_is_guarded ON standard_draft;
DROP FUNCTION standard_draft_is_guarded();
"""


class Migration(migrations.Migration):

    dependencies = [
        ('standard', '0001_initial'),
    ]

    operations = [
        migrations.CreateModel(
            name='Draft',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('code', models.CharField(max_length=64)),
                ('title', models.CharField(max_length=200)),
                ('state', models.CharField(choices=[('drafting', 'drafting'), ('in_review', 'in_review'), ('approved', 'approved'), ('published', 'published'), ('discarded', 'discarded')], max_length=12)),
                ('revision', models.PositiveIntegerField(default=0)),
                ('begun_at', models.DateTimeField()),
                ('begun_by', models.CharField(max_length=64)),
                ('sent_at', models.DateTimeField(null=True)),
                ('sent_by', models.CharField(blank=True, default='', max_length=64)),
                ('approved_at', models.DateTimeField(null=True)),
                ('approved_by', models.CharField(blank=True, default='', max_length=64)),
                ('approved_digest', models.CharField(blank=True, default='', max_length=64)),
                ('ended_at', models.DateTimeField(null=True)),
                ('ended_by', models.CharField(blank=True, default='', max_length=64)),
                ('discarded_because', models.CharField(blank=True, default='', max_length=500)),
                ('based_on', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='standard.edition')),
                ('edition', models.OneToOneField(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='standard.edition')),
            ],
        ),
        migrations.CreateModel(
            name='DraftText',
            fields=[
                ('draft', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, primary_key=True, related_name='text', serialize=False, to='standard.draft')),
                ('body', models.JSONField()),
            ],
        ),
        migrations.CreateModel(
            name='DraftChange',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('revision', models.PositiveIntegerField()),
                ('at', models.DateTimeField()),
                ('by', models.CharField(max_length=64)),
                ('file', models.CharField(max_length=200)),
                ('path', models.JSONField(default=list)),
                ('before', models.JSONField(null=True)),
                ('after', models.JSONField(null=True)),
                ('draft', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='changes', to='standard.draft')),
            ],
        ),
        migrations.CreateModel(
            name='DraftComment',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('clause', models.CharField(blank=True, default='', max_length=16)),
                ('text', models.CharField(max_length=2000)),
                ('at', models.DateTimeField()),
                ('by', models.CharField(max_length=64)),
                ('resolved_at', models.DateTimeField(null=True)),
                ('resolved_by', models.CharField(blank=True, default='', max_length=64)),
                ('draft', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='comments', to='standard.draft')),
            ],
        ),
        migrations.AddConstraint(
            model_name='draft',
            constraint=models.CheckConstraint(condition=models.Q(('state__in', ['drafting', 'in_review', 'approved', 'published', 'discarded'])), name='draft_state_known'),
        ),
        migrations.AddConstraint(
            model_name='draft',
            constraint=models.CheckConstraint(condition=models.Q(('approved_by', models.F('begun_by')), _negated=True), name='draft_approved_by_second_person'),
        ),
        migrations.AddConstraint(
            model_name='draft',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('approved_at__isnull', False), ('state__in', ['approved', 'published']), models.Q(('approved_by', ''), _negated=True), models.Q(('approved_digest', ''), _negated=True)), models.Q(('approved_at__isnull', True), ('approved_by', ''), ('approved_digest', ''), ('state__in', ['drafting', 'in_review', 'discarded'])), _connector='OR'), name='draft_approved_with_digest'),
        ),
        migrations.AddConstraint(
            model_name='draft',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('edition__isnull', False), ('state', 'published')), models.Q(models.Q(('state', 'published'), _negated=True), ('edition__isnull', True)), _connector='OR'), name='draft_published_as_edition'),
        ),
        migrations.AddConstraint(
            model_name='draft',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('state', 'discarded'), models.Q(('discarded_because', ''), _negated=True)), models.Q(models.Q(('state', 'discarded'), _negated=True), ('discarded_because', '')), _connector='OR'), name='draft_discarded_with_reason'),
        ),
        migrations.AddConstraint(
            model_name='draftchange',
            constraint=models.UniqueConstraint(fields=('draft', 'revision'), name='draft_change_once'),
        ),
        migrations.AddConstraint(
            model_name='draftcomment',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('resolved_at__isnull', True), ('resolved_by', '')), models.Q(('resolved_at__isnull', False), models.Q(('resolved_by', ''), _negated=True)), _connector='OR'), name='draft_comment_resolved_by_somebody'),
        ),
        migrations.RunSQL(GUARD, UNGUARD),
    ]
