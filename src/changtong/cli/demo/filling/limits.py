"""What the standard says, asked once for all tickets that are alike."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from changtong.clocks.domain import planning
from changtong.kernel.time import Period
from changtong.standard import queries as standard


if TYPE_CHECKING:
    from changtong.standard.domain.edition import Edition
    from changtong.standard.domain.rules import Category, Target


@lru_cache(maxsize=1024)
def fixed(target: Target, edition_id: int) -> str:
    shares = "{" + ",".join(str(share) for share in target.warn_at) + "}"
    return "\t".join(
        (
            target.metric,
            target.basis,
            target.clause,
            str(edition_id),
            target.calendar,
            str(target.within),
            "t" if target.pausable and target.basis != "legal" else "f",
            shares,
            target.starts_on,
            target.stops_on,
        )
    )


_known: dict[tuple[object, ...], Any] = {}


def categories(edition: Edition, kind: str, family: str) -> list[Category]:
    key = ("categories", kind, family)
    if key not in _known:
        leaves = edition.leaves(kind=kind)
        fitting = [one for one in leaves if not one.families or family in one.families]
        _known[key] = fitting or list(leaves)
    kept: list[Category] = _known[key]
    return kept


def graded(
    edition: Edition, impact: str, urgency: str, tier: str, region: str, region_type: str
) -> tuple[str, str]:
    key = ("graded", impact, urgency, tier, region, region_type)
    if key not in _known:
        graded = edition.priority(
            impact=impact, urgency=urgency, tier=tier, region=region, region_type=region_type
        )
        _known[key] = (graded.priority, graded.clause)
    kept: tuple[str, str] = _known[key]
    return kept


def targets(
    edition: Edition,
    kind: str,
    priority: str,
    region: str,
    region_type: str,
    family: str,
    tier: str,
    category: str,
) -> tuple[Target, ...]:
    key = ("targets", kind, priority, region, region_type, family, tier, category)
    if key not in _known:
        _known[key] = edition.targets(
            kind=kind,
            priority=priority,
            region=region,
            region_type=region_type,
            family=family,
            tier=tier,
            category=category,
        )
    kept: tuple[Target, ...] = _known[key]
    return kept


def planned(
    target: Target, edition_id: int, at: int, held: tuple[int, int] | None = None
) -> tuple[int, list[int], bool]:
    """
    Return when a limit is due, when to warn, and whether the calendar is still provisional.

    :param held: from when to when it is on hold, if it is
    """
    limit = _limit(target, edition_id, at, held)
    within = target.within
    is_even = within.unit in ("hour", "minute") and within.cut_off is None
    if held is None and is_even and limit.calendar.is_always_open:
        # Round the clock a limit is always as long; only others are counted one by one.
        key = ("length", id(target))
        if key not in _known:
            due, warnings, _ = _plan(limit)
            _known[key] = due - at, [one - at for one in warnings]
        length, away = _known[key]
        return at + length, [at + one for one in away], False
    return _plan(limit)


def _limit(
    target: Target, edition_id: int, at: int, held: tuple[int, int] | None
) -> planning.Limit:
    return planning.Limit(
        started_at=datetime.fromtimestamp(at, UTC),
        within=target.within,
        calendar=standard.read(edition_id).calendar(target.calendar),
        warn_shares=target.warn_at,
        pauses=(Period(*(datetime.fromtimestamp(one, UTC) for one in held)),) if held else (),
    )


def _plan(limit: planning.Limit) -> tuple[int, list[int], bool]:
    plan = limit.plan()
    warnings = [limit.warning_at(step) for step in range(len(limit.warn_shares))]
    return (
        int(plan.due_at.timestamp()),
        [int(one.timestamp()) for one in warnings if one is not None],
        plan.is_provisional,
    )
