"""Find the customer whom an e-mail comes from by their address."""

from __future__ import annotations

from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models
from django.db.models.functions import Upper


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("parties", "0004_staff_language")]

    operations = [
        AddIndexConcurrently(
            model_name="customer",
            index=models.Index(Upper("email"), name="customer_email"),
        ),
    ]
