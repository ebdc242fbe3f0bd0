"""A ticket's clocks, with their breaches and pauses."""

from __future__ import annotations

from typing import TYPE_CHECKING

from changtong.cli.demo.filling import limits
from changtong.cli.demo.filling.copying import instant, iso, plain


if TYPE_CHECKING:
    from changtong.cli.demo.filling.ticket import One
    from changtong.standard.domain.rules import Target


AWAITING_CUSTOMER = "customer_information"


def write(one: One) -> int | None:
    """Write the clocks that have started; return when the first that runs is due."""
    targets = limits.targets(
        one.setting.edition,
        one.kind,
        one.priority,
        one.place.path,
        one.place.region_type,
        one.family,
        one.person.tier,
        one.category.code,
    )
    due = [
        _clock(one, target, one.course.moments[target.starts_on])
        for target in targets
        if target.starts_on in one.course.moments
    ]
    return min((one for one in due if one is not None), default=None)


def _clock(one: One, target: Target, started_at: int) -> int | None:
    course = one.course
    stretch, until = one.stretch, one.setting.until
    pk = stretch.next_clock
    stretch.next_clock += 1
    due_at, warnings, provisional = limits.planned(target, one.setting.edition_id, started_at)
    stopped_at = course.moments.get(target.stops_on)
    voided_at = None
    if stopped_at is None and course.ended_at is not None:
        if course.state == "closed":
            stopped_at = course.ended_at
        else:
            voided_at = course.ended_at
    paused = (
        course.waiting_since is not None
        and stopped_at is None
        and target.pausable
        and due_at > course.waiting_since
    )
    if paused:
        held = _pause(one, pk)
        due_at, warnings, provisional = limits.planned(
            target, one.setting.edition_id, started_at, held
        )
    ended_at = stopped_at or voided_at or until
    breached = not paused and due_at < ended_at
    passed = sum(warning <= ended_at for warning in warnings)
    next_warning = warnings[passed] if passed < len(warnings) and not breached else None
    is_open = stopped_at is None and voided_at is None
    state = "stopped" if stopped_at else "void" if voided_at else "running"
    stretch.clocks.add(
        pk,
        one.number,
        limits.fixed(target, one.setting.edition_id),
        instant(started_at),
        instant(started_at),
        instant(due_at),
        "t" if provisional else "f",
        instant(next_warning),
        passed,
        "paused" if paused else state,
        instant(due_at) if breached else None,
        instant(stopped_at),
        one.worker if stopped_at else "",
        instant(voided_at),
        one.actor if voided_at else "",
        f"ticket.{course.state}" if voided_at else "",
        "",
    )
    if breached:
        facts = {
            "clock": pk,
            "metric": target.metric,
            "basis": target.basis,
            "clause": target.clause,
            "within": str(target.within),
            "due_at": iso(due_at),
        }
        stretch.record("clock.breached", one.number, "system:clocks", due_at, plain(facts))
    return due_at if is_open and not paused else None


def _pause(one: One, clock: int) -> tuple[int, int]:
    """Write an open pause; return when it begins and ends at the latest."""
    assert one.course.waiting_since is not None  # noqa: S101 - for the type checker
    since = one.course.waiting_since
    reasons = one.setting.edition.pause_reasons(kind=one.kind)
    waits_for_customer = one.course.state == "pending"
    reason = next(
        (one for one in reasons if (one.code == AWAITING_CUSTOMER) == waits_for_customer),
        reasons[0],
    )
    seconds = int(reason.at_most.total_seconds())
    one.stretch.pauses.add(
        clock,
        reason.code,
        reason.clause,
        instant(since),
        instant(since + seconds),
        one.worker,
        "",
    )
    return since, since + seconds
