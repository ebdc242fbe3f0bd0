"""What the clauses of an edition say, as frozen values."""

import operator
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from changtong.kernel.errors import Refused
from changtong.standard.domain.calendars import Within
from changtong.standard.domain.selecting import NOWHERE, Origin, Row


_AMOUNT = re.compile(r"(?P<number>[0-9]+(\.[0-9]+)?)(?P<rest>.*)")
_COMPARISONS: Mapping[str, Callable[[Any, Any], bool]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}


@dataclass(frozen=True, slots=True)
class Clause:
    """One numbered sentence of the standard and what makes it more than a sentence."""

    number: str
    chapter: str
    title: str
    title_en: str
    text: str
    text_en: str
    enforced: bool
    rules: tuple[str, ...]
    evidence: tuple[str, ...]
    owner: str
    review_on: date
    legal_basis: tuple[str, ...]
    families: tuple[str, ...]
    kinds: tuple[str, ...]
    # The articles whose limits this clause tells our people to keep.
    adopts: tuple[str, ...] = ()
    # Words of the glossary that the text uses.
    terms: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Chapter:
    number: str
    title: str
    title_en: str
    areas: tuple[str, ...]
    # The instrument whose articles a chapter of a pack of law lists.
    source: str | None = None


@dataclass(frozen=True, slots=True)
class Term:
    """A word with one meaning throughout the standard."""

    code: str
    name: str
    name_en: str
    meaning: str
    meaning_en: str


@dataclass(frozen=True, slots=True)
class Source:
    """A law, rule or public document that figures come from."""

    code: str
    name: str
    name_en: str
    version: str
    issuer: str
    effective_from: date | None = None
    # Whether it is known to be in force still, and where its text was read.
    in_force: str = "verified"
    read_in: str = ""


@dataclass(frozen=True, slots=True)
class Figure:
    """
    One number that an instrument sets, with how sure we are of it.

    Where the law says only "at once" or "in time" there is no value: `wording` is what it says,
    and `internal_target` what the operator sets itself, never to be taken for the law.
    """

    code: str
    title: str
    title_en: str
    value: str
    compare: str
    statistic: str
    source: str
    article: str
    confidence: str
    status: str
    note: str
    wording: str = ""
    internal_target: str = ""
    effective_from: date | None = None
    effective_to: date | None = None
    owner: str = ""
    reviewed_on: date | None = None

    @property
    def within(self) -> Within:
        """
        Return the figure as a limit of time.

        :raises Refused: if it is not one
        """
        return Within.parse(self.value)

    @property
    def amount(self) -> Decimal:
        """
        Return the figure as a plain number; shares as such, times in their own unit.

        :raises Refused: if it has no value
        """
        found = _AMOUNT.match(self.value)
        if found is None:
            raise Refused("figure.without_value", figure=self.code, wording=self.wording)
        number = Decimal(found["number"])
        return number / 100 if found["rest"].strip() == "%" else number

    def is_reached_by(self, measured: Decimal | int) -> bool:
        """
        Say whether a measured number lies where the figure points: `>` leaves the number itself
        out, `>=` takes it in (民法典 §1259).

        :raises Refused: if it has no value
        """
        return _COMPARISONS[self.compare](Decimal(measured), self.amount)

    def in_force_on(self, day: date) -> bool:
        """Say whether the instrument set this figure on a day, as far as the days are known."""
        return (self.effective_from is None or self.effective_from <= day) and (
            self.effective_to is None or day <= self.effective_to
        )


@dataclass(frozen=True, slots=True)
class Choice:
    """One entry of a list that people choose from."""

    code: str
    name: str
    name_en: str
    clause: str


@dataclass(frozen=True, slots=True)
class Skill:
    """What a person must hold, in date, to do a kind of work."""

    code: str
    name: str
    name_en: str
    renewed_after_months: int | None
    clause: str


@dataclass(frozen=True, slots=True)
class Category:
    """A kind of matter, and what work on it needs."""

    code: str
    parent: str | None
    kind: str
    name: str
    name_en: str
    families: tuple[str, ...]
    keywords: tuple[str, ...]
    mode: str
    skill: str
    instruments: tuple[str, ...]
    venue: str | None
    work_for: timedelta
    impact: str
    urgency: str
    clause: str


@dataclass(frozen=True, slots=True)
class Graded:
    priority: str
    clause: str


@dataclass(frozen=True, slots=True)
class Target:
    """One limit of time for one case: from when to when, by which calendar, on what basis."""

    limit: str
    metric: str
    within: Within
    calendar: str
    basis: str
    pausable: bool
    warn_at: tuple[float, ...]
    starts_on: str
    stops_on: str
    clause: str
    figure: str | None = None
    # Causes for which, as its clause says, nothing was owed after all.
    void_if_cause: tuple[str, ...] = ()
    # What it limits is owed again and again, until this moment.
    again_until: str = ""


@dataclass(frozen=True, slots=True)
class Limit:
    """Targets of one metric on one basis; for each case the most specific row counts."""

    code: str
    metric: str
    basis: str
    kind: str
    rows: tuple[Row[Target], ...]
    origin: Origin = NOWHERE


@dataclass(frozen=True, slots=True)
class PauseReason:
    code: str
    name: str
    name_en: str
    at_most: timedelta
    clause: str
    # Whoever is on site keeps the visit while a pause is no longer than this.
    keeps_visit_for: timedelta = timedelta()
    # How soon a second person must have approved it; nothing if nobody has to.
    approved_within: timedelta | None = None

    @property
    def needs_approval(self) -> bool:
        """Say whether a second person must approve a pause for this reason."""
        return self.approved_within is not None


@dataclass(frozen=True, slots=True)
class VisitHours:
    """In which calendar's open time a visit must lie."""

    calendar: str
    clause: str


@dataclass(frozen=True, slots=True)
class VisitRule:
    """When visits may take place, how long the way takes, and what customers may choose from."""

    hours: tuple[Row[VisitHours], ...]
    speed_kmh: int
    detour_percent: int
    missed_after: timedelta
    offered_from: timedelta
    offered_within: timedelta
    offered_every: timedelta
    clause: str


@dataclass(frozen=True, slots=True)
class ClosingCondition:
    code: str
    name: str
    name_en: str
    clause: str


@dataclass(frozen=True, slots=True)
class EvaluationRule:
    within: timedelta
    remind_after: timedelta
    silent_consent_after: timedelta
    low_score_at_most: int
    follow_up_within: timedelta
    tags: tuple[Choice, ...]
    clause: str


@dataclass(frozen=True, slots=True)
class DuplicateRule:
    within: timedelta
    clause: str


@dataclass(frozen=True, slots=True)
class RepeatRule:
    """How soon after an earlier fault of a line the next one counts as the same, repeated."""

    within: timedelta
    clause: str


@dataclass(frozen=True, slots=True)
class ChildRule:
    """What a child case does when its parent waits, and whether it ends before its parent."""

    pauses_with_parent: bool
    ends_first: bool
    clause: str


@dataclass(frozen=True, slots=True)
class AcceptanceRule:
    required: tuple[str, ...]
    confident_at_least: float
    clause: str


@dataclass(frozen=True, slots=True)
class AssignmentRule:
    """How many cases one person may hold, and when a case without anyone raises an alarm."""

    open_at_most: int
    alarm_after: timedelta
    clause: str


@dataclass(frozen=True, slots=True)
class SupplementRule:
    """How long the customer has to give what is missing, and how often they are asked."""

    answer_within: timedelta
    remind_after: timedelta
    asked_at_most: int
    clause: str


@dataclass(frozen=True, slots=True)
class ReopeningRule:
    within: timedelta
    at_most: int
    clause: str


@dataclass(frozen=True, slots=True)
class CallbackRule:
    """After how many attempts in vain a customer need not be called any more."""

    attempts_at_most: int
    clause: str


@dataclass(frozen=True, slots=True)
class RetentionClass:
    code: str
    name: str
    name_en: str
    months: int
    basis: str
    clause: str


@dataclass(frozen=True, slots=True)
class ArchivingRule:
    sealed_within: timedelta
    clause: str


@dataclass(frozen=True, slots=True)
class AttachmentRule:
    at_most_bytes: int
    media_types: tuple[str, ...]
    at_most_count: int
    clause: str


@dataclass(frozen=True, slots=True)
class PortalRule:
    """How a customer without an account proves a phone number and follows a case."""

    code_digits: int
    code_valid_for: timedelta
    code_attempts: int
    code_resent_after: timedelta
    link_valid_for: timedelta
    clause: str
