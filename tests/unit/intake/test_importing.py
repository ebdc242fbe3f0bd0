from __future__ import annotations

from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from changtong.intake.domain import importing
from changtong.intake.domain.importing import Row, RowError
from changtong.kernel.errors import Refused


SHANGHAI = ZoneInfo("Asia/Shanghai")


def read(text: str) -> list:
    lines = text.splitlines(keepends=True)
    return list(importing.rows(lines, source="legacy", zone=SHANGHAI))


def test_a_row_is_a_report() -> None:
    (row,) = read(
        "reference,kind,description,phone,line_number,received_at\n"
        "A-1,fault,断网了,13800001111,KD0001,2026-11-24 10:00\n"
    )

    assert isinstance(row, Row)
    assert (row.line, row.line_number) == (2, "KD0001")
    assert (row.report.kind, row.report.channel) == ("fault", "import")
    assert (row.report.source, row.report.source_reference) == ("legacy", "A-1")
    assert row.received_at.isoformat() == "2026-11-24T10:00:00+08:00"


def test_a_spreadsheet_in_chinese_is_understood() -> None:
    (row,) = read("\ufeff类型,内容,电话\n投诉,乱扣费,13800001111\n")

    assert (row.report.kind, row.report.description) == ("complaint", "乱扣费")


def test_a_row_without_reference_is_known_by_what_it_says() -> None:
    first, same, other = read("kind,description\nfault,a\nfault,a\nfault,b\n")

    assert first.report.source_reference == same.report.source_reference
    assert first.report.source_reference != other.report.source_reference


def test_bad_rows_name_line_and_column_and_stop_nothing() -> None:
    rows = read(
        "kind,description,family,received_at\n"
        "wish,,telegraph,yesterday\n"
        "fault,a,,\n"
        "fault,a,broadband,,,\n"
        "\n"
        'fault,"two\nlines",mobile,\n'
    )

    assert [(one.line, one.code, one.column) for one in rows[0]] == [
        (2, "row.kind_unknown", "kind"),
        (2, "row.family_unknown", "family"),
        (2, "row.time_invalid", "received_at"),
        (2, "row.cell_empty", "description"),
    ]
    assert rows[1].line == 3
    assert rows[2] == (RowError(4, "row.too_long", facts={"columns": 4}),)
    assert (rows[3].line, rows[3].report.description) == (7, "two\nlines")


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "import.empty"),
        ("kind,colour,description\n", "import.columns_unknown"),
        ("kind,kind,description\n", "import.columns_unknown"),
        ("kind,phone\n", "import.columns_missing"),
    ],
)
def test_a_file_with_another_header_is_refused(text: str, code: str) -> None:
    with pytest.raises(Refused) as refused:
        read(text)

    assert refused.value.code == code


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_files_are_read_as_spreadsheets_save_them(encoding: str) -> None:
    saved = "类型,内容".encode(encoding)
    found = importing.encoding_of(saved[at : at + 1] for at in range(len(saved)))
    assert saved.decode(found) == "类型,内容"


@pytest.mark.parametrize("content", [b"\xff\xfe\x00", "类".encode()[:1]])
def test_a_file_in_no_known_encoding_is_refused(content: bytes) -> None:
    with pytest.raises(Refused) as refused:
        importing.encoding_of([content])

    assert refused.value.code == "import.encoding_unknown"


@given(st.text(max_size=200))
def test_whatever_the_rows_say_reading_them_never_fails(text: str) -> None:
    for row in read("kind,description\n" + text):
        assert isinstance(row, (Row, tuple))
