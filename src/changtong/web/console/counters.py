"""A counter of a service hall: whose turn it is, called, served and let go."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_POST

from changtong.infra.clock import now
from changtong.intake.domain.queueing import NumberState
from changtong.intake.operations import queueing
from changtong.intake.queries import queueing as numbers
from changtong.kernel.errors import Missing
from changtong.standard import queries as standard
from changtong.web.console import callers
from changtong.web.console.frame import show
from changtong.web.ui import htmx
from changtong.web.ui.access import staff_only
from changtong.web.ui.auth import staff_viewer


if TYPE_CHECKING:
    from changtong.intake.models import QueueNumber
    from changtong.parties.domain.roles import Viewer
    from changtong.standard.domain.counters import CounterRule, NumberClass
    from changtong.standard.domain.rules import Choice
    from changtong.tickets.models import Ticket


WAITING_AT_MOST = 60
MISSED_AT_MOST = 12
CLERK = "tickets.open"


@dataclass(frozen=True, slots=True)
class Shown:
    """A number with what its edition calls its class, and whether it waits too long."""

    number: QueueNumber
    of_class: NumberClass | None
    priority: Choice | None
    is_long: bool = False

    @property
    def counter_url(self) -> str:
        """Return where the number is called and let go."""
        return reverse("console:counter", args=[self.number.hall.code, self.number.counter])


@staff_only(CLERK)
def halls(request: HttpRequest) -> HttpResponse:
    """List the halls of the viewer's region, to sit down at a counter."""
    found = list(numbers.halls_visible_to(staff_viewer(request)))
    rows = [(one, range(1, one.counters + 1)) for one in found]
    return show(request, "counters/halls.html", {"halls": rows})


@staff_only(CLERK)
def counter(request: HttpRequest, code: str, counter: int) -> HttpResponse:
    """Show who is at the counter and who waits."""
    viewer, at = staff_viewer(request), now()
    hall = numbers.hall(viewer, code)
    if not 1 <= counter <= hall.counters:
        raise Missing("counter.unknown", counter=counter)
    day = numbers.hall_day(at)
    waiting = list(numbers.waiting_in(hall, day=day))
    present = numbers.at_counter(hall, counter, day=day)
    context = {
        "hall": hall,
        "counter": counter,
        "present": shown(present, at) if present else None,
        "may_miss": may_be_missed(present),
        "names": names_of(viewer, present),
        "cases": numbers.cases_of(viewer, present) if present else (),
        "waiting": [shown(one, at) for one in waiting[:WAITING_AT_MOST]],
        "count": len(waiting),
        "missed": [shown(one, at) for one in numbers.missed_in(hall, day=day)[:MISSED_AT_MOST]],
        "rule": in_force(at),
    }
    return show(request, "counters/counter.html", context, part="waiting")


@staff_only(CLERK)
@require_POST
def call(request: HttpRequest, code: str, counter: int) -> HttpResponse:
    """Call whoever is next, of any class or of one."""
    viewer = staff_viewer(request)
    queueing.call_next(
        hall=numbers.hall(viewer, code).code,
        counter=counter,
        class_code=request.POST.get("class_code", ""),
        actor=viewer.actor,
        at=now(),
    )
    return htmx.go_to(request, reverse("console:counter", args=[code, counter]))


@staff_only(CLERK)
@require_POST
def recall(request: HttpRequest, pk: int) -> HttpResponse:
    viewer, number = _seen(request, pk)
    queueing.recall(number=number.pk, actor=viewer.actor, at=now())
    return _back(request, number)


@staff_only(CLERK)
@require_POST
def absence(request: HttpRequest, pk: int) -> HttpResponse:
    viewer, number = _seen(request, pk)
    queueing.miss(number=number.pk, actor=viewer.actor, at=now())
    return _back(request, number)


@staff_only(CLERK)
@require_POST
def put_back(request: HttpRequest, pk: int) -> HttpResponse:
    """Let whoever missed their turn wait once more, and stay at the counter that asked."""
    viewer, number = _seen(request, pk)
    queueing.put_back(number=number.pk, actor=viewer.actor, at=now())
    asked, places = request.POST.get("counter", ""), range(1, number.hall.counters + 1)
    counter = next((one for one in places if str(one) == asked), number.counter)
    return htmx.go_to(request, reverse("console:counter", args=[number.hall.code, counter]))


@staff_only(CLERK)
@require_POST
def service(request: HttpRequest, pk: int) -> HttpResponse:
    """Begin to serve, and open the desk for what the customer wants."""
    viewer, number = _seen(request, pk)
    queueing.start(number=number.pk, actor=viewer.actor, at=now())
    return htmx.go_to(request, f"{reverse('console:intake')}?queue_number={number.pk}")


@staff_only(CLERK)
@require_POST
def completion(request: HttpRequest, pk: int) -> HttpResponse:
    viewer, number = _seen(request, pk)
    queueing.end(number=number.pk, actor=viewer.actor, at=now())
    return _back(request, number)


def in_force(at: datetime) -> CounterRule | None:
    """Return how numbers are given today, if the standard says so."""
    return standard.read(standard.edition_in_force(at=at).pk).counters


def shown(number: QueueNumber, at: datetime) -> Shown:
    """Return a number as screens show it."""
    rule = standard.read(number.edition_id).counters
    if rule is None:
        return Shown(number, None, None)
    priority = next((one for one in rule.priorities if one.code == number.priority), None)
    is_long = at - number.waits_since > rule.wait_within
    return Shown(number, rule.class_of(number.class_code), priority, is_long)


def may_be_missed(number: QueueNumber | None) -> bool:
    """Say whether a number was called as often as its edition asks."""
    rule = standard.read(number.edition_id).counters if number else None
    return number is not None and (rule is None or number.calls >= rule.called_at_least)


def names_of(viewer: Viewer, number: QueueNumber | None) -> list[str]:
    """Return whose telephone number was left with a number, as far as the viewer may know."""
    found = callers.lines_of(viewer, number.phone) if number else []
    return list(dict.fromkeys(one.customer.name for one in found))


def at_desk(viewer: Viewer, pk: str) -> Shown | None:
    """Return the number that the desk was opened for, while it is being served."""
    if not (pk.isascii() and pk.isdigit()):
        return None
    number = numbers.queue_number(viewer, int(pk))
    return shown(number, now()) if number.state == NumberState.SERVING else None


def began_with(came_with: Shown | None) -> dict[str, str]:
    """Return what the desk may assume of somebody who came with a number."""
    if came_with is None:
        return {}
    kind = {"kind": came_with.of_class.kind} if came_with.of_class else {}
    return {"channel": "counter", **kind}


def note_case(viewer: Viewer, pk: str, ticket: Ticket) -> None:
    """Write down that a case came with the number that the desk was opened for, if any."""
    if pk.isascii() and pk.isdigit():
        number = numbers.queue_number(viewer, int(pk))
        queueing.link(number=number.pk, ticket=ticket, actor=viewer.actor, at=now())


def _seen(request: HttpRequest, pk: int) -> tuple[Viewer, QueueNumber]:
    viewer = staff_viewer(request)
    return viewer, numbers.queue_number(viewer, pk)


def _back(request: HttpRequest, number: QueueNumber) -> HttpResponse:
    address = reverse("console:counter", args=[number.hall.code, number.counter])
    return htmx.go_to(request, address)
