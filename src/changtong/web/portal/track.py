"""Follow a case by its signed link: its progress and the promised time, nothing personal."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from changtong.infra import links
from changtong.infra.clock import now
from changtong.kernel.errors import Refused
from changtong.standard import queries as standard
from changtong.tickets import queries
from changtong.web.portal.progress import worded
from changtong.web.portal.tickets import promise_of
from changtong.web.ui.access import link_holder
from changtong.web.ui.messages import sentence


EXPIRED, NEVER_MADE = 403, 404


@link_holder
def track(request: HttpRequest, token: str) -> HttpResponse:
    portal = standard.read(standard.edition_in_force(at=now()).pk).portal
    try:
        number = links.number_from(token, valid_for=portal.link_valid_for)
        found = queries.followed_by_link(number)
    except Refused as refused:
        return _dead(request, refused)
    promise = worded(promise_of(found), ticket=found, at=now())
    context = {"ticket": found, "promise": promise}
    return render(request, "portal/track.html", context)


def _dead(request: HttpRequest, refused: Refused) -> HttpResponse:
    """Say why a link leads nowhere, and which way does."""
    status = EXPIRED if refused.code == "link.expired" else NEVER_MADE
    return render(request, "portal/dead_link.html", {"sentence": sentence(refused)}, status=status)
