"""What stands beside a case of identity and consent."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.utils.translation import gettext as _

from changtong.intake.domain import assurance
from changtong.intake.queries import assurances
from changtong.standard import queries as standard
from changtong.tickets import queries
from changtong.web.console import wording
from changtong.web.ui.formats import localized


if TYPE_CHECKING:
    from collections.abc import Mapping

    from changtong.intake.domain.assurance import Checked, Given
    from changtong.parties.domain.roles import Viewer
    from changtong.standard.domain.edition import Edition
    from changtong.standard.domain.identity import Required
    from changtong.tickets.models import Ticket


DIGEST_SHOWN = 12


@dataclass(frozen=True, slots=True)
class Check:
    """A check of identity, in words."""

    kept: Checked
    name: str
    by: str


@dataclass(frozen=True, slots=True)
class Agreed:
    """A consent, in words, with the words that were read."""

    kept: Given
    name: str
    by: str
    wording: str

    @property
    def mark(self) -> str:
        """Return as much of the digest as people compare."""
        return self.kept.digest[:DIGEST_SHOWN]


@dataclass(frozen=True, slots=True)
class Assured:
    """What stands beside a case of identity and consent."""

    owed: Required | None
    ways: str
    checks: Sequence[Check]
    consents: Sequence[Agreed]
    may_check: bool
    may_withdraw: bool


def shown(ticket: Ticket, viewer: Viewer, edition: Edition) -> Assured:
    """Return it for a ticket that was looked up `assurances.with_told`."""
    told = assurances.read(ticket.assured)  # type: ignore[attr-defined]
    rule = edition.identity
    owed = assurance.owed(told, rule, channel=ticket.channel, category=ticket.category)
    works, is_final = viewer.may("tickets.work"), queries.is_final(ticket)
    names = wording.names_in(one.actor for one in told if one.tag != assurance.JOINED)
    return Assured(
        # What is over is not checked any more; that it was not, its journal says.
        owed=None if is_final else owed,
        ways=_("、").join(localized(one) for one in rule.ways(owed)) if rule and owed else "",
        checks=[
            Check(one, localized(one), wording.actor(one.actor, names))
            for one in assurance.checks(told)
        ],
        consents=[_agreed(one, names, edition) for one in assurance.consents(told)],
        may_check=works and not is_final and rule is not None,
        may_withdraw=works,
    )


def _agreed(one: Given, names: Mapping[int, str], edition: Edition) -> Agreed:
    rule = edition.identity
    if one.version != edition.version:
        # A report that joined the case was taken in under a later edition.
        found = standard.editions().filter(version=one.version).first()
        rule = standard.read(found.pk).identity if found else None
    read = [each for each in (rule.consents if rule else ()) if each.digest == one.digest]
    return Agreed(
        kept=one,
        name=localized(one),
        by=wording.actor(one.actor, names),
        wording=localized(read[0], "wording") if read else "",
    )
