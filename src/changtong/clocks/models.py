from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Self, TypeAlias

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q

from changtong.clocks.domain import pausing
from changtong.clocks.domain.regrading import Measure
from changtong.kernel.time import Period
from changtong.standard.domain.rules import PauseReason


class State(models.TextChoices):
    RUNNING = "running"
    PAUSED = "paused"
    STOPPED = "stopped"
    VOID = "void"


class Basis(models.TextChoices):
    LEGAL = pausing.LEGAL
    PROMISE = pausing.PROMISE


OPEN = (State.RUNNING, State.PAUSED)

Key: TypeAlias = tuple[str, str, str]
"""Metric, basis and clause: of one subject at most one such clock is open."""


class ClockQuerySet(models.QuerySet["Clock"]):
    def overdue(self, at: datetime) -> Self:
        """Return what has become a breach and has not been declared one."""
        return self.filter(state=State.RUNNING, breached_at__isnull=True, due_at__lt=at)

    def to_warn_of(self, at: datetime) -> Self:
        """Return what a warning is due for; what is overdue needs no warning any more."""
        return self.filter(
            state=State.RUNNING, breached_at__isnull=True, warn_at__lte=at, due_at__gte=at
        )


class Clock(models.Model):
    """One limit of one clause, running for one subject."""

    subject = models.CharField(max_length=64)
    metric = models.CharField(max_length=32)
    basis = models.CharField(max_length=8, choices=Basis)
    clause = models.CharField(max_length=32)
    edition = models.ForeignKey(
        "standard.Edition", on_delete=models.PROTECT, related_name="+", db_index=False
    )
    calendar = models.CharField(max_length=64)
    # Room for a cut-off: `today before 16:00 else 24h`.
    within = models.CharField(max_length=48)
    pausable = models.BooleanField()
    warn_shares = ArrayField(models.FloatField(), default=list)
    starts_on = models.CharField(max_length=64)
    stops_on = models.CharField(max_length=64)

    started_at = models.DateTimeField()
    # The limit of a new grade runs from the old start, but cannot be broken before the grade.
    applies_from = models.DateTimeField()
    due_at = models.DateTimeField()
    is_provisional = models.BooleanField(default=False)
    warn_at = models.DateTimeField(null=True)
    warned = models.PositiveSmallIntegerField(default=0)

    state = models.CharField(max_length=8, choices=State, default=State.RUNNING)
    breached_at = models.DateTimeField(null=True)
    stopped_at = models.DateTimeField(null=True)
    stopped_by = models.CharField(max_length=64, default="", blank=True)
    voided_at = models.DateTimeField(null=True)
    voided_by = models.CharField(max_length=64, default="", blank=True)
    void_reason = models.CharField(max_length=64, default="", blank=True)
    void_evidence = models.TextField(default="", blank=True)

    objects = ClockQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                name="clock_open_once",
                fields=["subject", "metric", "basis", "clause"],
                condition=Q(state__in=OPEN),
            ),
            models.CheckConstraint(
                name="clock_due_after_start", condition=Q(due_at__gte=F("started_at"))
            ),
            models.CheckConstraint(
                name="clock_applies_after_start", condition=Q(applies_from__gte=F("started_at"))
            ),
            models.CheckConstraint(name="clock_basis_known", condition=Q(basis__in=Basis.values)),
            models.CheckConstraint(name="clock_state_known", condition=Q(state__in=State.values)),
            models.CheckConstraint(
                name="clock_legal_never_pauses", condition=Q(pausable=False) | ~Q(basis="legal")
            ),
            models.CheckConstraint(
                name="clock_paused_is_pausable", condition=Q(pausable=True) | ~Q(state="paused")
            ),
            models.CheckConstraint(
                name="clock_stopped_has_instant",
                condition=Q(stopped_at__isnull=False) | ~Q(state="stopped"),
            ),
            models.CheckConstraint(
                name="clock_void_has_instant",
                condition=Q(state="void", voided_at__isnull=False)
                | (~Q(state="void") & Q(voided_at__isnull=True)),
            ),
            models.CheckConstraint(
                name="clock_breach_not_before_due",
                condition=Q(breached_at__isnull=True) | Q(breached_at__gte=F("due_at")),
            ),
        ]
        indexes = [
            # A case's clocks, and the earliest due time of each case in a list.
            models.Index(fields=["subject", "due_at"], name="clock_of_subject"),
            # The sweep: running and not yet breached, so it stays small with closed cases.
            models.Index(
                fields=["due_at"],
                name="clock_running_due",
                condition=Q(state="running", breached_at__isnull=True),
            ),
            # The sweep for warnings.
            models.Index(
                fields=["warn_at"],
                name="clock_running_warn",
                condition=Q(state="running", breached_at__isnull=True, warn_at__isnull=False),
            ),
            # The breaches of a period, newest first.
            models.Index(
                fields=["breached_at"],
                name="clock_breached",
                condition=Q(breached_at__isnull=False),
            ),
            # How each clause was kept in a period, without a look at the rows themselves.
            models.Index(
                fields=["edition", "clause", "stopped_at"],
                name="clock_kept",
                condition=Q(state="stopped", breached_at__isnull=True),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.subject} {self.metric} {self.basis} {self.clause}"

    @property
    def is_open(self) -> bool:
        return self.state in OPEN

    def is_overdue(self, at: datetime) -> bool:
        """Say whether this has become a breach and has not been declared one."""
        return self.state == State.RUNNING and self.breached_at is None and self.due_at < at

    def was_over_before(self, pauses: Iterable[Pause]) -> bool:
        """Say whether the limit ended before the pause that the clock is in: no sweep sees it."""
        return self.state == State.PAUSED and any(
            pause.ended_at is None and self.due_at < pause.started_at for pause in pauses
        )

    @property
    def key(self) -> Key:
        return self.metric, self.basis, self.clause

    @property
    def measure(self) -> Measure:
        return (*self.key, self.calendar, self.within, self.edition_id)

    def pause(
        self, reason: PauseReason, at: datetime, ends_latest_at: datetime, *, actor: str
    ) -> Pause:
        """Return a pause of this clock, not yet written."""
        return Pause(
            clock=self,
            reason=reason.code,
            clause=reason.clause,
            started_at=at,
            ends_latest_at=ends_latest_at,
            actor=actor,
        )

    def facts(self) -> dict[str, object]:
        """Return what the journal keeps about a clock."""
        return {
            "clock": self.pk,
            "metric": self.metric,
            "basis": self.basis,
            "clause": self.clause,
            "within": self.within,
            "due_at": self.due_at.isoformat(),
        }

    @property
    def is_met(self) -> bool:
        return self.state == State.STOPPED and self.breached_at is None


class Pause(models.Model):
    """A stretch in which a promise did not run, for a reason that the standard allows."""

    clock = models.ForeignKey(Clock, on_delete=models.CASCADE, related_name="pauses")
    reason = models.CharField(max_length=64)
    clause = models.CharField(max_length=32)
    started_at = models.DateTimeField()
    ends_latest_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    actor = models.CharField(max_length=64)
    ended_by = models.CharField(max_length=64, default="", blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                name="pause_open_once", fields=["clock"], condition=Q(ended_at__isnull=True)
            ),
            models.CheckConstraint(
                name="pause_within_cap",
                condition=Q(ends_latest_at__gte=F("started_at"))
                & (
                    Q(ended_at__isnull=True)
                    | Q(ended_at__gte=F("started_at"), ended_at__lte=F("ends_latest_at"))
                ),
            ),
        ]
        indexes = [
            # The sweep that ends pauses at their cap; only open ones are in it.
            models.Index(
                fields=["ends_latest_at"], name="pause_open", condition=Q(ended_at__isnull=True)
            ),
        ]

    def __str__(self) -> str:
        return f"{self.clock_id} {self.reason} {self.started_at:%Y-%m-%d %H:%M}"

    @property
    def ends(self) -> datetime:
        """Return when it ended, or when it will end at its cap."""
        return self.ended_at or self.ends_latest_at

    @property
    def period(self) -> Period:
        """Return the stretch that does not count."""
        return Period(self.started_at, self.ends)

    def copied_to(self, clock: Clock) -> Pause:
        """Return the same pause, not yet written, for the clock that takes another's place."""
        return Pause(
            clock=clock,
            reason=self.reason,
            clause=self.clause,
            started_at=self.started_at,
            ends_latest_at=self.ends_latest_at,
            ended_at=self.ended_at,
            actor=self.actor,
            ended_by=self.ended_by,
        )
