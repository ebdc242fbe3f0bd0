"""Run the worked cases of an edition: given … at … expect …"""

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any, Protocol

from changtong.kernel.errors import Refused
from changtong.standard.domain import places
from changtong.standard.domain.calendars import Calendar, Within
from changtong.standard.domain.edition import Edition
from changtong.standard.domain.parsing import Body, Problem, Section
from changtong.standard.domain.reading import EXAMPLES
from changtong.standard.domain.rules import Target


class Deadline(Protocol):
    """How due times are computed; it lives above the standard, in `clocks`."""

    def __call__(
        self, *, started_at: datetime, within: Within, calendar: Calendar
    ) -> datetime: ...


Given = Mapping[str, Any]
Answer = Callable[[Edition, Given], Any]


def problems(body: Body, edition: Edition, due_at: Deadline | None = None) -> Iterator[Problem]:
    """
    Return every example that the edition does not fulfil.

    :param due_at: without it, what an example expects of due times is not looked at
    """
    found: list[Problem] = []
    for name in sorted(body):
        if not name.startswith(EXAMPLES):
            continue
        file = Section(name, body[name], found)
        for example in file.tables("example"):
            _run(example, edition, due_at)
        file.close()
    yield from found


def count(body: Body) -> int:
    """Return how many examples an edition has."""
    return sum(
        len(values.get("example", ()))
        for name, values in body.items()
        if name.startswith(EXAMPLES)
    )


def _run(example: Section, edition: Edition, due_at: Deadline | None) -> None:
    example.text("name")
    given = {**example.table("given").raw(), "at": example.text("at", "")}
    for question, wanted in example.table("expect").raw().items():
        key = f"expect.{question}"
        if question == "due" and due_at is None:
            continue
        answer = _due(due_at) if due_at and question == "due" else _ANSWERS.get(question)
        if answer is None:
            example.note("example.question_unknown", key, known=sorted([*_ANSWERS, "due"]))
            continue
        try:
            actual = answer(edition, given)
        except (KeyError, ValueError) as error:
            example.note("example.given_incomplete", key, missing=str(error))
        except Refused as refused:
            example.note("example.refused", key, reason=str(refused))
        else:
            if not _fulfils(actual, wanted):
                example.note("example.differs", key, wanted=wanted, actual=actual)


def _fulfils(actual: Any, wanted: Any) -> bool:
    # An example may look at a part of a table: what it does not mention does not matter to it.
    if isinstance(actual, dict) and isinstance(wanted, dict):
        return all(_fulfils(actual.get(key), value) for key, value in wanted.items())
    return bool(actual == wanted)


def _due(due_at: Deadline) -> Answer:
    def answer(edition: Edition, given: Given) -> dict[str, dict[str, str]]:
        started_at = datetime.fromisoformat(given["at"])
        found: dict[str, dict[str, str]] = {}
        for target in _applying(edition, given):
            calendar = edition.calendar(target.calendar)
            due = due_at(started_at=started_at, within=target.within, calendar=calendar)
            local = due.astimezone(started_at.tzinfo).isoformat()
            # Law of the nation and of a province stand side by side: the earliest governs.
            of_metric = found.setdefault(target.metric, {})
            of_metric[target.basis] = min(local, of_metric.get(target.basis, local))
        return found

    return answer


def _applying(edition: Edition, given: Given) -> tuple[Target, ...]:
    return edition.targets(
        kind=given["kind"],
        priority=given["priority"],
        region=places.path(given["region"]) if "region" in given else "",
        region_type=given["region_type"],
        family=given["family"],
        tier=given.get("tier", "standard"),
        category=given.get("category", ""),
    )


def _targets(edition: Edition, given: Given) -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = {}
    for target in _applying(edition, given):
        found.setdefault(target.metric, {}).setdefault(target.basis, []).append(str(target.within))
    # A list only where several limits of one basis stand side by side.
    return {
        metric: {
            basis: one[0] if len(one) == 1 else sorted(one) for basis, one in of_metric.items()
        }
        for metric, of_metric in found.items()
    }


def _priority(edition: Edition, given: Given) -> dict[str, str]:
    graded = edition.priority(
        impact=given["impact"],
        urgency=given["urgency"],
        tier=given["tier"],
        region=places.path(given["region"]) if "region" in given else "",
        region_type=given.get("region_type", ""),
    )
    return {"priority": graded.priority, "clause": graded.clause}


def _needs(edition: Edition, given: Given) -> dict[str, Any]:
    category = edition.category(given["category"])
    return {
        "mode": category.mode,
        "skill": category.skill,
        "instruments": list(category.instruments),
        "venue": category.venue,
        "work_for": _hours(category.work_for),
        "impact": category.impact,
        "urgency": category.urgency,
    }


def _evaluation(edition: Edition, given: Given) -> dict[str, Any]:
    rule = edition.evaluation(kind=given["kind"])
    return {
        "within": _hours(rule.within),
        "remind_after": _hours(rule.remind_after),
        "silent_consent_after": _hours(rule.silent_consent_after),
        "low_score_at_most": rule.low_score_at_most,
        "follow_up_within": _hours(rule.follow_up_within),
    }


def _hours(span: timedelta) -> float:
    return span / timedelta(hours=1)


# What an example may expect, and how it is found out.
_ANSWERS: Mapping[str, Answer] = {
    "priority": _priority,
    "targets": _targets,
    "needs": _needs,
    "evaluation": _evaluation,
    "closing": lambda edition, given: [
        condition.code for condition in edition.closing_conditions(kind=given["kind"])
    ],
    "pauses": lambda edition, given: {
        reason.code: _hours(reason.at_most) for reason in edition.pause_reasons(kind=given["kind"])
    },
    "required": lambda edition, given: list(edition.acceptance(kind=given["kind"]).required),
    "retention_months": lambda edition, given: edition.retention(kind=given["kind"]).months,
    "duplicate_hours": lambda edition, given: _hours(
        edition.duplicates(kind=given["kind"]).within
    ),
    "supplement_hours": lambda edition, given: _hours(
        edition.supplement(kind=given["kind"]).answer_within
    ),
    "reopening_hours": lambda edition, given: _hours(edition.reopening(kind=given["kind"]).within),
    "open_at_most": lambda edition, given: edition.assignment(kind=given["kind"]).open_at_most,
}
