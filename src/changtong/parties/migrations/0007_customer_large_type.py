from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("parties", "0006_lines_below_a_resource"),
    ]

    operations = [
        migrations.AddField(
            model_name="customer",
            name="large_type",
            field=models.BooleanField(null=True),
        ),
    ]
