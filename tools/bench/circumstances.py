"""On which machine and which program something was measured."""

from __future__ import annotations

import os
import platform
import subprocess
from datetime import UTC, datetime
from pathlib import Path
from typing import Any


ROOT = Path(__file__).resolve().parents[2]


def circumstances(*, seed: int) -> dict[str, Any]:
    """Return what a figure means little without."""
    models = [
        line.partition(":")[2].strip()
        for line in Path("/proc/cpuinfo").read_text().splitlines()
        if line.startswith("model name")
    ]
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    return {
        "at": datetime.now(UTC).isoformat(timespec="seconds"),  # noqa: TID251 - not the system
        "machine": {
            "cores": len(os.sched_getaffinity(0)),
            "cpu": models[0] if models else platform.machine(),
            "memory_gb": round(memory / 2**30, 1),
            "load_before": os.getloadavg()[0],
            "python": platform.python_version(),
        },
        "seed": seed,
        "commit": _git("rev-parse", "--short=12", "HEAD"),
        "changed": bool(_git("status", "--porcelain", "--", "src")),
    }


def _git(*words: str) -> str:
    done = subprocess.run(["git", *words], cwd=ROOT, capture_output=True, text=True, check=False)
    return done.stdout.strip()
