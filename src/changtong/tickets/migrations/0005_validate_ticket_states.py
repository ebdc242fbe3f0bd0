from django.contrib.postgres.operations import ValidateConstraint
from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("tickets", "0004_add_merger_and_link")]

    operations = [ValidateConstraint("ticket", "ticket_state_known")]
