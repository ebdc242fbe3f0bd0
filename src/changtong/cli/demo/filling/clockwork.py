"""A ticket's clocks, with their breaches and pauses."""

from __future__ import annotations

from typing import TYPE_CHECKING

from changtong.cli.demo.filling import limits
from changtong.cli.demo.filling.copying import instant, iso, plain
from changtong.standard.domain import words


if TYPE_CHECKING:
    from collections.abc import Iterator

    from changtong.cli.demo.filling.course import Course
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
        _clock(one, target, started_at, stopped_at)
        for target in targets
        for started_at, stopped_at in _runs(one.course, target)
    ]
    return min((one for one in due if one is not None), default=None)


def _runs(course: Course, target: Target) -> Iterator[tuple[int, int | None]]:
    """Yield when the clocks of a limit started and stopped: one, or many if it is owed again."""
    started_at = course.moments.get(target.starts_on)
    if started_at is None:
        return
    if not target.again_until:
        yield started_at, course.moments.get(target.stops_on)
        return
    over_at = course.moments.get(target.again_until)
    told = [at for at in course.told_at if at > started_at and (over_at is None or at < over_at)]
    yield from zip([started_at, *told], [*told, over_at], strict=True)


def _clock(one: One, target: Target, started_at: int, stopped_at: int | None) -> int | None:
    course = one.course
    stretch, until = one.stretch, one.setting.until
    pk = stretch.next_clock
    stretch.next_clock += 1
    due_at, warnings, provisional = limits.planned(target, one.setting.edition_id, started_at)
    voided_at = None
    if stopped_at is None and course.ended_at is not None:
        if course.state != "closed":
            voided_at = course.ended_at
        elif target.stops_on not in words.AFTER_CLOSING:
            stopped_at = course.ended_at
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
    if target.stops_on == "callback.made" and stopped_at:
        told = f'{{"attempt":1,"clause":"{target.clause}","reached":true}}'
        stretch.record("callback.made", one.number, one.worker, stopped_at, told)
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
    return due_at if is_open and not paused and course.ended_at is None else None


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
