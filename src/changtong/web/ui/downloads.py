"""Files that somebody uploaded, handed out so that no browser runs them as a page of ours."""

from __future__ import annotations

from django.http import FileResponse

from changtong.infra import storage


def download(*, sha256: str, name: str, media_type: str) -> FileResponse:
    """Return stored content to be saved; if a browser shows it all the same, it can do nothing."""
    response = FileResponse(
        storage.open_(sha256), as_attachment=True, filename=name, content_type=media_type
    )
    response.headers["Content-Security-Policy"] = "sandbox; default-src 'none'"
    return response
