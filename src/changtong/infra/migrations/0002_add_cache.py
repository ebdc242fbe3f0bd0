"""The table of Django's database cache, in which all web processes count failed log-ins."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("infra", "0001_initial")]

    operations = [
        # As `manage.py createcachetable` makes it; no model of ours ever reads it.
        migrations.RunSQL(
            """
            CREATE TABLE infra_cache (
                cache_key varchar(255) PRIMARY KEY,
                value text NOT NULL,
                expires timestamptz NOT NULL
            );
            CREATE INDEX infra_cache_expires ON infra_cache (expires);
            """,
            reverse_sql="DROP TABLE infra_cache",
        ),
    ]
