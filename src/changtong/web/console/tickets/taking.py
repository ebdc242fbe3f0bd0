"""The next ticket at a press: whoever asks gets the one that is due first."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from changtong.dispatch.operations import taking
from changtong.infra.clock import now
from changtong.web.console.tickets.actions import back_to_case
from changtong.web.ui.access import staff_only
from changtong.web.ui.auth import staff_viewer


@staff_only("dispatch.claim")
@require_POST
def following(request: HttpRequest) -> HttpResponse:
    """Take the next ticket and open it."""
    number = taking.take_next(viewer=staff_viewer(request), at=now())
    return back_to_case(request, number, _("这是您的下一张工单"))
