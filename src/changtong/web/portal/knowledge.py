"""Help: what customers may read of what we know."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from changtong.knowledge import queries
from changtong.parties import queries as parties
from changtong.web.ui.access import anyone
from changtong.web.ui.prose import prose


LISTED_AT_MOST = 30
WORDS_AT_MOST = 5
# Whoever reads here is nobody in particular.
READER = parties.viewer_of_phone("")


@anyone
def articles(request: HttpRequest) -> HttpResponse:
    """List what customers may read, the most helpful first."""
    found = queries.readable_by(READER)
    words = request.GET.get("q", "").strip()[:60]
    for word in words.split()[:WORDS_AT_MOST]:
        found = queries.saying(found, word)
    listed = found.order_by("-article__solved_count", "-published_at", "pk")[:LISTED_AT_MOST]
    return render(request, "portal/help/articles.html", {"articles": listed, "q": words})


@anyone
def article(request: HttpRequest, pk: int) -> HttpResponse:
    """Show what an article says."""
    found = queries.version(READER, pk)
    return render(request, "portal/help/article.html", {"one": found, "text": prose(found.body)})
