"""Text messages through a gateway over HTTP."""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from typing import Final

from django.conf import settings

from changtong.feedback.domain.choosing import is_mobile
from changtong.feedback.domain.delivery import Message, Undelivered
from changtong.feedback.domain.wording import one_line


TIMEOUT_S: Final = 10
# The gateway says that this message will never do: asking again would not change its mind.
PERMANENT: Final = frozenset({400, 404, 410, 413, 422})


class Unfollowed(urllib.request.HTTPRedirectHandler):
    """Treat a redirection as a failure: the token belongs to one address only."""

    def redirect_request(self, *args: object, **kwargs: object) -> None:
        return None


class Gateway:
    """POST each message as ``{"to", "text", "reference"}`` with a bearer token."""

    def deliver(self, message: Message) -> None:
        """
        Hand the message to the gateway.

        :raises Undelivered: if it cannot be reached in time or does not answer 2xx
        """
        if not is_mobile(message.address):
            raise Undelivered("not a mobile number", final=True)
        url = settings.SMS_URL
        if not url.startswith(("http://", "https://")):
            raise Undelivered("SMS_URL must begin with http:// or https://")
        body = {
            "to": message.address,
            "text": one_line(message.body),
            "reference": message.key,
        }
        request = urllib.request.Request(  # noqa: S310 - the scheme is checked above
            url,
            data=json.dumps(body, ensure_ascii=False).encode(),
            headers={
                "Content-Type": "application/json; charset=utf-8",
                "Authorization": f"Bearer {settings.SMS_TOKEN}",
                "Idempotency-Key": message.key,
            },
            method="POST",
        )
        try:
            with urllib.request.build_opener(Unfollowed).open(request, timeout=TIMEOUT_S):
                pass  # Anything but 2xx is an exception.
        except urllib.error.HTTPError as error:
            error.close()
            raise Undelivered(f"HTTP {error.code}", final=error.code in PERMANENT) from error
        except OSError as error:
            raise Undelivered(f"{type(error).__name__}: {error}") from error
