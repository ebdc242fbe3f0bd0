from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('catalog', '0001_initial'),
        ('parties', '0001_initial'),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name='staff',
            name='staff_role_known',
        ),
        migrations.AlterField(
            model_name='staff',
            name='role',
            field=models.CharField(choices=[('agent', 'agent'), ('dispatcher', 'dispatcher'), ('technician', 'technician'), ('leader', 'leader'), ('supervisor', 'supervisor'), ('archivist', 'archivist'), ('auditor', 'auditor'), ('manager', 'manager'), ('compliance', 'compliance'), ('administrator', 'administrator')], max_length=16),
        ),
        migrations.AddConstraint(
            model_name='staff',
            constraint=models.CheckConstraint(condition=models.Q(('role__in', ['agent', 'dispatcher', 'technician', 'leader', 'supervisor', 'archivist', 'auditor', 'manager', 'compliance', 'administrator'])), name='staff_role_known'),
        ),
    ]
