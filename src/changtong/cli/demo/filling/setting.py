"""What all tickets of a run share, and the customers they are from."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from changtong.cli.demo.filling.copying import Table, table
from changtong.cli.demo.filling.country import Population
from changtong.cli.demo.filling.staffing import Crews


if TYPE_CHECKING:
    from changtong.standard.domain.edition import Edition


@dataclass(frozen=True, slots=True)
class First:
    """The first identifiers of everything that this run writes."""

    customer: int
    line: int
    ticket: int
    number: int
    work_order_number: int
    clock: int
    evaluation: int


@dataclass(frozen=True, slots=True)
class Setting:
    """What all tickets share."""

    edition: Edition
    edition_id: int
    population: Population
    customers: int
    regions: dict[str, int]
    services: dict[str, int]
    crews: Crews
    first: First
    since: int
    until: int
    tickets: int
    seed: int


def customer_tables() -> tuple[Table, Table]:
    return (
        table("parties_customer", "id number name kind tier phone email language region_id"),
        table(
            "parties_line",
            "id number customer_id service_id family address region_id access_resource state"
            " latitude longitude",
        ),
    )


def write_customers(setting: Setting, tables: tuple[Table, Table], first: int, end: int) -> None:
    """Write the customers from one index up to another, with their lines."""
    customers, lines = tables
    for index in range(first, end):
        person = setting.population.person(index)
        place = setting.population.districts[person.district]
        region = setting.regions[place.code]
        customers.add(
            setting.first.customer + index,
            f"K{person.serial:08d}",
            person.name,
            "enterprise" if person.is_enterprise else "person",
            person.tier,
            person.phone,
            f"k{person.serial}@example.com" if index % 2 else "",
            "zh-hans",
            region,
        )
        for position, family in enumerate(person.families):
            mobile = family == "mobile"
            lines.add(
                line_id(setting, index, position),
                person.phone if mobile else f"LD{person.serial:09d}",
                setting.first.customer + index,
                setting.services[family],
                family,
                place.full_name + person.street,
                region,
                "" if mobile else f"OLT-{place.code}-{index % 6}/PON{index % 16}",
                "active",
                place.latitude,
                place.longitude,
            )


def line_id(setting: Setting, index: int, position: int) -> int:
    """Return the identifier of a customer's first or second line."""
    return setting.first.line + position * setting.customers + index
