from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('standard', '0003_rehearsed_before_approval'),
    ]

    operations = [
        migrations.AddField(
            model_name='draft',
            name='rehearsed_since',
            field=models.DateField(null=True),
        ),
        migrations.AddField(
            model_name='draft',
            name='rehearsed_until',
            field=models.DateField(null=True),
        ),
        migrations.AddField(
            model_name='draft',
            name='rehearsed_days',
            field=models.PositiveIntegerField(db_default=0, default=0),
        ),
        migrations.AddField(
            model_name='draft',
            name='rehearsed_cases',
            field=models.PositiveIntegerField(db_default=0, default=0),
        ),
        migrations.AddField(
            model_name='draft',
            name='rehearsed_region',
            field=models.CharField(blank=True, db_default='', default='', max_length=64),
        ),
        migrations.AddField(
            model_name='draft',
            name='rehearsed_everything',
            field=models.BooleanField(db_default=False, default=False),
        ),
    ]
