from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('tickets', '0006_pause_request'),
    ]

    operations = [
        migrations.AddField(
            model_name='logentry',
            name='minutes',
            field=models.PositiveSmallIntegerField(null=True),
        ),
    ]
