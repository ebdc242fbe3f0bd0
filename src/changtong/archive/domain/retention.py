"""Until when a case file is kept."""

from __future__ import annotations

from calendar import monthrange
from datetime import date


BASIS = "民法典 §201, §202"


def retain_until(*, finished_on: date, months: int) -> date:
    """
    Return the last day on which the file must exist.

    The day itself does not count (民法典 §201); the period ends on the same day of its last
    month, or on that month's last day where there is no such day (§202).

    :raises ValueError: if the period is not positive
    """
    if months < 1:
        raise ValueError(f"{months} months is no period")
    year, month = divmod(finished_on.year * 12 + finished_on.month - 1 + months, 12)
    last_day = monthrange(year, month + 1)[1]
    return date(year, month + 1, min(finished_on.day, last_day))
