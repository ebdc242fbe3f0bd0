"""The measurement itself runs, in its quick form; what it finds is judged by a person."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest


ROOT = Path(__file__).resolve().parents[2]
KEYS = {
    "machine",
    "seed",
    "commit",
    "accepted_per_s",
    "bare_per_s",
    "accept_ratio",
    "import_per_s",
    "import_ratio",
    "queue_p50_ms_10k",
    "queue_p95_ms_10k",
    "ticket_p50_ms_10k",
    "ticket_p95_ms_10k",
    "queries",
    "rss_mb",
}

pytestmark = pytest.mark.performance


def test_the_quick_measurement_writes_every_figure(tmp_path):
    left_out = {"DATABASE_URL", "CHANGTONG_TEST_HOME"}
    environment = {name: value for name, value in os.environ.items() if name not in left_out}

    subprocess.run(
        [sys.executable, "tools/bench_loop.py", "--quick", "--seconds=4", "--rounds=1"],
        cwd=ROOT,
        env=environment | {"CHANGTONG_HOME": str(tmp_path)},
        check=True,
    )

    found = json.loads((tmp_path / "bench/loop.json").read_text("utf-8"))
    assert set(found) >= KEYS
    assert 0 < found["accept_ratio"] < 1
    assert max(found["queries"].values()) <= 12
    assert not (tmp_path / "bench/home").exists()
