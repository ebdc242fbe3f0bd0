"""A choice as it is kept with the work order or the alarm, and shown."""

from __future__ import annotations

from collections.abc import Iterable

from changtong.dispatch.domain.choosing import Choice, Considered, Needs


# A desk may have hundreds of people; the nearest misses are kept by name, the rest counted.
OTHERS_AT_MOST = 20


def reason(
    choice: Choice, needs: Needs, *, by: str, note: str = "", despite: Iterable[str] = ()
) -> dict[str, object]:
    """
    Return who was chosen, what for, and why not the others, as JSON.

    :param by: ``automatic``, ``dispatcher``, ``claim``, ``handover`` or ``reopened``
    :param despite: what spoke against the person and was overruled
    """
    kept: dict[str, object] = {
        "by": by,
        "clause": needs.clause,
        "load_clause": needs.load_clause,
        "qualification_clause": needs.qualification_clause,
        "skill": needs.skill,
        "open_at_most": needs.open_at_most,
        "chosen": described(choice.chosen) if choice.chosen else None,
        "others": [described(one) for one in choice.others[:OTHERS_AT_MOST]],
        "counts": choice.counts(),
    }
    if needs.hours_clause:
        kept["hours_clause"] = needs.hours_clause
    if note:
        kept["note"] = note
    if overruled := list(despite):
        kept["despite"] = overruled
    return kept


def described(one: Considered) -> dict[str, object]:
    """Return one candidate's result as JSON; values that say nothing are left out."""
    facts: dict[str, object] = {
        "staff": one.candidate.staff_id,
        "name": one.candidate.name,
        "team": one.candidate.team_id,
        "open": one.candidate.open_count,
    }
    if one.why is not None:
        facts["reason"] = str(one.why)
    if one.score is not None:
        facts["cost"] = one.score.cost
        facts["wait_minutes"] = one.score.wait_minutes
        if one.score.distance_km is not None:
            facts["distance_km"] = one.score.distance_km
    if one.slot is not None:
        facts["starts_at"] = one.slot.period.start.isoformat()
        if one.slot.options:
            facts["resources"] = [option.code for option in one.slot.options]
    if one.lacking:
        facts["lacking"] = list(one.lacking)
    return facts
