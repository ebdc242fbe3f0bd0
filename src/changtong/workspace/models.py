from __future__ import annotations

from django.db import models
from django.db.models import F, Func, Q
from django.db.models.lookups import Range

from changtong.workspace.domain import macros, settings


class Settings(models.Model):
    """How one person wants their screens, on whatever computer they sit at."""

    staff = models.OneToOneField(
        "parties.Staff", on_delete=models.CASCADE, primary_key=True, related_name="+"
    )
    theme = models.CharField(max_length=8, default="system")
    density = models.CharField(max_length=12, default="comfortable")
    type_size = models.CharField(max_length=8, default="usual")
    after_closing = models.CharField(max_length=8, default="stay")
    start_page = models.CharField(max_length=settings.PAGE_AT_MOST, blank=True, default="")
    shortcuts = models.JSONField(default=dict)

    class Meta:
        constraints = [
            models.CheckConstraint(
                name=f"settings_{name}_known", condition=Q(**{f"{name}__in": known})
            )
            for name, known in settings.CHOICES.items()
        ]

    def __str__(self) -> str:
        return f"settings of {self.staff_id}"


class View(models.Model):
    """A saved view of the queue: a person's own, or one that a leader shares with a team."""

    name = models.CharField(max_length=24)
    staff = models.ForeignKey(
        "parties.Staff", on_delete=models.CASCADE, null=True, related_name="+", db_index=False
    )
    team = models.ForeignKey(
        "parties.Team", on_delete=models.CASCADE, null=True, related_name="+", db_index=False
    )
    shows = models.JSONField(default=dict)
    made_by = models.CharField(max_length=64)
    made_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="view_of_person_or_team",
                condition=Q(staff=None, team__isnull=False) | Q(staff__isnull=False, team=None),
            ),
            models.UniqueConstraint(
                fields=["staff", "name"], condition=Q(team=None), name="view_of_person_once"
            ),
            models.UniqueConstraint(
                fields=["team", "name"], condition=Q(staff=None), name="view_of_team_once"
            ),
        ]

    def __str__(self) -> str:
        return self.name


class Draft(models.Model):
    """What somebody has begun to write in a form of a ticket; private, gone when it is sent."""

    staff = models.ForeignKey("parties.Staff", on_delete=models.CASCADE, related_name="+")
    place = models.CharField(max_length=120)
    values = models.JSONField()
    saved_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["staff", "place"], name="draft_once"),
        ]

    def __str__(self) -> str:
        return self.place


class Phrase(models.Model):
    """A canned text with variables: a person's own, or one that a leader shares with a team."""

    name = models.CharField(max_length=24)
    keyword = models.CharField(max_length=16, blank=True, default="")
    text = models.TextField()
    staff = models.ForeignKey(
        "parties.Staff", on_delete=models.CASCADE, null=True, related_name="+"
    )
    team = models.ForeignKey("parties.Team", on_delete=models.CASCADE, null=True, related_name="+")

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="phrase_of_person_or_team",
                condition=Q(staff=None, team__isnull=False) | Q(staff__isnull=False, team=None),
            ),
        ]

    def __str__(self) -> str:
        return self.name


class Macro(models.Model):
    """Steps that are taken together on a case: a person's own, or a team's."""

    name = models.CharField(max_length=macros.NAME_AT_MOST)
    kind = models.CharField(max_length=16, blank=True, default="")
    steps = models.JSONField()
    staff = models.ForeignKey(
        "parties.Staff", on_delete=models.CASCADE, null=True, related_name="+", db_index=False
    )
    team = models.ForeignKey(
        "parties.Team", on_delete=models.CASCADE, null=True, related_name="+", db_index=False
    )

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="macro_of_person_or_team",
                condition=Q(staff=None, team__isnull=False) | Q(staff__isnull=False, team=None),
            ),
            models.CheckConstraint(
                name="macro_has_steps",
                condition=Range(
                    Func(
                        F("steps"),
                        function="jsonb_array_length",
                        output_field=models.IntegerField(),
                    ),
                    (1, macros.STEPS_AT_MOST),
                ),
            ),
            models.UniqueConstraint(
                fields=["staff", "name"], condition=Q(team=None), name="macro_of_person_once"
            ),
            models.UniqueConstraint(
                fields=["team", "name"], condition=Q(staff=None), name="macro_of_team_once"
            ),
        ]

    def __str__(self) -> str:
        return self.name


class Watch(models.Model):
    """Somebody wants to be told what happens on a ticket that is not theirs."""

    staff = models.ForeignKey(
        "parties.Staff", on_delete=models.CASCADE, related_name="+", db_index=False
    )
    ticket = models.ForeignKey("tickets.Ticket", on_delete=models.CASCADE, related_name="+")
    since = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["staff", "ticket"], name="watch_once"),
        ]

    def __str__(self) -> str:
        return f"{self.staff_id} watches {self.ticket_id}"
