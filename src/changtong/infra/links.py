"""Links that let somebody without an account follow one case."""

from __future__ import annotations

from datetime import timedelta

from django.core import signing

from changtong.kernel.errors import Refused


SALT = "portal.track"


def tracking_token(number: str) -> str:
    """Return a signed token for a ticket's number; it shows the number but cannot be forged."""
    return signing.dumps(number, salt=SALT)


def number_from(token: str, *, valid_for: timedelta) -> str:
    """
    Return the number that a token was made for.

    :raises Refused: ``link.expired``, ``link.invalid``
    """
    try:
        number = signing.loads(token, salt=SALT, max_age=valid_for)
    except signing.SignatureExpired as error:
        raise Refused("link.expired") from error
    except signing.BadSignature as error:
        raise Refused("link.invalid") from error
    if not isinstance(number, str):
        raise Refused("link.invalid")
    return number
