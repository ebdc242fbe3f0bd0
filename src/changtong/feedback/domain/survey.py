"""When an applicant is reminded, when silence is consent, and which score needs a call."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from changtong.kernel.errors import Refused
from changtong.standard.domain.rules import EvaluationRule


# The scale is the shape of the form, five stars; what counts as low is the standard's.
LOWEST, HIGHEST = 1, 5


@dataclass(frozen=True, slots=True)
class Times:
    """
    What becomes due after the question.

    :param over_at: who has confirmed the result but not rated is no longer waited for
    :param silent_consent_at: who has said nothing at all is taken to agree
    """

    remind_at: datetime
    over_at: datetime
    silent_consent_at: datetime


def times(*, asked_at: datetime, rule: EvaluationRule) -> Times:
    """Return when the applicant who was just asked is reminded and no longer waited for."""
    return Times(
        remind_at=asked_at + rule.remind_after,
        over_at=asked_at + rule.within,
        silent_consent_at=asked_at + rule.silent_consent_after,
    )


def is_over(*, times: Times, confirmed: bool, at: datetime) -> bool:
    """Say whether the applicant is no longer waited for; the limit itself is over."""
    return times.silent_consent_at <= at or (confirmed and times.over_at <= at)


def over_since(*, times: Times, confirmed_at: datetime | None) -> datetime:
    """Return the instant from which the applicant is no longer waited for."""
    if confirmed_at is None:
        return times.silent_consent_at
    return min(max(times.over_at, confirmed_at), times.silent_consent_at)


def check(*, score: int, tags: Iterable[str], rule: EvaluationRule) -> None:
    """
    Refuse an evaluation that the form could not have produced.

    :raises Refused: ``evaluation.score_invalid``, ``evaluation.tag_unknown``
    """
    if not LOWEST <= score <= HIGHEST:
        raise Refused(
            "evaluation.score_invalid",
            clause=rule.clause,
            score=score,
            lowest=LOWEST,
            highest=HIGHEST,
        )
    if unknown := sorted(set(tags) - {tag.code for tag in rule.tags}):
        raise Refused("evaluation.tag_unknown", clause=rule.clause, tags=unknown)


def is_low(*, score: int, rule: EvaluationRule) -> bool:
    """Say whether somebody must call the applicant about this score."""
    return score <= rule.low_score_at_most


def follow_up_due_at(*, answered_at: datetime, rule: EvaluationRule) -> datetime:
    """Return until when the applicant must have been called."""
    return answered_at + rule.follow_up_within
