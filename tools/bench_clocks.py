"""
Measure clocks: deadlines a second beside a library's, and the sweep of simultaneous breaches.

Writes ``$CHANGTONG_HOME/bench/clocks.json``. Deadlines are counted by the second of computing, so
that a machine that others use too tells the same; everything else by the clock on the wall.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import time
from pathlib import Path
from typing import Any


sys.path.insert(0, str(Path(__file__).resolve().parent))

from bench import deadlines
from bench.circumstances import circumstances


SEED = 20261122


def main() -> None:
    """Run what was asked for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", choices=("deadlines", "sweep"), help="one part")
    parser.add_argument("--seed", type=int, default=SEED)
    parser.add_argument("--breaches", type=int, default=100_000)
    parser.add_argument("--closed", type=int, default=1_000_000, help="closed clocks beside them")
    parser.add_argument("--seconds", type=float, default=10, help="of intake before and after")
    wanted = parser.parse_args()
    home = Path(os.environ.get("CHANGTONG_HOME", "var")).absolute()
    began = time.monotonic()
    figures: dict[str, Any] = circumstances(seed=wanted.seed)
    if wanted.only != "sweep":
        figures["engine"] = deadlines.measure(seed=wanted.seed)
    if wanted.only != "deadlines":
        figures["sweep"] = _sweep(home, wanted)
    figures["took_s"] = round(time.monotonic() - began)
    path = home / "bench" / "clocks.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    text = json.dumps(figures, ensure_ascii=False, indent=2)
    path.write_text(text + "\n", encoding="utf-8")
    print(text)
    print(path)


def _sweep(home: Path, wanted: argparse.Namespace) -> dict[str, Any]:
    from bench.system import System, free_port

    system = System(home / "bench" / "home", free_port())
    system.stop()
    try:
        system.start()
        os.environ.update(system.environment())
        system.command("prepare")
        system.command("demo", "fill", "--tickets=100", f"--seed={wanted.seed}")
        import django

        django.setup()
        from bench import inside, sweep

        token, _cookie = inside.enter()
        inside.leave()
        return sweep.measure(
            system,
            "changtong",
            token,
            breaches=wanted.breaches,
            closed=wanted.closed,
            seconds=wanted.seconds,
        )
    finally:
        system.stop()


if __name__ == "__main__":
    main()
