from __future__ import annotations

from django.contrib.postgres.indexes import OpClass
from django.db import models
from django.db.models import Q

from changtong.infra import hot
from changtong.tickets.domain.lifecycle import FINAL, Kind, State


UNFINISHED = Q(state__in=sorted(state.value for state in set(State) - FINAL))


class Ticket(hot.Saved):
    """工单: one matter of one applicant, from report to closing."""

    number = models.CharField(max_length=24, unique=True)
    kind = models.CharField(max_length=16, choices=[(one.value, one.value) for one in Kind])
    state = models.CharField(max_length=16, choices=[(one.value, one.value) for one in State])
    state_before = models.CharField(max_length=16, blank=True, default="")
    channel = models.CharField(max_length=8)
    title = models.CharField(max_length=160)
    description = models.TextField(blank=True, default="")
    language = models.CharField(max_length=8, default="zh-hans")

    customer = models.ForeignKey(
        "parties.Customer", on_delete=models.PROTECT, null=True, related_name="+"
    )
    line = models.ForeignKey("parties.Line", on_delete=models.PROTECT, null=True, related_name="+")
    contact_name = models.CharField(max_length=96)
    contact_phone = models.CharField(max_length=20, blank=True, default="")
    contact_email = models.EmailField(blank=True, default="")
    wanted_at = models.DateTimeField(null=True)
    special_needs = models.CharField(max_length=200, blank=True, default="")
    address = models.CharField(max_length=160, blank=True, default="")

    region = models.ForeignKey("catalog.Region", on_delete=models.PROTECT, related_name="+")
    # Copied from the region so that scope is one comparison, without a join.
    region_path = models.CharField(max_length=64)
    region_type = models.CharField(max_length=8)
    family = models.CharField(max_length=16)
    tier = models.CharField(max_length=12)

    edition = models.ForeignKey("standard.Edition", on_delete=models.PROTECT, related_name="+")
    category = models.CharField(max_length=64, blank=True, default="")
    impact = models.CharField(max_length=8)
    urgency = models.CharField(max_length=8)
    priority = models.CharField(max_length=2)
    # What was decided automatically, by which clause and why; append-only, shown on the page.
    decisions = models.JSONField(default=list)

    team = models.ForeignKey("parties.Team", on_delete=models.PROTECT, null=True, related_name="+")
    assignee = models.ForeignKey(
        "parties.Staff", on_delete=models.PROTECT, null=True, related_name="+"
    )
    complained_of = models.ForeignKey(
        "parties.Staff", on_delete=models.PROTECT, null=True, related_name="+"
    )

    # The earliest deadline of all running clocks, kept for the queue's order.
    due_at = models.DateTimeField(null=True)
    opened_by = models.CharField(max_length=64)
    opened_at = models.DateTimeField()
    accepted_at = models.DateTimeField(null=True)
    responded_at = models.DateTimeField(null=True)
    assigned_at = models.DateTimeField(null=True)
    resolved_at = models.DateTimeField(null=True)
    answered_at = models.DateTimeField(null=True)
    told_at = models.DateTimeField(null=True)
    confirmed_at = models.DateTimeField(null=True)
    confirmed_by = models.CharField(max_length=64, blank=True, default="")
    evaluation_requested_at = models.DateTimeField(null=True)
    closed_at = models.DateTimeField(null=True)
    reopened_count = models.PositiveSmallIntegerField(default=0)
    finished_because = models.CharField(max_length=64, blank=True, default="")
    # Others were merged into this one; kept so that nobody has to ask on the busiest paths.
    carries = models.BooleanField(default=False, db_default=False)
    # The sender's own reference; the same one twice is the same ticket.
    source = models.CharField(max_length=24, blank=True, default="")
    source_reference = models.CharField(max_length=64, blank=True, default="")

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="ticket_kind_known", condition=Q(kind__in=[one.value for one in Kind])
            ),
            models.CheckConstraint(
                name="ticket_state_known", condition=Q(state__in=[one.value for one in State])
            ),
            models.CheckConstraint(
                name="ticket_assignee_not_complained_of",
                condition=Q(assignee=None)
                | Q(complained_of=None)
                | ~Q(assignee=models.F("complained_of")),
            ),
            models.CheckConstraint(
                name="ticket_assigned_has_assignee_or_team",
                condition=~Q(state__in=["assigned", "in_progress"])
                | Q(team__isnull=False)
                | Q(assignee__isnull=False),
            ),
            models.CheckConstraint(
                name="ticket_closed_has_time",
                condition=~Q(state="closed") | Q(closed_at__isnull=False),
            ),
            models.UniqueConstraint(
                name="ticket_source_once",
                fields=["source", "source_reference"],
                condition=~Q(source_reference=""),
            ),
        ]
        indexes = [
            # The queue: unfinished tickets by deadline; closed ones cost nothing here.
            models.Index(fields=["due_at", "id"], name="ticket_queue", condition=UNFINISHED),
            # The queue of one town: unfinished tickets of a small part of the country.
            models.Index(
                OpClass("region_path", "varchar_pattern_ops"),
                "due_at",
                name="ticket_queue_of_region",
                condition=UNFINISHED,
            ),
            # What waits for acceptance or assignment, and how much: few among many unfinished.
            models.Index(
                fields=["state", "due_at", "id"],
                name="ticket_waiting",
                condition=Q(state__in=["acknowledged", "accepted"]),
            ),
            # My work, my team's work.
            models.Index(fields=["assignee", "due_at"], name="ticket_mine", condition=UNFINISHED),
            models.Index(fields=["team", "due_at"], name="ticket_team", condition=UNFINISHED),
            # Newest first, of any state, and today's intake on the dashboard.
            models.Index(fields=["-opened_at", "-id"], name="ticket_newest"),
            # The same customer's or line's matters: duplicates, history.
            models.Index(fields=["customer", "-opened_at"], name="ticket_of_customer"),
            models.Index(fields=["line", "-opened_at"], name="ticket_of_line"),
            models.Index(fields=["contact_phone", "-opened_at"], name="ticket_of_phone"),
            # Waiting for the applicant's word.
            models.Index(
                fields=["resolved_at"], name="ticket_unconfirmed", condition=Q(state="resolved")
            ),
        ]

    def __str__(self) -> str:
        return self.number


class LogEntry(models.Model):
    """One thing done or said on a ticket: the operation log (操作日志)."""

    class Type(models.TextChoices):
        NOTE = "note"
        CALL = "call"
        REMOTE_ACTION = "remote_action"
        VISIT = "visit"
        MEASUREMENT = "measurement"
        PART_USED = "part_used"
        RETEST = "retest"
        MESSAGE = "message"
        ANSWER = "answer"

    ticket = models.ForeignKey(Ticket, on_delete=models.PROTECT, related_name="log")
    type = models.CharField(max_length=16, choices=Type)
    # Empty means internal: forgetting to say who may read it fails safe.
    public = models.BooleanField(default=False)
    text = models.TextField(blank=True, default="")
    # E.g. {"item": "optical_power", "value": -21.3, "unit": "dBm"} or {"part": "…", "count": 1}.
    details = models.JSONField(default=dict)
    # Time spent; nobody has to say it.
    minutes = models.PositiveSmallIntegerField(null=True)
    actor = models.CharField(max_length=64)
    happened_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="log_entry_says_something", condition=~Q(text="") | ~Q(details={})
            ),
        ]
        indexes = [models.Index(fields=["ticket", "id"], name="log_entry_of_ticket")]

    def __str__(self) -> str:
        return f"{self.type} on {self.ticket_id}"


class Attachment(models.Model):
    """A file on a ticket; the content lies in storage under its digest."""

    ticket = models.ForeignKey(Ticket, on_delete=models.PROTECT, related_name="attachments")
    sha256 = models.CharField(max_length=64)
    name = models.CharField(max_length=120)
    media_type = models.CharField(max_length=64)
    size_bytes = models.BigIntegerField()
    public = models.BooleanField(default=False)
    actor = models.CharField(max_length=64)
    attached_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["ticket", "sha256"], name="attachment_once"),
        ]

    def __str__(self) -> str:
        return self.name


class Resolution(models.Model):
    """What was found, done and advised; a refused one stays, with the reason."""

    ticket = models.ForeignKey(Ticket, on_delete=models.PROTECT, related_name="resolutions")
    cause = models.CharField(max_length=48, blank=True, default="")
    fix = models.CharField(max_length=48, blank=True, default="")
    result = models.TextField()
    advice = models.TextField(blank=True, default="")
    retest_passed = models.BooleanField(default=False)
    actor = models.CharField(max_length=64)
    resolved_at = models.DateTimeField()
    refused_at = models.DateTimeField(null=True)
    refused_because = models.TextField(blank=True, default="")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["ticket"], condition=Q(refused_at=None), name="resolution_current_once"
            ),
        ]

    def __str__(self) -> str:
        return f"resolution of {self.ticket_id}"


class Supplement(models.Model):
    """What the applicant was asked to add, and their answer."""

    ticket = models.ForeignKey(Ticket, on_delete=models.PROTECT, related_name="supplements")
    question = models.TextField()
    asked_by = models.CharField(max_length=64)
    asked_at = models.DateTimeField()
    due_at = models.DateTimeField()
    clause = models.CharField(max_length=16)
    answer = models.TextField(blank=True, default="")
    answered_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["ticket"], condition=Q(answered_at=None), name="supplement_open_once"
            ),
        ]
        indexes = [
            models.Index(fields=["asked_by"], condition=Q(answered_at=None), name="asked_by_open"),
        ]

    def __str__(self) -> str:
        return f"supplement of {self.ticket_id}"


class Remedy(models.Model):
    """What a broken limit owes the applicant: proposed with its sum, decided by a person."""

    class State(models.TextChoices):
        PROPOSED = "proposed"
        ACCEPTED = "accepted"
        DECLINED = "declined"
        WITHDRAWN = "withdrawn"

    # Those that a later look at the case may still change.
    OPEN = (State.PROPOSED, State.WITHDRAWN)

    ticket = models.ForeignKey(Ticket, on_delete=models.PROTECT, related_name="remedies")
    code = models.CharField(max_length=48)
    clause = models.CharField(max_length=32)
    state = models.CharField(max_length=12, choices=State, default=State.PROPOSED)
    clock = models.BigIntegerField()
    started_at = models.DateTimeField()
    due_at = models.DateTimeField()
    ended_at = models.DateTimeField()
    terms = models.JSONField(default=list)
    amount = models.DecimalField(max_digits=12, decimal_places=2, null=True)
    at_most = models.DecimalField(max_digits=12, decimal_places=2, null=True)
    proposed_at = models.DateTimeField()
    settled_at = models.DateTimeField(null=True)
    settled_by = models.CharField(max_length=64, blank=True, default="")
    reason = models.TextField(blank=True, default="")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["ticket", "code"], name="remedy_once"),
            models.CheckConstraint(
                condition=Q(amount=None) | Q(amount__gte=0), name="remedy_not_negative"
            ),
            models.CheckConstraint(
                condition=~Q(state="accepted") | Q(amount__isnull=False),
                name="remedy_accepted_has_amount",
            ),
            models.CheckConstraint(
                condition=Q(state__in=["accepted", "declined"], settled_at__isnull=False)
                | Q(state__in=["proposed", "withdrawn"], settled_at=None),
                name="remedy_settled_by_somebody",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.code} for {self.ticket_id}"


class Hold(models.Model):
    """What another context imposes: while it stands, the ticket cannot be closed."""

    ticket = models.ForeignKey(Ticket, on_delete=models.PROTECT, related_name="holds")
    reason = models.CharField(max_length=48)
    source = models.CharField(max_length=64)
    set_at = models.DateTimeField()
    lifted_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["ticket", "source"], condition=Q(lifted_at=None), name="hold_standing_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.reason} on {self.ticket_id}"


class Merger(models.Model):
    """并案: one ticket merged into another, until that has ended or the merger is undone."""

    ticket = models.ForeignKey(Ticket, on_delete=models.PROTECT, related_name="+", db_index=False)
    survivor = models.ForeignKey(
        Ticket, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    reason = models.CharField(max_length=200)
    clause = models.CharField(max_length=16)
    # Where the merged ticket stood, and what its clocks were exchanged for: what undoing needs.
    state = models.CharField(max_length=16)
    handed_over = models.JSONField(default=dict)
    merged_by = models.CharField(max_length=64)
    merged_at = models.DateTimeField()
    undone_by = models.CharField(max_length=64, blank=True, default="")
    undone_at = models.DateTimeField(null=True)
    undone_because = models.CharField(max_length=200, blank=True, default="")
    settled_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                name="merger_standing_once", fields=["ticket"], condition=Q(undone_at=None)
            ),
            models.CheckConstraint(
                name="merger_of_two", condition=~Q(ticket=models.F("survivor"))
            ),
            models.CheckConstraint(
                name="merger_undone_or_settled", condition=Q(undone_at=None) | Q(settled_at=None)
            ),
        ]
        indexes = [
            # Whose promises a survivor carries.
            models.Index(
                fields=["survivor", "id"], name="merger_into", condition=Q(undone_at=None)
            ),
        ]

    def __str__(self) -> str:
        return f"{self.ticket_id} into {self.survivor_id}"


class Link(models.Model):
    """关联: what one ticket has to do with another."""

    class Kind(models.TextChoices):
        RELATED = "related"
        CAUSED_BY = "caused_by"
        SPLIT_FROM = "split_from"
        CHILD_OF = "child_of"

    ticket = models.ForeignKey(Ticket, on_delete=models.PROTECT, related_name="+", db_index=False)
    other = models.ForeignKey(Ticket, on_delete=models.PROTECT, related_name="+", db_index=False)
    kind = models.CharField(max_length=16, choices=Kind)
    # The message at which a ticket was split.
    entry = models.ForeignKey(LogEntry, on_delete=models.PROTECT, null=True, related_name="+")
    linked_by = models.CharField(max_length=64)
    linked_at = models.DateTimeField()
    ended_by = models.CharField(max_length=64, blank=True, default="")
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
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
            models.CheckConstraint(name="link_of_two", condition=~Q(ticket=models.F("other"))),
        ]
        indexes = [
            # What points at a ticket: its children among it, however many.
            models.Index(
                fields=["other", "kind", "id"], name="link_to", condition=Q(ended_at=None)
            ),
        ]

    def __str__(self) -> str:
        return f"{self.ticket_id} {self.kind} {self.other_id}"


class PauseRequest(models.Model):
    """挂起申请: a pause for a reason that a second person must approve."""

    class State(models.TextChoices):
        OPEN = "open"
        APPROVED = "approved"
        REJECTED = "rejected"
        LAPSED = "lapsed"

    ticket = models.ForeignKey(Ticket, on_delete=models.PROTECT, related_name="pause_requests")
    reason = models.CharField(max_length=64)
    clause = models.CharField(max_length=32)
    note = models.TextField()
    state = models.CharField(max_length=8, choices=State, default=State.OPEN)
    requested_by = models.CharField(max_length=64)
    requested_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    decided_by = models.CharField(max_length=64, blank=True, default="")
    decided_at = models.DateTimeField(null=True)
    answer = models.TextField(blank=True, default="")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["ticket"], condition=Q(state="open"), name="pause_request_open_once"
            ),
            models.CheckConstraint(
                name="pause_request_by_two", condition=~Q(decided_by=models.F("requested_by"))
            ),
            models.CheckConstraint(
                name="pause_request_decided",
                condition=Q(state="open", decided_at=None)
                | (~Q(state="open") & Q(decided_at__isnull=False)),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.reason} for {self.ticket_id}"
