from __future__ import annotations

from collections.abc import Callable

import pytest
from tests.factories.dispatch import District, build_district

from changtong.journal.models import Delivery, Entry
from changtong.journal.subscriptions import deliver, names_for


@pytest.fixture
def district(db: None) -> District:
    return build_district()


@pytest.fixture
def react(db: None) -> Callable[[], list[str]]:
    """Let dispatch, and nobody else, react to all that happened; return what was refused."""

    def reacted() -> list[str]:
        done = -1
        while done != (done := Delivery.objects.count()):
            for entry in Entry.objects.order_by("pk"):
                for name in names_for(entry.tag):
                    if name.startswith("dispatch."):
                        deliver(name=name, entry=entry.pk)
        return list(Delivery.objects.exclude(refusal="").values_list("refusal", flat=True))

    return reacted
