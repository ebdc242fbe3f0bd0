"""Demonstration mode only: the text messages and mails that the system has really sent."""

from __future__ import annotations

import json
import re
from email import policy
from email.parser import BytesParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from changtong.infra.clock import now
from changtong.web.ui.access import anyone


SHOWN_AT_MOST = 40
BODY_AT_MOST = 10_000


@csrf_exempt
@anyone
@require_POST
def sms(request: HttpRequest) -> HttpResponse:
    """Stand for the gateway: keep each message once, by its reference."""
    if len(request.body) > BODY_AT_MOST:
        return JsonResponse({"error": "too large"}, status=413)
    try:
        message = json.loads(request.body)
        reference = re.sub(r"[^\w.-]", "_", str(message["reference"]))[:120]
        kept = {"to": str(message["to"]), "text": str(message["text"]), "at": now().isoformat()}
    except (ValueError, KeyError, TypeError):
        return JsonResponse({"error": "to, text and reference are needed"}, status=400)
    path = _folder("sms") / f"{reference}.json"
    if not path.exists():
        path.write_text(json.dumps(kept, ensure_ascii=False), encoding="utf-8")
    return JsonResponse({"accepted": reference})


@anyone
def outbox(request: HttpRequest) -> HttpResponse:
    """Show what customers' phones and mailboxes have received."""
    texts = [
        json.loads(path.read_text(encoding="utf-8")) for path in _latest(_folder("sms"), "*.json")
    ]
    mails = [_mail(path) for path in _latest(_folder("mail"), "*.eml")]
    return render(request, "portal/demo/outbox.html", {"texts": texts, "mails": mails})


def _folder(name: str) -> Path:
    folder = Path(settings.HOME) / "outbox" / name
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def _latest(folder: Path, pattern: str) -> list[Path]:
    files = sorted(folder.glob(pattern), key=lambda path: path.stat().st_mtime, reverse=True)
    return files[:SHOWN_AT_MOST]


def _mail(path: Path) -> dict[str, Any]:
    message = BytesParser(policy=policy.default).parsebytes(path.read_bytes())
    body = message.get_body(("plain",))
    return {
        "to": message["to"],
        "subject": message["subject"],
        "date": message["date"],
        "text": body.get_content() if body else "",
    }
