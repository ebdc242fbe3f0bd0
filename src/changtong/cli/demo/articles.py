"""What the demonstration's people have learnt so far."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import NamedTuple

from changtong.knowledge import operations
from changtong.knowledge.domain import Written
from changtong.parties import queries as parties
from changtong.standard import queries as standard


HELD_FOR = timedelta(days=180)


class Learnt(NamedTuple):
    """One article, and whether customers read it."""

    title: str
    body: str
    categories: tuple[str, ...]
    public: bool


ARTICLES = (
    Learnt(
        "光猫 LOS 灯亮红，宽带不通",
        "## 您可以先这样做\n\n1. 看光猫后面那根细的尾纤有没有松动、弯折或压住。\n"
        "2. 轻轻按紧接头，不要直视光口。\n3. 拔掉电源，等一分钟再插上，等两分钟。\n\n"
        "## 还是红灯\n\n红灯表示没有收到光信号，需要上门。请直接报修，我们按承诺的时间上门。",
        ("fault.broadband.no_link",),
        True,
    ),
    Learnt(
        "宽带能用但网速慢",
        "## 先分清是线路还是 Wi-Fi\n\n- 用网线把电脑接到光猫上测速；够快，就是 Wi-Fi 的问题。\n"
        "- Wi-Fi 慢：离路由器近些，换 5 GHz，少隔一道墙。\n"
        "- 接网线也慢：停掉下载和网盘，再测一次。\n\n"
        "## 结果仍低于签约速率\n\n请把测速结果的截图一起报上来。",
        ("fault.broadband.slow",),
        True,
    ),
    Learnt(
        "同一分光器下多户光衰偏大的判断",
        "## 现象\n\n两户以上接收光功率低于 -27 dBm，单户更换尾纤无效。\n\n"
        "## 做法\n\n| 测点 | 正常 | 处理 |\n|---|---|---|\n"
        "| 分光器输入 | ≥ -17 dBm | 偏低查主干 |\n"
        "| 分光器输出 | 输入减约 17 dB | 差超 3 dB 换分光器 |\n\n"
        "清洁适配器端面后复测，三次取中间值写进测量记录。",
        ("fault.broadband.no_link", "fault.broadband.slow"),
        False,
    ),
    Learnt(
        "电话里怎样让客户自己看灯",
        "先问 **LOS** 是红还是灭，再问 **PON** 是常亮还是闪。\n\n"
        "- LOS 红：直接派装维。\n- LOS 灭、PON 闪：远程看注册状态。\n"
        "- 两灯正常：查拨号和路由器。\n\n不要让客户拔光纤。",
        ("fault.broadband.no_link",),
        False,
    ),
)


def write(*, at: datetime) -> None:
    """Write what is known, each by one person and published by another."""
    author = parties.staff_by_username("agent1")
    publisher = parties.staff_by_username("supervisor1")
    edition = standard.read(standard.edition_in_force(at=at).pk)
    known = {one.code for one in edition.leaves()}
    for one in ARTICLES:
        made = operations.draft(
            written=Written(
                title=one.title,
                body=one.body,
                categories=one.categories,
                public=one.public,
                review_on=(at + HELD_FOR).date(),
            ),
            known=known,
            owner_id=author.pk,
            actor=author.actor,
            at=at,
        )
        operations.publish(article_id=made.article_id, actor=publisher.actor, at=at)
