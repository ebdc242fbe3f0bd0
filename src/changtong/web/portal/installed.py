"""The portal as an installed application: manifest, service worker, the page without network."""

from __future__ import annotations

import json
from hashlib import sha256

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.cache import cache_control

from changtong.web.ui import assets
from changtong.web.ui.access import anyone


A_DAY = 86_400
# What is kept on the device: nothing that differs from person to person.
SHELL = ("src/main.ts", "src/portal.ts", "src/theme.ts", "src/styles/main.css", "icons.svg")


@anyone
@cache_control(max_age=A_DAY)
def manifest(request: HttpRequest) -> JsonResponse:
    """Tell the browser how to install the portal."""
    icons = [
        {"src": assets.picture("mark.svg"), "sizes": "any", "type": "image/svg+xml"},
        {"src": assets.picture("app-192.png"), "sizes": "192x192", "type": "image/png"},
        {
            "src": assets.picture("app-512.png"),
            "sizes": "512x512",
            "type": "image/png",
            "purpose": "any maskable",
        },
    ]
    fault = reverse("portal_report", args=["fault"])
    told = {
        "id": "/",
        "name": _("畅通客服"),
        "short_name": _("畅通客服"),
        "description": _("报修、办理、投诉、咨询，随时看进度"),
        "lang": get_language(),
        "start_url": "/",
        "scope": "/",
        "display": "standalone",
        "background_color": "#ffffff",
        "theme_color": "#0b6480",
        "icons": icons,
        "shortcuts": [
            {"name": _("报告故障"), "url": fault},
            {"name": _("我的工单"), "url": reverse("portal_tickets")},
        ],
    }
    return JsonResponse(told, content_type="application/manifest+json")


@anyone
def service_worker(request: HttpRequest) -> HttpResponse:
    """Return the built service worker with the list of what it keeps, and that list's version."""
    offline = reverse("portal_offline")
    shell = [offline, assets.picture("mark.svg"), *map(assets.address, SHELL)]
    version = sha256("\n".join([*shell, settings.HOTLINE]).encode()).hexdigest()[:12]
    built = (assets.BUILT / assets.address("src/sw.ts").rsplit("/", 1)[-1]).read_text("utf-8")
    kept = json.dumps({"version": version, "offline": offline, "shell": shell})
    response = HttpResponse(f"self.kept = {kept};\n{built}", content_type="text/javascript")
    # The browser must see a new version at once, or it keeps files that are there no more.
    response.headers["Cache-Control"] = "no-cache"
    return response


@anyone
def offline(request: HttpRequest) -> HttpResponse:
    """Show what can be done without a network; it is kept on devices, so it knows nobody."""
    return render(request, "portal/offline.html")
