"""What somebody reports, before it is a ticket."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from changtong.kernel.errors import Refused
from changtong.standard.domain.rules import AcceptanceRule


TITLE_AT_MOST = 160


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """
    A matter in the applicant's words, with what the channel knows about it.

    :param category: chosen by a person; None lets the standard's keywords propose one
    :param answers: to the standard's questions by field; None if nobody was asked
    :param source, source_reference: the sender's own name and number for it, for imports
    """

    kind: str
    channel: str
    title: str
    description: str = ""
    contact_name: str = ""
    contact_phone: str = ""
    contact_email: str = ""
    language: str = "zh-hans"
    family: str = ""
    address: str = ""
    category: str | None = None
    impact: str | None = None
    urgency: str | None = None
    wanted_at: datetime | None = None
    special_needs: str = ""
    source: str = ""
    source_reference: str = ""
    complained_of_id: int | None = None
    answers: Mapping[str, str] | None = field(default=None, hash=False)


def missing(*, report: Report, rule: AcceptanceRule, known: frozenset[str]) -> tuple[str, ...]:
    """Return the required fields that neither the report nor what is `known` provides."""
    return tuple(
        name for name in rule.required if name not in known and not getattr(report, name, None)
    )


def check(report: Report) -> None:
    """
    Refuse what could not be registered at all.

    A record taken over from another system was answered there, so it may lack an address.

    :raises Refused: ``report.untitled``, ``report.unreachable``
    """
    if not report.title.strip():
        raise Refused("report.untitled")
    if not (report.contact_phone or report.contact_email or report.source_reference):
        raise Refused("report.unreachable")
