"""What was done on a ticket, and what came of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from changtong.cli.demo.filling.copying import instant, plain


if TYPE_CHECKING:
    from changtong.cli.demo.filling.ticket import One


RESULTS = (
    "已现场处理并测试正常，客户确认恢复使用。",
    "经核查已调整数据配置，业务恢复正常。",
    "已更换线路并复测达标，向客户说明原因。",
    "已按客户要求办理完成并短信告知。",
    "已向客户解释说明，客户表示理解。",
)
ADVICE = ("", "请避免弯折光纤。", "如再次出现请直接回复短信。", "建议重启光猫后使用。")


def write(one: One) -> None:
    """Write what was done on a ticket and what came of it."""
    _work(one)
    _result(one)


def _work(one: One) -> None:
    course = one.course
    if one.crew is None:
        return
    assigned_at, resolved_at = one.at("ticket.assigned"), one.at("ticket.resolved")
    state = "acknowledged"
    if resolved_at:
        state = "completed"
    elif course.waiting_since:
        state = "held"
    elif "ticket.started" in course.moments:
        state = "in_progress"
    one.stretch.work_orders.add(
        one.order_number,
        one.pk,
        one.number,
        one.crew.team,
        one.assignee,
        one.category.mode,
        state,
        f"{int(one.category.work_for.total_seconds())} seconds",
        assigned_at,
        one.at("ticket.started"),
        one.at("visit.arrived"),
        resolved_at,
        "resolved" if resolved_at else "",
        _reason(one),
        "6.1",
    )
    one.stretch.holds.add(
        one.pk, "open_work_order", f"work_order:{one.order_number}", assigned_at, resolved_at
    )
    for at in course.logged_at:
        responding = at == course.moments.get("ticket.responded")
        one.stretch.log.add(
            one.pk,
            "call" if responding else "note",
            "t" if responding else "f",
            "已电话联系客户，约定处理时间。" if responding else one.chance.choice(RESULTS),
            "{}",
            one.worker,
            instant(at),
        )
    if course.state == "pending":
        rule = one.setting.edition.supplement(kind=one.kind)
        since = course.waiting_since or course.opened_at
        one.stretch.supplements.add(
            one.pk,
            "请补充故障现象照片或错误提示。",
            one.worker,
            instant(since),
            instant(since + int(rule.answer_within.total_seconds())),
            rule.clause,
            "",
        )


def _reason(one: One) -> str:
    assert one.crew is not None  # noqa: S101 - for the type checker
    others = [other for other in one.crew.members if other != one.assignee][:3]
    return plain(
        {
            "by": "automatic",
            "clause": "6.1",
            "skill": one.category.skill,
            "chosen": {"staff": one.assignee, "team": one.crew.team, "open": 1, "cost": 1.5},
            "others": [
                {"staff": other, "team": one.crew.team, "open": 2, "reason": "less_suited"}
                for other in others
            ],
            "counts": {"less_suited": len(one.crew.members) - 1},
        }
    )


def _result(one: One) -> None:
    course, chance = one.course, one.chance
    resolved = course.moments.get("ticket.resolved")
    if resolved is None:
        return
    edition = one.setting.edition
    causes, fixes = edition.causes(kind=one.kind), edition.fixes(kind=one.kind)
    one.stretch.resolutions.add(
        one.pk,
        chance.choice(causes).code if causes else "",
        chance.choice(fixes).code if fixes else "",
        chance.choice(RESULTS),
        chance.choice(ADVICE),
        "t",
        one.worker,
        instant(resolved),
        "",
    )
    rule = edition.evaluation(kind=one.kind)
    remind_at = resolved + int(rule.remind_after.total_seconds())
    answered = course.moments.get("evaluation.given")
    tags = ["fast", "professional"] if course.score > rule.low_score_at_most else ["slow"]
    one.stretch.evaluations.add(
        one.evaluation,
        one.pk,
        0,
        instant(resolved),
        instant(remind_at),
        instant(remind_at) if remind_at <= (answered or one.setting.until) else None,
        instant(resolved + int(rule.within.total_seconds())),
        instant(resolved + int(rule.silent_consent_after.total_seconds())),
        rule.clause,
        course.score or None,
        plain(tags if course.score else []),
        "",
        instant(answered),
        ("silence" if course.silent else "customer") if answered else "",
        one.confirmed_by,
    )
