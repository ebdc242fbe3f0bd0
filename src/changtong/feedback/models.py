from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from changtong.feedback.domain.announcing import AnnouncementKind
from changtong.feedback.domain.choosing import Channel, Recipient
from changtong.feedback.domain.survey import HIGHEST, LOWEST, Times


# Plain strings, so that migrations do not depend on the rules' code.
CHANNELS = [channel.value for channel in Channel]
RECIPIENTS = [recipient.value for recipient in Recipient]


class Notification(models.Model):
    """One message by one channel; its key makes sure that one event is told once."""

    class State(models.TextChoices):
        PENDING = "pending"
        SENDING = "sending"
        SENT = "sent"
        FAILED = "failed"
        WITHDRAWN = "withdrawn"

    effect_key = models.CharField(max_length=160, unique=True)
    tag = models.CharField(max_length=64)
    ticket = models.ForeignKey(
        "tickets.Ticket",
        on_delete=models.PROTECT,
        null=True,
        related_name="+",
        # The index on ticket and id serves as well.
        db_index=False,
    )
    # What else it is about and must be looked up when it is sent, e.g. ``code:7``.
    about = models.CharField(max_length=64, blank=True, default="")
    recipient = models.CharField(max_length=8, choices=[(v, v) for v in RECIPIENTS])
    channel = models.CharField(max_length=8, choices=[(v, v) for v in CHANNELS])
    address = models.CharField(max_length=254, blank=True, default="")
    subject = models.CharField(max_length=200, blank=True, default="")
    body = models.TextField()
    language = models.CharField(max_length=8)

    state = models.CharField(max_length=12, choices=State, default=State.PENDING)
    attempts = models.PositiveSmallIntegerField(default=0)
    last_error = models.CharField(max_length=200, blank=True, default="")
    created_at = models.DateTimeField()
    # When to try (again); moved ahead by every failure.
    due_at = models.DateTimeField()
    # The clause for which it waits until `due_at`, or waited.
    held_by = models.CharField(max_length=16, blank=True, default="")
    # Useless afterwards, like a code that has expired.
    expires_at = models.DateTimeField(null=True)
    claimed_at = models.DateTimeField(null=True)
    sent_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="notification_channel_known", condition=Q(channel__in=CHANNELS)
            ),
            models.CheckConstraint(
                name="notification_recipient_known", condition=Q(recipient__in=RECIPIENTS)
            ),
            models.CheckConstraint(
                name="notification_state_known",
                condition=Q(state__in=["pending", "sending", "sent", "failed", "withdrawn"]),
            ),
            models.CheckConstraint(
                name="notification_has_address", condition=Q(channel="portal") | ~Q(address="")
            ),
            models.CheckConstraint(
                name="notification_sent_has_time",
                condition=~Q(state="sent") | Q(sent_at__isnull=False),
            ),
            models.CheckConstraint(
                name="notification_sending_is_claimed",
                condition=~Q(state="sending") | Q(claimed_at__isnull=False),
            ),
        ]
        indexes = [
            # What is to be sent; small, since what was sent leaves it.
            models.Index(
                fields=["due_at", "id"], name="notification_to_send", condition=Q(state="pending")
            ),
            # What a dead sender left behind.
            models.Index(
                fields=["claimed_at"], name="notification_in_flight", condition=Q(state="sending")
            ),
            # What was given up, for the health page.
            models.Index(
                fields=["-created_at"], name="notification_failed", condition=Q(state="failed")
            ),
            # A ticket's messages in order.
            models.Index(fields=["ticket", "id"], name="notification_of_ticket"),
        ]

    def __str__(self) -> str:
        return self.effect_key


class Evaluation(models.Model):
    """The question how it was, and the answer; a reopened ticket is asked about again."""

    class By(models.TextChoices):
        CUSTOMER = "customer"
        AGENT = "agent"
        SILENCE = "silence"

    ticket = models.ForeignKey(
        "tickets.Ticket", on_delete=models.PROTECT, related_name="+", db_index=False
    )
    # How often the ticket had been reopened when this was asked.
    round = models.PositiveSmallIntegerField(default=0)
    asked_at = models.DateTimeField()
    remind_at = models.DateTimeField()
    reminded_at = models.DateTimeField(null=True)
    over_at = models.DateTimeField()
    silent_consent_at = models.DateTimeField()
    clause = models.CharField(max_length=16)

    score = models.PositiveSmallIntegerField(null=True)
    tags = models.JSONField(default=list)
    comment = models.TextField(blank=True, default="")
    answered_at = models.DateTimeField(null=True)
    by = models.CharField(max_length=8, choices=By, blank=True, default="")
    actor = models.CharField(max_length=64, blank=True, default="")
    # The result was not accepted, so there is nothing to evaluate yet.
    withdrawn_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["ticket", "round"], name="evaluation_once_a_round"),
            models.CheckConstraint(
                name="evaluation_score_on_scale",
                condition=Q(score=None) | Q(score__gte=LOWEST, score__lte=HIGHEST),
            ),
            models.CheckConstraint(
                name="evaluation_answer_complete",
                condition=Q(answered_at=None, by="", score=None)
                | Q(answered_at__isnull=False, by="silence", score=None)
                | Q(answered_at__isnull=False, by__in=["customer", "agent"], score__isnull=False),
            ),
            models.CheckConstraint(
                name="evaluation_times_in_order",
                condition=Q(remind_at__gte=models.F("asked_at"))
                & Q(silent_consent_at__gte=models.F("asked_at")),
            ),
        ]
        indexes = [
            # Whom to remind, and who is not waited for any longer.
            models.Index(
                fields=["remind_at"],
                name="evaluation_to_remind",
                condition=Q(answered_at=None, withdrawn_at=None, reminded_at=None),
            ),
            models.Index(
                fields=["over_at"],
                name="evaluation_unanswered",
                condition=Q(answered_at=None, withdrawn_at=None),
            ),
            # The average of a period.
            models.Index(
                fields=["answered_at"], name="evaluation_scored", condition=Q(score__isnull=False)
            ),
        ]

    def __str__(self) -> str:
        return f"evaluation {self.round} of {self.ticket_id}"

    @property
    def times(self) -> Times:
        """Return what becomes due after the question."""
        return Times(
            remind_at=self.remind_at,
            over_at=self.over_at,
            silent_consent_at=self.silent_consent_at,
        )


class FollowUp(models.Model):
    """Somebody has to call the applicant and make it good."""

    class Reason(models.TextChoices):
        LOW_SCORE = "low_score"

    ticket = models.ForeignKey("tickets.Ticket", on_delete=models.PROTECT, related_name="+")
    evaluation = models.OneToOneField(
        Evaluation, on_delete=models.PROTECT, related_name="follow_up"
    )
    reason = models.CharField(max_length=16, choices=Reason)
    due_at = models.DateTimeField()
    clause = models.CharField(max_length=16)
    opened_at = models.DateTimeField()
    handled_by = models.CharField(max_length=64, blank=True, default="")
    outcome = models.TextField(blank=True, default="")
    handled_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="follow_up_handled_complete",
                condition=Q(handled_at=None, handled_by="", outcome="")
                | (Q(handled_at__isnull=False) & ~Q(handled_by="") & ~Q(outcome="")),
            ),
        ]
        indexes = [
            # What is to be done, the most pressing first.
            models.Index(fields=["due_at"], name="follow_up_open", condition=Q(handled_at=None)),
        ]

    def __str__(self) -> str:
        return f"{self.reason} of {self.ticket_id}"


class Escalation(models.Model):
    """The ladder of one clock: when to look at it again, and since when answers count."""

    clock = models.OneToOneField("clocks.Clock", on_delete=models.CASCADE, related_name="+")
    # A clock about anything else than a ticket has nobody to tell.
    ticket = models.ForeignKey(
        "tickets.Ticket", on_delete=models.PROTECT, null=True, related_name="+"
    )
    begun_at = models.DateTimeField()
    # Only when to look again; what is due then follows from the clock.
    next_at = models.DateTimeField(null=True)
    # What was answered before the case was reopened has been overtaken.
    answers_from = models.DateTimeField(null=True)
    nobody_since = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            # The sweep; whatever has ended leaves it.
            models.Index(
                fields=["next_at"],
                name="escalation_to_look_at",
                condition=Q(next_at__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"escalation of clock {self.clock_id}"


class EscalationStep(models.Model):
    """One step that somebody was told of, the first time or again; it is taken once."""

    escalation = models.ForeignKey(Escalation, on_delete=models.CASCADE, related_name="steps")
    rung = models.PositiveSmallIntegerField()
    round = models.PositiveSmallIntegerField(default=0)
    level = models.CharField(max_length=16)
    # A higher one, if nobody was found where the standard looks first.
    told_level = models.CharField(max_length=16)
    clause = models.CharField(max_length=32)
    due_at = models.DateTimeField()
    told_at = models.DateTimeField()
    answered_at = models.DateTimeField(null=True)
    answered_by = models.CharField(max_length=64, blank=True, default="")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["escalation", "rung", "round"], name="escalation_step_once"
            ),
            models.CheckConstraint(
                name="escalation_step_not_early", condition=Q(told_at__gte=models.F("due_at"))
            ),
            models.CheckConstraint(
                name="escalation_answer_complete",
                condition=Q(answered_at=None, answered_by="")
                | (Q(answered_at__isnull=False) & ~Q(answered_by="")),
            ),
        ]

    def __str__(self) -> str:
        return f"step {self.rung}.{self.round} of {self.escalation_id}"


class Notice(models.Model):
    """What one person of staff is told; it lies in their inbox whatever else it goes out by."""

    # `<entry or step>:<person>`: one event is told a person once.
    effect_key = models.CharField(max_length=80, unique=True)
    staff = models.ForeignKey(
        "parties.Staff", on_delete=models.PROTECT, related_name="+", db_index=False
    )
    tag = models.CharField(max_length=64)
    ticket = models.ForeignKey("tickets.Ticket", on_delete=models.PROTECT, related_name="+")
    step = models.ForeignKey(
        EscalationStep, on_delete=models.CASCADE, null=True, related_name="notices"
    )
    clause = models.CharField(max_length=32)
    facts = models.JSONField(default=dict)
    # By what else it goes out: the first that works, the next when one has failed.
    also_by = models.JSONField(default=list)
    created_at = models.DateTimeField()
    read_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            # The bell, and what the inbox shows first.
            models.Index(
                fields=["staff", "-id"], name="notice_unread", condition=Q(read_at__isnull=True)
            ),
            # The inbox.
            models.Index(fields=["staff", "-id"], name="notice_of_staff"),
        ]

    def __str__(self) -> str:
        return self.effect_key


class Announcement(models.Model):
    """What everybody in some places is told: an outage that we know, or work that is planned."""

    kind = models.CharField(max_length=8, choices=[(v.value, v.value) for v in AnnouncementKind])
    text = models.TextField()
    region_paths = ArrayField(models.CharField(max_length=64))
    # None of them means every service.
    families = ArrayField(models.CharField(max_length=16), default=list, blank=True)
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    edition = models.ForeignKey("standard.Edition", on_delete=models.PROTECT, related_name="+")
    clause = models.CharField(max_length=16)
    announced_by = models.CharField(max_length=64)
    announced_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    ended_by = models.CharField(max_length=64, blank=True, default="")

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="announcement_kind_known",
                condition=Q(kind__in=[one.value for one in AnnouncementKind]),
            ),
            models.CheckConstraint(
                name="announcement_times_in_order", condition=Q(starts_at__lt=models.F("ends_at"))
            ),
            models.CheckConstraint(name="announcement_somewhere", condition=~Q(region_paths=[])),
        ]
        indexes = [
            # What may still be told: few among all that ever were.
            models.Index(
                fields=["ends_at"], name="announcement_standing", condition=Q(ended_at=None)
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.starts_at:%Y-%m-%d %H:%M}"


class Declined(models.Model):
    """A telephone number whose owner does not want to be told how outages go on."""

    phone = models.CharField(max_length=20, primary_key=True)
    declined_at = models.DateTimeField()

    def __str__(self) -> str:
        return self.phone
