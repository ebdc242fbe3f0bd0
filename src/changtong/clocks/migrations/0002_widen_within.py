from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("clocks", "0001_initial")]

    operations = [
        migrations.AlterField("clock", "within", models.CharField(max_length=48)),
    ]
