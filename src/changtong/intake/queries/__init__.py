from __future__ import annotations

import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, cast

from django.conf import settings
from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import (
    Expression,
    Func,
    IntegerField,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    TextField,
    Value,
)

from changtong.catalog import queries as catalog
from changtong.infra.db import Lock
from changtong.infra.hot import Compiled, Slot
from changtong.intake.domain import codes
from changtong.intake.domain.calls import SHOWN_FOR, CallState
from changtong.intake.models import Call, Contact, Mail, OneTimeCode
from changtong.kernel.errors import Missing, Refused
from changtong.parties import queries as parties
from changtong.parties.domain.roles import Reach, Viewer
from changtong.standard import queries as standard
from changtong.tickets import queries as tickets


if TYPE_CHECKING:
    from changtong.catalog.models import Region
    from changtong.intake.domain.letters import Letter
    from changtong.parties.models import Customer, Line
    from changtong.tickets.models import Ticket


EVERYTHING = Viewer(actor="system:intake", reach=Reach.ALL, permissions=frozenset())
LINE_STATE_ACTIVE = "active"
CUSTOMERS = "customers.view"
# The refusals after which whoever reports may still say that it is another matter.
SAME_MATTER = frozenset({"intake.same_matter", "intake.same_matter_hidden"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Whom and what a report is about, as far as we know them."""

    region: Region
    customer: Customer | None = None
    line: Line | None = None


@dataclass(frozen=True, slots=True)
class SentCode:
    """What the message with a one-time code must say."""

    phone: str
    code: str
    valid_until: datetime


def place_of(
    *,
    actor: str,
    phone: str,
    family: str,
    line_number: str,
    customer_number: str,
    region_code: str,
    viewer: Viewer | None = None,
) -> Place:
    """
    Find line, customer and region, and wait for others who report about the same ones.

    Whoever has only proved a phone number finds only what belongs to that number; whether
    something else exists is not for them to know.

    :raises Missing: ``line.unknown``, ``customer.unknown``
    :raises Refused: ``intake.region_unknown``
    """
    viewer = viewer or _viewer_of(actor)
    customer: Customer | None
    if line_number:
        line = _line(viewer, line_number)
        return Place(region=line.region, customer=line.customer, line=line)
    if customer_number:
        customer = _customer_by_number(viewer, customer_number)
    else:
        customer = _only_customer_of(phone)
    only_line = _only_line_of(customer, family)
    if only_line is not None:
        return Place(region=only_line.region, customer=customer, line=only_line)
    if customer is not None and not region_code:
        return Place(region=customer.region, customer=customer)
    return Place(region=_region(region_code, waiting_for=phone), customer=customer)


def expect_line(*, actor: str, line_number: str, viewer: Viewer | None) -> None:
    """Have the line that a report names looked up together with what is asked before it."""
    looking = _look_up(viewer or _viewer_of(actor), line_number) if line_number else None
    if looking is not None:
        compiled, values = looking
        compiled.expect(**values)


def known_contact(source: str, reference: str) -> Contact | None:
    """Return the contact that a sender's own reference has already led to."""
    return _known_contact.first(source=source, reference=reference)


_known_contact = Compiled(
    lambda: Contact.objects.filter(
        source=Slot("source"), source_reference=Slot("reference")
    ).select_related("ticket")
)


def known_mail(sha256: str, letter: Letter) -> Mail | None:
    """Return a message that came before, whatever servers on its way added to it."""
    same = Q(sha256=sha256)
    if letter.message_id:
        same |= Q(sender=letter.sender, message_id=letter.message_id)
    return Mail.objects.filter(same).select_related("ticket").first()


def mails_since(sender: str, since: datetime) -> int:
    """Return how many messages a sender sent."""
    return Mail.objects.filter(sender=sender, received_at__gt=since).count()


def mails_of(ticket: Ticket) -> QuerySet[Mail]:
    """Return what came by e-mail about a ticket, the last first."""
    return Mail.objects.filter(ticket=ticket).order_by("-id")


def mails_set_aside() -> QuerySet[Mail]:
    """Return the messages that led to nothing, the last first."""
    return Mail.objects.filter(outcome=Mail.Outcome.SET_ASIDE).order_by("-id")


def only_customer_with(email: str) -> Customer | None:
    """Return the customer with an e-mail address, if exactly one has it."""
    found = parties.customers_visible_to(EVERYTHING).select_related("region")
    rows = list(found.filter(email__iexact=email)[:2])
    return rows[0] if len(rows) == 1 else None


def contacts_of(ticket: Ticket) -> QuerySet[Contact]:
    """Return every time that somebody reached us about a ticket, the first first."""
    return Contact.objects.filter(ticket=ticket).order_by("id")


def first_answers() -> Subquery:
    """Return what the first who was asked about each ticket answered, for a query of tickets."""
    answered = Contact.objects.filter(ticket=OuterRef("pk")).exclude(answers=[])
    return Subquery(answered.order_by("id").values("answers")[:1])


def all_answers() -> ArraySubquery:
    """Return what everybody who was asked about each ticket answered, for a query of tickets."""
    answered = Contact.objects.filter(ticket=OuterRef("pk")).exclude(answers=[])
    return ArraySubquery(answered.order_by("id").values("answers"))


def latest_contacts(ticket_ids: Sequence[int], *, at_most: int) -> list[Contact]:
    """Return the last times that somebody reached us about any of these tickets."""
    found = Contact.objects.filter(ticket__in=ticket_ids)
    return list(found.order_by("-received_at", "-id")[:at_most])


def similar(
    *, place: Place, kind: str, category: str, phone: str, at: datetime, edition_id: int
) -> list[Ticket]:
    """Return the unfinished tickets that the standard takes for the same matter."""
    rule = standard.read(edition_id).duplicates(kind=kind)
    return tickets.same_matter(
        kind=kind,
        since=at - rule.within,
        line_id=place.line.pk if place.line else None,
        customer_id=place.customer.pk if place.customer else None,
        phone=phone,
        category=category,
    )


def seen_among(similar: Sequence[Ticket], *, actor: str, viewer: Viewer | None) -> list[Ticket]:
    """Return those of similar tickets whose numbers whoever reports may be told."""
    viewer = viewer or _viewer_of(actor)
    if viewer is EVERYTHING or not similar:
        return list(similar)
    seen = tickets.visible_to(viewer).filter(pk__in=[one.pk for one in similar])
    known = set(seen.values_list("pk", flat=True))
    return [one for one in similar if one.pk in known]


def same_matter_offer(viewer: Viewer, numbers: Sequence[str]) -> list[Ticket]:
    """Return those of the tickets named by ``intake.same_matter`` that the viewer may see."""
    found = tickets.visible_to(viewer).filter(number__in=numbers)
    return list(found.order_by("-opened_at", "-id"))


def current_call(staff_id: int | None, *, at: datetime) -> Call | None:
    """Return the call at somebody's telephone, the latest if several ring."""
    rows = Call.objects.filter(staff=staff_id, told_at__gt=at - SHOWN_FOR)
    return rows.exclude(state=CallState.ENDED).order_by("-told_at", "-id").first()


def called(subjects: Sequence[str]) -> frozenset[int]:
    """Return to whom calls came that journal entries are about, and colleagues they rang at."""
    if not subjects:
        return frozenset()
    named = Call.objects.filter(pk__in=[one.partition(":")[2] for one in subjects])
    same = Call.objects.filter(reference__in=named.values("reference"))
    return frozenset(same.values_list("staff_id", flat=True))


def call_of(staff_id: int | None, pk: int) -> Call | None:
    """Return a call, to whom it came only."""
    return Call.objects.filter(staff=staff_id, pk=pk).first()


def one_time_code(pk: int) -> SentCode:
    """
    Return a code for the message that carries it.

    :raises Missing: ``code.unknown``, when it has been forgotten
    """
    row = OneTimeCode.objects.filter(pk=pk).first()
    if row is None:
        raise Missing("code.unknown", request=pk)
    return SentCode(phone=row.phone, code=code_of(row), valid_until=row.expires_at)


def code_of(row: OneTimeCode) -> str:
    """Return the code that belongs to a request."""
    portal = standard.read(standard.edition_in_force(at=row.requested_at).pk).portal
    return codes.code(
        key=settings.SECRET_KEY,
        id_=row.pk,
        phone=row.phone,
        salt=row.salt,
        digits=portal.code_digits,
    )


def _viewer_of(actor: str) -> Viewer:
    kind, _, who = actor.partition(":")
    return parties.viewer_of_phone(who) if kind == "phone" else EVERYTHING


def _line(viewer: Viewer, number: str) -> Line:
    if (looking := _look_up(viewer, number)) is not None:
        compiled, values = looking
        line = compiled.first(**values)
    else:
        lines = parties.lines_visible_to(viewer).select_related("customer", "region")
        line = lines.filter(number=number).annotate(turn=turn(f"line:{number}")).first()
    if line is None:
        raise Missing("line.unknown", number=number)
    return line


def _look_up(viewer: Viewer, number: str) -> tuple[Compiled[Line], dict[str, object]] | None:
    """Return the compiled look-up of a line for those who ask most often."""
    values: dict[str, object] = {"number": number, "turn": _turn_of(f"line:{number}")}
    if viewer.reach is Reach.ALL:
        return _any_line, values
    if viewer.staff_id is not None and viewer.may(CUSTOMERS):
        return _line_in_region, {**values, "region": viewer.region_path}
    return None


def _customer_by_number(viewer: Viewer, number: str) -> Customer:
    customers = parties.customers_visible_to(viewer).select_related("region")
    customer = customers.filter(number=number).annotate(turn=turn(f"customer:{number}")).first()
    if customer is None:
        raise Missing("customer.unknown", number=number)
    return customer


def _only_customer_of(phone: str) -> Customer | None:
    if not phone:
        return None
    customers = parties.customers_visible_to(EVERYTHING).select_related("region")
    found = list(customers.filter(phone=phone).annotate(turn=turn(f"phone:{phone}"))[:2])
    return found[0] if len(found) == 1 else None


def _region(code: str, *, waiting_for: str) -> Region:
    region: Region | None
    if waiting_for:
        region = _region_in_turn.first(code=code, turn=_turn_of(f"phone:{waiting_for}"))
    else:
        # Without a number nothing is known to be the same matter, so nobody need wait.
        region = _any_region.first(code=code)
    if region is None:
        raise Refused("intake.region_unknown", region_code=code)
    return region


_any_region = Compiled(lambda: catalog.regions().filter(code=Slot("code")))
_region_in_turn = Compiled(
    lambda: (
        catalog.regions()
        .filter(code=Slot("code"))
        .annotate(turn=_locking(Slot("turn", IntegerField())))
    )
)


def _only_line_of(customer: Customer | None, family: str) -> Line | None:
    """Return the customer's line if there is only one it can be about."""
    if customer is None:
        return None
    lines = parties.lines_visible_to(EVERYTHING).select_related("region")
    lines = lines.filter(customer=customer, state=LINE_STATE_ACTIVE)
    found = list((lines.filter(family=family) if family else lines)[:2])
    return found[0] if len(found) == 1 else None


def turn(whose: str) -> Func:
    """
    Return the part of a look-up that waits for the same look-up in another transaction.

    Two reports of one matter at the same instant would otherwise both find no ticket. As part
    of a statement that is needed anyway it costs no round trip.
    """
    return _locking(Value(_turn_of(whose)))


def _locking(turn: Expression) -> Func:
    # The form with two numbers has a space of its own, apart from the system's single locks.
    return Func(
        Value(int(Lock.MATTER)), turn, function="pg_advisory_xact_lock", output_field=TextField()
    )


def _turn_of(whose: str) -> int:
    return zlib.crc32(whose.encode()) - 2**31


def _lines_of(viewer: Viewer) -> QuerySet[Line]:
    return (
        parties.lines_visible_to(viewer)
        .select_related("customer", "region")
        .filter(number=Slot("number"))
        .annotate(turn=_locking(Slot("turn", IntegerField())))
    )


_any_line = Compiled(lambda: _lines_of(EVERYTHING))
_line_in_region = Compiled(
    lambda: _lines_of(
        Viewer(
            actor="",
            reach=Reach.REGION,
            permissions=frozenset({CUSTOMERS}),
            region_path=cast("str", Slot("region", TextField())),
        )
    )
)
