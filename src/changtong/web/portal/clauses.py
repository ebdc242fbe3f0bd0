"""What a clause says, for the chip that names it."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from changtong.infra.clock import now
from changtong.kernel.errors import Missing
from changtong.standard import queries as standard
from changtong.web.ui.access import anyone


@anyone
def clause(request: HttpRequest, number: str) -> HttpResponse:
    wanted = request.GET.get("edition", "")
    edition = int(wanted) if wanted.isdigit() else standard.edition_in_force(at=now()).pk
    try:
        found = standard.clause(edition, number)
    except Missing:
        return render(request, "portal/clause_missing.html", {"number": number}, status=404)
    return render(request, "portal/clause.html", {"clause": found})
