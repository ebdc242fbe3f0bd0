from django.db import migrations
from django.utils.timezone import now


def begin(apps, schema_editor):
    """Let the job make the documents of cases again, which now say their day, too."""
    rebuilding = apps.get_model("search", "Rebuilding")
    rebuilding.objects.update_or_create(kind="ticket", defaults={"begun_at": now(), "done_to": 0})


class Migration(migrations.Migration):

    dependencies = [("search", "0003_an_index_for_each_kind")]

    operations = [migrations.RunPython(begin, migrations.RunPython.noop)]
