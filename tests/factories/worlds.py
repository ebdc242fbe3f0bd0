"""Two districts that must know nothing of each other: the same people and matters in both."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from tests.factories import people
from tests.factories.intake import report

from changtong.archive import operations as archive
from changtong.catalog import operations as catalog
from changtong.catalog import queries as regions
from changtong.dispatch.models import WorkOrder
from changtong.dispatch.operations import assigning, rostering, visiting
from changtong.feedback.operations import evaluating, telling
from changtong.infra.clock import now
from changtong.journal import operations as journal
from changtong.kernel.time import Period
from changtong.parties import operations as parties
from changtong.parties.domain.roles import Role
from changtong.standard import queries as editions
from changtong.standard.operations import publishing
from changtong.tickets import queries
from changtong.tickets.operations import asking, closing, opening, pausing, working


# Done at a desk, so that one person can have many at once.
CATEGORY = "enquiry.how_to"
PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d49484452000000010000000108060000001f15c489"
    "0000000d49444154789c6360000002000001e221bc330000000049454e44ae426082"
)


@dataclass
class District:
    """A district, the people who work there, a customer, and a ticket in every state."""

    name: str
    code: str
    phone: str
    customer_name: str
    customer: Any = None
    line: Any = None
    team: Any = None
    staff: dict[str, Any] = field(default_factory=dict)
    tickets: dict[str, Any] = field(default_factory=dict)
    orders: dict[str, Any] = field(default_factory=dict)

    @property
    def secrets(self) -> set[str]:
        """Return what must never be read by anybody elsewhere."""
        return {self.phone, self.customer_name, self.customer.number, self.line.number}


def publish_standard() -> Any:
    path = next(iter(editions.drafts()))
    body = editions.draft(path)
    return publishing.publish(body=body, actor="system:test", at=now())


def build_district(
    name: str,
    code: str,
    *,
    phone: str,
    customer: str,
    email: str = "",
    roles: tuple[Role, ...] = tuple(Role),
) -> District:
    """Build a district with staff of these roles, a customer with a line, and no tickets."""
    by: dict[str, Any] = {"actor": "system:test", "at": now() - timedelta(hours=3)}
    people.district(code, name)
    if not regions.regions().filter(code=code).exists():
        raise AssertionError(code)
    made = District(name, code, phone, customer)
    for role in roles:
        person = people.staff(f"{name}-{role}", role, region=code)
        made.staff[role] = people.qualified(person, "broadband_maintenance", "customer_care")
    if roles:
        members = [made.staff[role] for role in (Role.LEADER, Role.TECHNICIAN)]
        made.team = people.team(f"T-{name}", *members, mode="field", region=code)
    catalog.add_service(code=f"bb-{name}", name="宽带 500M", family="broadband", **by)
    made.customer = parties.register_customer(
        number=f"C-{name}-7719",
        name=customer,
        phone=phone,
        region_code=code,
        email=email or f"{name}@example.cn",
        **by,
    )
    made.line = parties.connect_line(
        number=f"KD-{name}-5521",
        customer=made.customer,
        service_code=f"bb-{name}",
        address=f"{name}路 8 号",
        region_code=code,
        **by,
    )
    return made


def open_in(district: District, *, at: datetime, accepted: bool = True, **changes: Any) -> Any:
    """Open a ticket of the district's customer; unaccepted ones wait for an agent."""
    vague = {"kind": "fault", "title": "说不清", "description": "有事"}
    clear = {"kind": "enquiry", "category": CATEGORY} if accepted else vague
    return opening.open_ticket(
        report=report(
            contact_name=district.customer_name,
            contact_phone=district.phone,
            **clear | changes,
        ),
        region=regions.region(district.code),
        customer=district.customer,
        line=district.line,
        actor="system:test",
        at=at,
        by_agent=accepted,
    )


@transaction.atomic
def fill_with_tickets(district: District) -> None:
    """Put one ticket in every state into the district, worked on by its technician."""
    at = now() - timedelta(hours=2)
    technician = district.staff[Role.TECHNICIAN]
    by: dict[str, Any] = {"actor": technician.actor, "at": at + timedelta(minutes=5)}

    def given(state: str) -> Any:
        ticket = district.tickets[state] = open_in(district, at=at)
        order = assigning.assign_to(
            number=ticket.number,
            staff_id=technician.pk,
            reason="测试",
            actor="system:test",
            at=at + timedelta(minutes=1),
        )
        district.orders[state] = order
        return ticket

    def begun(state: str) -> Any:
        ticket = given(state)
        visiting.start(number=district.orders[state].number, **by)
        return ticket

    district.tickets["acknowledged"] = open_in(district, at=at, accepted=False)
    district.tickets["accepted"] = open_in(district, at=at)
    team_given = district.tickets["queued"] = open_in(district, at=at)
    assigning.assign_to(
        number=team_given.number,
        team_id=district.team.pk,
        reason="测试",
        actor="system:test",
        at=at + timedelta(minutes=1),
    )
    given("assigned")
    _plan_visit(district, at=at)
    begun("in_progress")
    working.attach(
        number=district.tickets["in_progress"].number,
        name=f"{district.name}.png",
        chunks=[PNG + district.name.encode()],
        public=True,
        **by,
    )
    asking.ask(number=begun("pending").number, question="哪个灯不亮？", **by)
    held = begun("held")
    edition = editions.read(held.edition_id)
    reason = edition.pause_reasons(kind=held.kind)[0].code
    pausing.pause(number=held.number, reason=reason, note="", **by)
    for state in ("resolved", "confirmed", "rated_low", "closed"):
        _resolve(begun(state), edition, by)
    low = district.tickets["rated_low"].number
    later = at + timedelta(minutes=20)
    confirmed = district.tickets["confirmed"].number
    closing.confirm(number=confirmed, actor=f"phone:{district.phone}", at=later)
    rating: dict[str, Any] = {"tags": (), "comment": "慢", "actor": f"phone:{district.phone}"}
    evaluating.confirm_and_evaluate(number=low, score=1, at=later, **rating)
    shut = district.tickets["closed"].number
    evaluating.confirm_and_evaluate(number=shut, score=5, at=later, **rating)
    journal.seal_pending(at=later)
    archive.file_case(number=shut, actor="system:test", at=later)
    journal.seal_pending(at=later)
    district.orders = {
        state: WorkOrder.objects.filter(ticket=ticket).order_by("-pk").first()
        for state, ticket in district.tickets.items()
    }


def _plan_visit(district: District, *, at: datetime) -> None:
    """Let the technician have a visit that could take place at other times as well."""
    by: dict[str, Any] = {"actor": "system:test", "at": at}
    technician = district.staff[Role.TECHNICIAN]
    rostering.plan_shifts(staff_id=technician.pk, periods=[Period(at)], **by)
    for type_ in ("optical_power_meter", "speed_tester"):
        rostering.register_resource(
            code=f"{district.name}-{type_}",
            kind="instrument",
            type_=type_,
            name=type_,
            region=regions.region(district.code),
            **by,
        )
    visit = {"kind": "fault", "category": "fault.broadband.no_link"}
    ticket = district.tickets["visited"] = open_in(district, at=at, **visit)
    assigning.assign_to(number=ticket.number, staff_id=technician.pk, reason="测试", **by)


def _resolve(ticket: Any, edition: Any, by: dict[str, Any]) -> None:
    later = by | {"at": by["at"] + timedelta(minutes=10)}
    closing.resolve(
        number=ticket.number,
        cause=edition.causes(kind=ticket.kind)[0].code,
        fix=edition.fixes(kind=ticket.kind)[0].code,
        result="更换尾纤",
        advice="请勿弯折",
        retest_passed=True,
        **later,
    )
    visiting.finish(number=ticket.number, actor="system:test", at=later["at"])
    telling.note_told(queries.locked(ticket.number), at=later["at"])
    evaluating.ask_evaluation(number=ticket.number, at=later["at"])
