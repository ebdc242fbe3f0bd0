"""What the applicant was told and what they say: receipts, acceptance, rating, follow-up."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from ninja import P, QueryEx, Router

from changtong.feedback import queries
from changtong.feedback.operations import evaluating, following_up
from changtong.infra.clock import now
from changtong.kernel.errors import Missing
from changtong.tickets import queries as tickets
from changtong.tickets.operations import closing
from changtong.web.api import paging
from changtong.web.api.auth import needs, viewer_of
from changtong.web.api.errors import PROBLEMS
from changtong.web.api.v1.changes import LISTED_AT_MOST, moved, own
from changtong.web.api.v1.schemas import feedback as schemas
from changtong.web.api.v1.schemas import shared


router = Router(tags=["feedback"])


@router.get(
    "/tickets/{number}/notifications",
    response={200: list[schemas.NotificationBody], **PROBLEMS},
    summary="通知回执 · Messages sent to the applicant and what became of them",
    auth=needs("tickets.view"),
)
def notifications(request: HttpRequest, number: str) -> list[Any]:
    found = tickets.by_number(viewer_of(request), number)
    return list(queries.notifications_of(found)[:LISTED_AT_MOST])


@router.post(
    "/tickets/{number}/confirmation",
    response={200: shared.Moved, **PROBLEMS},
    summary="登记客户认可 · Record that the applicant accepts the result",
    auth=needs("feedback.record"),
)
def confirm(request: HttpRequest, number: str) -> dict[str, Any]:
    number, actor, at = own(request, number)
    return moved(closing.confirm(number=number, actor=actor, at=at))


@router.post(
    "/tickets/{number}/refusal",
    response={200: shared.Moved, **PROBLEMS},
    summary="登记客户不认可 · Record that the applicant does not accept the result",
    auth=needs("feedback.record"),
)
def refuse(request: HttpRequest, number: str, given: shared.Reasoned) -> dict[str, Any]:
    number, actor, at = own(request, number)
    return moved(closing.refuse(number=number, reason=given.reason, actor=actor, at=at))


@router.get(
    "/tickets/{number}/evaluation",
    response={200: schemas.EvaluationBody, **PROBLEMS},
    summary="客户评价 · What the applicant was last asked and said",
    auth=needs("tickets.view"),
)
def evaluation(request: HttpRequest, number: str) -> Any:
    found = queries.evaluation_of(tickets.by_number(viewer_of(request), number))
    if found is None:
        raise Missing("evaluation.not_asked", number=number)
    return found


@router.post(
    "/tickets/{number}/evaluation",
    response={200: schemas.EvaluationBody, **PROBLEMS},
    summary="登记客户评价 · Record the applicant's rating; it also accepts the result",
    auth=needs("feedback.record"),
)
def evaluate(request: HttpRequest, number: str, given: schemas.Evaluation) -> Any:
    number, actor, at = own(request, number)
    return evaluating.confirm_and_evaluate(number=number, actor=actor, at=at, **given.dict())


@router.get(
    "/follow-ups",
    response={200: schemas.FollowUpPage, **PROBLEMS},
    summary="待回访 · Whom somebody has still to call, the most pressing first",
    auth=needs("feedback.follow_up"),
)
def follow_ups(
    request: HttpRequest,
    cursor: QueryEx[str | None, P(max_length=200)] = None,
    limit: QueryEx[int, P(ge=1, le=paging.LIMIT_AT_MOST)] = 50,
) -> dict[str, Any]:
    rows = queries.follow_ups(viewer_of(request))
    found, following = paging.page(
        rows, field="due_at", descending=False, cursor=cursor, limit=limit
    )
    return {"items": [_shown(one) for one in found], "next": following}


@router.post(
    "/follow-ups/{follow_up_id}/outcome",
    response={200: schemas.FollowUpBody, **PROBLEMS},
    summary="登记回访结果 · Record what came of calling the applicant",
    auth=needs("feedback.follow_up"),
)
def handle(request: HttpRequest, follow_up_id: int, given: schemas.Outcome) -> dict[str, Any]:
    viewer = viewer_of(request)
    if not queries.follow_ups(viewer).filter(pk=follow_up_id).exists():
        raise Missing("follow_up.unknown", follow_up=follow_up_id)
    handled = following_up.handle_follow_up(
        follow_up_id=follow_up_id, outcome=given.outcome, actor=viewer.actor, at=now()
    )
    return _shown(handled)


def _shown(follow_up: Any) -> dict[str, Any]:
    plain = ("reason", "clause", "opened_at", "due_at", "outcome", "handled_at")
    return {
        "id": follow_up.pk,
        "ticket": follow_up.ticket.number,
        "score": follow_up.evaluation.score,
        "comment": follow_up.evaluation.comment,
        **{name: getattr(follow_up, name) for name in plain},
    }
