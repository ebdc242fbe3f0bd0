"""The door of a service hall, where numbers are taken, and its display for everybody."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.views.decorators.http import require_POST

from changtong.infra.clock import now
from changtong.intake.operations import queueing
from changtong.intake.queries import queueing as numbers
from changtong.kernel.errors import Missing, Refused
from changtong.web.console.counters import CLERK, in_force, shown
from changtong.web.console.frame import show
from changtong.web.ui.access import staff_only
from changtong.web.ui.auth import staff_viewer
from changtong.web.ui.messages import sentence


CALLED_AT_MOST = 6
NAMED_AT_MOST = 24
# It reads itself anew every three seconds; after five missed readings it says that it is old.
STALE_AFTER_SECONDS = 15


@staff_only(CLERK)
def kiosk(request: HttpRequest, code: str) -> HttpResponse:
    """Let whoever comes in choose what they come for."""
    return _kiosk(request, code)


@staff_only(CLERK)
@require_POST
def taking(request: HttpRequest, code: str) -> HttpResponse:
    """Give a number, and show it to be printed."""
    viewer = staff_viewer(request)
    try:
        number = queueing.take(
            hall=numbers.hall(viewer, code).code,
            class_code=request.POST.get("class_code", ""),
            priority=request.POST.get("called_first", ""),
            phone=request.POST.get("phone", ""),
            actor=viewer.actor,
            at=now(),
        )
    except Missing:
        raise
    except Refused as refused:
        return _kiosk(request, code, wrong=sentence(refused), status=409)
    return HttpResponseRedirect(reverse("console:queue_number", args=[number.pk]))


@staff_only(CLERK)
def slip(request: HttpRequest, pk: int) -> HttpResponse:
    """Show a number as it is printed at the door."""
    number = numbers.queue_number(staff_viewer(request), pk)
    waiting = numbers.waiting_in(number.hall, day=number.day)
    ahead = list(waiting.values_list("pk", flat=True))
    context = {
        "shown": shown(number, now()),
        "ahead": ahead.index(number.pk) if number.pk in ahead else 0,
    }
    return show(request, "counters/slip.html", context)


@staff_only(CLERK)
def display(request: HttpRequest, code: str) -> HttpResponse:
    """Show everybody in the hall whose turn it is, and nothing about anybody."""
    hall, at = numbers.hall(staff_viewer(request), code), now()
    day = numbers.hall_day(at)
    waiting = [one.label for one in numbers.waiting_in(hall, day=day)]
    context = {
        "hall": hall,
        "called": list(numbers.called_in(hall, day=day)[:CALLED_AT_MOST]),
        "waiting": waiting[:NAMED_AT_MOST],
        "count": len(waiting),
        "more": max(0, len(waiting) - NAMED_AT_MOST),
        "stale_after": STALE_AFTER_SECONDS,
        "at": at,
    }
    return show(request, "counters/display.html", context, part="live")


def _kiosk(request: HttpRequest, code: str, *, wrong: str = "", status: int = 200) -> HttpResponse:
    hall, at = numbers.hall(staff_viewer(request), code), now()
    rule = in_force(at)
    waiting = [one.class_code for one in numbers.waiting_in(hall, day=numbers.hall_day(at))]
    context = {
        "hall": hall,
        "rule": rule,
        "classes": [(one, waiting.count(one.code)) for one in (rule.classes if rule else ())],
        "wrong": wrong,
        "phone": request.POST.get("phone", ""),
        "chosen": request.POST.get("called_first", ""),
    }
    return show(request, "counters/kiosk.html", context, status=status)
