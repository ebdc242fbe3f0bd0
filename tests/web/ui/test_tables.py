"""Keyset pages: every row once, in both directions, whatever the request says."""

from __future__ import annotations

from urllib.parse import urlsplit

import pytest
from django.contrib.sessions.models import Session
from django.test import RequestFactory
from django.utils.timezone import datetime

from changtong.web.ui.tables import Column, Listing, page_of


COLUMNS = (Column("到期", sort="expire_date"), Column("键"))


@pytest.fixture
def rows(db: None) -> list[str]:
    """Seven rows, several of them with the same value to sort by."""
    keys = []
    for number, day in enumerate([1, 2, 2, 2, 3, 3, 4]):
        moment = datetime.fromisoformat(f"2026-11-0{day}T00:00:00+00:00")
        keys.append(
            Session.objects.create(
                session_key=f"k{number}", session_data="", expire_date=moment
            ).pk
        )
    return keys


def page(address: str, *, size: int = 3) -> Listing:
    request = RequestFactory().get(address)
    return page_of(request, Session.objects.all(), columns=COLUMNS, sort="expire_date", size=size)


def keys_of(listing: Listing) -> list[str]:
    return [row.pk for row in listing.rows]


def test_walking_forward_shows_every_row_once(rows: list[str]) -> None:
    seen, address = [], "/x?state=open"
    while address:
        listing = page(address)
        seen += keys_of(listing)
        address = listing.next_url or ""

    assert seen == rows


def test_walking_back_shows_the_page_before(rows: list[str]) -> None:
    first = page("/x")
    second = page(str(first.next_url))
    again = page(str(second.previous_url))

    assert keys_of(again) == keys_of(first)
    assert again.previous_url is None
    assert again.next_url is not None


def test_a_filter_stays_in_the_addresses(rows: list[str]) -> None:
    listing = page("/x?state=open&state=held")

    assert "state=open&state=held" in urlsplit(str(listing.next_url)).query


def test_the_other_direction_is_offered_by_the_heading(rows: list[str]) -> None:
    listing = page("/x?sort=-expire_date")

    assert keys_of(listing) == ["k6", "k5", "k4"]
    assert (listing.headings[0].direction, listing.headings[0].url) == (
        "descending",
        "/x?sort=expire_date",
    )
    assert listing.headings[1].url is None


@pytest.mark.parametrize(
    "query",
    [
        "sort=session_data",
        "sort=password__x",
        "after=%00",
        "after=!!!",
        "after=WzEsMiwzXQ",
        "after=WyJ4IiwieSJd",
        # A place with a NUL in it, which PostgreSQL cannot be asked for.
        "after=WyIyMDI2LTExLTAxVDAwOjAwOjAwKzAwOjAwIiwgImtcdTAwMDAiXQ",
    ],
)
def test_a_broken_request_shows_the_first_page(rows: list[str], query: str) -> None:
    assert keys_of(page(f"/x?{query}")) == rows[:3]
