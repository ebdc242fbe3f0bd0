from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("intake", "0006_codes_at_desk"),
    ]

    operations = [
        migrations.AddField(
            model_name="queuenumber",
            name="put_back_at",
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name="queuenumber",
            name="comes_after",
            field=models.PositiveBigIntegerField(null=True),
        ),
    ]
