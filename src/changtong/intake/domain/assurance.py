"""What a case's journal tells of identity and consent."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final


if TYPE_CHECKING:
    from changtong.standard.domain.identity import IdentityRule, Required


CHECKED: Final = "identity.checked"
NOTED: Final = "consent.noted"
WITHDRAWN: Final = "consent.withdrawn"
JOINED: Final = "contact.joined"
TAGS: Final = (CHECKED, NOTED, WITHDRAWN, JOINED)


@dataclass(frozen=True, slots=True)
class Told:
    """One entry of the journal, as far as it matters here."""

    tag: str
    actor: str
    at: datetime
    facts: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Checked:
    """That somebody made sure who asks, and how."""

    code: str
    name: str
    name_en: str
    clause: str
    actor: str
    at: datetime
    # The request whose code was read out; empty where it is somebody's word.
    proof: str


@dataclass(frozen=True, slots=True)
class Given:
    """A consent as it stands: what was read, in which words, and whether it was taken back."""

    code: str
    name: str
    name_en: str
    clause: str
    # Of which edition the words were, and their digest; empty before these were kept.
    version: str
    digest: str
    actor: str
    noted_at: datetime
    # Nobody was asked to agree, so there is nothing to take back.
    only_told: bool = False
    withdrawn_at: datetime | None = None
    reason: str = ""

    @property
    def stands(self) -> bool:
        """Say whether it is a consent that may still be taken back."""
        return not self.only_told and self.withdrawn_at is None


def consents(told: Iterable[Told]) -> list[Given]:
    """Return what an applicant was told or agreed to, each as the latest entry leaves it."""
    found: dict[str, Given] = {}
    for one in told:
        code = str(one.facts.get("choice", ""))
        if one.tag == NOTED:
            found[code] = _given(code, one)
        elif one.tag == WITHDRAWN and code in found:
            reason = str(one.facts.get("reason", ""))
            found[code] = replace(found[code], withdrawn_at=one.at, reason=reason)
    return list(found.values())


def checks(told: Iterable[Told]) -> list[Checked]:
    """Return how identity was checked, the first first."""
    return [_checked(one) for one in told if one.tag == CHECKED]


def owed(
    told: Iterable[Told], rule: IdentityRule | None, *, channel: str, category: str
) -> Required | None:
    """Return the check that a case still lacks, by whatever channel somebody reached us."""
    if rule is None:
        return None
    told = list(told)
    channels = [channel, *(str(one.facts.get("channel")) for one in told if one.tag == JOINED)]
    taken = {one.code for one in checks(told)}
    for one in channels:
        required = rule.required_for(channel=one, category=category)
        if required is not None and taken.isdisjoint(required.methods):
            return required
    return None


def _checked(one: Told) -> Checked:
    facts = one.facts
    return Checked(
        code=str(facts.get("choice", "")),
        name=str(facts.get("name", "")),
        name_en=str(facts.get("name_en", "")),
        clause=str(facts.get("clause") or ""),
        actor=one.actor,
        at=one.at,
        proof=str(facts.get("proof", "")),
    )


def _given(code: str, one: Told) -> Given:
    facts = one.facts
    return Given(
        code=code,
        name=str(facts.get("name", "")),
        name_en=str(facts.get("name_en", "")),
        clause=str(facts.get("clause") or ""),
        version=str(facts.get("version", "")),
        digest=str(facts.get("wording", "")),
        actor=one.actor,
        noted_at=one.at,
        only_told=bool(facts.get("only_told")),
    )
