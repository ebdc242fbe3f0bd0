"""The plain import at a terminal reads what a spreadsheet wrote."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from rich.console import Console
from tests.factories.intake import build_town

from changtong.cli.importing import table
from changtong.tickets.models import Ticket


pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_a_spreadsheet_of_any_usual_encoding_is_taken_in(tmp_path: Path, encoding: str) -> None:
    build_town()
    file = tmp_path / "import.csv"
    file.write_text("编号,类型,内容,业务号码,电话\n7,故障,宽带断网,KD0001,13800001111\n", encoding)
    console = Console(file=io.StringIO(), width=200)

    table.run(file, source="old", console=console)

    assert Ticket.objects.get().description == "宽带断网"
    assert "新开 1" in console.file.getvalue()
