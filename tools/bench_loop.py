"""
Measure the closed loop: acceptance, import and pages, as ratios on this machine.

Writes ``$CHANGTONG_HOME/bench/loop.json`` and prints a table. What is measured and how is
described in docs/operate/performance.md.
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

from bench.circumstances import circumstances
from bench.system import System, free_port


SEED = 20261122
SMALL, LARGE = 10_000, 1_000_000


def main() -> None:
    """Run what was asked for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="10 k only, 10 s each")
    parser.add_argument("--only", choices=("accept", "import", "pages"), help="one part")
    parser.add_argument("--large", type=int, default=LARGE, help="tickets in the large database")
    parser.add_argument("--seconds", type=int, default=0)
    parser.add_argument("--rounds", type=int, default=2)
    wanted = parser.parse_args()
    home = Path(os.environ.get("CHANGTONG_HOME", "var")).absolute()
    system = System(home / "bench" / "home", free_port())
    began = time.monotonic()
    system.stop()
    try:
        system.start()
        figures = _measured(system, wanted)
    finally:
        system.stop()
    figures["took_s"] = round(time.monotonic() - began)
    result = {**circumstances(seed=SEED), "quick": wanted.quick, **figures}
    path = home / "bench" / "loop.json"
    path.write_text(json.dumps(result, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
    _show(result)
    print(path)


def _measured(system: System, wanted: argparse.Namespace) -> dict[str, Any]:
    seconds = wanted.seconds or (10 if wanted.quick else 20)
    figures: dict[str, Any] = {"seconds": seconds}
    os.environ.update(system.environment())
    system.command("prepare")
    figures["fill_10k_s"] = round(
        system.command("demo", "fill", f"--tickets={SMALL}", f"--seed={SEED}"), 1
    )
    import django

    django.setup()
    from bench import acceptance, importing, inside, pages

    token, cookie = inside.enter()

    def pages_with(label: str) -> dict[str, Any]:
        return pages.measure(
            system,
            cookie=cookie,
            token=token,
            label=label,
            requests=100 if wanted.quick else 400,
            seed=SEED,
        )

    if wanted.only in {None, "pages"}:
        figures |= inside.queries()
        figures |= pages_with("10k")
    inside.leave()
    if wanted.only in {None, "accept"}:
        with system.copy_of("changtong", named="bench_accept") as database:
            figures |= acceptance.measure(
                system, database, token, seconds=seconds, rounds=wanted.rounds
            )
            figures |= acceptance.with_worker(system, database, token, seconds=seconds)
    if wanted.only in {None, "import"}:
        with system.copy_of("changtong", named="bench_import") as database:
            figures |= importing.measure(system, database, rows=500 if wanted.quick else 5_000)
    if wanted.only in {None, "pages"} and not wanted.quick:
        more = wanted.large - SMALL
        figures["fill_1m_s"] = round(
            system.command("demo", "fill", f"--tickets={more}", f"--seed={SEED + 1}"), 1
        )
        figures["large"] = wanted.large
        figures |= pages_with("1m")
    return figures


def _show(result: dict[str, Any]) -> None:
    from rich.console import Console
    from rich.table import Table

    table = Table("figure", "value", title="changtong bench: loop")
    for name, value in result.items():
        table.add_row(name, json.dumps(value, ensure_ascii=False))
    Console().print(table)


if __name__ == "__main__":
    main()
