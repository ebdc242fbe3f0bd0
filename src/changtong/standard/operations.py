from __future__ import annotations

from datetime import datetime

from django.db import transaction

from changtong.journal import operations as journal
from changtong.kernel.errors import Missing, Refused
from changtong.standard import models, queries
from changtong.standard.domain import checking, reading
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
def withdraw(*, edition_id: int, because: str, actor: str, at: datetime) -> models.Edition:
    """
    Withdraw an edition, so that no new case takes it; cases that have it keep it.

    :raises Missing: if there is no such edition
    :raises Refused: if it is withdrawn already or no reason is given
    """
    row = models.Edition.objects.select_for_update().filter(pk=edition_id).first()
    if row is None:
        raise Missing("edition.unknown", edition=edition_id)
    if row.withdrawn_at is not None:
        raise Refused("edition.withdrawn_already", clause="26.4", version=row.version)
    if not because.strip():
        raise Refused("edition.reason_missing", clause="26.4")
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
