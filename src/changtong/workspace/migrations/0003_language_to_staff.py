from django.db import migrations


def hand_down(apps, schema_editor):
    """Let people keep the language they have chosen, where messages to them can see it."""
    settings = apps.get_model("workspace", "Settings").objects.exclude(language="")
    people = apps.get_model("parties", "Staff").objects
    for language in ("zh-hans", "en"):
        chosen = settings.filter(language=language).values("staff_id")
        people.filter(pk__in=chosen).update(language=language)


def take_back(apps, schema_editor):
    """Put the languages back into the settings."""
    settings = apps.get_model("workspace", "Settings").objects
    for person in apps.get_model("parties", "Staff").objects.exclude(language=""):
        settings.update_or_create(staff_id=person.pk, defaults={"language": person.language})


class Migration(migrations.Migration):
    dependencies = [
        ("parties", "0004_staff_language"),
        ("workspace", "0002_drafts_phrases_watches"),
    ]

    operations = [
        migrations.RunPython(hand_down, take_back),
        migrations.RemoveConstraint(model_name="settings", name="settings_language_known"),
        migrations.RemoveField(model_name="settings", name="language"),
    ]
