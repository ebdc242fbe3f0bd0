"""The live program's server: one process, one thread for the database, a stream per screen."""

from __future__ import annotations

import asyncio
import json
import logging
import socket
import time
from collections.abc import AsyncIterator, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from functools import partial
from typing import Any, TypeVar
from urllib.parse import urlsplit

from aiohttp import web
from django.conf import settings
from django.db import Error, close_old_connections, connection
from django.http.request import validate_host

from changtong.journal import queries as journal
from changtong.web.live import watching
from changtong.web.live.hub import SHOWN_AT_MOST, Hub, Stream
from changtong.web.live.reading import Reading


log = logging.getLogger("changtong.live")
Answer = TypeVar("Answer")

TURN_SECONDS = 0.3
LOOK_AT_SESSIONS_SECONDS = 10.0
BEAT_SECONDS = 15.0
# Whoever reads nothing for so long is dropped; their browser comes back when it can.
WRITE_SECONDS = 10.0
# A computer that was switched off never says so: what it does not acknowledge ends the stream.
UNACKNOWLEDGED_MS = 15_000
UNREAD_BYTES = 64 * 1024
LONGEST_PAUSE = 10.0
STREAMS_AT_MOST = 2_000
BODY_AT_MOST = 16 * 1024


class Live:
    """Read the journal while somebody listens, and tell them."""

    def __init__(self) -> None:
        self.hub = Hub()
        self._reading: Reading | None = None
        self._looked_at = 0.0
        self._wanted = asyncio.Event()
        # One connection, and no more than one question at a time, however many listen.
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="database")

    def application(self) -> web.Application:
        """Return the routes, and what runs beside them."""
        application = web.Application(client_max_size=BODY_AT_MOST)
        application.router.add_get("/live/events", self._events)
        application.router.add_post("/live/notes", self._notes)
        application.router.add_get("/live/health", self._health)
        application.cleanup_ctx.append(self._beside)
        application.on_shutdown.append(self._close)
        application.on_response_prepare.append(_unnamed)
        return application

    async def _beside(self, application: web.Application) -> AsyncIterator[None]:
        reading = asyncio.create_task(self._read_on())
        yield
        reading.cancel()
        with suppress(asyncio.CancelledError):
            await reading
        self._thread.shutdown(wait=False, cancel_futures=True)

    async def _close(self, application: web.Application) -> None:
        for stream in list(self.hub.streams.values()):
            stream.end("restart")
        for _ in range(20):
            if not self.hub.streams:
                break
            await asyncio.sleep(0.05)

    # -------------------------------------------------------------------------------------
    # Reading the journal
    # -------------------------------------------------------------------------------------

    async def _read_on(self) -> None:
        pause = TURN_SECONDS
        while True:
            if not self.hub.streams:
                # Nobody listens: nothing is asked, and what happens meanwhile is not missed by
                # anybody, since a page that opens shows how things are.
                self._reading = None
                self._wanted.clear()
                await self._wanted.wait()
            try:
                await self._turn()
                pause = TURN_SECONDS
            except Error as error:
                pause = min(pause * 2, LONGEST_PAUSE)
                log.warning("the database does not answer (%s); again in %.1f s", error, pause)
            except Exception:
                # Without this task nobody would be told anything, and nobody would know.
                pause = min(pause * 2, LONGEST_PAUSE)
                log.exception("a turn failed; again in %.1f s", pause)
            await asyncio.sleep(pause)

    async def _turn(self) -> None:
        hub = self.hub
        if self._reading is None:
            self._reading = Reading(await self._ask(journal.last_written))
        news = await self._ask(watching.news, self._reading.last, self._reading.awaited)
        at = time.monotonic()
        due = at - self._looked_at > LOOK_AT_SESSIONS_SECONDS
        if news.places or news.called or hub.company_changed or due:
            # Before anybody is told anything: who they are and what they may do at this moment.
            asked = list(hub.streams.values())
            hub.admit(asked, await self._ask(watching.standing, asked))
            self._looked_at = at
        # Only now: what could not be told because of the database is read again.
        self._reading.advance(news.ids, at=at)
        if len(news.ids) >= journal.SINCE_AT_MOST:
            self._reading = None
            hub.start_all_anew()
        elif news.places:
            hub.publish(news.places, news.moved)
        if news.called:
            hub.ring(news.called)
        hub.introduce(at=at)

    async def _ask(self, question: Callable[..., Answer], *values: Any) -> Answer:
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._thread, partial(_asked, question, *values))

    # -------------------------------------------------------------------------------------
    # Serving
    # -------------------------------------------------------------------------------------

    async def _health(self, request: web.Request) -> web.Response:
        return web.json_response({"streams": len(self.hub.streams)})

    async def _events(self, request: web.Request) -> web.StreamResponse:
        headers = _allowed(request)
        if len(self.hub.streams) >= STREAMS_AT_MOST:
            raise web.HTTPServiceUnavailable(headers={**headers, "Retry-After": "30"})
        stream = await self._arriving(request, headers)
        response = web.StreamResponse(
            headers={
                **headers,
                "Content-Type": "text/event-stream; charset=utf-8",
                "Cache-Control": "no-store",
                "X-Content-Type-Options": "nosniff",
                "X-Accel-Buffering": "no",
            }
        )
        await response.prepare(request)
        _impatient(request)
        since = request.headers.get("Last-Event-ID") or request.query.get("since", "")
        self.hub.join(stream, since=since[:40])
        self._wanted.set()
        try:
            await self._tell(stream, response)
        except (TimeoutError, ConnectionError):
            log.info("a screen of staff:%s was dropped", stream.staff_id)
            if request.transport is not None:
                request.transport.abort()
        finally:
            self.hub.leave(stream)
        return response

    async def _arriving(self, request: web.Request, headers: dict[str, str]) -> Stream:
        session = watching.session_of(dict(request.cookies))
        try:
            found = await self._ask(watching.arrival, session) if session else None
            case = request.query.get("case", "")[:64]
            if case:
                await self._know([case])
        except Error as error:
            raise web.HTTPServiceUnavailable(headers={**headers, "Retry-After": "5"}) from error
        if found is None:
            raise web.HTTPUnauthorized(headers=headers)
        if not found.person.viewer.may("tickets.view"):
            raise web.HTTPForbidden(headers=headers)
        return Stream(
            person=found.person,
            staff_id=found.staff_id,
            session=session,
            session_hash=found.session_hash,
            case=case if self.hub.sees(found.person.viewer, case) else "",
            tab=request.query.get("tab", "")[:24],
        )

    async def _know(self, numbers: list[str]) -> None:
        unknown = [one for one in numbers if one not in self.hub.places]
        for place in await self._ask(watching.places, unknown) if unknown else ():
            self.hub.remember(place)

    async def _tell(self, stream: Stream, response: web.StreamResponse) -> None:
        await _write(response, "hello", {"stream": stream.key}, self._position(stream))
        while not stream.ended:
            try:
                async with asyncio.timeout(BEAT_SECONDS):
                    await stream.woken.wait()
            except TimeoutError:
                await _written(response, b":\n\n")
                continue
            stream.woken.clear()
            await self._tell_news(stream, response)
        await _write(response, "bye", {"because": stream.ended})

    async def _tell_news(self, stream: Stream, response: web.StreamResponse) -> None:
        position = self._position(stream)
        if stream.ended:
            return
        if stream.starts_anew:
            stream.starts_anew = False
            await _write(response, "anew", {}, position)
        elif stream.changed:
            told = {"changed": sorted(stream.changed), "entered": sorted(stream.entered)}
            stream.changed, stream.entered = set(), set()
            await _write(response, "changed", told, position)
        if stream.called:
            stream.called = False
            await _write(response, "call", {})
        if stream.company:
            company, stream.company = stream.company, {}
            await _write(response, "company", {"cases": company})

    def _position(self, stream: Stream) -> str:
        return f"{self.hub.run}.{stream.seen}"

    async def _notes(self, request: web.Request) -> web.Response:
        """Take what a screen says of itself: the rows it shows, and that somebody writes."""
        headers = _allowed(request)
        try:
            noted = json.loads(await request.text())
        except ValueError as error:
            raise web.HTTPBadRequest(headers=headers) from error
        if not isinstance(noted, dict):
            raise web.HTTPBadRequest(headers=headers)
        stream = self.hub.streams.get(str(noted.get("stream", "")))
        if stream is None or stream.session != watching.session_of(dict(request.cookies)):
            raise web.HTTPNotFound(headers=headers)
        if noted.get("typing") is True:
            self.hub.type(stream, at=time.monotonic())
        shown = noted.get("shown")
        if isinstance(shown, list):
            numbers = [one[:64] for one in shown if isinstance(one, str)][:SHOWN_AT_MOST]
            try:
                await self._know(numbers)
            except Error as error:
                raise web.HTTPServiceUnavailable(headers=headers) from error
            self.hub.show(stream, numbers)
        return web.Response(status=204, headers=headers)


def _impatient(request: web.Request) -> None:
    connection = request.get_extra_info("socket")
    if connection is not None:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, UNREAD_BYTES)
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, UNACKNOWLEDGED_MS)


async def _unnamed(request: web.Request, response: web.StreamResponse) -> None:
    # Nobody needs to know which program answers, in which version.
    response.headers["Server"] = "changtong"


def _asked(question: Callable[..., Answer], *values: Any) -> Answer:
    close_old_connections()
    try:
        return question(*values)
    except Error:
        connection.close()
        raise


def _allowed(request: web.Request) -> dict[str, str]:
    """
    Return what the browser must be told so that our own page may read the answer.

    :raises HTTPForbidden: if another site's page asks, or under a name that is not ours
    """
    name = urlsplit(f"//{request.host}").hostname or ""
    if not validate_host(_bracketed(name), settings.ALLOWED_HOSTS):
        raise web.HTTPForbidden
    if request.headers.get("Sec-Fetch-Site", "same-origin") not in {"same-origin", "same-site"}:
        raise web.HTTPForbidden
    origin = request.headers.get("Origin", "")
    if not origin:
        if request.method != "GET":
            raise web.HTTPForbidden
        return {}
    if origin != settings.PUBLIC_URL and origin != f"http://{_bracketed(name)}:{settings.PORT}":
        raise web.HTTPForbidden
    return {
        "Access-Control-Allow-Origin": origin,
        "Access-Control-Allow-Credentials": "true",
        "Vary": "Origin",
    }


def _bracketed(name: str) -> str:
    return f"[{name}]" if ":" in name else name


async def _write(
    response: web.StreamResponse, event: str, told: dict[str, Any], position: str = ""
) -> None:
    identity = f"id: {position}\n" if position else ""
    words = json.dumps(told, ensure_ascii=False, separators=(",", ":"))
    await _written(response, f"{identity}event: {event}\ndata: {words}\n\n".encode())


async def _written(response: web.StreamResponse, words: bytes) -> None:
    async with asyncio.timeout(WRITE_SECONDS):
        await response.write(words)


def serve(*, host: str, port: int) -> None:
    """Serve until SIGTERM."""
    web.run_app(
        Live().application(),
        host=host,
        port=port,
        access_log=None,
        print=None,
        shutdown_timeout=3.0,
        handler_cancellation=True,
    )
