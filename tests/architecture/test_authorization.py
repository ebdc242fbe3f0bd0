"""
Every route as everybody, with their own objects, other people's, and ones that do not exist.

What is expected follows from the audience that the view declares and from the rule of scope; see
tests/architecture/authorization. No route and no field can be forgotten: one that the matrix
cannot fill in fails.
"""

from __future__ import annotations

import json
import re
import sys
import uuid
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from types import SimpleNamespace
from typing import Any
from urllib.parse import quote

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection, transaction
from django.http import HttpResponse
from pytest_django import DjangoDbBlocker
from tests.architecture.authorization import principals, routes
from tests.architecture.authorization.filling import (
    COMMON,
    fields_of,
    naming_fields,
    object_of,
    state_of,
)
from tests.architecture.authorization.principals import Person
from tests.architecture.authorization.routes import GIVEN, IDS, Route
from tests.factories import announcements, worlds
from tests.factories.worlds import District

from changtong.dispatch.models import Alarm
from changtong.feedback import queries as feedback
from changtong.feedback.models import Evaluation
from changtong.infra import clock
from changtong.infra.clock import now
from changtong.parties import queries as parties
from changtong.tickets import queries as tickets
from changtong.tickets.domain.lifecycle import FINAL
from changtong.tickets.domain.sight import may_see
from changtong.tickets.models import Ticket
from changtong.tickets.queries import standing


pytestmark = pytest.mark.django_db

CELLS: Counter[str] = Counter()
# Whatever differs between two answers to the same question.
NONCES = re.compile(
    r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"
    # How long ago it was: a minute may pass between two questions.
    r"|\d+ ?(?:天|小时|分钟?|秒)+"
    r"|csrf\w*\W+(?:value=)?\W*\w{32,64}|served-at=\"\d+\"|(?:clause|chart)-[0-9a-f]{8}|\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d[.\d]*",
    re.IGNORECASE,
)
TABLES = [
    "tickets_ticket",
    "tickets_logentry",
    "tickets_attachment",
    "tickets_resolution",
    "tickets_supplement",
    "tickets_hold",
    "dispatch_workorder",
    "dispatch_booking",
    "dispatch_alarm",
    "feedback_evaluation",
    "feedback_followup",
    "feedback_notification",
    "archive_record",
    "archive_verification",
    "parties_customer",
    "parties_line",
    "parties_staff",
    "parties_team",
    "parties_token",
    "parties_membership",
    "clocks_clock",
    "intake_contact",
    "journal_entry",
    "standard_edition",
]

# Those who see the other district; together they may look at nearly everything.
FOREIGN = {"other customer", "foreign supervisor", "token of foreign supervisor"}


@dataclass(frozen=True)
class Cell:
    """One request of one person about one district's object, or about one that is not there."""

    route: Route
    person: Person
    variant: str
    district: District | None

    def __str__(self) -> str:
        return f"{self.person.name} {self.route.name} [{self.variant}]"


@pytest.fixture
def _django_db_helper() -> None:
    """Stay out of pytest-django's transaction for each test: all share the world's own."""


@pytest.fixture(scope="module")
def world(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[Any]:
    """Build two districts once; every cell is rolled back to a savepoint."""
    with django_db_blocker.unblock(), transaction.atomic():
        worlds.publish_standard()
        own = worlds.build_district("own", "410105", phone="13800001111", customer="王芳七七")
        other = worlds.build_district("zulu", "410311", phone="13911112222", customer="李雷九九")
        for district in (own, other):
            worlds.fill_with_tickets(district)
            for state, ticket in district.tickets.items():
                district.tickets[state] = Ticket.objects.select_related("region").get(pk=ticket.pk)
        yield SimpleNamespace(
            own=own,
            other=other,
            people=principals.everybody(own, other),
            accused=principals.accused(own),
        )
        transaction.set_rollback(True)
    sys.stderr.write(f"\nauthorization matrix: {CELLS.total()} cells {dict(CELLS)}\n")


# ---------------------------------------------------------------------------------------
# Asking
# ---------------------------------------------------------------------------------------


def ask(person: Person, route: Route, path: str, fields: dict[str, Any]) -> HttpResponse:
    """Send the request as a browser or a program would; an exception counts as a crash."""
    person.client.raise_request_exception = False
    # The word about what one request did is shown by the next page, whichever that is.
    person.client.cookies.pop("messages", None)
    key = str(uuid.uuid4())
    if route.is_safe:
        return person.client.get(path, fields, headers=person.headers)
    if route.face != "api":
        return person.client.post(path, {**fields, "operation_key": key})
    headers = {**person.headers, "idempotency-key": key}
    if any(isinstance(value, SimpleUploadedFile) for value in fields.values()):
        return person.client.post(path, fields, headers=headers)
    return person.client.generic(
        route.method,
        path,
        json.dumps(fields),
        content_type="application/json",
        headers=headers,
    )


def text_of(response: Any) -> str:
    body = b"".join(response.streaming_content) if response.streaming else response.content
    return body.decode("utf-8", "replace")


def seen(route: Route, response: Any) -> str:
    """Return what became of a request: open, login, forbidden, missing or crash."""
    location = response.headers.get("Location", "")
    if response.status_code >= 500:
        return "crash"
    if route.audience not in {"anyone", "link"} and (
        response.status_code == 401 or location.startswith(("/accounts/login", "/portal/login"))
    ):
        return "login"
    return {401: "login", 403: "forbidden", 404: "missing"}.get(response.status_code, "open")


def expected(cell: Cell, *, complaint: bool = False) -> str:
    """Return what must become of a request, from the declared audience and the rule of scope."""
    who, _, permission = cell.route.audience.partition(":")
    person = cell.person
    if who in {"anyone", "link"}:
        return "open"
    if who == "customer":
        entitled = bool(person.phone)
    else:
        entitled = person.staff is not None and not person.shut_out
    if not entitled:
        return "login"
    if permission and permission not in person.permissions:
        return "forbidden"
    kinds = [kind for kind in cell.route.objects if kind not in COMMON]
    if not kinds:
        return "open"
    if cell.district is None or complaint:
        return "missing"
    return "open" if _is_theirs(cell, kinds[0]) else "missing"


def _is_theirs(cell: Cell, kind: str) -> bool:
    assert cell.district is not None
    if kind in {"customer", "line", "hall", "queue_number", "served_number", "missed_number"}:
        return cell.person.sees_district(cell.district)
    if kind in {"personnel", "any_team"} and "staff.manage" in cell.person.permissions:
        return True
    if kind in {"personnel", "rostered"}:
        return cell.person.leads_or_oversees(cell.district)
    state = state_of(cell.route)
    if kind == "own_order":
        return bool(cell.district.orders[state].technician_id == cell.person.staff.pk)
    seen_by_ticket = cell.person.sees(cell.district.tickets[state])
    if kind == "order" and "dispatch.own" in cell.person.permissions:
        order = cell.district.orders[state]
        return seen_by_ticket or order.technician_id == cell.person.staff.pk
    return seen_by_ticket


def changes() -> int:
    """Return how many rows this transaction has written so far, in any table but sessions."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT coalesce(sum(n_tup_ins + n_tup_upd + n_tup_del), 0)"
            " FROM pg_stat_xact_user_tables WHERE relname <> 'django_session'"
        )
        return int(cursor.fetchone()[0])


def fingerprint() -> list[tuple[Any, ...]]:
    """Return a digest of every row that a request could change."""
    parts = " UNION ALL ".join(
        f"SELECT '{table}', count(*), coalesce(sum(hashtext(t::text)::bigint), 0) FROM {table} t"
        for table in TABLES
    )
    with connection.cursor() as cursor:
        cursor.execute(parts)
        return cursor.fetchall()


def leaked(world: Any, person: Person, sent: str, body: str, *, hidden: str = "") -> set[str]:
    """Return what the answer says that is not this person's to know and that they did not say."""
    secret: set[str] = {hidden} - {""}
    for district in (world.own, world.other):
        secret |= {one.number for one in district.tickets.values() if not person.sees(one)}
        secret |= {
            order.number
            for state, order in district.orders.items()
            if order is not None
            and not person.sees(district.tickets[state])
            and (person.staff is None or order.technician_id != person.staff.pk)
        }
        in_sight = any(person.sees(one) for one in district.tickets.values())
        if not in_sight and not person.sees_district(district):
            secret |= district.secrets
    return {one for one in secret if one in body and one not in sent}


# ---------------------------------------------------------------------------------------
# The matrix
# ---------------------------------------------------------------------------------------


def run(
    world: Any,
    cell: Cell,
    *,
    accused: bool = False,
    fields: dict[str, Any] | None = None,
    naming: object = "",
) -> tuple[list[str], Any]:
    """
    Ask once, undo it, and return what is wrong with the answer.

    :param fields: what to send instead of a valid request; the answer may then be any refusal
    :param naming: the object that these fields name
    """
    route, person = cell.route, cell.person
    state = state_of(route)
    values = [object_of(kind, cell.district, state) for kind in route.objects]
    tried = fields is not None
    fields = fields_of(route, home_of(world, person)) if fields is None else fields
    path = route.filled([quote(str(value), safe="") for value in values])
    wanted = expected(cell, complaint=accused)
    CELLS[route.face or "portal"] += 1
    with transaction.atomic():
        if accused:
            Ticket.objects.update(complained_of=person.staff)
        before = changes() if route.is_safe else fingerprint() if wanted != "open" else None
        response = ask(person, route, path, fields)
        body = text_of(response)
        after = changes() if route.is_safe else fingerprint() if wanted != "open" else None
        transaction.set_rollback(True)
    found = seen(route, response)
    if response.status_code == 405 or (route.name in GIVEN["never"] and found == "missing"):
        found = wanted
    wrong = (
        []
        if found == wanted or (tried and found == "missing")
        else [f"{cell}: {found} ({response.status_code}) not {wanted}"]
    )
    if after != before and route.name not in GIVEN["writes"]:
        wrong.append(f"{cell}: changed the database {_difference(before, after)}")
    hidden = cell.district.tickets[state].number if accused and cell.district else ""
    link = cell.route.audience == "link"
    sent = f"{path} {fields} {values}"
    if not link and (told := leaked(world, person, sent, body, hidden=hidden)):
        wrong.append(f"{cell}: tells {sorted(told)}")
    return wrong, SimpleNamespace(
        status=response.status_code, body=_masked(body, [*values, naming], path)
    )


def _difference(before: Any, after: Any) -> Any:
    if isinstance(before, int):
        return f"({after - before} rows)"
    return sorted({row[0] for row in set(before) ^ set(after)})


def _masked(body: str, values: list[object], path: str) -> str:
    body = NONCES.sub("*", body.replace(path, "PATH"))
    for value in values:
        if isinstance(value, int):
            # A short number is part of many others; elsewhere it is masked with its address.
            body = body.replace(f'": {value}', '": OBJECT')
            body = re.sub(rf'([?&;]\w+)={value}"', r'\1=OBJECT"', body)
        if isinstance(value, int) or not value:
            continue
        body = body.replace(quote(str(value), safe=""), "OBJECT").replace(str(value), "OBJECT")
    return body


def _apart(first: Any, second: Any) -> str:
    """Return where two answers begin to differ, for whoever has to mend it."""
    both = (first.body, second.body)
    pairs = enumerate(zip(*both, strict=False))
    place = next((place for place, (one, other) in pairs if one != other), min(map(len, both)))
    texts = [body[max(place - 60, 0) : place + 60] for body in both]
    return f"{first.status} {texts[0]!r}, {second.status} {texts[1]!r}"


def askers(world: Any, route: Route) -> list[Person]:
    """Return who asks: programs ask the API, people everything else."""
    fitting = [one for one in world.people if one.is_program == (route.face == "api")]
    if route.face == "api":
        return [*fitting, world.people[0]]
    if route.is_safe or route.name in GIVEN["requests"]:
        return fitting
    # A page that takes no form: posting to it must be as harmless for everybody.
    few = {"anonymous", "customer", "other customer", "agent", "technician", "foreign leader"}
    return [one for one in fitting if one.name in few]


def home_of(world: Any, person: Person) -> District:
    """Return the district that a person belongs to, whose objects they may name."""
    if person.phone == world.other.phone:
        return world.other
    stands_in = person.staff.region.code if person.staff else world.own.code
    return world.other if stands_in == world.other.code else world.own


def reach_of(person: Person) -> object:
    return person.reach if person.staff else person.phone


@pytest.mark.parametrize("route", routes.all_routes(), ids=lambda route: route.name)
def test_everybody_meets_what_is_theirs_and_nothing_else(world: Any, route: Route) -> None:
    wrong: list[str] = []
    statuses: set[int] = set()
    compared: set[object] = set()
    for person in askers(world, route):
        own = Cell(route, person, "own", world.own)
        found, answer = run(world, own)
        wrong += found
        if expected(own) in {"login", "forbidden"}:
            continue
        statuses.add(answer.status)
        if answer.status == 405:
            break
        if not route.objects:
            continue
        foreign = replace(own, variant="foreign", district=world.other)
        found, told = run(world, foreign)
        wrong += found
        if expected(foreign) == "missing" and reach_of(person) not in compared:
            compared.add(reach_of(person))
            found, nothing = run(world, replace(own, variant="missing", district=None))
            wrong += found
            if told != nothing:
                apart = _apart(told, nothing)
                wrong.append(f"{person.name} {route.name}: foreign and missing differ: {apart}")
    assert not wrong, "\n".join(wrong)
    must_succeed = route.name in GIVEN["requests"] or (route.is_safe and 405 not in statuses)
    if must_succeed and route.name not in GIVEN["never"]:
        assert min(statuses) < 400, "nobody got through: [requests] must make a valid request"


@pytest.mark.parametrize(
    "route",
    [one for one in routes.all_routes() if {"ticket", "record"} & set(one.objects)],
    ids=lambda route: route.name,
)
def test_whoever_is_complained_of_never_meets_the_complaint(world: Any, route: Route) -> None:
    if route.audience in {"customer", "link"}:
        return
    wrong: list[str] = []
    for person in world.accused:
        if person.is_program == (route.face == "api"):
            found, answer = run(world, Cell(route, person, "complaint", world.own), accused=True)
            wrong += found
            if answer.status == 405:
                break
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize(
    "route",
    # A remedy is named by its code within its ticket, so no address leads to a foreign one; an
    # article is nobody's.
    [
        one
        for one in routes.all_routes()
        if one.objects[:1] == ["ticket"] and one.objects[1:] not in ([], ["remedy"], ["article"])
    ],
    ids=lambda route: route.name,
)
def test_what_hangs_on_a_foreign_ticket_is_not_reached_through_ones_own(
    world: Any, route: Route
) -> None:
    state = state_of(route)
    wrong: list[str] = []
    for person in askers(world, route):
        cell = Cell(route, person, "own ticket, foreign part", world.own)
        if expected(cell) != "open" or person.reach_is_everything:
            continue
        part = object_of(route.objects[1], world.other, state)
        path = route.filled([world.own.tickets[state].number, part])
        with transaction.atomic():
            response = ask(person, route, path, {})
            transaction.set_rollback(True)
        CELLS[route.face] += 1
        if response.status_code not in {404, 405}:
            wrong.append(f"{cell}: {response.status_code}")
    assert not wrong, "\n".join(wrong)


def test_an_announcement_is_listed_in_its_own_region_only(world: Any) -> None:
    with transaction.atomic():
        made = announcements.made_in(world.own)
        listed = [
            made in feedback.announced_in(parties.viewer_of(district.staff["supervisor"]))
            for district in (world.own, world.other)
        ]
        transaction.set_rollback(True)
    assert listed == [True, False]


def otherwise(district: District) -> None:
    """Let everything that can be counted in a district be something else."""
    long_ago = now() - timedelta(days=400)
    theirs = Ticket.objects.filter(region_path__startswith=district.customer.region.path)
    Evaluation.objects.filter(ticket__in=theirs).update(score=1, answered_at=now(), by="customer")
    Alarm.objects.filter(ticket__in=theirs).update(raised_at=long_ago)
    theirs.update(opened_at=long_ago, due_at=long_ago, channel="mail")
    theirs.exclude(state__in=FINAL).update(state="accepted", team=None, assignee=None)


@pytest.mark.parametrize(
    "route",
    [one for one in routes.all_routes() if one.is_safe and not one.objects],
    ids=lambda route: route.name,
)
def test_nothing_that_is_counted_tells_of_what_is_foreign(
    world: Any, route: Route, monkeypatch: pytest.MonkeyPatch
) -> None:
    at = now()
    monkeypatch.setattr(clock, "datetime", SimpleNamespace(now=lambda _zone: at))
    wrong: list[str] = []
    for person in askers(world, route):
        if person.name not in FOREIGN:
            continue
        path, fields = route.path, fields_of(route, world.other)
        bodies = []
        for change in (lambda: None, lambda: otherwise(world.own)):
            with transaction.atomic():
                change()
                bodies.append(_masked(text_of(ask(person, route, path, fields)), [], path))
                transaction.set_rollback(True)
        if bodies[0] != bodies[1]:
            answers = [SimpleNamespace(status=200, body=one) for one in bodies]
            wrong.append(f"{person.name} {route.name}: {_apart(*answers)}")
    assert not wrong, "\n".join(wrong)


def test_what_the_live_screens_are_told_follows_the_same_rule(world: Any) -> None:
    people = [one for one in [*world.people, *world.accused] if one.staff and not one.is_program]
    wrong: list[str] = []
    with transaction.atomic():
        Ticket.objects.filter(state="in_progress").update(complained_of=world.accused[0].staff)
        # Who may see no ticket may not see one of theirs either.
        Ticket.objects.filter(state="held").update(assignee=world.own.staff["administrator"])
        places = standing.places(list(Ticket.objects.values_list("number", flat=True)))
        for person in people:
            viewer = parties.viewer_of(person.staff)
            told = {one.number for one in places if may_see(viewer, one)}
            asked = set(tickets.visible_to(viewer).values_list("number", flat=True))
            if told != asked:
                wrong.append(f"{person.name}: {sorted(told ^ asked)}")
        transaction.set_rollback(True)
    assert len(places) > 20
    assert not wrong, "\n".join(wrong)


NAMING = [(route, name) for route in routes.all_routes() for name in naming_fields(route)]


@pytest.mark.parametrize(("route", "name"), NAMING, ids=lambda one: getattr(one, "name", one))
def test_a_field_naming_a_foreign_object_is_answered_like_one_that_names_nothing(
    world: Any, route: Route, name: str
) -> None:
    kind = routes.kind_of_field(name)
    state = state_of(route)
    wrong: list[str] = []
    for person in askers(world, route):
        cell = Cell(route, person, f"foreign {name}", world.own)
        if expected(cell) != "open" or person.reach_is_everything:
            continue
        if kind == "colleague" and "staff.manage" in person.permissions:
            # Whoever manages staff knows all of them.
            continue
        answers = []
        home = home_of(world, person)
        elsewhere = world.own if home is world.other else world.other
        for district in (elsewhere, None):
            value = object_of(kind, district, state)
            fields = fields_of(route, home, about=name) | {name: value}
            found, answer = run(world, cell, fields=fields, naming=value)
            wrong += found
            answers.append(answer)
        if answers[0] != answers[1]:
            wrong.append(f"{cell}: foreign and missing differ: {_apart(*answers)}")
    assert not wrong, "\n".join(wrong)


def test_nothing_was_forgotten() -> None:
    assert routes.undeclared() == []
    assert routes.strays() == []
    assert routes.unclassified_fields() == {}
    known = {route.name for route in routes.all_routes()}
    for table in ("requests", "never", "writes"):
        gone = {one for one in GIVEN[table] if one[0] != "/"} - known
        assert gone == set(), f"[{table}] speaks of what is no longer there"
    used = {name for route in routes.all_routes() for name in naming_fields(route)}
    naming = {name for kind in IDS for name in GIVEN["fields"][kind]}
    assert naming - used == set(), "no request in [requests] uses these"
    assert all(GIVEN["excused"].values())
    assert all(GIVEN["never"].values())
