"""Instruments, rooms and the roster."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.conf import settings

from changtong.catalog import queries as catalog
from changtong.cli.demo.places import ACTOR
from changtong.dispatch.operations import rostering
from changtong.kernel.time import Period
from changtong.parties import queries as parties


# Code, kind, type as the standard names it, name, region.
RESOURCES = (
    ("GZ-01", "instrument", "optical_power_meter", "光功率计 1 号", "4101"),
    ("GZ-02", "instrument", "optical_power_meter", "光功率计 2 号", "4101"),
    ("GZ-03", "instrument", "optical_power_meter", "光功率计 3 号", "4103"),
    ("OT-01", "instrument", "otdr", "OTDR 1 号", "4101"),
    ("OT-02", "instrument", "otdr", "OTDR 2 号", "4103"),
    ("RJ-01", "instrument", "fusion_splicer", "熔接机 1 号", "4101"),
    ("RJ-02", "instrument", "fusion_splicer", "熔接机 2 号", "4103"),
    ("CS-01", "instrument", "speed_tester", "测速终端 1 号", "4101"),
    ("CS-02", "instrument", "speed_tester", "测速终端 2 号", "4103"),
    ("XL-01", "instrument", "line_tester", "线路测试仪 1 号", "4101"),
    ("XL-02", "instrument", "line_tester", "线路测试仪 2 号", "4103"),
    ("WY-01", "instrument", "multimeter", "万用表 1 号", "4101"),
    ("WY-02", "instrument", "multimeter", "万用表 2 号", "4103"),
    ("WX-01", "instrument", "cable_tester", "网线测试仪 1 号", "4101"),
    ("WX-02", "instrument", "cable_tester", "网线测试仪 2 号", "4103"),
    ("WM-01", "instrument", "bit_error_tester", "误码仪 1 号", "41"),
    ("PP-01", "instrument", "spectrum_analyzer", "频谱仪 1 号", "41"),
    ("LC-01", "instrument", "drive_test_kit", "路测设备 1 号", "41"),
    ("GT-01", "venue", "service_counter", "花园路营业厅 3 号柜台", "41"),
    ("TJ-01", "venue", "mediation_room", "省客服中心调解室", "41"),
    ("CJ-01", "venue", "test_room", "郑州测试间", "41"),
)
CALIBRATED_FOR = timedelta(days=300)

# People on duty day and night, so that a visitor at any hour sees work assigned.
STANDING = (
    "agent1",
    "agent2",
    "agent3",
    "remote1",
    "remote2",
    "tech1",
    "tech4",
    "leader1",
    "supervisor1",
)
BY_DAY = ("tech2", "tech3", "tech5")
DAYS_BACK, DAYS_AHEAD = 4, 60


def provide(*, at: datetime) -> None:
    """Register the resources and put people on duty."""
    for code, kind, type_, name, region in RESOURCES:
        rostering.register_resource(
            code=code,
            kind=kind,
            type_=type_,
            name=name,
            region=catalog.region(region),
            calibration_due_on=(at + CALIBRATED_FOR).date() if kind == "instrument" else None,
            actor=ACTOR,
            at=at,
        )
    since = at - timedelta(days=DAYS_BACK)
    for username in STANDING:
        _on_duty(username, [Period(since)], at=at)
    for username in BY_DAY:
        _on_duty(username, [_day(at, offset) for offset in range(-DAYS_BACK, DAYS_AHEAD)], at=at)


def _on_duty(username: str, periods: list[Period], *, at: datetime) -> None:
    person = parties.staff_by_username(username)
    rostering.plan_shifts(staff_id=person.pk, periods=periods, actor=ACTOR, at=at)


def _day(at: datetime, offset: int) -> Period:
    zone = ZoneInfo(settings.TIME_ZONE)
    day = at.astimezone(zone).date() + timedelta(days=offset)
    return Period(
        datetime.combine(day, time(8), tzinfo=zone), datetime.combine(day, time(20), tzinfo=zone)
    )
