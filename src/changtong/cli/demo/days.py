"""A few days in the life of the operator, so that no page is empty."""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from django.db import transaction

from changtong.cli import replay
from changtong.cli.demo.people import SEED
from changtong.intake import operations as intake
from changtong.journal import operations as journal
from changtong.kernel.errors import Refused
from changtong.tickets import queries as tickets
from changtong.tickets.domain.report import Report


if TYPE_CHECKING:
    from changtong.parties.models import Line
    from changtong.tickets.models import Ticket


@dataclass(frozen=True, slots=True)
class Matter:
    """What somebody says, and what came of it."""

    kind: str
    families: tuple[str, ...]
    title: str
    description: str
    result: str
    advice: str


MATTERS = (
    Matter(
        "fault",
        ("broadband",),
        "宽带断网，光猫红灯闪",
        "今天早上开始上不了网，光猫 LOS 灯一直闪红灯，重启过没有用。",
        "入户光纤弯折断裂，已更换尾纤，光功率恢复到 -19 dBm，测速达标。",
        "请避免在光猫附近弯折或压住光纤。",
    ),
    Matter(
        "fault",
        ("broadband",),
        "晚上网速慢，看视频卡顿",
        "签约 300M，晚上八点以后只有 20M 左右。",
        "更换老化网线并调整无线信道，有线测速 305M。",
        "建议将路由器放在客厅开阔位置。",
    ),
    Matter(
        "fault",
        ("mobile",),
        "家里手机没有信号",
        "搬到新小区以后室内几乎没有信号，打电话断断续续。",
        "已调整附近基站天线下倾角，室内信号恢复。",
        "如有地下室使用需求可申请室内覆盖。",
    ),
    Matter(
        "fault",
        ("fixed",),
        "固定电话无声音",
        "拿起来没有拨号音，也打不进来。",
        "分线盒接线松动，已重新压接，通话正常。",
        "",
    ),
    Matter(
        "service_request",
        ("broadband",),
        "申请宽带移机",
        "下月搬家，想把宽带移到新地址，希望周末上门。",
        "已完成移机并测试上网正常。",
        "新地址光猫请勿断电。",
    ),
    Matter(
        "complaint",
        ("mobile", "broadband"),
        "账单多扣费，要求退费",
        "这个月多扣了二十元，没有订过任何增值业务，属于乱扣费。",
        "经核查为增值业务误订，已退订并退还二十元，向您致歉。",
        "可在掌上营业厅设置增值业务订购提醒。",
    ),
    Matter(
        "enquiry",
        ("mobile", "broadband", "fixed", "value_added"),
        "咨询套餐资费",
        "想了解现在的套餐还有多少流量，有没有更合适的套餐。",
        "已说明当前套餐内容，并推荐了更合适的档位。",
        "",
    ),
)
PERIOD = timedelta(hours=70)
TICKETS = 48
# Only what came in lately may still wait; the operator is a good one.
LATELY = timedelta(hours=5)
COMMENTS = {5: "处理很快，师傅很专业。", 4: "不错。", 2: "等得有点久。", 1: "跑了两趟才修好。"}


def live(*, lines: list[Line], until: datetime) -> None:
    """Report, handle, rate and archive matters over the last days, up to now."""
    chance = random.Random(SEED)  # noqa: S311 - demonstration data, not a secret
    closed: list[str] = []
    with journal.without_reactions():
        for position in range(TICKETS):
            # Denser towards now, so that there is work to do.
            opened_at = until - PERIOD * (1 - position / TICKETS) ** 2 - timedelta(minutes=9)
            line = chance.choice(lines)
            fitting = [one for one in MATTERS if line.family in one.families] or [MATTERS[-1]]
            with transaction.atomic():
                number = _one(chance.choice(fitting), line, chance, at=opened_at, until=until)
            if number:
                closed.append(number)
        replay.file_all(closed, at=until)


def _one(
    matter: Matter, line: Line, chance: random.Random, *, at: datetime, until: datetime
) -> str | None:
    """Live through one matter as far as time allows; return its number if it was closed."""
    actor = f"phone:{line.customer.phone}"
    try:
        ticket = intake.receive(
            report=Report(
                kind=matter.kind,
                channel=chance.choice(("web", "web", "app", "phone", "counter")),
                title=matter.title,
                description=matter.description,
                contact_name=line.customer.name,
                contact_phone=line.customer.phone,
                contact_email=line.customer.email,
            ),
            line_number=line.number,
            actor=actor,
            at=at,
        ).ticket
    except Refused as refused:
        if refused.code != "intake.same_matter":
            raise
        # Open already: nobody reports it twice here.
        return None
    if ticket.state != "accepted":
        return None
    return _handle(ticket, matter, chance, actor=actor, until=until)


def _handle(
    ticket: Ticket, matter: Matter, chance: random.Random, *, actor: str, until: datetime
) -> str | None:
    number, at = ticket.number, ticket.opened_at
    assigned_at = at + timedelta(minutes=chance.randint(1, 8))
    if assigned_at > until or not replay.assign(number=number, at=assigned_at):
        return None
    worker = f"staff:{tickets.locked(number).assignee_id}"
    begun_at = assigned_at + timedelta(minutes=chance.randint(20, 150))
    late = until - at < LATELY
    if begun_at > until or (late and chance.random() < 0.3):  # noqa: PLR2004
        return None
    replay.begin(number=number, actor=worker, at=begun_at)
    solved_at = begun_at + timedelta(minutes=chance.randint(20, 240))
    if solved_at > until or (late and chance.random() < 0.3):  # noqa: PLR2004
        return None
    replay.resolve(
        number=number,
        actor=worker,
        at=solved_at,
        result=matter.result,
        advice=matter.advice,
        cause=chance.randint(0, 5),
    )
    rated_at = solved_at + timedelta(minutes=chance.randint(5, 900))
    if rated_at > until:
        return None
    score = chance.choice((5, 5, 5, 4, 4, 3, 2, 1))
    closed = replay.rate(
        number=number,
        score=score,
        tags=("fast", "professional") if score > 3 else ("slow",),  # noqa: PLR2004
        comment=COMMENTS.get(score, ""),
        actor=actor,
        at=rated_at,
    )
    return number if closed else None
