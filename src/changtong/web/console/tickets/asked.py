"""A pause that waits for approval, in words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.urls import reverse

from changtong.web.console import wording
from changtong.web.ui import explained


if TYPE_CHECKING:
    from changtong.standard.domain.edition import Edition
    from changtong.tickets.models import PauseRequest


@dataclass(frozen=True, slots=True)
class Asked:
    """A request with its reason and who made it, and where it is decided."""

    kept: PauseRequest
    reason: str
    by: str
    url: str


def shown(asked: PauseRequest, edition: Edition, names: Mapping[int, str] | None = None) -> Asked:
    """Return a request in words; the names of staff are looked up if they are not known."""
    known = wording.names_in([asked.requested_by]) if names is None else names
    return Asked(
        kept=asked,
        reason=explained.pause_reason(asked.reason, edition, kind=asked.ticket.kind),
        by=wording.actor(asked.requested_by, known),
        url=reverse("console:ticket", args=[asked.ticket.number]),
    )
