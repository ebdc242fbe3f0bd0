"""What the standard says, asked once for all tickets that are alike."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from changtong.clocks.domain import planning
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


def graded(edition: Edition, impact: str, urgency: str, tier: str) -> tuple[str, str]:
    key = ("graded", impact, urgency, tier)
    if key not in _known:
        graded = edition.priority(impact=impact, urgency=urgency, tier=tier)
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


def planned(target: Target, edition_id: int, at: int) -> tuple[int, list[int], bool]:
    """Return when a limit is due, when to warn, and whether the calendar is still provisional."""
    key = ("limit", id(target))
    if key not in _known:
        samples = [_plan(target, edition_id, start) for start in (at, at + 12_345, at - 987_654)]
        away = [
            (due - start, [one - start for one in warnings])
            for (due, warnings, _), start in zip(
                samples, (at, at + 12_345, at - 987_654), strict=True
            )
        ]
        # Round the clock a limit is always as long; only others are counted one by one.
        _known[key] = away[0] if away[0] == away[1] == away[2] else None
    same = _known[key]
    if same is None:
        return _plan(target, edition_id, at)
    length, warnings = same
    return at + length, [at + one for one in warnings], False


def _plan(target: Target, edition_id: int, at: int) -> tuple[int, list[int], bool]:
    limit = planning.Limit(
        started_at=datetime.fromtimestamp(at, UTC),
        within=target.within,
        calendar=standard.read(edition_id).calendar(target.calendar),
        warn_shares=target.warn_at,
    )
    plan = limit.plan()
    due_at = int(plan.due_at.timestamp())
    if len(target.warn_at) > 1:
        # Where the calendar has gaps the later warnings are near enough as shares of it.
        warnings = [at + int((due_at - at) * share) for share in target.warn_at]
    else:
        warnings = []
    if plan.warn_at is not None:
        warnings[:1] = [int(plan.warn_at.timestamp())]
    return due_at, sorted(warnings), plan.is_provisional
