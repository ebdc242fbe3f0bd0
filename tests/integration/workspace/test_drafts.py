from __future__ import annotations

import pytest
from tests.factories import people

from changtong.parties.domain.roles import Role
from changtong.workspace.operations import drafts as operations
from changtong.workspace.queries import drafts as queries


pytestmark = pytest.mark.django_db

NUMBER = "GD20261124-000001"
PLACE = f"/console/tickets/{NUMBER}/log"


def test_what_each_has_begun_is_theirs_and_nobody_throws_away_anothers():
    mine, yours = (people.staff(name, Role.AGENT).pk for name in ("a1", "a2"))
    operations.keep(staff_id=yours, place=PLACE, values={"text": "别人的"}, at=people.AT)

    assert queries.of(mine, PLACE) is None
    assert queries.on(mine, NUMBER) == []
    operations.drop(staff_id=mine, place=PLACE)
    assert queries.on(yours, NUMBER) == [PLACE]
