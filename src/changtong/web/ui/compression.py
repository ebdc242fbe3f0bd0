"""Pages travel compressed; a page of the standard is a seventh of its size then."""

from __future__ import annotations

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.middleware.gzip import GZipMiddleware


class CompressedPages(GZipMiddleware):
    """
    Compress pages, for browsers that take it.

    What is downloaded is mostly compressed already, and programs are next door. Django adds a few
    random letters to each answer, so that its length tells nobody what stands on it (BREACH).
    """

    def process_response(
        self, request: HttpRequest, response: HttpResponseBase
    ) -> HttpResponseBase:
        is_page = "text/html" in response.headers.get("Content-Type", "")
        if response.streaming or not is_page:
            return response
        return super().process_response(request, response)
