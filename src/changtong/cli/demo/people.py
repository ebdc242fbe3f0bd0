"""Staff with teams and qualifications, customers with lines."""

from __future__ import annotations

import random
import secrets
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

from faker import Faker

from changtong.cli.demo.places import ACTOR
from changtong.parties import operations as parties


if TYPE_CHECKING:
    from changtong.parties.models import Customer, Line, Staff


SEED = 20261122
DESK_SKILLS = ("customer_care", "billing_care", "complaint_handling", "counter_service")
REMOTE_SKILLS = ("network_support", "cloud_operations", "platform_support")
FIELD_SKILLS = ("broadband_maintenance", "wireline_maintenance", "fiber_splicing")
MOBILE_SKILLS = ("wireless_optimization", "base_station_maintenance", "transport_maintenance")


@dataclass(frozen=True, slots=True)
class Post:
    """A post to fill: who, where, and what they may do."""

    username: str
    name: str
    role: str
    region: str
    skills: tuple[str, ...] = ()
    team: str = ""
    # A certificate that ran out, so that the system can be seen to refuse it.
    expired: tuple[str, ...] = ()


POSTS = (
    Post("agent1", "李晓雯", "agent", "41", DESK_SKILLS, "desk"),
    Post("agent2", "王思远", "agent", "41", DESK_SKILLS, "desk"),
    Post("agent3", "赵敏", "agent", "4103", ("customer_care", "counter_service"), "desk"),
    Post("remote1", "孙立诚", "agent", "41", (*REMOTE_SKILLS, "complaint_handling"), "remote"),
    Post("remote2", "周倩", "agent", "41", REMOTE_SKILLS, "remote"),
    Post("dispatcher1", "陈国栋", "dispatcher", "41"),
    Post("tech1", "张建军", "technician", "4101", FIELD_SKILLS, "zz-field"),
    Post("tech2", "刘志强", "technician", "4101", (*FIELD_SKILLS, *MOBILE_SKILLS), "zz-field"),
    Post(
        "tech3",
        "郭海涛",
        "technician",
        "4101",
        ("wireline_maintenance",),
        "zz-field",
        ("broadband_maintenance",),
    ),
    Post("tech4", "马文斌", "technician", "4103", FIELD_SKILLS, "ly-field"),
    Post("tech5", "胡永亮", "technician", "4103", (*FIELD_SKILLS, *MOBILE_SKILLS), "ly-field"),
    Post("leader1", "何丽华", "leader", "4101", FIELD_SKILLS, "zz-field"),
    Post("supervisor1", "高远", "supervisor", "41"),
    Post("archivist1", "林静", "archivist", "41"),
    Post("auditor1", "罗正明", "auditor", "41"),
    Post("manager1", "梁启航", "manager", "41"),
    Post("compliance1", "沈致远", "compliance", "41"),
    Post("compliance2", "韩雪梅", "compliance", "41"),
    Post("admin1", "谢安", "administrator", "41"),
)

# Code, name, region, mode, leader.
TEAMS = (
    ("desk", "省客服中心一班", "41", "desk", "agent1"),
    ("remote", "省网络支撑班", "41", "remote", "remote1"),
    ("zz-field", "郑州装维一班", "4101", "field", "leader1"),
    ("ly-field", "洛阳装维一班", "4103", "field", "tech4"),
)


def employ(*, at: datetime) -> dict[str, str]:
    """Create staff, teams and qualifications; return each new account's password."""
    today = at.date()
    passwords: dict[str, str] = {}
    staff: dict[str, Staff] = {}
    for serial, post in enumerate(POSTS, start=1):
        passwords[post.username] = secrets.token_urlsafe(12)
        staff[post.username] = parties.employ(
            username=post.username,
            number=f"HN{serial:04d}",
            name=post.name,
            role=post.role,
            region_code=post.region,
            password=passwords[post.username],
            phone=f"1800000{serial:04d}",
            email=f"{post.username}@changtong.example",
            actor=ACTOR,
            at=at,
        )
        for skill in post.skills:
            _qualify(staff[post.username], skill, today - timedelta(days=200), 730, at)
        for skill in post.expired:
            _qualify(staff[post.username], skill, today - timedelta(days=760), 730, at)
    for code, name, region, mode, leader in TEAMS:
        parties.form_team(
            code=code,
            name=name,
            region_code=region,
            mode=mode,
            members=[staff[post.username] for post in POSTS if post.team == code],
            leader=staff[leader],
            actor=ACTOR,
            at=at,
        )
    return passwords


def _qualify(person: Staff, skill: str, since: date, days: int, at: datetime) -> None:
    parties.qualify(
        staff=person,
        skill=skill,
        certificate=f"{person.number}-{skill}",
        valid_from=since,
        expires_on=since + timedelta(days=days),
        actor=ACTOR,
        at=at,
    )


DISTRICTS = {
    "410105": ("河南省郑州市金水区", ("花园路", "经三路", "农业路", "东风路")),
    "410102": ("河南省郑州市中原区", ("建设西路", "桐柏路", "嵩山北路")),
    "410122": ("河南省郑州市中牟县", ("官渡镇", "白沙镇", "雁鸣湖镇")),
    "410183": ("河南省郑州市新密市", ("来集镇", "超化镇")),
    "410303": ("河南省洛阳市西工区", ("中州中路", "凯旋路")),
    "410311": ("河南省洛阳市洛龙区", ("开元大道", "政和路")),
    "410324": ("河南省洛阳市栾川县", ("潭头镇", "庙子镇")),
}
SERVICE_MIX = (
    "fttr-1000",
    "ftth-300",
    "ftth-300",
    "mobile-5g",
    "mobile-5g",
    "fixed-voice",
    "iptv",
)
TIERS = ("standard",) * 7 + ("silver", "gold", "platinum")


def subscribe(*, customers: int, at: datetime) -> list[Line]:
    """Create customers with one or two lines each; the first is the one the README uses."""
    fake = Faker("zh_CN")
    fake.seed_instance(SEED)
    chance = random.Random(SEED)  # noqa: S311 - demonstration data, not a secret
    lines: list[Line] = []
    for serial in range(1, customers + 1):
        district = chance.choice(tuple(DISTRICTS))
        place, streets = DISTRICTS[district]
        address = f"{place}{chance.choice(streets)}{chance.randint(1, 288)}号"
        customer = parties.register_customer(
            number=f"C{serial:06d}",
            name=fake.name(),
            phone=f"1390000{serial:04d}",
            email=f"customer{serial}@example.com",
            region_code=district,
            tier=chance.choice(TIERS),
            actor=ACTOR,
            at=at,
        )
        lines += _connect(customer, district, address, chance, serial, at=at)
    return lines


def _connect(
    customer: Customer,
    district: str,
    address: str,
    chance: random.Random,
    serial: int,
    at: datetime,
) -> list[Line]:
    services = ["ftth-300"] if serial == 1 else chance.sample(SERVICE_MIX, k=chance.randint(1, 2))
    lines = []
    for position, service in enumerate(dict.fromkeys(services)):
        mobile = service == "mobile-5g"
        lines.append(
            parties.connect_line(
                number=customer.phone if mobile else f"0371{serial:05d}{position}",
                customer=customer,
                service_code=service,
                address=address,
                region_code=district,
                access_resource="" if mobile else f"OLT-{district}-{serial % 6}/PON{serial % 16}",
                monthly_rent=Decimal(49 + 10 * (serial % 12)),
                actor=ACTOR,
                at=at,
            )
        )
    return lines
