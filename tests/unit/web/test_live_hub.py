"""The hub: who is told what, and what they never learn."""

from __future__ import annotations

import pytest

from changtong.parties.domain.roles import Reach, Viewer
from changtong.tickets.domain.sight import Place
from changtong.web.live import hub as hubs
from changtong.web.live.hub import Hub, Person, Stream
from changtong.web.live.reading import AWAITED_SECONDS, Reading


def person(pk: int = 1, *, region: str = "/1/", reach: Reach = Reach.REGION) -> Person:
    viewer = Viewer(
        actor=f"staff:{pk}",
        reach=reach,
        permissions=frozenset({"tickets.view"}),
        staff_id=pk,
        region_path=region,
    )
    return Person(viewer, f"同事{pk}")


def stream(pk: int = 1, *, region: str = "/1/", case: str = "", tab: str = "") -> Stream:
    return Stream(
        person=person(pk, region=region),
        staff_id=pk,
        session=f"s{pk}",
        session_hash="h",
        case=case,
        tab=tab,
    )


def place(number: str = "T1", *, state: str = "accepted", region: str = "/1/2/", **more) -> Place:
    facts = {"team_id": None, "assignee_id": None, "complained_of_id": None, **more}
    return Place(number=number, state=state, region_path=region, **facts)


def test_a_change_is_told_to_those_who_may_see_it_and_to_nobody_else() -> None:
    hub, near, far = Hub(), stream(1), stream(2, region="/9/")
    hub.join(near, since="")
    hub.join(far, since="")

    hub.publish([place()], frozenset())

    assert (near.changed, far.changed) == ({"T1"}, set())
    assert not far.woken.is_set()


def test_whoever_is_complained_of_is_told_nothing() -> None:
    hub, accused = Hub(), stream(1)
    hub.join(accused, since="")

    hub.publish([place(complained_of_id=1)], frozenset({"T1"}))

    assert accused.changed == set()


def test_whoever_loses_sight_of_a_ticket_is_told_once_and_then_no_more() -> None:
    hub, viewer = Hub(), stream(1)
    hub.join(viewer, since="")
    hub.remember(place())

    hub.publish([place(region="/9/")], frozenset())
    assert (viewer.changed, viewer.entered) == ({"T1"}, set())

    viewer.changed.clear()
    hub.publish([place(region="/9/")], frozenset())
    assert viewer.changed == set()


def test_a_list_is_told_what_enters_it_and_not_what_was_there() -> None:
    hub, mine, unassigned = Hub(), stream(1, tab="mine"), stream(2, tab="unassigned")
    hub.join(mine, since="")
    hub.join(unassigned, since="")
    hub.remember(place())

    hub.publish([place(state="assigned", assignee_id=1)], frozenset({"T1"}))
    assert (mine.entered, unassigned.entered) == ({"T1"}, set())
    assert unassigned.changed == {"T1"}

    mine.entered.clear()
    hub.publish([place(state="in_progress", assignee_id=1)], frozenset())
    assert mine.entered == set()


def test_a_role_that_changes_is_felt_by_the_next_change() -> None:
    hub, viewer = Hub(), stream(1)
    hub.join(viewer, since="")

    hub.admit([viewer], {viewer.key: person(1, region="/9/")})
    hub.publish([place()], frozenset())

    assert viewer.changed == set()


def test_a_session_that_ended_ends_its_streams() -> None:
    hub, viewer = Hub(), stream(1)
    hub.join(viewer, since="")

    hub.admit([viewer], {})
    hub.publish([place()], frozenset())

    assert (viewer.ended, viewer.changed) == ("session", set())


def test_a_screen_that_opens_while_the_others_are_looked_at_stays_open() -> None:
    hub, early, late = Hub(), stream(1), stream(2)
    hub.join(early, since="")
    asked = [early]
    hub.join(late, since="")

    hub.admit(asked, {early.key: person(1)})

    assert (early.ended, late.ended) == ("", "")


def test_a_screen_that_comes_back_is_told_what_it_missed() -> None:
    hub, first = Hub(), stream(1)
    hub.join(first, since="")
    hub.publish([place("T1")], frozenset())
    position = f"{hub.run}.{first.seen}"
    hub.leave(first)
    hub.publish([place("T2"), place("T3", region="/9/")], frozenset())

    again = stream(1)
    hub.join(again, since=position)

    assert (again.changed, again.starts_anew) == ({"T2"}, False)


@pytest.mark.parametrize("since", ["other.1", "nonsense", "{run}.-1", "{run}.x", "{run}.²"])
def test_a_screen_with_a_position_of_another_run_starts_anew(since: str) -> None:
    hub, viewer = Hub(), stream(1)
    hub.publish([place()], frozenset())

    hub.join(viewer, since=since.format(run=hub.run))

    assert (viewer.starts_anew, viewer.changed) == (True, set())


def test_what_was_forgotten_makes_a_screen_start_anew(monkeypatch) -> None:
    monkeypatch.setattr(hubs, "REMEMBERED", 2)
    hub = Hub()
    for number in ("T1", "T2", "T3", "T4"):
        hub.publish([place(number)], frozenset())

    viewer = stream(1)
    hub.join(viewer, since=f"{hub.run}.1")

    assert viewer.starts_anew


def test_more_than_can_be_named_makes_a_screen_start_anew() -> None:
    hub, viewer = Hub(), stream(1)
    hub.join(viewer, since="")

    hub.publish([place(f"T{n}") for n in range(hubs.TOLD_AT_MOST + 1)], frozenset())

    assert (viewer.starts_anew, viewer.changed) == (True, set())


def test_of_too_many_screens_of_one_person_the_oldest_ends() -> None:
    hub = Hub()
    screens = [stream(1) for _ in range(hubs.STREAMS_PER_PERSON + 1)]
    for one in screens:
        hub.join(one, since="")

    assert [one.ended for one in screens] == ["crowded", *[""] * hubs.STREAMS_PER_PERSON]


def test_those_on_a_case_learn_of_each_other_and_of_typing_and_of_leaving() -> None:
    hub, one, two, row = Hub(), stream(1, case="T1"), stream(2, case="T1"), stream(3)
    hub.remember(place())
    for each in (one, two, row):
        hub.join(each, since="")
    hub.show(row, ["T1"])

    hub.introduce(at=1.0)
    assert one.company == {"T1": [("同事2", False)]}
    assert row.company == {"T1": [("同事1", False), ("同事2", False)]}

    hub.type(two, at=1.0)
    hub.introduce(at=1.0)
    assert one.company == {"T1": [("同事2", True)]}

    hub.introduce(at=1.0 + hubs.TYPING_SECONDS)
    assert one.company == {"T1": [("同事2", False)]}

    hub.leave(two)
    hub.introduce(at=20.0)
    assert one.company == {"T1": []}


def test_company_is_not_told_to_whoever_may_not_see_the_case() -> None:
    hub, there, stranger = Hub(), stream(1, case="T1"), stream(2, region="/9/")
    hub.remember(place())
    hub.join(there, since="")
    hub.join(stranger, since="")

    hub.show(stranger, ["T1"])
    hub.introduce(at=1.0)

    assert stranger.company == {}


def test_a_call_rings_for_whom_it_is_and_nobody_else() -> None:
    hub, called, colleague = Hub(), stream(1), stream(2)
    hub.join(called, since="")
    hub.join(colleague, since="")

    hub.ring(frozenset({1}))

    assert (called.called, colleague.called) == (True, False)


def test_an_entry_that_appears_late_is_still_awaited_and_then_read_once() -> None:
    reading = Reading(10)

    reading.advance([11, 14], at=0.0)
    assert (reading.last, reading.awaited) == (14, [12, 13])

    reading.advance([13], at=1.0)
    assert (reading.last, reading.awaited) == (14, [12])


def test_an_identifier_that_never_appears_is_given_up() -> None:
    reading = Reading(10)
    reading.advance([12], at=0.0)

    reading.advance([], at=AWAITED_SECONDS)

    assert reading.awaited == []
