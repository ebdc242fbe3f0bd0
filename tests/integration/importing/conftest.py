from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path

import pytest
from rich.console import Console

from changtong.cli.standard import publish_shipped


@pytest.fixture
def edition(db: None) -> None:
    publish_shipped()


@pytest.fixture
def console() -> Console:
    return Console(file=io.StringIO(), width=200)


@pytest.fixture
def file(tmp_path: Path) -> Callable[[list[str]], Path]:
    def write(lines: list[str]) -> Path:
        path = tmp_path / "import.csv"
        path.write_text("\n".join(lines) + "\n", encoding="utf-8")
        return path

    return write
