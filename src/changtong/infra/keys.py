"""Operation keys: the same request twice has its effect once and gets the same answer."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from datetime import datetime

from changtong.infra import hot
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


def claim(*, actor: str, key: str, of: str) -> Answer | None:
    """
    Claim the key in the caller's transaction, or return the answer already given under it.

    A second request that arrives while the first still runs waits for it here.

    :raises Refused: ``key.invalid``; ``key.reused`` if the key belongs to another request
    """
    if not key or len(key) > KEY_AT_MOST or not key.isprintable():
        raise Refused("key.invalid")
    with hot.execute(
        "INSERT INTO infra_operationkey (actor, key, fingerprint, headers, body)"
        " VALUES (%s, %s, %s, '{}', '') ON CONFLICT (actor, key) DO NOTHING",
        [actor, key, of],
    ) as cursor:
        if cursor.rowcount == 1:
            return None
    known = OperationKey.objects.get(actor=actor, key=key)
    if known.fingerprint != of:
        raise Refused("key.reused", key=key)
    if known.status is None:
        raise Refused("key.reused", key=key)
    return Answer(status=known.status, headers=known.headers, body=bytes(known.body))


def keep(*, actor: str, key: str, answer: Answer) -> None:
    """Keep the answer with the claimed key, in the same transaction as the change."""
    hot.execute(
        "UPDATE infra_operationkey SET status = %s, headers = %s::jsonb, body = %s"
        " WHERE actor = %s AND key = %s",
        [answer.status, json.dumps(answer.headers), answer.body, actor, key],
    ).close()


def forget(*, before: datetime, at_most: int) -> int:
    """Delete keys that nobody will repeat any more; return how many."""
    old = OperationKey.objects.filter(created_at__lt=before).order_by("created_at")
    deleted, _ = OperationKey.objects.filter(pk__in=list(old.values_list("pk")[:at_most])).delete()
    return deleted
