"""A maintenance district: a team with a broadband technician, shifts, and what visits need."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from tests.factories import people
from tests.factories.intake import AT, Town, build_town, report

from changtong.dispatch.operations import rostering
from changtong.kernel.time import Period
from changtong.tickets.operations import opening


BY: dict[str, Any] = {"actor": "system:test", "at": AT}
DAY = Period(AT - timedelta(hours=2), AT + timedelta(hours=10))
VISIT = "fault.broadband.no_link"
DESK = "enquiry.how_to"


@dataclass(frozen=True)
class District:
    town: Town
    li: Any
    zhao: Any
    team: Any


def after(minutes: float) -> datetime:
    return AT + timedelta(minutes=minutes)


def technician(username: str, *skills: str, shift: Period | None = DAY, **where: Any) -> Any:
    person = people.qualified(people.staff(username, "technician", **where), *skills)
    if shift is not None:
        rostering.plan_shifts(staff_id=person.pk, periods=[shift], **BY)
    return person


def instruments(town: Town, count: int = 1, **changes: Any) -> None:
    for type_ in ("optical_power_meter", "speed_tester"):
        for index in range(count):
            rostering.register_resource(
                code=f"{type_}-{index}",
                kind="instrument",
                type_=type_,
                name=type_,
                region=town.region,
                **BY,
                **changes,
            )


def build_district() -> District:
    """Two broadband technicians in one team, and one instrument of each type for both."""
    town = build_town()
    li = technician("li", "broadband_maintenance", region="410105")
    zhao = technician("zhao", "broadband_maintenance", region="410105")
    team = people.team("field", li, zhao, mode="field", region="410105")
    instruments(town)
    return District(town, li, zhao, team)


def accepted(town: Town, category: str = VISIT, **changes: Any) -> Any:
    kind = {"enquiry": "enquiry", "complaint": "complaint", "request": "service_request"}.get(
        category.split(".", 1)[0], "fault"
    )
    return opening.open_ticket(
        report=report(category=category, kind=kind, **changes),
        region=town.region,
        customer=town.customer,
        line=town.line,
        by_agent=True,
        **BY,
    )
