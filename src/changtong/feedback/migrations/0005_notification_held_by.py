from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("feedback", "0004_add_declined"),
    ]

    operations = [
        migrations.AddField(
            model_name="notification",
            name="held_by",
            field=models.CharField(blank=True, default="", max_length=16),
        ),
    ]
