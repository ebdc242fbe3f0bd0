"""A ticket's journal."""

from __future__ import annotations

from typing import TYPE_CHECKING


if TYPE_CHECKING:
    from changtong.cli.demo.filling.ticket import One


def write(one: One) -> None:
    """Write the journal entries of what happened to a ticket."""
    moments, course = one.course.moments, one.course
    category, priority = one.category.code, one.priority
    _record(
        one,
        "ticket.opened",
        one.actor,
        f'{{"category":"{category}","channel":"{one.channel}","edition":'
        f'{one.setting.edition_id},"kind":"{one.kind}","lacking":[],'
        f'"priority":"{priority}"}}',
    )
    _record(
        one, "ticket.accepted", one.actor, f'{{"category":"{category}","priority":"{priority}"}}'
    )
    if one.crew is not None:
        _record(
            one,
            "ticket.assigned",
            "system:dispatch",
            f'{{"assignee":{one.assignee},"clause":"6.1","team":{one.crew.team},'
            f'"why":{{"by":"automatic","work_order":"{one.order_number}"}}}}',
        )
    _record(one, "ticket.started", one.worker, "{}")
    for at in course.logged_at:
        one.stretch.record(
            "ticket.logged", one.number, one.worker, at, '{"public":false,"type":"note"}'
        )
    _record(one, "visit.arrived", one.worker, "{}")
    _record(one, "ticket.resolved", one.worker, '{"retest_passed":true}')
    if "ticket.resolved" in moments:
        one.stretch.record(
            "work_order.completed",
            one.number,
            "system:dispatch",
            moments["ticket.resolved"],
            f'{{"because":"resolved","staff":{one.assignee},"work_order":"{one.order_number}"}}',
        )
    _record(one, "ticket.told", "system:feedback", "{}")
    _record(one, "evaluation.requested", "system:feedback", "{}")
    silent = "true" if course.silent else "false"
    _record(one, "ticket.confirmed", one.confirmed_by, f'{{"silent":{silent}}}')
    if course.score:
        _record(
            one,
            "evaluation.given",
            one.actor,
            f'{{"evaluation":{one.evaluation},"score":{course.score}}}',
        )
    because = "silent_consent" if course.silent else "confirmed"
    _record(one, "ticket.closed", "system:feedback", f'{{"because":"{because}"}}')
    _record(one, "ticket.rejected", "system:triage", '{"reason":"not_our_service"}')
    _record(one, "ticket.cancelled", one.actor, '{"reason":"withdrawn"}')


def _record(one: One, tag: str, actor: str, facts: str) -> None:
    at = one.course.moments.get(tag)
    if at is not None:
        one.stretch.record(tag, one.number, actor, at, facts)
