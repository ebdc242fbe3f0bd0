"""(a) Tickets accepted a second through the API, against PostgreSQL inserting the same rows."""

from __future__ import annotations

import itertools
import json
from collections.abc import Callable
from statistics import mean
from typing import Any

import psycopg

from bench import bare
from bench.clients import Outcome, closed_loop, request
from bench.system import System


CLIENTS = 8
LINES = 120_000
CREATED = 201
# Said so that the standard's keywords decide, as most customers' words do.
REPORTS = (
    ("fault", "宽带断网，光猫红灯", "今天早上开始上不了网，光猫 LOS 红灯闪烁，重启过没有用。"),
    ("fault", "网速慢，看视频卡顿", "签约 300M，晚上八点以后网速慢，看视频很卡。"),
    ("fault", "宽带上不了网", "昨晚断网到现在，家里两台电脑都上不了网。"),
)


def prepare(connection: psycopg.Connection) -> None:
    """Give the load customers of its own, each with one broadband line."""
    region, service = connection.execute(
        "SELECT (SELECT id FROM catalog_region WHERE code = '410105'),"
        " (SELECT id FROM catalog_service WHERE family = 'broadband' ORDER BY id LIMIT 1)"
    ).fetchone() or (0, 0)
    connection.execute(
        "WITH made AS (INSERT INTO parties_customer"
        " (number, name, kind, tier, phone, email, language, region_id)"
        " SELECT 'B' || n, '客户' || n, 'person', 'standard', '18' || (900000000 + n),"
        " 'b' || n || '@example.com', 'zh-hans', %(region)s FROM generate_series(1, %(count)s) n"
        " RETURNING id, number)"
        " INSERT INTO parties_line (number, customer_id, service_id, family, address, region_id,"
        " access_resource, state, latitude, longitude)"
        " SELECT 'BL' || substr(number, 2), id, %(service)s, 'broadband',"
        " '河南省郑州市金水区花园路' || id || '号', %(region)s, 'OLT-410105-1/PON1', 'active',"
        " 34.8, 113.66 FROM made",
        {"region": region, "service": service, "count": LINES},
    )
    connection.commit()


def requests(token: str) -> Callable[[], bytes]:
    """Return what makes the next report, each about another line."""
    serial = itertools.count(1)

    def make() -> bytes:
        number = next(serial)
        kind, title, description = REPORTS[number % len(REPORTS)]
        body = {
            "kind": kind,
            "title": title,
            "description": description,
            "line_number": f"BL{number}",
            "contact_name": f"客户{number}",
            "contact_phone": f"18{900000000 + number}",
        }
        headers = {"Authorization": f"Bearer {token}", "Idempotency-Key": f"bench-{number}"}
        encoded = json.dumps(body, ensure_ascii=False).encode()
        return request("POST", "/api/v1/tickets", headers=headers, body=encoded)

    return make


def measure(
    system: System, database: str, token: str, *, seconds: int, rounds: int
) -> dict[str, Any]:
    """Measure both in turn, warmed, on the same server."""
    make = requests(token)
    with psycopg.connect(system.url(database)) as connection:
        prepare(connection)
    with system.running("web", database=database):
        _accept(system, make, clients=1, seconds=1)
        with psycopg.connect(system.url(database), autocommit=True) as connection:
            before = bare.highest(connection)
            _accept(system, make, clients=1, seconds=60, at_most=1)
            written = bare.capture(connection, before)
            file = system.home / "bare.sql"
            file.write_text(bare.script(connection, written), encoding="utf-8")
        _accept(system, make, clients=CLIENTS, seconds=max(3, seconds // 4))
        bare.measure(system, database, file, clients=CLIENTS, seconds=max(3, seconds // 4))
        accepted: list[Outcome] = []
        inserted: list[float] = []
        computed: dict[str, list[float]] = {"accept": [], "bare": []}
        for _ in range(rounds):
            system.settle()
            began = system.cpu_seconds()
            accepted.append(_accept(system, make, clients=CLIENTS, seconds=seconds))
            spent = system.cpu_seconds() - began
            computed["accept"].append(spent / accepted[-1].statuses[CREATED])
            system.settle()
            began = system.cpu_seconds()
            inserted.append(bare.measure(system, database, file, clients=CLIENTS, seconds=seconds))
            spent = system.cpu_seconds() - began
            computed["bare"].append(spent / (inserted[-1] * seconds))
    cpu = {name: mean(found) * 1000 for name, found in computed.items()}
    accepted_per_s, bare_per_s = mean(one.rate(CREATED) for one in accepted), mean(inserted)
    return {
        "accepted_per_s": round(accepted_per_s, 1),
        "bare_per_s": round(bare_per_s, 1),
        "accept_ratio": round(accepted_per_s / bare_per_s, 3),
        "accept_p50_ms": mean(one.percentile(0.5) for one in accepted),
        "accept_p95_ms": mean(one.percentile(0.95) for one in accepted),
        "accept_rounds": [round(one.rate(CREATED), 1) for one in accepted],
        "bare_rounds": [round(one, 1) for one in inserted],
        "accept_cpu_ms": round(cpu["accept"], 2),
        "bare_cpu_ms": round(cpu["bare"], 2),
        "cpu_ratio": round(cpu["bare"] / cpu["accept"], 3),
        "rows_of_one_acceptance": written.rows,
    }


def with_worker(system: System, database: str, token: str, *, seconds: int) -> dict[str, Any]:
    """Measure once more while the worker handles what each acceptance causes."""
    make = requests(token)
    for _ in range(LINES // 2):
        make()
    with system.running("web", "worker", database=database):
        _accept(system, make, clients=CLIENTS, seconds=max(3, seconds // 4))
        outcome = _accept(system, make, clients=CLIENTS, seconds=seconds)
        return {
            "accepted_with_worker_per_s": round(outcome.rate(CREATED), 1),
            **system.memory(),
        }


def _accept(
    system: System, make: Callable[[], bytes], *, clients: int, seconds: float, at_most: int = 0
) -> Outcome:
    outcome = closed_loop(
        make, port=system.port, clients=clients, seconds=seconds, at_most=at_most
    )
    if set(outcome.statuses) != {CREATED}:
        raise RuntimeError(f"{outcome.statuses}: {outcome.last_failure.decode()[-2000:]}")
    return outcome
