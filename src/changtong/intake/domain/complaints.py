"""
Read a file of complaints as another company's desk kept them: text, channel, place, time, status.

The columns are those of the public collection of complaints about a United States operator
(``Ticket #, Customer Complaint, Date, Time, Received Via, City, State, Zip code, Status, Filing
on Behalf of Someone``). It says when a complaint came in, not when anything was done about it.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from changtong.kernel.errors import Refused


SOURCE = "complaints-us"
ZONE = ZoneInfo("America/New_York")
CHANNELS = {"Customer Care Call": "phone", "Internet": "web"}
STATUSES = {"Open": "open", "Pending": "pending", "Solved": "closed", "Closed": "closed"}
COLUMNS = ("Ticket #", "Customer Complaint", "Date", "Time", "Received Via", "State", "Status")
REGION_AT_MOST = 12
GOOD: Mapping[str, Callable[[str], bool]] = {
    "Ticket #": lambda value: bool(re.fullmatch("[0-9]+", value)),
    "Customer Complaint": lambda value: bool(value.strip()),
    "Received Via": CHANNELS.__contains__,
    "Status": STATUSES.__contains__,
    "State": lambda value: bool(value.strip()),
}


@dataclass(frozen=True, slots=True)
class Complaint:
    """One row that could be read."""

    line: int
    reference: str
    text: str
    received_at: datetime
    channel: str
    city: str
    state: str
    status: str
    for_someone_else: bool

    @property
    def region_code(self) -> str:
        """Return the code under which the state is a region, e.g. ``USMARYLAND``."""
        return ("US" + re.sub(r"[^A-Z]", "", self.state.upper()))[:REGION_AT_MOST]


@dataclass(frozen=True, slots=True)
class BadRow:
    """A row that could not be read, and which column is why."""

    line: int
    column: str
    value: str


def rows(lines: Iterable[str]) -> Iterator[Complaint | BadRow]:
    """
    Read the file row by row; a bad row is reported, not fatal.

    :raises Refused: ``import.columns_missing``
    """
    reader = csv.DictReader(lines)
    missing = [name for name in COLUMNS if name not in (reader.fieldnames or ())]
    if missing:
        raise Refused("import.columns_missing", columns=missing)
    for row in reader:
        yield _read(row, reader.line_num)


def _read(row: dict[str, str], line: int) -> Complaint | BadRow:
    for column, is_good in GOOD.items():
        if not is_good(row.get(column) or ""):
            return BadRow(line, column, (row.get(column) or "")[:80])
    try:
        received_at = datetime.strptime(
            f"{row['Date']} {row['Time']}", "%d-%m-%Y %I:%M:%S %p"
        ).replace(tzinfo=ZONE)
    except ValueError:
        return BadRow(line, "Date", f"{row['Date']} {row['Time']}"[:80])
    return Complaint(
        line=line,
        reference=row["Ticket #"],
        text=row["Customer Complaint"].strip(),
        received_at=received_at,
        channel=CHANNELS[row["Received Via"]],
        city=(row.get("City") or "").strip(),
        state=row["State"].strip().title(),
        status=STATUSES[row["Status"]],
        for_someone_else=row.get("Filing on Behalf of Someone") == "Yes",
    )
