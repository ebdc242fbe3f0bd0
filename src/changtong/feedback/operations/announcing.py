"""Tell everybody in some places of an outage that we know, or of work that is planned."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction

from changtong.catalog import queries as catalog
from changtong.feedback.domain import announcing
from changtong.feedback.domain.announcing import AnnouncementKind
from changtong.feedback.models import Announcement
from changtong.journal import operations as journal
from changtong.kernel.errors import Missing, Refused
from changtong.parties.domain.roles import Viewer
from changtong.standard import queries as standard


@transaction.atomic
def announce(
    *,
    kind: str,
    text: str,
    region_codes: Sequence[str],
    families: Sequence[str],
    starts_at: datetime,
    ends_at: datetime,
    clause: str,
    viewer: Viewer,
    at: datetime,
) -> Announcement:
    """
    Tell everybody whose line is at one of these places.

    :param families: the services that are touched; without any, all are
    :param ends_at: when it is expected to be over
    :raises Refused: ``announcement.*``
    :raises Missing: ``region.unknown``, ``clause.unknown``
    """
    edition = standard.edition_in_force(at=at)
    standard.clause(edition.pk, clause)
    paths = sorted({catalog.region(code).path for code in region_codes})
    announcing.require_sound(
        text=text,
        region_paths=paths,
        within=viewer.region_path,
        starts_at=starts_at,
        ends_at=ends_at,
        at=at,
    )
    made = Announcement.objects.create(
        kind=AnnouncementKind(kind).value,
        text=text.strip(),
        region_paths=paths,
        families=sorted(set(families)),
        starts_at=starts_at,
        ends_at=ends_at,
        edition=edition,
        clause=clause,
        announced_by=viewer.actor,
        announced_at=at,
    )
    _record("announcement.made", made, actor=viewer.actor, at=at, regions=list(region_codes))
    return made


@transaction.atomic
def postpone(
    *, announcement_id: int, ends_at: datetime, viewer: Viewer, at: datetime
) -> Announcement:
    """
    Expect the end at another time.

    :raises Refused: ``announcement.over``, ``announcement.ends_early``
    :raises Missing: ``announcement.unknown``
    """
    made = _locked(announcement_id, viewer)
    if ends_at <= max(made.starts_at, at):
        raise Refused("announcement.ends_early", ends_at=ends_at)
    before, made.ends_at = made.ends_at, ends_at
    made.save(update_fields=["ends_at"])
    _record("announcement.postponed", made, actor=viewer.actor, at=at, expected=before.isoformat())
    return made


@transaction.atomic
def end(*, announcement_id: int, viewer: Viewer, at: datetime) -> Announcement:
    """
    Say that it is over, or will not be; nobody is told of it any longer.

    :raises Refused: ``announcement.over``
    :raises Missing: ``announcement.unknown``
    """
    made = _locked(announcement_id, viewer)
    made.ended_at, made.ended_by = at, viewer.actor
    made.save(update_fields=["ended_at", "ended_by"])
    _record("announcement.ended", made, actor=viewer.actor, at=at)
    return made


def _locked(pk: int, viewer: Viewer) -> Announcement:
    made = Announcement.objects.select_for_update(of=("self",)).filter(pk=pk).first()
    if made is None or not all(path.startswith(viewer.region_path) for path in made.region_paths):
        raise Missing("announcement.unknown")
    if made.ended_at is not None:
        raise Refused("announcement.over", clause=made.clause)
    return made


def _record(tag: str, made: Announcement, *, actor: str, at: datetime, **facts: object) -> None:
    journal.record(
        tag=tag,
        subject=f"announcement:{made.pk}",
        actor=actor,
        at=at,
        kind=made.kind,
        families=made.families,
        starts_at=made.starts_at.isoformat(),
        ends_at=made.ends_at.isoformat(),
        clause=made.clause,
        **facts,
    )
