"""Begin a draft, change it place by place, fill it from files, or give it up."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db import transaction

from changtong.journal import operations as journal
from changtong.kernel.errors import Missing, Refused
from changtong.standard import models, queries
from changtong.standard.domain import drafting, law, reading
from changtong.standard.domain.drafting import Place, State
from changtong.standard.domain.parsing import Body


@transaction.atomic
def begin(
    *,
    title: str,
    actor: str,
    at: datetime,
    edition_id: int | None = None,
    body: Body | None = None,
) -> models.Draft:
    """
    Begin a draft from a published edition, or from files that can be read.

    :raises Missing: ``edition.unknown``
    :raises Unreadable: if the files cannot be understood
    :raises Refused: ``draft.untitled``
    """
    if not title.strip():
        raise Refused("draft.untitled", clause="26.3")
    based_on = None
    if edition_id is not None:
        based_on = models.Edition.objects.filter(pk=edition_id).first()
        if based_on is None:
            raise Missing("edition.unknown", edition=edition_id)
    if body is None:
        if based_on is None:
            raise Missing("edition.unknown", edition="")
        body = queries.body(based_on.pk)
    else:
        body = queries.complete(body)
    edition = reading.edition(body)
    draft = models.Draft.objects.create(
        code=edition.code,
        title=title.strip(),
        based_on=based_on,
        state=State.DRAFTING,
        begun_at=at,
        begun_by=actor,
    )
    models.DraftText.objects.create(draft=draft, body=body)
    journal.record(
        tag="draft.begun",
        subject=subject(draft),
        actor=actor,
        at=at,
        title=draft.title,
        based_on=str(based_on or ""),
        digest=edition.digest,
    )
    return draft


@transaction.atomic
def change(
    *, draft_id: int, place: Place, seen: str, value: Any, actor: str, at: datetime
) -> models.DraftChange:
    """
    Put another value at one place of a draft; nothing as the value removes what is there.

    Two authors may work on different places at once. At the same place the second is refused,
    and told by whom it was changed.

    :param seen: the seal of the value that the author saw there
    :raises Missing: ``draft.unknown``, ``draft.place_unknown``
    :raises Unreadable: if the draft could no longer be understood
    :raises Refused: ``draft.cannot_change``, ``draft.changed_meanwhile``, ``draft.unchanged``,
        ``draft.law_is_not_ours``
    """
    draft, body = _being_drafted(draft_id)
    if law.is_law(place.file):
        raise Refused("draft.law_is_not_ours", clause="26.3", file=place.file)
    before = drafting.value_at(body, place)
    if drafting.seal(before) != seen:
        raise _meanwhile(draft, place)
    if drafting.seal(value) == seen:
        raise Refused("draft.unchanged", clause="26.3")
    # The head may name another pack of law.
    after = queries.complete(drafting.replaced(body, place, value))
    edition = reading.edition(after)
    (made,) = _write(draft, after, [(place, before, value)], actor, at)
    journal.record(
        tag="draft.changed",
        subject=subject(draft),
        actor=actor,
        at=at,
        revision=made.revision,
        file=place.file,
        place=place.key,
        digest=edition.digest,
    )
    return made


@transaction.atomic
def load(
    *, draft_id: int, body: Body, seen_revision: int, actor: str, at: datetime
) -> models.Draft:
    """
    Replace the files of a draft by others, one change for each file that differs.

    :raises Missing: ``draft.unknown``
    :raises Unreadable: if the files cannot be understood
    :raises Refused: ``draft.cannot_change``, ``draft.changed_meanwhile``, ``draft.unchanged``,
        ``draft.another_standard``
    """
    draft, current = _being_drafted(draft_id)
    body = queries.complete(body)
    if draft.revision != seen_revision:
        raise _meanwhile(draft, None)
    edition = reading.edition(body)
    if edition.code != draft.code:
        raise Refused("draft.another_standard", clause="26.3", standard=edition.code)
    changes = [
        (Place(file), current.get(file), body.get(file))
        for file in sorted({*current, *body})
        if current.get(file) != body.get(file)
    ]
    if not changes:
        raise Refused("draft.unchanged", clause="26.3")
    _write(draft, body, changes, actor, at)
    journal.record(
        tag="draft.loaded",
        subject=subject(draft),
        actor=actor,
        at=at,
        revision=draft.revision,
        files=[place.file for place, _, _ in changes],
        digest=edition.digest,
    )
    return draft


@transaction.atomic
def discard(*, draft_id: int, because: str, actor: str, at: datetime) -> models.Draft:
    """
    Give up a draft; it stays readable.

    :raises Missing: ``draft.unknown``
    :raises Refused: ``draft.cannot_move``, ``draft.reason_missing``
    """
    draft = queries.locked_draft(draft_id)
    draft.state = drafting.move(current=draft.state, wanted=State.DISCARDED)
    if not because.strip():
        raise Refused("draft.reason_missing", clause="26.4")
    save_unapproved(draft, discarded_because=because.strip(), ended_at=at, ended_by=actor)
    journal.record(
        tag="draft.discarded",
        subject=subject(draft),
        actor=actor,
        at=at,
        because=draft.discarded_because,
    )
    return draft


def save_unapproved(draft: models.Draft, **values: object) -> None:
    """Save a draft in a state that has no approval, with what else becomes of it."""
    values |= {"approved_at": None, "approved_by": "", "approved_digest": ""}
    for name, value in values.items():
        setattr(draft, name, value)
    draft.save(update_fields=["state", *values])


def subject(draft: models.Draft) -> str:
    """Return how the journal names a draft."""
    return f"draft:{draft.pk}"


def _being_drafted(draft_id: int) -> tuple[models.Draft, dict[str, Any]]:
    draft = queries.locked_draft(draft_id)
    if draft.state != State.DRAFTING:
        raise Refused("draft.cannot_change", clause="26.3", draft_state=draft.state)
    return draft, queries.body_of(draft)


def _meanwhile(draft: models.Draft, place: Place | None) -> Refused:
    changes = models.DraftChange.objects.filter(draft=draft).order_by("-revision")
    if place is not None:
        changes = changes.filter(file=place.file)
    last = changes.first()
    facts = {"by": last.by, "since": last.at} if last else {"by": "", "since": draft.begun_at}
    return Refused("draft.changed_meanwhile", clause="26.3", **facts)


def _write(
    draft: models.Draft,
    body: Body,
    changes: Sequence[tuple[Place, Any, Any]],
    actor: str,
    at: datetime,
) -> list[models.DraftChange]:
    made = models.DraftChange.objects.bulk_create(
        models.DraftChange(
            draft=draft,
            revision=revision,
            at=at,
            by=actor,
            file=place.file,
            path=list(place.path),
            before=before,
            after=after,
        )
        for revision, (place, before, after) in enumerate(changes, draft.revision + 1)
    )
    draft.revision += len(made)
    draft.save(update_fields=["revision"])
    models.DraftText.objects.filter(draft=draft).update(body=dict(body))
    return made
