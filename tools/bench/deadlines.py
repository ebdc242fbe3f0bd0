"""Deadlines a second on one core, by our engine and by a library that does the same work."""

from __future__ import annotations

import json
import os
import subprocess
import time
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any

from changtong.clocks.domain import timer
from changtong.standard.domain import calendar_files, parsing
from changtong.standard.domain.calendars import Calendar, Within


ROOT = Path(__file__).resolve().parents[2]
STANDARDS = ROOT / "standards"
# Not among the project's own dependencies, because it holds those of the program back.
PEER = "businesstimedelta==1.0.1"
LIMITS = {
    "48 h around the clock": ("24x7", "48h"),
    "24 h in the hours of visits": ("field", "24h"),
    "8 h in office hours": ("workday", "8h"),
    "40 h in office hours": ("workday", "40h"),
    "15 days": ("24x7", "15d"),
    "5 working days": ("workday", "5wd"),
    "same day before 16:00, else 24 h": ("24x7", "today before 16:00 else 24h"),
}
# The one that both can do: office hours with a lunch break and statutory holidays.
SAME = "8 h in office hours"
SHARED_MANY = 2_000
YEAR = 2026


def measure(*, seed: int, many: int = 200_000) -> dict[str, Any]:
    """Measure every ordinary limit, and the one that the library can do with it in turn."""
    calendars = shipped()
    starts = instants(seed, many)
    ours = {
        name: rate(starts, calendars[code], Within.parse(text))
        for name, (code, text) in LIMITS.items()
    }
    same = starts[:SHARED_MANY]
    workday = calendars["workday"]
    theirs = peer(workday, same)
    agree = sum(
        _due(at, workday, "8h") == datetime.fromisoformat(found)
        for at, found in zip(same, theirs["found"], strict=True)
    )
    return {
        "deadlines_per_s": {name: round(one) for name, one in ours.items()},
        "slowest_per_s": round(min(ours.values())),
        "peer": PEER,
        "peer_per_s": round(theirs["per_s"], 1),
        "times_faster": round(ours[SAME] / theirs["per_s"]),
        # The library knows no make-up working days (调休); where one is near, it is wrong.
        "peer_agrees": round(agree / len(same), 3),
    }


def shipped() -> dict[str, Calendar]:
    """Return the calendars of all editions that ship, whatever else those say."""
    files = sorted(STANDARDS.glob("*/*/calendars/*.toml"))
    body = parsing.parse({file.name: file.read_text(encoding="utf-8") for file in files})
    return dict(
        calendar_files.calendars(parsing.Section(name, body[name], []) for name in sorted(body))
    )


def instants(seed: int, many: int) -> list[datetime]:
    """Return instants of the last year whose holidays are known, to the second."""
    draw = Random(seed)
    first = datetime(YEAR, 1, 1, tzinfo=UTC)
    return [first + timedelta(seconds=draw.randrange(330 * 86_400)) for _ in range(many)]


def rate(starts: Sequence[datetime], calendar: Calendar, within: Within) -> float:
    """Return deadlines a second of computing, the best of three, with the tables built before."""
    for year in (YEAR, YEAR + 1):
        timer.due_at(started_at=datetime(year, 1, 1, tzinfo=UTC), within=within, calendar=calendar)
    best = 0.0
    for _ in range(3):
        began = time.process_time()
        for at in starts:
            timer.due_at(started_at=at, within=within, calendar=calendar)
        best = max(best, len(starts) / (time.process_time() - began))
    return best


def peer(calendar: Calendar, starts: Sequence[datetime]) -> dict[str, Any]:
    """Let the library do the same limit, in a process and an environment of its own."""
    work = {
        "timezone": calendar.timezone,
        "hours": calendar.weekly[0],
        # It fails where no holiday lies ahead, and looks for the next one day by day.
        "holidays": [
            *(day.isoformat() for day in sorted(calendar.holidays) if day.year == YEAR),
            f"{YEAR + 1}-01-01",
        ],
        "starts": [at.isoformat() for at in starts],
    }
    done = subprocess.run(
        [
            *(
                os.environ.get("UV", "uv"),
                "run",
                "--quiet",
                "--no-project",
                "--isolated",
                "--with",
                PEER,
            ),
            *("python", str(Path(__file__).with_name("peer_deadlines.py"))),
        ],
        input=json.dumps(work),
        capture_output=True,
        text=True,
        check=True,
    )
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def _due(at: datetime, calendar: Calendar, text: str) -> datetime:
    return timer.due_at(started_at=at, within=Within.parse(text), calendar=calendar)
