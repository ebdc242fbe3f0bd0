"""Publish an edition, from files or from an approved draft, or withdraw it."""

from __future__ import annotations

from datetime import date, datetime

from django.db import transaction
from django.utils import timezone

from changtong.journal import operations as journal
from changtong.kernel.errors import Missing, Refused
from changtong.standard import models, queries
from changtong.standard.domain import checking, drafting, parsing, reading
from changtong.standard.domain.drafting import State
from changtong.standard.domain.examples import Deadline
from changtong.standard.domain.parsing import Body, Problem


class Unsound(Refused):
    """Tell the author every mistake for which an edition cannot be published."""

    def __init__(self, problems: tuple[Problem, ...]) -> None:
        super().__init__("edition.unsound", clause="26.2", count=len(problems))
        self.problems = problems


@transaction.atomic
def publish(
    *, body: Body, actor: str, at: datetime, due_at: Deadline | None = None
) -> models.Edition:
    """
    Publish an edition after all its checks and examples have passed.

    Publishing the same text again changes nothing.

    :param due_at: how due times are computed, to check those that the examples expect
    :raises Unreadable: if the files cannot be understood
    :raises Unsound: if a check or an example fails
    :raises Refused: if this version was published with another text
    """
    body = queries.complete(body)
    edition = reading.edition(body)
    existing = (
        models.Edition.objects.select_for_update()
        .filter(code=edition.code, version=edition.version)
        .first()
    )
    if existing is not None:
        if existing.digest != edition.digest:
            raise Refused("edition.version_taken", clause="26.1", version=edition.version)
        return existing
    problems = checking.problems(body, due_at)
    if problems:
        raise Unsound(problems)
    row = models.Edition.objects.create(
        code=edition.code,
        version=edition.version,
        title=edition.title,
        title_en=edition.title_en,
        effective_from=edition.effective_from,
        digest=edition.digest,
        published_at=at,
        published_by=actor,
    )
    models.EditionText.objects.create(edition=row, body=body)
    journal.record(
        tag="edition.published",
        subject=f"edition:{row.pk}",
        actor=actor,
        at=at,
        code=row.code,
        version=row.version,
        digest=row.digest,
        effective_from=row.effective_from.isoformat(),
    )
    return row


@transaction.atomic
def publish_draft(
    *,
    draft_id: int,
    version: str,
    effective_from: date,
    actor: str,
    at: datetime,
    due_at: Deadline | None = None,
) -> models.Edition:
    """
    Publish the approved words of a draft under a version, in force from a day on.

    :param due_at: how due times are computed, to check those that the examples expect
    :raises Missing: ``draft.unknown``
    :raises Unsound: if a check or an example fails
    :raises Refused: ``draft.cannot_move``, ``draft.not_as_approved``, ``edition.backdated``,
        ``edition.version_unreadable``, ``edition.version_taken``
    """
    draft = queries.locked_draft(draft_id)
    draft.state = drafting.move(current=draft.state, wanted=State.PUBLISHED)
    body = queries.body_of(draft)
    if parsing.digest(body) != draft.approved_digest:
        raise Refused("draft.not_as_approved", clause="26.3")
    if not drafting.is_version(version):
        raise Refused("edition.version_unreadable", clause="26.1", version=version)
    if queries.editions(code=draft.code).filter(version=version).exists():
        raise Refused("edition.version_taken", clause="26.1", version=version)
    # A case that was opened this morning keeps the edition of this morning.
    if effective_from < timezone.localdate(at):
        raise Refused("edition.backdated", clause="26.1", day=effective_from.isoformat())
    replaces = draft.based_on.version if draft.based_on else None
    body = drafting.headed(body, version=version, effective_from=effective_from, replaces=replaces)
    row = publish(body=body, actor=actor, at=at, due_at=due_at)
    draft.edition = row
    draft.ended_at, draft.ended_by = at, actor
    draft.save(update_fields=["state", "edition", "ended_at", "ended_by"])
    journal.record(
        tag="draft.published",
        subject=f"draft:{draft.pk}",
        actor=actor,
        at=at,
        edition=row.pk,
        version=row.version,
        approved_by=draft.approved_by,
    )
    return row


@transaction.atomic
def withdraw(*, edition_id: int, because: str, actor: str, at: datetime) -> models.Edition:
    """
    Withdraw an edition, so that no new case takes it; cases that have it keep it.

    :raises Missing: if there is no such edition
    :raises Refused: if it is withdrawn already, no reason is given, or none would be in force
    """
    row = models.Edition.objects.select_for_update().filter(pk=edition_id).first()
    if row is None:
        raise Missing("edition.unknown", edition=edition_id)
    if row.withdrawn_at is not None:
        raise Refused("edition.withdrawn_already", clause="26.4", version=row.version)
    if not because.strip():
        raise Refused("edition.reason_missing", clause="26.4")
    if not _others_in_force(row, timezone.localdate(at)):
        raise Refused("edition.none_would_remain", clause="26.4", version=row.version)
    row.withdrawn_at = at
    row.withdrawn_because = because.strip()
    row.save(update_fields=["withdrawn_at", "withdrawn_because"])
    journal.record(
        tag="edition.withdrawn",
        subject=f"edition:{row.pk}",
        actor=actor,
        at=at,
        because=row.withdrawn_because,
    )
    return row


def _others_in_force(row: models.Edition, today: date) -> bool:
    """Say whether new cases still have an edition without this one."""
    others = queries.editions(code=row.code).filter(withdrawn_at__isnull=True).exclude(pk=row.pk)
    # One that is not in force yet may go as it came.
    return row.effective_from > today or others.filter(effective_from__lte=today).exists()
