from __future__ import annotations

from django.db import models


class State(models.TextChoices):
    WAITING = "waiting"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"


class Rehearsal(models.Model):
    """What a draft or an edition would have changed, had it governed the cases of a period."""

    draft = models.ForeignKey(
        "standard.Draft", on_delete=models.PROTECT, null=True, related_name="+"
    )
    edition = models.ForeignKey(
        "standard.Edition", on_delete=models.PROTECT, null=True, related_name="+"
    )
    # Of the words that were run: a draft may be changed afterwards.
    digest = models.CharField(max_length=64)
    opened_from = models.DateField()
    opened_to = models.DateField()
    region_path = models.CharField(max_length=64, blank=True, default="")
    requested_at = models.DateTimeField()
    requested_by = models.CharField(max_length=64)
    state = models.CharField(max_length=8, choices=State, default=State.WAITING)
    cases = models.PositiveIntegerField(default=0)
    cases_done = models.PositiveIntegerField(default=0)
    clocks_done = models.PositiveIntegerField(default=0)
    begun_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="rehearsal_of_draft_or_edition",
                condition=models.Q(draft__isnull=False, edition__isnull=True)
                | models.Q(draft__isnull=True, edition__isnull=False),
            ),
            models.CheckConstraint(
                name="rehearsal_period_in_order",
                condition=models.Q(opened_to__gte=models.F("opened_from")),
            ),
            models.CheckConstraint(
                name="rehearsal_state_known", condition=models.Q(state__in=State.values)
            ),
        ]

    def __str__(self) -> str:
        return f"rehearsal {self.pk}"

    @property
    def is_over(self) -> bool:
        return self.state in (State.DONE, State.FAILED)


class RehearsalCount(models.Model):
    """What was counted together in one place: the limits of a clause, or cases otherwise."""

    class By(models.TextChoices):
        CLAUSE = "clause"
        TEAM = "team"
        MONTH = "month"

    rehearsal = models.ForeignKey(Rehearsal, on_delete=models.CASCADE, related_name="counts")
    by = models.CharField(max_length=8, choices=By)
    region_path = models.CharField(max_length=64)
    team = models.ForeignKey("parties.Team", on_delete=models.PROTECT, null=True, related_name="+")
    month = models.CharField(max_length=7, blank=True, default="")
    metric = models.CharField(max_length=32, blank=True, default="")
    basis = models.CharField(max_length=8, blank=True, default="")
    clause = models.CharField(max_length=32, blank=True, default="")
    compared = models.PositiveIntegerField()
    differing = models.PositiveIntegerField()
    earlier = models.PositiveIntegerField()
    later = models.PositiveIntegerField()
    was_breached = models.PositiveIntegerField()
    is_breached = models.PositiveIntegerField()
    newly_breached = models.PositiveIntegerField()
    saved = models.PositiveIntegerField()
    added = models.PositiveIntegerField()
    removed = models.PositiveIntegerField()

    def __str__(self) -> str:
        return f"{self.rehearsal_id} {self.by} {self.region_path}"


class RehearsalFinding(models.Model):
    """A limit of a ticket that would have been broken, or kept, contrary to what was."""

    rehearsal = models.ForeignKey(Rehearsal, on_delete=models.CASCADE, related_name="findings")
    ticket = models.ForeignKey("tickets.Ticket", on_delete=models.PROTECT, related_name="+")
    newly_breached = models.BooleanField()
    metric = models.CharField(max_length=32)
    basis = models.CharField(max_length=8)
    clause = models.CharField(max_length=32, blank=True, default="")
    recorded_clause = models.CharField(max_length=32, blank=True, default="")
    within = models.CharField(max_length=48, blank=True, default="")
    recorded_within = models.CharField(max_length=48, blank=True, default="")
    calendar = models.CharField(max_length=64, blank=True, default="")
    started_at = models.DateTimeField()
    ended_at = models.DateTimeField()
    due_at = models.DateTimeField(null=True)
    recorded_due_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            # The list behind a result: by kind of outcome, in the order of finding.
            models.Index(fields=["rehearsal", "newly_breached", "id"], name="finding_listed"),
        ]

    def __str__(self) -> str:
        return f"{self.rehearsal_id} {self.ticket_id} {self.metric}"


class Conversion(models.Model):
    """Unfinished cases put under another edition: measured first, then confirmed, then moved."""

    class State(models.TextChoices):
        MEASURING = "measuring"
        MEASURED = "measured"
        MOVING = "moving"
        DONE = "done"

    edition = models.ForeignKey("standard.Edition", on_delete=models.PROTECT, related_name="+")
    region_path = models.CharField(max_length=64, blank=True, default="")
    requested_at = models.DateTimeField()
    requested_by = models.CharField(max_length=64)
    state = models.CharField(max_length=12, choices=State, default=State.MEASURING)
    cases = models.PositiveIntegerField(default=0)
    cases_done = models.PositiveIntegerField(default=0)
    # What was seen before anybody confirmed: limits by how they move, and the first of them.
    effect = models.JSONField(default=dict)
    examples = models.JSONField(default=list)
    measured_at = models.DateTimeField(null=True)
    reason = models.CharField(max_length=500, blank=True, default="")
    confirmed_at = models.DateTimeField(null=True)
    confirmed_by = models.CharField(max_length=64, blank=True, default="")
    moved = models.PositiveIntegerField(default=0)
    # How many stayed as they were, by the code of the refusal.
    refused = models.JSONField(default=dict)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="conversion_state_known",
                condition=models.Q(
                    state__in=["measuring", "measured", "moving", "done"],
                ),
            ),
            models.CheckConstraint(
                name="conversion_confirmed_after_measured",
                condition=models.Q(state__in=["measuring", "measured"], confirmed_at__isnull=True)
                | (
                    models.Q(
                        state__in=["moving", "done"],
                        measured_at__isnull=False,
                        confirmed_at__isnull=False,
                    )
                    & ~models.Q(confirmed_by="")
                    & ~models.Q(reason="")
                ),
            ),
        ]
        indexes = [
            # Those of an edition, the newest first.
            models.Index(fields=["edition", "-id"], name="conversion_of_edition"),
        ]

    def __str__(self) -> str:
        return f"conversion {self.pk}"
