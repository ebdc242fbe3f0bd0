import django.db.models.deletion
from django.db import migrations, models


# A case relies on the edition that it was opened under; so nothing in a published edition may
# change, whoever holds the connection. Only a withdrawal may be added, once.
IMMUTABLE = """
CREATE FUNCTION standard_edition_is_final() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' OR TG_TABLE_NAME = 'standard_editiontext' THEN
        RAISE EXCEPTION 'a published edition is never changed or deleted'
            USING ERRCODE = 'restrict_violation';
    END IF;
    IF OLD.withdrawn_at IS NOT NULL
        OR (OLD.id, OLD.code, OLD.version, OLD.title, OLD.title_en, OLD.effective_from,
            OLD.digest, OLD.published_at, OLD.published_by)
        IS DISTINCT FROM
           (NEW.id, NEW.code, NEW.version, NEW.title, NEW.title_en, NEW.effective_from,
            NEW.digest, NEW.published_at, NEW.published_by)
    THEN
        RAISE EXCEPTION 'a published edition is never changed, only withdrawn'
            USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER edition_is_final BEFORE UPDATE OR DELETE ON standard_edition
    FOR EACH ROW EXECUTE FUNCTION standard_edition_is_final();
CREATE TRIGGER edition_text_is_final BEFORE UPDATE OR DELETE ON standard_editiontext
    FOR EACH ROW EXECUTE FUNCTION standard_edition_is_final();
"""

MUTABLE = """
DROP TRIGGER edition_text_is_final ON standard_editiontext;
DROP TRIGGER edition_is_final ON standard_edition;
DROP FUNCTION standard_edition_is_final();
"""


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="Edition",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("code", models.CharField(max_length=64)),
                ("version", models.CharField(max_length=32)),
                ("title", models.CharField(max_length=200)),
                ("title_en", models.CharField(max_length=200)),
                ("effective_from", models.DateField()),
                ("digest", models.CharField(max_length=64)),
                ("published_at", models.DateTimeField()),
                ("published_by", models.CharField(max_length=64)),
                ("withdrawn_at", models.DateTimeField(null=True)),
                ("withdrawn_because", models.CharField(blank=True, default="", max_length=500)),
            ],
            options={
                "indexes": [
                    models.Index(
                        fields=["-effective_from", "-id"],
                        name="edition_in_force",
                        condition=models.Q(withdrawn_at__isnull=True),
                    )
                ],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("code", "version"), name="edition_version_once"
                    ),
                    models.CheckConstraint(
                        name="edition_withdrawn_with_reason",
                        condition=models.Q(withdrawn_at__isnull=True, withdrawn_because="")
                        | (
                            models.Q(withdrawn_at__isnull=False) & ~models.Q(withdrawn_because="")
                        ),
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="EditionText",
            fields=[
                (
                    "edition",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        primary_key=True,
                        related_name="text",
                        serialize=False,
                        to="standard.edition",
                    ),
                ),
                ("body", models.JSONField()),
            ],
        ),
        migrations.RunSQL(IMMUTABLE, MUTABLE),
    ]
