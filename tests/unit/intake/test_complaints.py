from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from changtong.intake.domain import complaints
from changtong.intake.domain.complaints import BadRow, Complaint
from changtong.kernel.errors import Refused


HEADER = (
    "Ticket #,Customer Complaint,Date,Date_month_year,Time,Received Via,City,State,Zip code,"
    "Status,Filing on Behalf of Someone"
)
GOOD = (
    '101,"Slow, every evening",05-03-2015,05-Mar-15,09:08:07 PM,Internet,Ely,ohio,44000,Open,Yes'
)


def read(*rows):
    return list(complaints.rows([HEADER, *rows]))


def test_a_row_says_what_where_when_and_through_which_channel():
    (row,) = read(GOOD)

    assert row == Complaint(
        line=2,
        reference="101",
        text="Slow, every evening",
        received_at=datetime(2015, 3, 5, 21, 8, 7, tzinfo=ZoneInfo("America/New_York")),
        channel="web",
        city="Ely",
        state="Ohio",
        status="open",
        for_someone_else=True,
    )
    assert row.region_code == "USOHIO"


@pytest.mark.parametrize(
    ("there", "status"),
    [("Open", "open"), ("Pending", "pending"), ("Solved", "closed"), ("Closed", "closed")],
)
def test_solved_and_closed_are_both_closed(there, status):
    (row,) = read(GOOD.replace(",Open,", f",{there},"))

    assert row.status == status


@pytest.mark.parametrize(
    ("good", "bad", "column", "value"),
    [
        ("101", "comp1", "Ticket #", "comp1"),
        ("101", "١٢", "Ticket #", "١٢"),
        ('"Slow, every evening"', " ", "Customer Complaint", " "),
        ("Internet", "Pigeon", "Received Via", "Pigeon"),
        (",Open,", ",Lost,", "Status", "Lost"),
        ("ohio", "", "State", ""),
        ("05-03-2015", "31-02-2015", "Date", "31-02-2015 09:08:07 PM"),
    ],
)
def test_a_bad_row_is_named_by_line_and_column_and_the_next_is_read(good, bad, column, value):
    first, second = read(GOOD.replace(good, bad), GOOD)

    assert first == BadRow(2, column, value)
    assert isinstance(second, Complaint)


def test_a_row_that_ends_early_is_bad():
    (row,) = read("101,Slow")

    assert row == BadRow(2, "Received Via", "")


def test_a_file_without_the_columns_is_refused():
    with pytest.raises(Refused) as refused:
        list(complaints.rows(["Ticket #,Status"]))

    assert refused.value.code == "import.columns_missing"
    assert refused.value.facts["columns"] == [
        "Customer Complaint",
        "Date",
        "Time",
        "Received Via",
        "State",
    ]


def test_the_code_of_a_region_is_short_enough_for_its_column():
    (row,) = read(GOOD.replace("ohio", "District Of Columbia"))

    assert row.region_code == "USDISTRICTOF"
