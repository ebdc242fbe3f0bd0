from __future__ import annotations

from pathlib import Path

import pytest
from tests.factories.archive import Case, close_case
from tests.factories.intake import build_town


@pytest.fixture(autouse=True)
def archive_root(settings, tmp_path: Path) -> Path:
    settings.ARCHIVE_ROOT = tmp_path / "archive"
    settings.FILES_ROOT = tmp_path / "files"
    settings.SEALS_FILE = tmp_path / "seals.log"
    return settings.ARCHIVE_ROOT


@pytest.fixture
def case(db: None) -> Case:
    """Return a closed fault with an attachment, sealed and published but not yet filed."""
    build_town()
    return close_case()
