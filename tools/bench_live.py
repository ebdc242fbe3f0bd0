"""
Measure live updates: screens that listen, what they cost, how late they hear.

Writes ``$CHANGTONG_HOME/bench/live.json`` and prints it. The screens are streams of one other
process; the writer takes tickets in turn and adds a note to each, so that every event names a
ticket whose last commit is known. See docs/operate/performance.md.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import subprocess
import sys
import time
import urllib.request
from contextlib import suppress
from pathlib import Path
from statistics import quantiles
from typing import Any


sys.path.insert(0, str(Path(__file__).resolve().parent))

from bench.circumstances import circumstances
from bench.system import System, free_port, wait


SEED = 20261122
TICKETS = 2_000
TICKS = os.sysconf("SC_CLK_TCK")


def main() -> None:
    """Run as the measurement, or as its listening half."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--screens", type=int, default=500)
    parser.add_argument("--rate", type=float, default=5.0, help="changes a second")
    parser.add_argument("--seconds", type=int, default=30)
    parser.add_argument("--listen", action="store_true", help=argparse.SUPPRESS)
    wanted = parser.parse_args()
    if wanted.listen:
        asyncio.run(_listen(json.load(sys.stdin)))
        return
    home = Path(os.environ.get("CHANGTONG_HOME", "var")).absolute()
    system = System(home / "bench" / "home", free_port())
    system.stop()
    try:
        system.start()
        figures = _measured(system, wanted)
    finally:
        system.stop()
    result = {**circumstances(seed=SEED), **figures}
    path = home / "bench" / "live.json"
    path.write_text(json.dumps(result, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
    print(path.read_text(encoding="utf-8"), path, sep="\n")


def _measured(system: System, wanted: argparse.Namespace) -> dict[str, Any]:
    os.environ.update(system.environment())
    system.command("prepare")
    system.command("demo", "fill", f"--tickets={TICKETS}", f"--seed={SEED}")
    import django

    django.setup()
    cookies, numbers = _people(wanted.screens), _unfinished()
    address = f"http://127.0.0.1:{system.port + 1}/live/"
    with system.running("live"):
        wait(lambda: _answers(f"{address}health"), "the live program")
        pid = next(
            int(one.name)
            for one in system._processes()  # noqa: SLF001 - our own tool
            if b"changtong.project.live" in (one / "cmdline").read_bytes()
        )
        alone_mb = _resident_mb(pid)
        listener = subprocess.Popen(
            [sys.executable, __file__, "--listen"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            # Not one of the processes whose computing is counted.
            env={name: value for name, value in os.environ.items() if name != "CHANGTONG_HOME"},
        )
        assert listener.stdin is not None  # noqa: S101 - for the type checker
        assert listener.stdout is not None  # noqa: S101 - for the type checker
        json.dump({"address": address, "cookies": cookies}, listener.stdin)
        listener.stdin.close()
        connected = json.loads(listener.stdout.readline())
        time.sleep(3)
        idle = _cost(system, pid, lambda: time.sleep(wanted.seconds))
        written: dict[str, list[float]] = {}
        busy = _cost(system, pid, lambda: _write(numbers, written, wanted.rate, wanted.seconds))
        time.sleep(3)
        listener.terminate()
        heard = json.loads(listener.stdout.readline())
        listener.wait()
        return {
            "screens": wanted.screens,
            "rate_per_s": wanted.rate,
            "seconds": wanted.seconds,
            **connected,
            "alone_rss_mb": alone_mb,
            "idle": idle,
            "busy": {**busy, **_delays(heard, written, wanted.screens)},
        }


def _delays(
    heard: dict[str, list[float]], written: dict[str, list[float]], screens: int
) -> dict[str, Any]:
    # A ticket's turn comes again after many seconds; the change before an event is the one told.
    delays = [
        at - max((one for one in written[number] if one <= at), default=at)
        for number, found in heard.items()
        for at in found
    ]
    changes = sum(map(len, written.values()))
    if len(delays) < 2:  # noqa: PLR2004 - nothing to divide
        return {"events": len(delays)}
    hundredths = quantiles(delays, n=100)
    return {
        "changes": changes,
        "events": len(delays),
        "events_expected": changes * screens,
        "delay_p50_s": round(hundredths[49], 3),
        "delay_p95_s": round(hundredths[94], 3),
        "delay_max_s": round(max(delays), 3),
    }


def _people(count: int) -> list[str]:
    """Make members of staff with a session each; return the cookies."""
    from django.conf import settings
    from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
    from django.contrib.auth.hashers import make_password
    from django.contrib.sessions.backends.db import SessionStore

    from changtong.catalog.models import Region
    from changtong.parties.domain.roles import PERMISSIONS, REACH, Reach, Role
    from changtong.parties.models import Staff

    region = Region.objects.order_by("pk").values_list("pk", flat=True)[0]
    # The worst case: everybody sees every ticket, so every change is told to every screen.
    role = next(
        one for one in Role if REACH[one] is Reach.ALL and "tickets.view" in PERMISSIONS[one]
    )
    password = make_password("bench, and never used")
    cookies = []
    for number in range(count):
        person = Staff.objects.create(
            username=f"live{number}",
            number=f"L{number:05}",
            name=f"席位{number}",
            role=role,
            region_id=region,
            password=password,
        )
        store = SessionStore()
        store[SESSION_KEY] = str(person.pk)
        store[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
        store[HASH_SESSION_KEY] = person.get_session_auth_hash()
        store.save()
        cookies.append(f"{settings.SESSION_COOKIE_NAME}={store.session_key}")
    return cookies


def _unfinished() -> list[str]:
    from changtong.tickets.models import UNFINISHED, Ticket

    found = Ticket.objects.filter(UNFINISHED).order_by("-pk").values_list("number", flat=True)
    return list(found[:500])


def _write(numbers: list[str], written: dict[str, list[float]], rate: float, seconds: int) -> None:
    """Add notes at a steady rate, to one ticket after the other; keep when each was committed."""
    from changtong.infra.clock import now
    from changtong.tickets.operations import working

    began = time.monotonic()
    for turn in range(int(rate * seconds)):
        number = numbers[turn % len(numbers)]
        time.sleep(max(0.0, began + turn / rate - time.monotonic()))
        working.log(number=number, type_="note", text="bench", actor="system:bench", at=now())
        written.setdefault(number, []).append(time.monotonic())


def _cost(system: System, pid: int, during: Any) -> dict[str, float]:
    """Return what the live program, and the system with its database, computed meanwhile."""
    own, everything, began = _computed(pid), system.cpu_seconds(), time.monotonic()
    during()
    took = time.monotonic() - began
    return {
        "live_cpu_percent": round((_computed(pid) - own) / took * 100, 2),
        "system_cpu_percent": round((system.cpu_seconds() - everything) / took * 100, 2),
        "live_rss_mb": _resident_mb(pid),
    }


def _computed(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return sum(map(int, fields[11:13])) / TICKS


def _resident_mb(pid: int) -> float:
    pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    return round(pages * os.sysconf("SC_PAGE_SIZE") / 2**20, 1)


def _answers(url: str) -> bool:
    with suppress(OSError):
        return bool(urllib.request.urlopen(url, timeout=2).status)  # noqa: S310 - our own
    return False


# ---------------------------------------------------------------------------------------
# The other process
# ---------------------------------------------------------------------------------------


async def _listen(told: dict[str, Any]) -> None:
    """Open all streams, say so, and at SIGTERM say what was heard and when."""
    import signal

    import aiohttp

    heard: dict[str, list[float]] = {}
    connected = asyncio.Semaphore(0)
    ending = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, ending.set)
    slots = asyncio.Semaphore(20)

    async def screen(session: aiohttp.ClientSession, cookie: str) -> None:
        async with slots:
            answer = await session.get(told["address"] + "events", headers={"Cookie": cookie})
            answer.raise_for_status()
        async with answer:
            event = b""
            async for line in answer.content:
                if line.startswith(b"event: "):
                    event = line[7:].strip()
                    if event == b"hello":
                        connected.release()
                elif line.startswith(b"data: ") and event == b"changed":
                    at = time.monotonic()
                    for number in json.loads(line[6:])["changed"]:
                        heard.setdefault(number, []).append(at)

    timeout = aiohttp.ClientTimeout(total=None)
    connector = aiohttp.TCPConnector(limit=0)
    jar = aiohttp.DummyCookieJar()
    async with aiohttp.ClientSession(
        timeout=timeout, connector=connector, cookie_jar=jar
    ) as session:
        began = time.monotonic()
        screens = [asyncio.create_task(screen(session, one)) for one in told["cookies"]]
        for _ in screens:
            await connected.acquire()
        print(json.dumps({"all_connected_s": round(time.monotonic() - began, 2)}), flush=True)
        await ending.wait()
        for one in screens:
            one.cancel()
        await asyncio.gather(*screens, return_exceptions=True)
    print(json.dumps(heard), flush=True)


if __name__ == "__main__":
    main()
