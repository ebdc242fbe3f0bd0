from __future__ import annotations

from django.db import models
from django.db.models import Q

from changtong.intake.domain.calls import CallState


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
