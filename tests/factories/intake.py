"""A small town: one district, one customer, one broadband line, and what they report."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from changtong.catalog import operations as catalog
from changtong.parties import operations as parties
from changtong.standard import queries as drafts
from changtong.standard.operations import publishing
from changtong.tickets.domain.report import Report


AT = datetime(2026, 11, 24, 2, 0, tzinfo=UTC)
PHONE = "13800001111"


@dataclass(frozen=True)
class Town:
    """One district with one customer, who has one broadband line."""

    edition: Any
    region: Any
    customer: Any
    line: Any


def build_town() -> Town:
    path = next(iter(drafts.drafts()))
    edition = publishing.publish(body=drafts.draft(path), actor="system:test", at=AT)
    by = {"actor": "system:test", "at": AT}
    region = catalog.add_region(code="410105", name="金水区", region_type="urban", **by)
    catalog.add_service(code="bb500", name="宽带 500M", family="broadband", **by)
    customer = parties.register_customer(
        number="C0001",
        name="王芳",
        phone=PHONE,
        region_code="410105",
        email="wang@example.cn",
        **by,
    )
    line = parties.connect_line(
        number="KD0001",
        customer=customer,
        service_code="bb500",
        address="花园路 8 号",
        region_code="410105",
        **by,
    )
    return Town(edition, region, customer, line)


def report(**changes: Any) -> Report:
    fields: dict[str, Any] = {
        "kind": "fault",
        "channel": "phone",
        "title": "宽带断网",
        "description": "从今天早上开始宽带无法上网，光猫红灯亮。",
        "contact_name": "王芳",
        "contact_phone": PHONE,
    }
    return Report(**fields | changes)
