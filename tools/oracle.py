"""
Compare the engine of clocks with a counting of every minute, on random lives of clocks.

Prints the count of histories and of disagreements, and the first disagreement as a test that can
be pasted; writes ``$CHANGTONG_HOME/bench/oracle.json``. The same seed gives the same histories.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import os
import sys
import time
from collections import Counter
from pathlib import Path


ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "tools")]

from tests.factories import life_oracle, random_lives  # noqa: E402
from tests.factories.random_lives import Case  # noqa: E402

from bench.circumstances import circumstances  # noqa: E402


# Lives of one batch share a few calendars, because building a calendar's minutes takes longer
# than counting them.
BATCH = 500
SEED = 20261122
STEP = 25_000


def main() -> None:
    """Compare as many histories as asked for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=1_000_000, help="histories")
    parser.add_argument("--seed", type=int, default=SEED)
    parser.add_argument("--processes", type=int, default=os.cpu_count() or 1)
    wanted = parser.parse_args()
    began = time.monotonic()
    seen: Counter[str] = Counter()
    first: tuple[int, int] | None = None
    batches = [
        (wanted.seed, number, min(BATCH, wanted.count - number * BATCH))
        for number in range(-(-wanted.count // BATCH))
    ]
    with multiprocessing.Pool(wanted.processes) as workers:
        for found, where in workers.imap_unordered(compare, batches):
            seen += found
            if where is not None and (first is None or where < first):
                first = where
            if seen["histories"] % STEP < BATCH:
                took = time.monotonic() - began
                told = f"{seen['histories']:,} histories, {seen['disagreements']:,} disagreements"
                print(f"{took:6.0f} s  {told}", file=sys.stderr, flush=True)
    result = {
        **circumstances(seed=wanted.seed),
        "processes": wanted.processes,
        "took_s": round(time.monotonic() - began),
        **dict(sorted({"disagreements": 0, **seen}.items())),
    }
    path = Path(os.environ.get("CHANGTONG_HOME", "var")).absolute() / "bench" / "oracle.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(result, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
    print(json.dumps(result, ensure_ascii=False, indent=2))
    print(path)
    if first is not None:
        print(as_test(*first, wanted.seed))
        raise SystemExit(1)


def compare(batch: tuple[int, int, int]) -> tuple[Counter[str], tuple[int, int] | None]:
    """Judge the lives of one batch by both; return what was seen and where they first differ."""
    seed, number, count = batch
    seen: Counter[str] = Counter()
    timelines: dict[str, life_oracle.Timeline] = {}
    first = None
    for position, case in enumerate(random_lives.cases(seed, number, count)):
        engine = random_lives.by_engine(case)
        seen["histories"] += 1
        seen["calendars"] += 4 if position == 0 else 0
        seen["clocks"] += len(engine)
        seen["breached"] += sum(clock.breached is not None for clock in engine)
        seen["warnings"] += sum(len(clock.warnings) for clock in engine)
        for event in case.events:
            seen[f"event_{event.what}"] += 1
        if engine != random_lives.by_oracle(case, timelines):
            seen["disagreements"] += 1
            first = first or (number, position)
    return seen, first


def as_test(number: int, position: int, seed: int) -> str:
    """Return a disagreement as the text of a test, without the events that it does not need."""
    *_, case = random_lives.cases(seed, number, position + 1)
    case = _without_needless_events(case)
    engine, oracle = random_lives.by_engine(case), random_lives.by_oracle(case, {})
    told = "\n".join(
        f"    # engine {ours}\n    # oracle {theirs}"
        for ours, theirs in zip(engine, oracle, strict=False)
        if ours != theirs
    )
    return f"""
import datetime

from tests.factories.random_lives import Case, Event, by_engine, by_oracle

from changtong.clocks.domain.lives import Terms
from changtong.standard.domain.calendars import Calendar, CutOff, Season, Within
from changtong.standard.domain.rules import PauseReason, Target


def test_seed_{seed}_batch_{number}_life_{position}():
{told}
    case = {case!r}
    assert by_engine(case) == by_oracle(case, {{}})
"""


def _without_needless_events(case: Case) -> Case:
    events = list(case.events)
    for event in case.events[1:]:
        fewer = Case(tuple(one for one in events if one is not event), case.now)
        if random_lives.by_engine(fewer) != random_lives.by_oracle(fewer, {}):
            events = list(fewer.events)
    return Case(tuple(events), case.now)


if __name__ == "__main__":
    main()
