"""Operation keys: the same request twice has its effect once and gets the same answer."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime

from changtong.infra import hot, quick
from changtong.infra.hot import Compiled, Slot
from changtong.infra.models import OperationKey
from changtong.kernel.errors import Refused


KEY_AT_MOST = 64


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer as it was given: status, the headers worth keeping, body."""

    status: int
    headers: dict[str, str]
    body: bytes


def fingerprint(*parts: bytes) -> str:
    """Return what tells two requests with the same key apart."""
    digest = hashlib.sha256()
    for part in parts:
        digest.update(len(part).to_bytes(8, "big"))
        digest.update(part)
    return digest.hexdigest()


def known(*, actor: str, key: str, of: str) -> Answer | None:
    """
    Return the answer already given under the key, if there is one.

    :raises Refused: ``key.invalid``; ``key.reused`` if the key belongs to another request
    """
    if not key or len(key) > KEY_AT_MOST or not key.isprintable():
        raise Refused("key.invalid")
    kept = _kept.first(actor=actor, key=key)
    if kept is None:
        return None
    if kept.fingerprint != of or kept.status is None:
        raise Refused("key.reused", key=key)
    return Answer(status=kept.status, headers=kept.headers, body=bytes(kept.body))


_kept = Compiled(lambda: OperationKey.objects.filter(actor=Slot("actor"), key=Slot("key")))


def keep(*, actor: str, key: str, of: str, answer: Answer) -> None:
    """
    Keep the answer under the key, in the same transaction as the change.

    If the same request runs twice at the same time, the second to get here waits for the first
    and then fails at the constraint, by the commit; what it has changed is undone.
    """
    hot.write(
        [
            quick.new(
                OperationKey,
                actor=actor,
                key=key,
                fingerprint=of,
                status=answer.status,
                headers=answer.headers,
                body=answer.body,
            )
        ]
    )


def forget(*, before: datetime, at_most: int) -> int:
    """Delete keys that nobody will repeat any more; return how many."""
    old = OperationKey.objects.filter(created_at__lt=before).order_by("created_at")
    deleted, _ = OperationKey.objects.filter(pk__in=list(old.values_list("pk")[:at_most])).delete()
    return deleted
