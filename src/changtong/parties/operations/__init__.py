from __future__ import annotations

import secrets
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal

from django.db import transaction

from changtong.catalog import queries as catalog
from changtong.journal import operations as journal
from changtong.kernel.errors import Refused
from changtong.parties.domain import phones
from changtong.parties.domain.roles import ALL_PERMISSIONS, Role
from changtong.parties.models import (
    Customer,
    Line,
    Membership,
    Qualification,
    Staff,
    Team,
    Tier,
    Token,
)
from changtong.parties.queries import token_digest


@transaction.atomic
def register_customer(
    *,
    number: str,
    name: str,
    phone: str,
    region_code: str,
    actor: str,
    at: datetime,
    tier: str = Tier.STANDARD,
    kind: str = Customer.Kind.PERSON,
    email: str = "",
    language: str = "zh-hans",
) -> Customer:
    """
    Register a customer.

    :raises Refused: ``customer.exists``, ``customer.phone_invalid``, ``customer.tier_unknown``
    """
    digits = phones.normalized(phone)
    if digits is None:
        raise Refused("customer.phone_invalid", phone=phone)
    if tier not in Tier.values:
        raise Refused("customer.tier_unknown", tier=tier)
    customer, created = Customer.objects.get_or_create(
        number=number,
        defaults={
            "name": name,
            "phone": digits,
            "region": catalog.region(region_code),
            "tier": tier,
            "kind": kind,
            "email": email,
            "language": language,
        },
    )
    if not created:
        raise Refused("customer.exists", number=number)
    journal.record(
        tag="customer.registered", subject=f"customer:{customer.pk}", actor=actor, at=at, tier=tier
    )
    return customer


@transaction.atomic
def correct_contact(
    *, customer_id: int, email: str, language: str, actor: str, at: datetime
) -> Customer:
    """Put right how a customer is reached; what they say goes, since it proves nothing."""
    customer = Customer.objects.select_for_update().get(pk=customer_id)
    given = {"email": email, "language": language}
    changed = [name for name, value in given.items() if getattr(customer, name) != value]
    if changed:
        for name in changed:
            setattr(customer, name, given[name])
        customer.save(update_fields=changed)
        # Which of them, but not what they are: the journal cannot forget.
        journal.record(
            tag="customer.corrected",
            subject=f"customer:{customer.pk}",
            actor=actor,
            at=at,
            fields=changed,
        )
    return customer


def enlarge(*, phone: str, large: bool) -> None:
    """Keep the size of type a customer reads the portal in; who has no contract keeps none."""
    # A taste, not a fact about the service: the journal knows nothing of it.
    Customer.objects.filter(phone=phone).update(large_type=large)


@transaction.atomic
def note_export(*, phone: str, actor: str, at: datetime) -> None:
    """Note that somebody takes away what is kept about them."""
    customers = Customer.objects.filter(phone=phone).order_by("pk").values_list("pk", flat=True)
    for subject in [f"customer:{pk}" for pk in customers] or [actor]:
        journal.record(tag="customer.exported", subject=subject, actor=actor, at=at)


@transaction.atomic
def connect_line(
    *,
    number: str,
    customer: Customer,
    service_code: str,
    address: str,
    region_code: str,
    actor: str,
    at: datetime,
    access_resource: str = "",
    latitude: float | None = None,
    longitude: float | None = None,
    monthly_rent: Decimal | None = None,
) -> Line:
    """
    Give a customer a line.

    :raises Refused: ``line.exists``
    """
    service = catalog.services().get(code=service_code)
    line, created = Line.objects.get_or_create(
        number=number,
        defaults={
            "customer": customer,
            "service": service,
            "family": service.family,
            "address": address,
            "region": catalog.region(region_code),
            "access_resource": access_resource,
            "latitude": latitude,
            "longitude": longitude,
            "monthly_rent": monthly_rent,
        },
    )
    if not created:
        raise Refused("line.exists", number=number)
    journal.record(
        tag="line.connected",
        subject=f"line:{line.pk}",
        actor=actor,
        at=at,
        customer=customer.pk,
        service=service_code,
    )
    return line


@transaction.atomic
def employ(
    *,
    username: str,
    number: str,
    name: str,
    role: str,
    region_code: str,
    password: str | None,
    actor: str,
    at: datetime,
    phone: str = "",
    email: str = "",
    latitude: float | None = None,
    longitude: float | None = None,
) -> Staff:
    """
    Give somebody an account; without a password they cannot log in yet.

    :raises Refused: ``staff.exists``, ``staff.role_unknown``
    """
    if role not in set(Role):
        raise Refused("staff.role_unknown", role=role)
    if Staff.objects.filter(username__iexact=username).exists():
        raise Refused("staff.exists", username=username)
    person = Staff(
        username=username,
        number=number,
        name=name,
        role=role,
        region=catalog.region(region_code),
        phone=phone,
        email=email,
        latitude=latitude,
        longitude=longitude,
    )
    person.set_password(password)
    person.save(force_insert=True)
    journal.record(
        tag="staff.employed", subject=person.actor, actor=actor, at=at, role=role, number=number
    )
    return person


@transaction.atomic
def dismiss(*, staff_id: int, actor: str, at: datetime) -> Staff:
    """Close somebody's account and revoke their tokens, effective at once."""
    person = Staff.objects.select_for_update().get(pk=staff_id)
    person.is_active = False
    person.save(update_fields=["is_active"])
    Token.objects.filter(staff=person, revoked_at=None).update(revoked_at=at)
    journal.record(tag="staff.dismissed", subject=person.actor, actor=actor, at=at)
    return person


@transaction.atomic
def form_team(
    *,
    code: str,
    name: str,
    region_code: str,
    mode: str,
    members: Sequence[Staff],
    leader: Staff | None,
    actor: str,
    at: datetime,
) -> Team:
    """
    Form a team of these members.

    :raises Refused: ``team.exists``
    """
    team, created = Team.objects.get_or_create(
        code=code,
        defaults={"name": name, "region": catalog.region(region_code), "mode": mode},
    )
    if not created:
        raise Refused("team.exists", code=code)
    Membership.objects.bulk_create(
        Membership(team=team, staff=one, is_leader=one == leader) for one in members
    )
    journal.record(
        tag="team.formed",
        subject=f"team:{team.pk}",
        actor=actor,
        at=at,
        members=[one.pk for one in members],
    )
    return team


@transaction.atomic
def qualify(
    *,
    staff: Staff,
    skill: str,
    certificate: str,
    valid_from: date,
    expires_on: date,
    actor: str,
    at: datetime,
) -> Qualification:
    """
    Record that somebody may do a kind of work until a day.

    :raises Refused: ``qualification.dates_reversed``
    """
    if expires_on < valid_from:
        raise Refused("qualification.dates_reversed")
    held, _ = Qualification.objects.update_or_create(
        staff=staff,
        skill=skill,
        valid_from=valid_from,
        defaults={"certificate": certificate, "expires_on": expires_on},
    )
    journal.record(
        tag="staff.qualified",
        subject=staff.actor,
        actor=actor,
        at=at,
        skill=skill,
        expires_on=expires_on.isoformat(),
    )
    return held


@transaction.atomic
def issue_token(
    *,
    staff: Staff,
    name: str,
    scopes: Sequence[str],
    valid_for: timedelta,
    actor: str,
    at: datetime,
) -> tuple[Token, str]:
    """
    Issue a key for a program; the secret is returned here and never again.

    :raises Refused: ``token.scope_unknown``
    """
    if unknown := sorted(set(scopes) - ALL_PERMISSIONS):
        raise Refused("token.scope_unknown", scopes=", ".join(unknown))
    secret = f"ct_{secrets.token_urlsafe(32)}"
    token = Token.objects.create(
        name=name,
        digest=token_digest(secret),
        staff=staff,
        scopes=sorted(scopes),
        issued_at=at,
        expires_at=at + valid_for,
    )
    journal.record(
        tag="token.issued",
        subject=staff.actor,
        actor=actor,
        at=at,
        token=token.pk,
        scopes=token.scopes,
    )
    return token, secret


@transaction.atomic
def revoke_token(*, token_id: int, actor: str, at: datetime) -> Token:
    """Make a key useless at once."""
    token = Token.objects.select_for_update().get(pk=token_id)
    token.revoked_at = at
    token.save(update_fields=["revoked_at"])
    journal.record(
        tag="token.revoked", subject=f"staff:{token.staff_id}", actor=actor, at=at, token=token.pk
    )
    return token
