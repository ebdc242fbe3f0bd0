from __future__ import annotations

import pytest
from tests.factories import people

from changtong.kernel.errors import Missing, Refused
from changtong.parties.domain.roles import Role
from changtong.workspace.operations import phrases as operations
from changtong.workspace.queries import phrases as queries


pytestmark = pytest.mark.django_db


def test_a_canned_text_is_its_owners_own():
    mine, yours = (people.viewer(people.staff(name, Role.AGENT)) for name in ("a1", "a2"))
    phrase = operations.keep(viewer=mine, name="问好", keyword="wh", text="您好")

    assert queries.of(mine) == [phrase]
    assert queries.of(yours) == []
    with pytest.raises(Missing, match=r"phrase\.unknown"):
        operations.drop(viewer=yours, phrase_id=phrase.pk)


def test_only_a_leader_shares_a_canned_text_with_the_team():
    leader, member = people.staff("l1", Role.LEADER), people.staff("m1", Role.AGENT)
    team = people.team("T-PHRASES", leader, member)
    given = {"name": "问好", "keyword": "wh", "text": "您好", "team_id": team.pk}

    with pytest.raises(Refused, match=r"view\.team_not_led"):
        operations.keep(viewer=people.viewer(member), **given)
    phrase = operations.keep(viewer=people.viewer(leader), **given)

    assert queries.of(people.viewer(member)) == [phrase]
    with pytest.raises(Refused, match=r"view\.team_not_led"):
        operations.drop(viewer=people.viewer(member), phrase_id=phrase.pk)
