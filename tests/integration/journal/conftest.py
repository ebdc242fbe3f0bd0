from __future__ import annotations

from pathlib import Path

import pytest


@pytest.fixture(autouse=True)
def seals_file(settings, tmp_path: Path) -> Path:
    settings.SEALS_FILE = tmp_path / "seals.log"
    return settings.SEALS_FILE
