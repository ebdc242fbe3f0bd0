"""Who reacts to which entries; every reaction is a job deferred in the entry's transaction."""

from __future__ import annotations

import logging
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import TypeAlias

from django.db import transaction
from django.utils.module_loading import autodiscover_modules
from procrastinate import App, RetryStrategy

from changtong.journal.models import Delivery, Entry
from changtong.kernel.errors import Refused


log = logging.getLogger(__name__)

Reaction: TypeAlias = Callable[[Entry], object]

QUEUE = "reactions"
RETRY = RetryStrategy(max_attempts=12, wait=1, exponential_wait=2)


@dataclass(frozen=True, slots=True)
class Subscription:
    """A reaction under the name that its jobs carry."""

    name: str
    react: Reaction


_by_tag: dict[str, list[Subscription]] = defaultdict(list)
_by_name: dict[str, Subscription] = {}


def reacts_to(*tags: str) -> Callable[[Reaction], Reaction]:
    """
    Run the function, once, after an entry with one of the tags has been committed.

    :raises ValueError: if two reactions have the same name
    """

    def register(react: Reaction) -> Reaction:
        context = react.__module__.removeprefix("changtong.").removesuffix(".reactions")
        subscription = Subscription(name=f"{context}.{react.__name__}", react=react)
        if subscription.name in _by_name:
            raise ValueError(f"two reactions are called {subscription.name}")
        _by_name[subscription.name] = subscription
        for tag in tags:
            _by_tag[tag].append(subscription)
        return react

    return register


def names_for(tag: str) -> list[str]:
    """Return the names of the jobs that an entry with this tag causes."""
    return [subscription.name for subscription in _by_tag.get(tag, ())]


def deliver(*, name: str, entry: int) -> None:
    """
    Let one reaction have its effect; a second delivery changes nothing.

    A refusal is an answer, not a failure: it is kept with the delivery and not retried.
    """
    subscription = _by_name[name]
    with transaction.atomic():
        delivery, first = Delivery.objects.get_or_create(entry_id=entry, reaction=name)
        if not first:
            return
        try:
            with transaction.atomic():
                subscription.react(Entry.objects.get(pk=entry))
        except Refused as refused:
            log.info("%s of entry %s refused: %s", name, entry, refused)
            delivery.refusal = refused.code
            delivery.save(update_fields=["refusal"])


def discover(app: App) -> None:
    """Find the contexts' reactions and register each as a task (called when apps are ready)."""
    autodiscover_modules("reactions")
    for name in _by_name:
        app.task(name=name, queue=QUEUE, retry=RETRY)(partial(deliver, name=name))
