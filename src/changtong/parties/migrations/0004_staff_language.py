from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("parties", "0003_line_monthly_rent"),
    ]

    operations = [
        migrations.AddField(
            model_name="staff",
            name="language",
            field=models.CharField(blank=True, default="", max_length=8),
        ),
        migrations.AddConstraint(
            model_name="staff",
            constraint=models.CheckConstraint(
                condition=models.Q(("language__in", ["", "zh-hans", "en"])),
                name="staff_language_known",
            ),
        ),
    ]
