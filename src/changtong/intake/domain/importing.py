"""Rows of a CSV file as reports; a row that cannot be one says where and why."""

from __future__ import annotations

import codecs
import csv
import hashlib
import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, tzinfo

from changtong.catalog.domain import Family
from changtong.kernel.errors import Refused
from changtong.tickets.domain.lifecycle import Kind
from changtong.tickets.domain.report import Report


# Each column, and what a person with a Chinese spreadsheet calls it.
COLUMNS = {
    "reference": "编号",
    "kind": "类型",
    "channel": "渠道",
    "title": "标题",
    "description": "内容",
    "name": "联系人",
    "phone": "电话",
    "email": "邮箱",
    "line_number": "业务号码",
    "customer_number": "客户编号",
    "region": "区域",
    "address": "地址",
    "family": "业务",
    "category": "类别",
    "impact": "影响范围",
    "urgency": "紧急程度",
    "received_at": "受理时间",
    "language": "语言",
}
REQUIRED = ("kind", "description")
KINDS = {
    "服务申请": Kind.SERVICE_REQUEST,
    "故障": Kind.FAULT,
    "投诉": Kind.COMPLAINT,
    "咨询": Kind.ENQUIRY,
}
ENCODINGS = ("utf-8-sig", "gb18030")


@dataclass(frozen=True, slots=True)
class RowError:
    """What is wrong with one row; `column` is empty when it is not about one."""

    line: int
    code: str
    column: str = ""
    facts: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One row that can be received."""

    line: int
    report: Report
    line_number: str
    customer_number: str
    region_code: str
    received_at: datetime | None


def encoding_of(parts: Iterable[bytes]) -> str:
    """
    Return in which encoding a spreadsheet in China saved a file, read to its end in parts.

    :raises Refused: ``import.encoding_unknown``
    """
    decoders = {name: codecs.getincrementaldecoder(name)() for name in ENCODINGS}

    def read(part: bytes, *, final: bool) -> None:
        for name, decoder in list(decoders.items()):
            try:
                decoder.decode(part, final)
            except UnicodeDecodeError:
                del decoders[name]

    for part in parts:
        read(part, final=False)
    read(b"", final=True)
    if not decoders:
        raise Refused("import.encoding_unknown", encodings="、".join(ENCODINGS))
    return next(iter(decoders))


def rows(
    lines: Iterable[str], *, source: str, zone: tzinfo
) -> Iterator[Row | tuple[RowError, ...]]:
    """
    Yield each row as something to receive, or as its errors.

    :raises Refused: ``import.empty``, ``import.columns_missing``, ``import.columns_unknown``
    """
    reader = csv.reader(lines)
    header = _header(next(reader, None))
    while True:
        try:
            values = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            yield (RowError(reader.line_num, "row.unreadable", facts={"because": str(error)}),)
            continue
        if any(value.strip() for value in values):
            yield _row(header, values, line=reader.line_num, source=source, zone=zone)


def _header(cells: Sequence[str] | None) -> tuple[str, ...]:
    if cells is None:
        raise Refused("import.empty")
    chinese = {name: column for column, name in COLUMNS.items()}
    named = [cell.removeprefix("\ufeff").strip() for cell in cells]
    header = tuple(chinese.get(name, name) for name in named)
    unknown = [name for name in header if name not in COLUMNS]
    if unknown or len(set(header)) < len(header):
        raise Refused("import.columns_unknown", columns=unknown, known=list(COLUMNS))
    missing = [name for name in REQUIRED if name not in header]
    if missing:
        raise Refused("import.columns_missing", columns=missing)
    return header


def _row(
    header: Sequence[str], values: Sequence[str], *, line: int, source: str, zone: tzinfo
) -> Row | tuple[RowError, ...]:
    if len(values) > len(header):
        return (RowError(line, "row.too_long", facts={"columns": len(header)}),)
    cells = dict.fromkeys(COLUMNS, "")
    cells.update((name, value.strip()) for name, value in zip(header, values, strict=False))
    errors: list[RowError] = []

    def read(column: str, code: str, meaning: Callable[[str], object]) -> object:
        try:
            return meaning(cells[column])
        except ValueError:
            facts = {"value": cells[column]}
            errors.append(RowError(line, code, column, facts))
            return None

    kind = read("kind", "row.kind_unknown", lambda cell: KINDS.get(cell) or Kind(cell))
    if cells["family"]:
        read("family", "row.family_unknown", Family)
    received_at = read("received_at", "row.time_invalid", lambda cell: _instant(cell, zone))
    errors.extend(
        RowError(line, "row.cell_empty", column) for column in REQUIRED[1:] if not cells[column]
    )
    if errors:
        return tuple(errors)
    return Row(
        line=line,
        report=_report(cells, kind=str(kind), source=source),
        line_number=cells["line_number"],
        customer_number=cells["customer_number"],
        region_code=cells["region"],
        received_at=received_at if isinstance(received_at, datetime) else None,
    )


def _report(cells: Mapping[str, str], *, kind: str, source: str) -> Report:
    return Report(
        kind=kind,
        channel=cells["channel"] or "import",
        title=cells["title"],
        description=cells["description"],
        contact_name=cells["name"],
        contact_phone=cells["phone"],
        contact_email=cells["email"],
        address=cells["address"],
        family=cells["family"],
        category=cells["category"] or None,
        impact=cells["impact"] or None,
        urgency=cells["urgency"] or None,
        language=cells["language"] or "zh-hans",
        source=source,
        # Without a reference of its own, a row is known by everything that it says.
        source_reference=cells["reference"] or _digest(cells),
    )


def _digest(cells: Mapping[str, str]) -> str:
    said = {column: value for column, value in cells.items() if value}
    return hashlib.sha256(
        json.dumps(said, ensure_ascii=False, sort_keys=True).encode("utf-8", "replace")
    ).hexdigest()


def _instant(cell: str, zone: tzinfo) -> datetime | None:
    if not cell:
        return None
    at = datetime.fromisoformat(cell.replace("/", "-"))
    return at if at.tzinfo else at.replace(tzinfo=zone)
