"""The live program: who may listen, from which pages, and until when."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from aiohttp import ClientResponse
from aiohttp.test_utils import TestClient, TestServer
from django.conf import settings
from django.contrib.sessions.models import Session
from django.db import connection, connections
from django.test import Client
from tests.factories import people
from tests.factories.intake import build_town, report

from changtong.infra.clock import now
from changtong.intake import operations as intake
from changtong.parties import operations as parties
from changtong.parties.models import Staff
from changtong.tickets.operations import working
from changtong.web.live import hub, serving
from changtong.web.live.serving import Live


pytestmark = pytest.mark.django_db(transaction=True)

PAGE = f"http://127.0.0.1:{settings.PORT}"


class Seat:
    """Somebody's browser: the session they have, and a ticket of their district."""

    def __init__(self, client: Any, role: str = "agent") -> None:
        self.town = build_town()
        self.person = people.staff(f"{role}-1", role, region="410105")
        client.force_login(self.person)
        self.cookie = client.cookies["sessionid"].value
        self.ticket = intake.receive(
            report=report(category="fault.broadband.no_link"),
            line_number=self.town.line.number,
            actor="system:test",
            at=now(),
            anyway=True,
            by_agent=True,
        ).ticket

    def touch(self) -> None:
        working.log(
            number=self.ticket.number, type_="note", text="x", actor="system:test", at=now()
        )


def played(story: Callable[[TestClient[Any, Any]], Awaitable[None]]) -> None:
    """Run a story against the program; its thread ends with its connection closed."""

    async def run() -> None:
        live = Live()
        async with TestClient(TestServer(live.application())) as client:
            try:
                await asyncio.wait_for(story(client), 20)
            finally:
                await live._ask(connections.close_all)

    # A thread of its own: a browser's test in the same process has left a loop in this one.
    with ThreadPoolExecutor(1) as thread:
        thread.submit(asyncio.run, run()).result()


async def opened(client: TestClient[Any, Any], cookie: str, query: str = "") -> ClientResponse:
    return await client.get(f"/live/events{query}", headers={"Cookie": f"sessionid={cookie}"})


async def event(answer: ClientResponse) -> tuple[str, dict[str, Any]]:
    """Return the next event and what it says."""
    name = ""
    while line := (await answer.content.readline()).decode().rstrip():
        if line.startswith("event: "):
            name = line.removeprefix("event: ")
        elif line.startswith("data: "):
            told = json.loads(line.removeprefix("data: "))
    return name, told


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 401),
        ({"Cookie": "sessionid=nonsense"}, 401),
        ({"Origin": "https://evil.example"}, 403),
        ({"Origin": "null"}, 403),
        ({"Sec-Fetch-Site": "cross-site"}, 403),
        ({"Host": "evil.example"}, 403),
    ],
)
def test_strangers_and_pages_of_others_hear_nothing(headers, status):
    async def story(client: TestClient[Any, Any]) -> None:
        answer = await client.get("/live/events", headers=headers)
        assert answer.status == status
        assert "Access-Control-Allow-Origin" not in answer.headers

    played(story)


def test_who_may_not_see_tickets_may_not_listen(client):
    seat = Seat(client, "administrator")

    async def story(browser: TestClient[Any, Any]) -> None:
        assert (await opened(browser, seat.cookie)).status == 403

    played(story)


def test_a_change_is_heard_within_two_seconds_and_carries_only_the_number(client):
    seat = Seat(client)

    async def story(browser: TestClient[Any, Any]) -> None:
        answer = await opened(browser, seat.cookie)
        assert (await event(answer))[0] == "hello"
        await asyncio.sleep(serving.TURN_SECONDS * 2)
        await asyncio.to_thread(_and_close, seat.touch)
        heard = await asyncio.wait_for(event(answer), 2)
        assert heard == ("changed", {"changed": [seat.ticket.number], "entered": []})

    played(story)


@pytest.mark.parametrize("end", ["log-out", "expiry", "dismissal", "role", "password"])
def test_a_right_that_ends_ends_the_stream_before_another_word(client, end):
    seat = Seat(client)

    def ending() -> None:
        row = Staff.objects.filter(pk=seat.person.pk)
        match end:
            case "log-out":
                Session.objects.all().delete()
            case "expiry":
                Session.objects.update(expire_date=now() - timedelta(days=1))
            case "dismissal":
                parties.dismiss(staff_id=seat.person.pk, actor="system:test", at=now())
            case "role":
                row.update(role="administrator")
            case "password":
                row.update(password="!another")
        seat.touch()

    async def story(browser: TestClient[Any, Any]) -> None:
        answer = await opened(browser, seat.cookie)
        await event(answer)
        await asyncio.sleep(serving.TURN_SECONDS * 2)
        await asyncio.to_thread(_and_close, ending)
        assert await event(answer) == ("bye", {"because": "session"})
        assert await answer.content.read() == b""

    played(story)


def test_a_note_needs_the_session_of_its_stream_and_our_own_page(client):
    seat = Seat(client)

    async def noted(browser: TestClient[Any, Any], key: str, cookie: str, origin: str) -> int:
        answer = await browser.post(
            "/live/notes",
            data=json.dumps({"stream": key, "typing": True}),
            headers={"Cookie": f"sessionid={cookie}", "Origin": origin},
        )
        return answer.status

    async def story(browser: TestClient[Any, Any]) -> None:
        answer = await opened(browser, seat.cookie, f"?case={seat.ticket.number}")
        key = (await event(answer))[1]["stream"]
        assert await noted(browser, key, seat.cookie, PAGE) == 204
        assert await noted(browser, key, "another", PAGE) == 404
        assert await noted(browser, "another", seat.cookie, PAGE) == 404
        assert await noted(browser, key, seat.cookie, "https://evil.example") == 403

    played(story)


def test_whoever_may_not_see_a_case_is_not_there_with_the_others(client, monkeypatch):
    seat, stranger, watched = Seat(client), Client(), hub.Hub()
    monkeypatch.setattr(serving, "Hub", lambda: watched)
    people.district("420106", "武昌区")
    stranger.force_login(people.staff("stranger", "agent", region="420106"))
    cookies = (seat.cookie, stranger.cookies["sessionid"].value)

    async def story(browser: TestClient[Any, Any]) -> None:
        for cookie in cookies:
            await event(await opened(browser, cookie, f"?case={seat.ticket.number}"))
        at = {one.session: one.case for one in watched.streams.values()}
        assert at == dict(zip(cookies, [seat.ticket.number, ""], strict=True))

    played(story)


def test_the_oldest_of_too_many_screens_ends_with_a_word(client, monkeypatch):
    monkeypatch.setattr(hub, "STREAMS_PER_PERSON", 1)
    seat = Seat(client)

    async def story(browser: TestClient[Any, Any]) -> None:
        first = await opened(browser, seat.cookie)
        await event(first)
        second = await opened(browser, seat.cookie)
        assert await event(first) == ("bye", {"because": "crowded"})
        assert (await event(second))[0] == "hello"

    played(story)


def _and_close(do: Callable[[], None]) -> None:
    try:
        do()
    finally:
        connection.close()
