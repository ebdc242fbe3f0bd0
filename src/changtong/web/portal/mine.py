"""What is kept about me: see it, take it away, have it put right or deleted."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from changtong.web.ui.access import customer_only
from changtong.web.ui.auth import portal_viewer


@customer_only
def mine(request: HttpRequest) -> HttpResponse:
    return render(request, "portal/mine.html", {"viewer": portal_viewer(request)})
