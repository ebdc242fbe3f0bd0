"""Nothing that the program writes into the journal by itself is shown as a code."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from changtong.feedback.models import FollowUp
from changtong.web.console import wording


SOURCE = Path(wording.__file__).parents[2]
FIXED = re.compile(r'(?:reason|because)="([a-z_.]+)"')


def reasons() -> set[str]:
    """Return the reasons that operations on tickets, work orders and evaluations write."""
    found = set(FollowUp.Reason.values)
    for context in ("dispatch", "tickets/operations/closing.py", "feedback"):
        place = SOURCE / context
        for path in [place] if place.is_file() else place.rglob("*.py"):
            found |= set(FIXED.findall(path.read_text(encoding="utf-8")))
    return found


@pytest.mark.parametrize("code", sorted(reasons()))
def test_a_reason_has_words(code):
    assert wording.fact("reason", code) != code
