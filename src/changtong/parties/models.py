from __future__ import annotations

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models.functions import Upper

from changtong.catalog.domain import Family
from changtong.parties.domain.languages import LANGUAGES
from changtong.parties.domain.roles import Role


class Tier(models.TextChoices):
    STANDARD = "standard"
    SILVER = "silver"
    GOLD = "gold"
    PLATINUM = "platinum"


class Customer(models.Model):
    """Somebody with whom the operator has a contract."""

    class Kind(models.TextChoices):
        PERSON = "person"
        ENTERPRISE = "enterprise"

    number = models.CharField(max_length=24, unique=True)
    name = models.CharField(max_length=96)
    kind = models.CharField(max_length=12, choices=Kind, default=Kind.PERSON)
    tier = models.CharField(max_length=12, choices=Tier, default=Tier.STANDARD)
    phone = models.CharField(max_length=20)
    email = models.EmailField(blank=True, default="")
    language = models.CharField(max_length=8, default="zh-hans")
    # The type they read the portal in; none if they have not chosen, and their device decides.
    large_type = models.BooleanField(null=True)
    region = models.ForeignKey("catalog.Region", on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints = [
            models.CheckConstraint(name="customer_tier_known", condition=models.Q(tier__in=Tier)),
        ]
        indexes = [
            # The caller's number, exact.
            models.Index(fields=["phone"], name="customer_phone"),
            # Who wrote an e-mail is found by it, however they spelled their address.
            models.Index(Upper("email"), name="customer_email"),
            # Part of a name, typed by an agent.
            GinIndex(fields=["name"], name="customer_name_part", opclasses=["gin_trgm_ops"]),
        ]

    def __str__(self) -> str:
        return self.name


class Line(models.Model):
    """A service at a place: what a customer calls 'my number' or 'my broadband'."""

    class State(models.TextChoices):
        ACTIVE = "active"
        SUSPENDED = "suspended"
        TERMINATED = "terminated"

    number = models.CharField(max_length=32, unique=True)
    customer = models.ForeignKey(Customer, on_delete=models.PROTECT, related_name="lines")
    service = models.ForeignKey("catalog.Service", on_delete=models.PROTECT, related_name="+")
    family = models.CharField(max_length=16, choices=[(one.value, one.value) for one in Family])
    address = models.CharField(max_length=160)
    region = models.ForeignKey("catalog.Region", on_delete=models.PROTECT, related_name="+")
    access_resource = models.CharField(max_length=64, blank=True, default="")
    state = models.CharField(max_length=12, choices=State, default=State.ACTIVE)
    latitude = models.FloatField(null=True)
    longitude = models.FloatField(null=True)
    # What the customer pays a month; some remedies are a share of it.
    monthly_rent = models.DecimalField(max_digits=10, decimal_places=2, null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="line_family_known",
                condition=models.Q(family__in=[one.value for one in Family]),
            ),
        ]
        indexes = [
            # Part of an address, typed by an agent.
            GinIndex(fields=["address"], name="line_address_part", opclasses=["gin_trgm_ops"]),
            # Whom does a fault of this resource touch, or of what it is a part of?
            models.Index(
                fields=["access_resource"],
                name="line_access_below",
                opclasses=["text_pattern_ops"],
            ),
        ]

    def __str__(self) -> str:
        return self.number


class StaffAccounts(BaseUserManager["Staff"]):
    def get_by_natural_key(self, username: str | None) -> Staff:
        return self.get(username__iexact=username)


class Staff(AbstractBaseUser):
    """Somebody who works here, and the account they log in with."""

    username = models.CharField(max_length=48, unique=True)
    number = models.CharField(max_length=24, unique=True)
    name = models.CharField(max_length=64)
    role = models.CharField(max_length=16, choices=[(one.value, one.value) for one in Role])
    region = models.ForeignKey("catalog.Region", on_delete=models.PROTECT, related_name="+")
    phone = models.CharField(max_length=20, blank=True, default="")
    email = models.EmailField(blank=True, default="")
    # In which they read what is sent to them; empty if they have not chosen.
    language = models.CharField(max_length=8, blank=True, default="")
    latitude = models.FloatField(null=True)
    longitude = models.FloatField(null=True)
    is_active = models.BooleanField(default=True)

    USERNAME_FIELD = "username"
    EMAIL_FIELD = "email"

    objects = StaffAccounts()

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="staff_role_known", condition=models.Q(role__in=[one.value for one in Role])
            ),
            models.CheckConstraint(
                name="staff_language_known", condition=models.Q(language__in=["", *LANGUAGES])
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def actor(self) -> str:
        """Return how the journal names this person."""
        return self.actor_of(self.pk)

    @staticmethod
    def actor_of(pk: int) -> str:
        """Return how the journal names the person with this key."""
        return f"staff:{pk}"


class Team(models.Model):
    """A group that is given work together, in one region."""

    code = models.CharField(max_length=24, unique=True)
    name = models.CharField(max_length=64)
    region = models.ForeignKey("catalog.Region", on_delete=models.PROTECT, related_name="+")
    mode = models.CharField(
        max_length=8, choices=[(mode, mode) for mode in ("desk", "remote", "field")]
    )

    def __str__(self) -> str:
        return self.name


class Membership(models.Model):
    """Somebody's place in a team."""

    team = models.ForeignKey(Team, on_delete=models.CASCADE, related_name="memberships")
    staff = models.ForeignKey(Staff, on_delete=models.CASCADE, related_name="memberships")
    is_leader = models.BooleanField(default=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["team", "staff"], name="membership_once"),
        ]

    def __str__(self) -> str:
        return f"{self.staff_id} in {self.team_id}"


class Qualification(models.Model):
    """Proof that somebody may do a kind of work until a day."""

    staff = models.ForeignKey(Staff, on_delete=models.CASCADE, related_name="qualifications")
    skill = models.CharField(max_length=48)
    certificate = models.CharField(max_length=48)
    valid_from = models.DateField()
    expires_on = models.DateField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["staff", "skill", "valid_from"], name="qualification_once"
            ),
            models.CheckConstraint(
                name="qualification_dates_in_order",
                condition=models.Q(valid_from__lte=models.F("expires_on")),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.skill} of {self.staff_id}"


class Token(models.Model):
    """A key for programs: acts for a staff account within scopes; only its digest is kept."""

    name = models.CharField(max_length=64)
    digest = models.CharField(max_length=64, unique=True)
    staff = models.ForeignKey(Staff, on_delete=models.CASCADE, related_name="tokens")
    scopes = models.JSONField(default=list)
    issued_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return self.name
