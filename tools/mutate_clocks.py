"""
Spoil the engine of clocks in one place at a time and see which test notices.

Works on a copy; prints each mutation with the first test that fails, and fails itself if any
mutation survives. ``--only WORD`` runs those whose name contains the word.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path


ROOT = Path(__file__).resolve().parents[1]
ENGINE = "src/changtong/clocks/domain"
CALENDARS = "src/changtong/standard/domain/calendars.py"
# The fast and exact ones first, so that a mutation is named by what it breaks.
TESTS = [
    "tests/unit/clocks/test_timer.py",
    "tests/unit/clocks/test_known_defects.py",
    "tests/unit/clocks/test_pausing.py",
    "tests/unit/clocks/test_regrading.py",
    "tests/unit/clocks/test_lives.py",
    "tests/unit/clocks/test_timer_against_oracle.py",
    "tests/unit/standard/test_calendars.py",
]


@dataclass(frozen=True)
class Mutation:
    name: str
    file: str
    right: str
    wrong: str


MUTATIONS = [
    Mutation(
        "at closing time the limit waits for the next opening",
        f"{ENGINE}/open_time.py",
        "found = bisect_left(self.through, amount)",
        "found = min(bisect_right(self.through, amount), len(self.through) - 1)",
    ),
    Mutation(
        "an interval is a microsecond too long",
        f"{ENGINE}/open_time.py",
        "total += closes - opens",
        "total += closes - opens + timedelta(microseconds=1)",
    ),
    Mutation(
        "holidays are ignored",
        CALENDARS,
        "if day in self.holidays:",
        "if day in frozenset():",
    ),
    Mutation(
        "make-up days are ignored",
        CALENDARS,
        "if day in self.workdays:",
        "if day in frozenset():",
    ),
    Mutation(
        "summer time is ignored",
        f"{ENGINE}/open_time.py",
        "if _offset(tz, following) != offset:",
        "if False:",
    ),
    Mutation(
        "a night shift ends at midnight",
        f"{ENGINE}/open_time.py",
        "yield midnight + timedelta(minutes=start), midnight + timedelta(minutes=close)",
        "yield midnight + timedelta(minutes=start), midnight + timedelta(minutes=min(close, 1440))",  # noqa: E501
    ),
    Mutation(
        "pauses that overlap count twice",
        f"{ENGINE}/timer.py",
        "        cursor = max(cursor, _utc(pause.end))\n",
        "        cursor = max(cursor, begin) + (_utc(pause.end) - begin)\n",
    ),
    Mutation(
        "a pause that begins as the limit ends moves it",
        f"{ENGINE}/timer.py",
        "            if run >= amount:\n",
        "            if run > amount:\n",
    ),
    Mutation(
        "a pause counts around the clock",
        f"{ENGINE}/timer.py",
        "    return _moment_after(start, allowed_time, calendar, pauses)\n\n\ndef share_at",
        "    return open_time.moment_after(calendar, start, allowed_time) + sum(\n"
        "        (p.length(until=start) for p in pauses), ZERO\n    )\n\n\ndef share_at",
    ),
    Mutation(
        "the starting day counts",
        f"{ENGINE}/timer.py",
        "last = day + timedelta(days=within.value)",
        "last = day + timedelta(days=within.value - 1)",
    ),
    Mutation(
        "the working day of the start counts",
        f"{ENGINE}/timer.py",
        "wanted = bisect_right(days, day) + count - 1",
        "wanted = bisect_right(days, day - timedelta(days=1)) + count - 1",
    ),
    Mutation(
        "a month without the day reaches into the next",
        f"{ENGINE}/timer.py",
        "return date(year, month, min(day.day, monthrange(year, month)[1]))",
        "return date(year, month, 1) + timedelta(days=day.day - 1)",
    ),
    Mutation(
        "the stroke of the cut-off lies before it",
        CALENDARS,
        "if minute < self.cut_off.minute else",
        "if minute <= self.cut_off.minute else",
    ),
    Mutation(
        "the cut-off is read from the clock of London",
        f"{ENGINE}/timer.py",
        "return within.applying(started_at.astimezone(calendar.tz))",
        "return within.applying(started_at.astimezone(UTC))",
    ),
    Mutation(
        "the last day of a season lies outside",
        CALENDARS,
        "return self.first <= today <= self.last",
        "return self.first <= today < self.last",
    ),
    Mutation(
        "the turn of the year loses an evening",
        f"{ENGINE}/open_time.py",
        "_DAYS_AROUND = 3",
        "_DAYS_AROUND = 0",
    ),
    Mutation(
        "done at the due instant is late",
        f"{ENGINE}/lives.py",
        "        if self.due_at < at:\n",
        "        if self.due_at <= at:\n",
    ),
    Mutation(
        "earlier pauses leave the allowance whole",
        f"{ENGINE}/pausing.py",
        "left = reason.at_most - used",
        "left = reason.at_most",
    ),
    Mutation(
        "the law's limits pause",
        f"{ENGINE}/pausing.py",
        "return target.basis != LEGAL and target.pausable",
        "return target.pausable or target.basis == LEGAL",
    ),
    Mutation(
        "a new grade forgets the pauses",
        f"{ENGINE}/lives.py",
        "[replace(hold) for hold in holds] if pausing.may_pause(target) else [],",
        "[],",
    ),
    Mutation(
        "a new grade is broken before it applied",
        f"{ENGINE}/lives.py",
        "self.breached_at = max(self.due_at, self.applies_from)",
        "self.breached_at = self.due_at",
    ),
    Mutation(
        "a pause that is approved late counts from its approval",
        f"{ENGINE}/lives.py",
        "run.pause(Hold(reason.code, since or at, latest))",
        "run.pause(Hold(reason.code, at, latest))",
    ),
    Mutation(
        "what broke after the request stays broken",
        f"{ENGINE}/lives.py",
        "if self.breached_at is not None and hold.started_at <= self.due_at:",
        "if False:",
    ),
    Mutation(
        "the cap of a late approval counts from the approval",
        f"{ENGINE}/pausing.py",
        "return (since or at) + left",
        "return at + left",
    ),
    Mutation(
        "what is on hold starts again running",
        f"{ENGINE}/lives.py",
        "holds = [replace(hold) for hold in run.holds if hold.ended_at is None]",
        "holds: list[Hold] = []",
    ),
    Mutation(
        "a limit that was stopped is in play again",
        f"{ENGINE}/regrading.py",
        "elif limited not in ended and target.starts_on in moments:",
        "elif target.starts_on in moments:",
    ),
    Mutation(
        "of several pauses the shortest stays open",
        f"{ENGINE}/regrading.py",
        "key=lambda found: found.ends_latest_at)[:-1]",
        "key=lambda found: found.ends_latest_at)[1:]",
    ),
    Mutation(
        "of one pause of several clocks the first is taken, not the longest",
        f"{ENGINE}/regrading.py",
        "if known is None or _end(stretch) >= _end(known):",
        "if known is None:",
    ),
]


def main() -> None:
    """Try every mutation."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", default="", help="part of the name of a mutation")
    wanted = parser.parse_args()
    survivors = []
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder)
        for part in ("src", "tests", "standards", "pyproject.toml"):
            source = ROOT / part
            if source.is_dir():
                shutil.copytree(source, copy / part, ignore=shutil.ignore_patterns("__pycache__"))
            else:
                shutil.copy(source, copy / part)
        if (failed := failing(copy)) is not None:
            raise SystemExit(f"fails without any mutation: {failed}")
        for mutation in MUTATIONS:
            if wanted.only not in mutation.name:
                continue
            found = killer(copy, mutation)
            print(f"{mutation.name}\n    {found or 'SURVIVED'}", flush=True)
            if found is None:
                survivors.append(mutation.name)
    if survivors:
        raise SystemExit(f"{len(survivors)} survived")


def killer(copy: Path, mutation: Mutation) -> str | None:
    """Return the first test that fails under a mutation."""
    file = copy / mutation.file
    text = file.read_text(encoding="utf-8")
    if text.count(mutation.right) != 1:
        raise SystemExit(f"{mutation.name}: the text to change is not there once")
    file.write_text(text.replace(mutation.right, mutation.wrong), encoding="utf-8")
    try:
        return failing(copy)
    finally:
        file.write_text(text, encoding="utf-8")


def failing(copy: Path) -> str | None:
    done = subprocess.run(
        [
            *(sys.executable, "-B", "-m", "pytest", "--noconftest", "-c", os.devnull),
            *("--rootdir", str(copy), "-q", "-x", "-p", "no:cacheprovider", "-p", "no:django"),
            *("--no-header", "--tb=no", "-W", "ignore", *TESTS),
        ],
        cwd=copy,
        env={**os.environ, "PYTHONPATH": f"{copy / 'src'}{os.pathsep}{copy}"},
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode == 0:
        return None
    told = [line for line in done.stdout.splitlines() if line.startswith(("FAILED", "ERROR"))]
    return told[0].partition(" ")[2].partition(" - ")[0] if told else done.stdout[-500:]


if __name__ == "__main__":
    main()
