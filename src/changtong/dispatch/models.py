from __future__ import annotations

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateRangeField, DateTimeRangeField, RangeOperators
from django.db import models
from django.db.models import Q

from changtong.dispatch.domain.lifecycle import OPEN, State
from changtong.dispatch.domain.resources import ResourceKind
from changtong.dispatch.domain.rosters import LeaveReason
from changtong.kernel.time import Period


# Plain strings, so that migrations do not depend on the rules' code.
KINDS = [kind.value for kind in ResourceKind]
STATES = [state.value for state in State]
LEAVE_REASONS = [reason.value for reason in LeaveReason]
OPEN_STATES = sorted(state.value for state in OPEN)
ENDED_STATES = sorted(set(STATES) - set(OPEN_STATES))
UNFINISHED = Q(state__in=OPEN_STATES)
UNARRIVED = UNFINISHED & Q(mode="field", arrived_at=None)


class Shift(models.Model):
    """A stretch of time in which somebody is on duty; without an end, a standing duty."""

    staff = models.ForeignKey("parties.Staff", on_delete=models.CASCADE, related_name="+")
    period = DateTimeRangeField()

    class Meta:
        constraints = [
            ExclusionConstraint(
                name="shift_no_overlap",
                expressions=[("staff", RangeOperators.EQUAL), ("period", RangeOperators.OVERLAPS)],
            ),
            models.CheckConstraint(
                name="shift_not_empty",
                condition=Q(period__isempty=False) & Q(period__lower_inf=False),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.staff_id} {self.period}"


class Leave(models.Model):
    """Days on which somebody is away: no duty can be planned in them."""

    staff = models.ForeignKey("parties.Staff", on_delete=models.CASCADE, related_name="+")
    days = DateRangeField()
    reason = models.CharField(max_length=12, choices=[(v, v) for v in LEAVE_REASONS])

    class Meta:
        constraints = [
            ExclusionConstraint(
                name="leave_no_overlap",
                expressions=[("staff", RangeOperators.EQUAL), ("days", RangeOperators.OVERLAPS)],
            ),
            models.CheckConstraint(
                name="leave_reason_known", condition=Q(reason__in=LEAVE_REASONS)
            ),
            models.CheckConstraint(
                name="leave_not_empty",
                condition=Q(days__isempty=False, days__lower_inf=False, days__upper_inf=False),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.staff_id} {self.days}"


class Resource(models.Model):
    """An instrument, a vehicle or a room that work may need."""

    code = models.CharField(max_length=32, unique=True)
    kind = models.CharField(max_length=12, choices=[(v, v) for v in KINDS])
    # The standard's code of the instrument or venue, e.g. `otdr`, `mediation_room`.
    type = models.CharField(max_length=48)
    name = models.CharField(max_length=64)
    region = models.ForeignKey("catalog.Region", on_delete=models.PROTECT, related_name="+")
    region_path = models.CharField(max_length=64)
    # Without a team it is everybody's within the region.
    team = models.ForeignKey("parties.Team", on_delete=models.PROTECT, null=True, related_name="+")
    calibration_due_on = models.DateField(null=True)
    in_service = models.BooleanField(default=True)

    class Meta:
        constraints = [
            models.CheckConstraint(name="resource_kind_known", condition=Q(kind__in=KINDS)),
        ]
        indexes = [
            # What could serve this work: by type, in service.
            models.Index(fields=["type"], name="resource_usable", condition=Q(in_service=True)),
        ]

    def __str__(self) -> str:
        return self.code


class WorkOrder(models.Model):
    """派工单: one piece of work on a ticket, given to a team or a person, at a desk or on site."""

    number = models.CharField(max_length=24, unique=True)
    ticket = models.ForeignKey("tickets.Ticket", on_delete=models.PROTECT, related_name="+")
    # Copied from the ticket: the journal and holds know it by number, not by key.
    ticket_number = models.CharField(max_length=24)
    team = models.ForeignKey("parties.Team", on_delete=models.PROTECT, null=True, related_name="+")
    technician = models.ForeignKey(
        "parties.Staff", on_delete=models.PROTECT, null=True, related_name="+"
    )
    mode = models.CharField(max_length=8, choices=[(v, v) for v in ("desk", "remote", "field")])
    state = models.CharField(
        max_length=16, choices=[(v, v) for v in STATES], default=State.ACKNOWLEDGED.value
    )
    work_for = models.DurationField()
    planned = DateTimeRangeField(null=True)
    # Paused on site: until then people and resources stay booked.
    kept_until = models.DateTimeField(null=True)
    issued_at = models.DateTimeField()
    started_at = models.DateTimeField(null=True)
    arrived_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    ended_because = models.CharField(max_length=200, blank=True, default="")
    # Who was chosen and why, why not the others, by which clause; written once.
    reason = models.JSONField(default=dict)
    clause = models.CharField(max_length=32)

    class Meta:
        constraints = [
            models.CheckConstraint(name="work_order_state_known", condition=Q(state__in=STATES)),
            models.CheckConstraint(
                name="work_order_given_to_somebody",
                condition=Q(team__isnull=False) | Q(technician__isnull=False),
            ),
            models.CheckConstraint(
                name="work_order_ended_has_time",
                condition=(~Q(state__in=OPEN_STATES) | Q(ended_at__isnull=True))
                & (~Q(state__in=ENDED_STATES) | Q(ended_at__isnull=False)),
            ),
            # One piece of work at a time: a second visit follows the first.
            models.UniqueConstraint(
                fields=["ticket"], condition=UNFINISHED, name="work_order_open_once"
            ),
        ]
        indexes = [
            # My work.
            models.Index(
                fields=["technician", "issued_at"], name="work_order_mine", condition=UNFINISHED
            ),
            # My team's queue, and what nobody has claimed in time.
            models.Index(
                fields=["team", "issued_at"],
                name="work_order_unclaimed",
                condition=UNFINISHED & Q(technician=None),
            ),
            # The sweep that looks for visits that nobody came to.
            models.Index(fields=["issued_at"], name="work_order_unarrived", condition=UNARRIVED),
            # The sweep that lets go what a pause has kept for too long.
            models.Index(
                fields=["kept_until"],
                name="work_order_kept",
                condition=Q(kept_until__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return self.number


class Booking(models.Model):
    """A stretch of time of one person or one resource that a work order has taken."""

    work_order = models.ForeignKey(WorkOrder, on_delete=models.PROTECT, related_name="bookings")
    staff = models.ForeignKey(
        "parties.Staff", on_delete=models.PROTECT, null=True, related_name="+"
    )
    resource = models.ForeignKey(
        Resource, on_delete=models.PROTECT, null=True, related_name="bookings"
    )
    period = DateTimeRangeField()
    # False once it has been used; then the period is the real one. Unused ones are deleted.
    active = models.BooleanField(default=True)

    class Meta:
        constraints = [
            ExclusionConstraint(
                name="booking_person_once",
                expressions=[("staff", RangeOperators.EQUAL), ("period", RangeOperators.OVERLAPS)],
                condition=Q(active=True, staff__isnull=False),
            ),
            ExclusionConstraint(
                name="booking_resource_once",
                expressions=[
                    ("resource", RangeOperators.EQUAL),
                    ("period", RangeOperators.OVERLAPS),
                ],
                condition=Q(active=True, resource__isnull=False),
            ),
            models.CheckConstraint(
                name="booking_of_one_thing",
                condition=Q(staff__isnull=False, resource__isnull=True)
                | Q(staff__isnull=True, resource__isnull=False),
            ),
            models.CheckConstraint(
                name="booking_not_empty",
                condition=Q(
                    period__isempty=False, period__lower_inf=False, period__upper_inf=False
                ),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.work_order_id} {self.period}"

    @property
    def span(self) -> Period:
        return Period(self.period.lower, self.period.upper)


class Alarm(models.Model):
    """A ticket that nobody could be given; it stands on the dispatcher's page until cleared."""

    ticket = models.ForeignKey("tickets.Ticket", on_delete=models.PROTECT, related_name="+")
    ticket_number = models.CharField(max_length=24)
    raised_at = models.DateTimeField()
    tried_at = models.DateTimeField()
    # Why nobody: the same form as a work order's reason.
    reasons = models.JSONField(default=dict)
    clause = models.CharField(max_length=32)
    acknowledged_by = models.CharField(max_length=64, blank=True, default="")
    acknowledged_at = models.DateTimeField(null=True)
    cleared_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["ticket"], condition=Q(cleared_at=None), name="alarm_open_once"
            ),
        ]
        indexes = [
            # The dispatcher's page and the sweep that tries again; cleared ones cost nothing.
            models.Index(fields=["tried_at"], name="alarm_open", condition=Q(cleared_at=None)),
        ]

    def __str__(self) -> str:
        return f"alarm of {self.ticket_number}"
