from __future__ import annotations

from datetime import datetime

from django.db import models
from django.db.models import Q

from changtong.intake.domain.calls import CallState
from changtong.intake.domain.queueing import AT_COUNTER, OVER, NumberState, label


# Sorted plain strings, so that migrations do not depend on the rules' code.
NUMBER_STATES = sorted(one.value for one in NumberState)
AT_COUNTER_STATES = sorted(one.value for one in AT_COUNTER)
OVER_STATES = sorted(one.value for one in OVER)


class Contact(models.Model):
    """One time that somebody reached us; several contacts may belong to one ticket."""

    channel = models.CharField(max_length=8)
    ticket = models.ForeignKey("tickets.Ticket", on_delete=models.PROTECT, related_name="+")
    # It came after the ticket was open and was recognized as the same matter.
    joined = models.BooleanField(default=False)
    # We found out which line or customer it is about.
    matched = models.BooleanField(default=False)
    phone = models.CharField(max_length=20, blank=True, default="")
    # The sender's own reference; the same one twice is the same contact.
    source = models.CharField(max_length=24, blank=True, default="")
    source_reference = models.CharField(max_length=64, blank=True, default="")
    # What was asked and answered (see `standard.domain.intake_forms`), readable by itself.
    answers = models.JSONField(default=list)
    actor = models.CharField(max_length=64)
    received_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                name="contact_source_once",
                fields=["source", "source_reference"],
                condition=~Q(source_reference=""),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.channel} {self.received_at:%Y-%m-%d %H:%M}"


class OneTimeCode(models.Model):
    """
    A request to prove that a phone number is one's own.

    The code itself is in no table: it is computed from the secret key and this row.
    """

    phone = models.CharField(max_length=20)
    salt = models.CharField(max_length=32)
    requested_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    attempts = models.PositiveSmallIntegerField(default=0)
    used_at = models.DateTimeField(null=True)
    # Whoever of the staff had it sent, and only they may type it; empty for the portal's.
    asked_by = models.CharField(max_length=64, blank=True, default="", db_default="")
    # When it counted as proof for a case; it counts for one.
    counted_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            # The latest request of a number; no other counts.
            models.Index(fields=["phone", "-id"], name="code_latest_of_phone"),
            # What is old enough to be forgotten.
            models.Index(fields=["expires_at"], name="code_age"),
        ]

    def __str__(self) -> str:
        return f"code {self.pk}"


class Call(models.Model):
    """A telephone call at one person's telephone, as the telephone system tells it; kept a day."""

    # Who told us, and how they call it.
    source = models.CharField(max_length=64)
    reference = models.CharField(max_length=64)
    staff = models.ForeignKey("parties.Staff", on_delete=models.CASCADE, related_name="+")
    # Empty when the number is withheld.
    caller = models.CharField(max_length=20, blank=True, default="")
    called = models.CharField(max_length=20, blank=True, default="")
    state = models.CharField(max_length=8)
    told_at = models.DateTimeField()

    class Meta:
        constraints = [
            # A call that rings at a whole group is one row for each of them.
            models.UniqueConstraint(name="call_once", fields=["source", "reference", "staff"]),
            models.CheckConstraint(
                name="call_state_known", condition=Q(state__in=[one.value for one in CallState])
            ),
        ]
        indexes = [
            # What is old enough to be forgotten.
            models.Index(fields=["told_at"], name="call_age"),
            # Where else the same call rings.
            models.Index(fields=["reference"], name="call_reference"),
        ]

    def __str__(self) -> str:
        return f"call {self.pk}"


class Mail(models.Model):
    """A message of e-mail as it came; the whole of it lies in storage under its digest."""

    class Outcome(models.TextChoices):
        OPENED = "opened"
        JOINED = "joined"
        SET_ASIDE = "set_aside"

    sha256 = models.CharField(max_length=64, unique=True)
    message_id = models.CharField(max_length=255, blank=True, default="")
    sender = models.CharField(max_length=254, blank=True, default="")
    subject = models.CharField(max_length=200, blank=True, default="")
    # What our own mail server found about the sender.
    verdict = models.CharField(max_length=4, blank=True, default="")
    outcome = models.CharField(max_length=9, choices=Outcome)
    # The refusal for which it was set aside.
    reason = models.CharField(max_length=48, blank=True, default="")
    ticket = models.ForeignKey(
        "tickets.Ticket", null=True, on_delete=models.PROTECT, related_name="+"
    )
    # Names of files that came with it and that the standard does not let us keep.
    left_out = models.JSONField(default=list)
    received_at = models.DateTimeField()

    class Meta:
        constraints = [
            # A server that sends it again adds lines of its own, so the digest may differ.
            models.UniqueConstraint(
                name="mail_once", fields=["sender", "message_id"], condition=~Q(message_id="")
            ),
            models.CheckConstraint(
                name="mail_outcome_known",
                condition=Q(outcome__in=["opened", "joined", "set_aside"]),
            ),
            models.CheckConstraint(
                name="mail_set_aside_with_reason",
                condition=Q(outcome="set_aside") ^ Q(reason=""),
            ),
        ]
        indexes = [
            # How much a sender sent of late.
            models.Index(fields=["sender", "received_at"], name="mail_pace"),
        ]

    def __str__(self) -> str:
        return f"mail {self.pk}"


class Hall(models.Model):
    """A service hall (营业厅) of a region, with so many counters."""

    code = models.CharField(max_length=24, unique=True)
    name = models.CharField(max_length=64)
    region = models.ForeignKey("catalog.Region", on_delete=models.PROTECT, related_name="+")
    counters = models.PositiveSmallIntegerField()

    class Meta:
        constraints = [
            models.CheckConstraint(name="hall_has_a_counter", condition=Q(counters__gt=0)),
        ]

    def __str__(self) -> str:
        return self.name


class QueueNumber(models.Model):
    """A number that somebody took in a hall on a day, and how they were called and served."""

    hall = models.ForeignKey(Hall, on_delete=models.PROTECT, related_name="+")
    # The hall's local day; each begins anew.
    day = models.DateField()
    # By whose classes it was given.
    edition = models.ForeignKey("standard.Edition", on_delete=models.PROTECT, related_name="+")
    class_code = models.CharField(max_length=24)
    letter = models.CharField(max_length=1)
    sequence = models.PositiveSmallIntegerField()
    # Why they are called before others, and who they are: both are forgotten the next day.
    priority = models.CharField(max_length=24, blank=True, default="")
    phone = models.CharField(max_length=20, blank=True, default="")
    state = models.CharField(max_length=8, default=NumberState.WAITING.value)
    counter = models.PositiveSmallIntegerField(null=True)
    calls = models.PositiveSmallIntegerField(default=0)
    taken_at = models.DateTimeField()
    # The first call ends the wait; the last one is what the display shows on top.
    called_at = models.DateTimeField(null=True)
    last_called_at = models.DateTimeField(null=True)
    started_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    # Missed, and waiting once more: since when, and behind which number.
    put_back_at = models.DateTimeField(null=True)
    comes_after = models.PositiveBigIntegerField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                name="queue_number_once", fields=["hall", "day", "letter", "sequence"]
            ),
            models.UniqueConstraint(
                name="queue_number_one_at_a_counter",
                fields=["hall", "day", "counter"],
                condition=Q(state__in=AT_COUNTER_STATES),
            ),
            models.CheckConstraint(
                name="queue_number_state_known", condition=Q(state__in=NUMBER_STATES)
            ),
            models.CheckConstraint(
                name="queue_number_called_to_a_counter",
                condition=Q(state="waiting", counter=None, called_at=None)
                | (~Q(state="waiting") & Q(counter__isnull=False, called_at__isnull=False)),
            ),
            models.CheckConstraint(
                name="queue_number_over_has_time",
                condition=Q(state__in=OVER_STATES) ^ Q(ended_at=None),
            ),
        ]
        indexes = [
            # Who waits in a hall, the first first.
            models.Index(
                fields=["hall", "day", "id"], name="queue_waiting", condition=Q(state="waiting")
            ),
            # Whose telephone number is still to be forgotten.
            models.Index(
                fields=["day"],
                name="queue_to_forget",
                condition=~Q(phone="", priority=""),
            ),
        ]

    def __str__(self) -> str:
        return self.label

    @property
    def label(self) -> str:
        """Return the number as it is printed and called."""
        return label(self.letter, self.sequence)

    @property
    def waits_since(self) -> datetime:
        """Return when the wait began that the last call ended, or will end."""
        return self.put_back_at or self.taken_at


class CounterCase(models.Model):
    """A case that was taken in from somebody who came with a number."""

    number = models.ForeignKey(QueueNumber, on_delete=models.CASCADE, related_name="+")
    ticket = models.ForeignKey("tickets.Ticket", on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(name="counter_case_once", fields=["number", "ticket"]),
        ]

    def __str__(self) -> str:
        return f"case {self.ticket_id} of number {self.number_id}"
