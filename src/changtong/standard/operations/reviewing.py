"""Send a draft to review, say what is wrong with it, send it back, or approve it."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from changtong.journal import operations as journal
from changtong.kernel.errors import Missing, Refused
from changtong.standard import models, queries
from changtong.standard.domain import checking, drafting, parsing, reading, rehearsing
from changtong.standard.domain.drafting import State
from changtong.standard.domain.examples import Deadline
from changtong.standard.domain.rehearsing import Coverage
from changtong.standard.operations.drafting import save_unapproved, subject
from changtong.standard.operations.publishing import Unsound


# What is noted of a rehearsal.
REHEARSED = (
    "rehearsed_digest",
    "rehearsed_in",
    "rehearsed_since",
    "rehearsed_until",
    "rehearsed_days",
    "rehearsed_cases",
    "rehearsed_region",
    "rehearsed_everything",
)


@transaction.atomic
def send(*, draft_id: int, actor: str, at: datetime) -> models.Draft:
    """
    Send a draft to review; from then on its words stand still.

    :raises Missing: ``draft.unknown``
    :raises Refused: ``draft.cannot_move``, ``draft.empty``
    """
    draft = queries.locked_draft(draft_id)
    draft.state = drafting.move(current=draft.state, wanted=State.IN_REVIEW)
    body = queries.body_of(draft)
    if draft.based_on_id and body == queries.body(draft.based_on_id):
        raise Refused("draft.empty", clause="26.3")
    draft.sent_at, draft.sent_by = at, actor
    draft.save(update_fields=["state", "sent_at", "sent_by"])
    journal.record(
        tag="draft.sent",
        subject=subject(draft),
        actor=actor,
        at=at,
        revision=draft.revision,
        digest=parsing.digest(body),
    )
    return draft


@transaction.atomic
def send_back(*, draft_id: int, because: str, actor: str, at: datetime) -> models.Draft:
    """
    Send a draft back to its authors; an approval ends with that.

    :raises Missing: ``draft.unknown``
    :raises Refused: ``draft.cannot_move``, ``draft.reason_missing``
    """
    draft = queries.locked_draft(draft_id)
    draft.state = drafting.move(current=draft.state, wanted=State.DRAFTING)
    if not because.strip():
        raise Refused("draft.reason_missing", clause="26.3")
    save_unapproved(draft)
    journal.record(
        tag="draft.sent_back", subject=subject(draft), actor=actor, at=at, because=because.strip()
    )
    return draft


@transaction.atomic
def comment(
    *, draft_id: int, clause: str, text: str, actor: str, at: datetime
) -> models.DraftComment:
    """
    Say something about a clause of a draft, or with an empty number about the whole.

    :raises Missing: ``draft.unknown``, ``clause.unknown``
    :raises Refused: ``draft.settled``, ``comment.empty``
    """
    draft = queries.locked_draft(draft_id)
    if not draft.is_open:
        raise Refused("draft.settled", clause="26.3", draft_state=draft.state)
    if not text.strip():
        raise Refused("comment.empty", clause="26.3")
    if clause:
        reading.edition(queries.body_of(draft)).clause(clause)
    made = models.DraftComment.objects.create(
        draft=draft, clause=clause, text=text.strip(), at=at, by=actor
    )
    journal.record(
        tag="draft.commented",
        subject=subject(draft),
        actor=actor,
        at=at,
        comment=made.pk,
        clause=clause,
    )
    return made


@transaction.atomic
def resolve(*, comment_id: int, actor: str, at: datetime) -> models.DraftComment:
    """
    Mark a comment as dealt with.

    :raises Missing: ``comment.unknown``
    :raises Refused: ``comment.resolved_already``
    """
    found = models.DraftComment.objects.select_for_update().filter(pk=comment_id).first()
    if found is None:
        raise Missing("comment.unknown", comment=comment_id)
    if found.resolved_at is not None:
        raise Refused("comment.resolved_already", clause="26.3", by=found.resolved_by)
    found.resolved_at, found.resolved_by = at, actor
    found.save(update_fields=["resolved_at", "resolved_by"])
    journal.record(
        tag="draft.comment_resolved",
        subject=f"draft:{found.draft_id}",
        actor=actor,
        at=at,
        comment=found.pk,
        clause=found.clause,
    )
    return found


@transaction.atomic
def note_rehearsal(
    *,
    draft_id: int,
    digest: str,
    rehearsal: str,
    coverage: Coverage,
    actor: str,
    at: datetime,
) -> models.Draft:
    """
    Note that some words of a draft were run over recorded cases, over which, and where it is kept.

    Approval asks whether these are still the words of the draft, and whether the cases were
    enough. One that counts is not replaced by a smaller one of the same words; a draft that is no
    longer open stays as it is.

    :raises Missing: ``draft.unknown``
    """
    draft = queries.locked_draft(draft_id)
    rule = queries.rehearsal_rule(at=at)
    is_noted = (draft.rehearsed_digest, draft.rehearsed_in) == (digest, rehearsal)
    counts_already = draft.rehearsed_digest == digest and not rehearsing.lacking(
        rule, draft.coverage
    )
    is_less = counts_already and bool(rehearsing.lacking(rule, coverage))
    if draft.is_open and not is_noted and not is_less:
        draft.rehearsed_digest, draft.rehearsed_in = digest, rehearsal
        draft.coverage = coverage
        draft.save(update_fields=REHEARSED)
        journal.record(
            tag="draft.rehearsed",
            subject=subject(draft),
            actor=actor,
            at=at,
            rehearsal=rehearsal,
            digest=digest,
            days=coverage.days,
            cases=coverage.cases,
            region=coverage.region,
            everything=coverage.is_everything,
        )
    return draft


@transaction.atomic
def approve(
    *, draft_id: int, actor: str, at: datetime, due_at: Deadline | None = None
) -> models.Draft:
    """
    Approve the words of a draft, rehearsed as they are, as somebody who wrote none of them.

    The rehearsal must have run over as many days and cases, and the whole area, as the edition in
    force asks; where less was ever recorded, all of it is enough.

    :param due_at: how due times are computed, to check those that the examples expect
    :raises Missing: ``draft.unknown``
    :raises Unsound: if a check or an example fails
    :raises Refused: ``draft.cannot_move``, ``draft.own``, ``draft.comments_open``,
        ``draft.not_rehearsed``, ``draft.rehearsed_in_part``, ``draft.rehearsed_too_little``
    """
    draft = queries.locked_draft(draft_id)
    draft.state = drafting.move(current=draft.state, wanted=State.APPROVED)
    if actor in queries.authors_of(draft):
        raise Refused("draft.own", clause="26.3")
    pending = models.DraftComment.objects.filter(draft=draft, resolved_at__isnull=True).count()
    if pending:
        raise Refused("draft.comments_open", clause="26.3", count=pending)
    body = queries.body_of(draft)
    problems = checking.problems(body, due_at)
    if problems:
        raise Unsound(problems)
    digest = parsing.digest(body)
    if draft.rehearsed_digest != digest:
        raise Refused("draft.not_rehearsed", clause="26.5")
    rehearsing.demand(queries.rehearsal_rule(at=at), draft.coverage)
    draft.approved_at, draft.approved_by = at, actor
    draft.approved_digest = digest
    draft.save(update_fields=["state", "approved_at", "approved_by", "approved_digest"])
    journal.record(
        tag="draft.approved",
        subject=subject(draft),
        actor=actor,
        at=at,
        revision=draft.revision,
        digest=digest,
        rehearsal=draft.rehearsed_in,
    )
    return draft
