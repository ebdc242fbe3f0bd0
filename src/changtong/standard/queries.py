from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db.models import F, QuerySet
from django.utils import timezone

from changtong.infra.hot import Compiled, Slot
from changtong.kernel.errors import Missing, Refused
from changtong.standard import models
from changtong.standard.adapters import folder
from changtong.standard.domain import law, parsing, reading
from changtong.standard.domain.edition import Edition
from changtong.standard.domain.parsing import Body
from changtong.standard.domain.rehearsing import RehearsalRule
from changtong.standard.domain.rules import Clause


CODE = "cn-telecom"


def editions(*, code: str = CODE) -> QuerySet[models.Edition]:
    """Return the published editions, newest first."""
    return models.Edition.objects.filter(code=code).order_by("-effective_from", "-id")


def edition_in_force(*, at: datetime, code: str = CODE) -> models.Edition:
    """
    Return the edition that governs cases opened at a moment.

    Cases from before the first edition, which only an import brings, are judged by the first.

    :raises Missing: if no edition is published
    """
    found = _in_force.first(code=code, today=timezone.localdate(at))
    found = found or editions(code=code).filter(withdrawn_at__isnull=True).last()
    if found is None:
        raise Missing("edition.none_in_force", standard=code)
    return found


# Asked whenever a ticket is opened: an edition may be withdrawn at any moment.
_in_force = Compiled(
    lambda: models.Edition.objects.filter(
        code=Slot("code"), effective_from__lte=Slot("today"), withdrawn_at__isnull=True
    ).order_by("-effective_from", "-id")[:1]
)


def edition_by_id(edition_id: int) -> models.Edition:
    """
    Return one published edition.

    :raises Missing: if there is no such edition
    """
    row = models.Edition.objects.filter(pk=edition_id).first()
    if row is None:
        raise Missing("edition.unknown", edition=edition_id)
    return row


def standings(rows: Iterable[models.Edition], *, at: datetime) -> dict[int, str]:
    """Return for each edition whether it is `in_force`, `future`, `superseded` or `repealed`."""
    today = timezone.localdate(at)
    governing = edition_in_force(at=at).pk
    found = {}
    for row in rows:
        if row.withdrawn_at is not None:
            found[row.pk] = "repealed"
        elif row.pk == governing:
            found[row.pk] = "in_force"
        else:
            found[row.pk] = "future" if row.effective_from > today else "superseded"
    return found


@lru_cache(maxsize=16)
def read(edition_id: int) -> Edition:
    """
    Return what a published edition says; read once in a process, since it never changes.

    :raises Missing: if there is no such edition
    :raises Refused: if its text is not the one that was published
    """
    row = models.Edition.objects.select_related("text").filter(pk=edition_id).first()
    if row is None:
        raise Missing("edition.unknown", edition=edition_id)
    edition = reading.edition(row.text.body)
    if edition.digest != row.digest:
        raise Refused("edition.altered", edition=str(row))
    return edition


def clause(edition_id: int, number: str) -> Clause:
    """
    Return one clause of a published edition.

    :raises Missing: if the edition or the clause does not exist
    """
    return read(edition_id).clause(number)


def body(edition_id: int) -> dict[str, dict[str, Any]]:
    """Return the files of a published edition as plain values."""
    found: dict[str, dict[str, Any]] = models.EditionText.objects.get(pk=edition_id).body
    return found


def draft(path: Path) -> dict[str, Mapping[str, Any]]:
    """
    Return the files in a folder as plain values, with the packs of law that they rest on.

    :raises FileNotFoundError: if there is no such folder
    :raises Unreadable: if a file is not TOML
    """
    return complete(parsing.parse(folder.texts(path)))


def complete(body: Body) -> dict[str, Mapping[str, Any]]:
    """
    Return what an author wrote with the packs of law that it names, as this system ships them.

    Packs that the body carries already are replaced: nobody writes the law but its packs.

    :raises Unreadable: if a pack is not TOML
    """
    return law.complete(body, _pack)


def _pack(name: str) -> Body | None:
    path = Path(settings.STANDARDS_ROOT, name)
    return parsing.parse(folder.texts(path)) if path.is_dir() else None


def drafts(root: Path | None = None) -> Iterator[Path]:
    """Yield the folder of every operator's edition that ships with the system."""
    return (path for path in shipped(root) if not reading.is_pack(_head(path)))


def packs(root: Path | None = None) -> Iterator[Path]:
    """Yield the folder of every pack of law that ships with the system."""
    return (path for path in shipped(root) if reading.is_pack(_head(path)))


def shipped(root: Path | None = None) -> Iterator[Path]:
    """Yield the folder of every edition and pack that ships with the system."""
    return folder.editions(root or settings.STANDARDS_ROOT)


def _head(path: Path) -> Body:
    return parsing.parse({law.HEAD: (path / law.HEAD).read_text(encoding="utf-8")})


# -----------------------------------------------------------------------------------------
# Drafts: revisions on their way to an edition
# -----------------------------------------------------------------------------------------


def drafts_in_work(*, code: str = CODE) -> QuerySet[models.Draft]:
    """Return the drafts, open ones first, then the newest."""
    return (
        models.Draft.objects.filter(code=code)
        .select_related("based_on", "edition")
        .order_by(F("ended_at").desc(nulls_first=True), "-id")
    )


def draft_by_id(draft_id: int) -> models.Draft:
    """
    Return one draft.

    :raises Missing: ``draft.unknown``
    """
    found = models.Draft.objects.select_related("based_on", "edition").filter(pk=draft_id).first()
    if found is None:
        raise Missing("draft.unknown", draft=draft_id)
    return found


def locked_draft(draft_id: int) -> models.Draft:
    """
    Return one draft, locked until the transaction ends.

    :raises Missing: ``draft.unknown``
    """
    found = models.Draft.objects.select_for_update().filter(pk=draft_id).first()
    if found is None:
        raise Missing("draft.unknown", draft=draft_id)
    return found


def body_of(draft: models.Draft) -> dict[str, dict[str, Any]]:
    """Return the files of a draft as plain values; `reading.edition` can always read them."""
    found: dict[str, dict[str, Any]] = models.DraftText.objects.get(draft=draft).body
    return found


def rehearsal_rule(*, at: datetime) -> RehearsalRule | None:
    """
    Return the least that a rehearsal covers before a draft may be approved, if anything is asked.

    The edition in force says so, not the draft: nobody lowers what their own words must pass.
    """
    try:
        return read(edition_in_force(at=at).pk).rehearsal
    except Missing:
        return None


def authors_of(draft: models.Draft) -> frozenset[str]:
    """Return who began a draft or changed a word of it, and so may not approve it."""
    changed = models.DraftChange.objects.filter(draft=draft).values_list("by", flat=True)
    return frozenset({draft.begun_by, *changed.distinct()})


def changes_of(draft: models.Draft) -> QuerySet[models.DraftChange]:
    """Return the changes of a draft, newest first."""
    return models.DraftChange.objects.filter(draft=draft).order_by("-revision")


def comments_on(draft: models.Draft) -> QuerySet[models.DraftComment]:
    """Return the comments on a draft in the order of their making."""
    return models.DraftComment.objects.filter(draft=draft).order_by("id")
