"""Count what customers have put right themselves."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction

from changtong.journal import operations as journal
from changtong.kernel.errors import Refused
from changtong.standard import queries as standard
from changtong.standard.domain.self_checks import SOLVED


@transaction.atomic
def note_solved(*, code: str, path: Sequence[int], actor: str, at: datetime) -> None:
    """
    Note that a self-check has led to an end at which it works again; there is no case.

    :raises Refused: ``self_check.path_unknown``, ``self_check.not_solved``
    :raises Missing: ``self_check.unknown``
    """
    edition = standard.edition_in_force(at=at)
    check = standard.read(edition.pk).self_check(code)
    if check.reached(path) != SOLVED:
        raise Refused("self_check.not_solved", clause=check.clause)
    journal.record(
        tag="self_check.solved",
        subject=f"self_check:{code}",
        actor=actor,
        at=at,
        edition=edition.pk,
        answers=[step.code for step, _ in check.walked(path)],
        clause=check.clause,
    )
