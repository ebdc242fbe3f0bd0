import django.db.models.deletion
from django.contrib.postgres.operations import AddConstraintNotValid
from django.db import migrations, models
from django.db.models import F, Q


STATES = (
    "acknowledged accepted assigned in_progress pending held resolved closed rejected cancelled"
    " merged"
).split()


class Migration(migrations.Migration):
    dependencies = [("tickets", "0003_remedy")]

    operations = [
        migrations.AddField(
            "ticket", "carries", models.BooleanField(db_default=False, default=False)
        ),
        migrations.AlterField(
            "ticket",
            "state",
            models.CharField(max_length=16, choices=[(one, one) for one in STATES]),
        ),
        migrations.RemoveConstraint("ticket", "ticket_state_known"),
        # Every row there is has passed the narrower one, and 0005 looks at them all.
        AddConstraintNotValid(
            "ticket",
            models.CheckConstraint(name="ticket_state_known", condition=Q(state__in=STATES)),
        ),
        migrations.CreateModel(
            "Merger",
            [
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("reason", models.CharField(max_length=200)),
                ("clause", models.CharField(max_length=16)),
                ("state", models.CharField(max_length=16)),
                ("handed_over", models.JSONField(default=dict)),
                ("merged_by", models.CharField(max_length=64)),
                ("merged_at", models.DateTimeField()),
                ("undone_by", models.CharField(blank=True, default="", max_length=64)),
                ("undone_at", models.DateTimeField(null=True)),
                ("undone_because", models.CharField(blank=True, default="", max_length=200)),
                ("settled_at", models.DateTimeField(null=True)),
                (
                    "ticket",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="tickets.ticket",
                    ),
                ),
                (
                    "survivor",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="tickets.ticket",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        name="merger_standing_once",
                        fields=["ticket"],
                        condition=Q(undone_at=None),
                    ),
                    models.CheckConstraint(
                        name="merger_of_two", condition=~Q(ticket=F("survivor"))
                    ),
                    models.CheckConstraint(
                        name="merger_undone_or_settled",
                        condition=Q(undone_at=None) | Q(settled_at=None),
                    ),
                ],
                "indexes": [
                    models.Index(
                        fields=["survivor", "id"],
                        name="merger_into",
                        condition=Q(undone_at=None),
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            "Link",
            [
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("related", "Related"),
                            ("caused_by", "Caused By"),
                            ("split_from", "Split From"),
                            ("child_of", "Child Of"),
                        ],
                        max_length=16,
                    ),
                ),
                ("linked_by", models.CharField(max_length=64)),
                ("linked_at", models.DateTimeField()),
                ("ended_by", models.CharField(blank=True, default="", max_length=64)),
                ("ended_at", models.DateTimeField(null=True)),
                (
                    "ticket",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="tickets.ticket",
                    ),
                ),
                (
                    "other",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="tickets.ticket",
                    ),
                ),
                (
                    "entry",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="tickets.logentry",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        name="link_standing_once",
                        fields=["ticket", "other", "kind"],
                        condition=Q(ended_at=None),
                    ),
                    models.UniqueConstraint(
                        name="link_one_parent",
                        fields=["ticket"],
                        condition=Q(kind="child_of", ended_at=None),
                    ),
                    models.CheckConstraint(name="link_of_two", condition=~Q(ticket=F("other"))),
                ],
                "indexes": [
                    models.Index(
                        fields=["other", "kind", "id"],
                        name="link_to",
                        condition=Q(ended_at=None),
                    ),
                ],
            },
        ),
    ]
