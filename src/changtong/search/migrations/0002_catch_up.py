from django.db import migrations
from django.utils.timezone import now


def begin(apps, schema_editor):
    """
    Let the job make documents of what was there before.

    The table is this migration's own and new, so nothing that an operation would check can hold.
    """
    rebuilding = apps.get_model("search", "Rebuilding")
    if not rebuilding.objects.exists():
        kinds = ("ticket", "customer", "article", "line")
        rebuilding.objects.bulk_create(rebuilding(kind=kind, begun_at=now()) for kind in kinds)


class Migration(migrations.Migration):

    dependencies = [
        ('search', '0001_words_of_everything'),
    ]

    operations = [
        migrations.RunPython(begin, migrations.RunPython.noop),
    ]
