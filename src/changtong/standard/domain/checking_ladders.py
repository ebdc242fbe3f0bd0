"""Find ladders whose steps come in no sensible order, or at hours that nobody has defined."""

from collections.abc import Iterator

from changtong.standard.domain.checking_figures import problem
from changtong.standard.domain.edition import Edition
from changtong.standard.domain.ladders import Ladder, Rung
from changtong.standard.domain.parsing import Problem
from changtong.standard.domain.selecting import Origin


def ladders_lead_upwards(edition: Edition) -> Iterator[Problem]:
    """Each step comes later than the one before it and tells the same level or a higher one."""
    for row in edition.ladders:
        facts = {"clause": row.then.clause}
        if not row.then.rungs:
            yield problem("ladder.without_steps", row.origin, "step", **facts)
        for lower, upper in _neighbors(row.then):
            place = f"step[{upper.number}]"
            if upper.height < lower.height:
                levels = {"level": upper.level, "level_before": lower.level}
                yield problem("ladder.leads_down", row.origin, place, **levels, **facts)
            if not _comes_later(lower, upper):
                yield problem("ladder.steps_unordered", row.origin, place, **facts)


def ladder_calendars_exist(edition: Edition) -> Iterator[Problem]:
    """Quiet hours are those of a calendar that is there."""
    for row in edition.ladders:
        if row.then.told_in is not None and row.then.told_in not in edition.calendars:
            yield problem("reference.unknown", row.origin, "told_in", code=row.then.told_in)


def contact_calendars_exist(edition: Edition) -> Iterator[Problem]:
    """The hours in which customers are turned to are those of a calendar that is there."""
    origin = Origin("tables/contact_hours.toml", "")
    for rules in edition.contacts_by_kind.values():
        for rule in rules:
            if rule.told_in not in edition.calendars:
                yield problem("reference.unknown", origin, "told_in", code=rule.told_in)


def _neighbors(ladder: Ladder) -> Iterator[tuple[Rung, Rung]]:
    yield from zip(ladder.rungs, ladder.rungs[1:], strict=False)


def _comes_later(lower: Rung, upper: Rung) -> bool:
    if lower.after is not None:
        return upper.after is not None and upper.after > lower.after
    if lower.share is not None and upper.share is not None:
        return upper.share > lower.share
    if lower.before is not None and upper.before is not None:
        return upper.before < lower.before
    # A share and a lead time can be compared only for a limit of known length: the engine does.
    return upper.after is not None or lower.share != 1
