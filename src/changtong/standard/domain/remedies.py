"""What a clause owes the customer where a limit was broken, and the sum that makes the amount."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal


CENT = Decimal("0.01")
ONE_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Part:
    """
    One term of a sum: a fixed amount, or a share of what the customer pays, once or for each day.

    `of` is `monthly_rent` or `fee`, or empty for a fixed `amount`; `per` is `case`, `fault_day`
    (from the start of the limit) or `delay_day` (from its end).
    """

    of: str
    amount: Decimal
    share: Decimal
    divided_by: int
    per: str


@dataclass(frozen=True, slots=True)
class Remedy:
    """What is owed when a limit of one metric and basis was broken, unless a cause excludes it."""

    code: str
    name: str
    name_en: str
    metric: str
    basis: str
    parts: tuple[Part, ...]
    at_most: Decimal | None
    begun_day_counts: bool
    excluded_causes: tuple[str, ...]
    categories: tuple[str, ...]
    clause: str

    @property
    def base(self) -> str:
        """Return which payment of the customer's the sum needs, or nothing."""
        return next((part.of for part in self.parts if part.of), "")

    def is_owed_for(self, *, category: str, cause: str) -> bool:
        """Say whether a case of a category with this cause has a claim, if its limit broke."""
        concerned = not self.categories or category in self.categories
        return concerned and cause not in self.excluded_causes


@dataclass(frozen=True, slots=True)
class Term:
    """One part with the days that it was counted for and what it comes to."""

    of: str
    each: Decimal
    per: str
    days: Decimal
    amount: Decimal


@dataclass(frozen=True, slots=True)
class Owed:
    """The terms of a sum, what they add up to, and what is paid under the cap."""

    terms: tuple[Term, ...]
    total: Decimal
    amount: Decimal

    @property
    def is_capped(self) -> bool:
        return self.amount < self.total


def owed(
    remedy: Remedy,
    *,
    base: Decimal | None,
    started_at: datetime,
    due_at: datetime,
    ended_at: datetime,
) -> Owed | None:
    """Return the sum, or nothing while the payment that it is a share of is not known."""
    if remedy.base and base is None:
        return None
    since = {"fault_day": started_at, "delay_day": due_at}
    terms = []
    for part in remedy.parts:
        each = part.amount
        if part.of and base is not None:
            each = base * part.share / part.divided_by
        days = Decimal(1)
        if part.per != "case":
            days = _days(ended_at - since[part.per], begun_counts=remedy.begun_day_counts)
        terms.append(Term(part.of, each, part.per, days, _cents(each * days)))
    total = sum((term.amount for term in terms), Decimal())
    amount = total if remedy.at_most is None else min(total, remedy.at_most)
    return Owed(tuple(terms), total, amount)


def _days(length: timedelta, *, begun_counts: bool) -> Decimal:
    length = max(length, timedelta())
    if begun_counts:
        return Decimal(-(-length // ONE_DAY))
    return Decimal(length // timedelta(seconds=1)) / Decimal(ONE_DAY // timedelta(seconds=1))


def _cents(amount: Decimal) -> Decimal:
    return amount.quantize(CENT, rounding=ROUND_HALF_UP)
