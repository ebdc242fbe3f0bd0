"""Cases that belong together: linked, split, parent and children."""

from __future__ import annotations

import pytest
from tests.factories.intake import AT, build_town
from tests.integration.tickets.test_merging import BY, after, opened, resolve, settle

from changtong.clocks import queries as clocks
from changtong.journal import queries as journal
from changtong.kernel.errors import Missing, Refused
from changtong.parties.domain.roles import Reach, Viewer
from changtong.tickets import queries
from changtong.tickets.operations import cascading, linking, pausing, splitting, working
from changtong.tickets.operations.splitting import Matter
from changtong.tickets.queries import relations


pytestmark = pytest.mark.django_db
ALL = Viewer(actor=BY, reach=Reach.ALL, permissions=frozenset({"tickets.view"}), staff_id=7)
STRANGER = Viewer(
    actor="staff:8", reach=Reach.OWN, permissions=frozenset({"tickets.view"}), staff_id=8
)


@pytest.fixture
def town():
    return build_town()


def tags(ticket):
    return [entry.tag for entry in journal.timeline(ticket.number).order_by("id")]


def last(ticket, tag):
    return journal.timeline(ticket.number).filter(tag=tag).order_by("-id").first()


def deliver(ticket, tag):
    return cascading.deliver(entry_id=last(ticket, tag).pk, at=after(5))


def adopt(child, parent):
    return linking.make_child(number=child.number, parent=parent.number, actor=BY, at=after(1))


class TestLinks:
    def test_a_link_is_seen_from_both_ends_and_told_on_both(self, town):
        one, two = opened(town), opened(town)

        linking.link(number=two.number, other=one.number, kind="related", actor=BY, at=after(1))

        assert [found.ticket for found in relations.relations_of(ALL, one)] == [two]
        assert [found.ticket for found in relations.relations_of(ALL, two)] == [one]
        assert tags(one)[-1] == tags(two)[-1] == "ticket.linked"

    def test_related_is_the_same_from_both_sides(self, town):
        one, two = opened(town), opened(town)
        by = {"kind": "related", "actor": BY, "at": after(1)}

        first = linking.link(number=one.number, other=two.number, **by)
        again = linking.link(number=two.number, other=one.number, **by)

        assert first == again

    def test_whoever_cannot_see_the_other_does_not_see_the_link(self, town):
        one, two = opened(town), opened(town)
        linking.link(number=one.number, other=two.number, kind="related", actor=BY, at=after(1))

        assert relations.relations_of(STRANGER, one) == []

    def test_an_ended_link_is_gone(self, town):
        one, two = opened(town), opened(town)
        made = linking.link(
            number=one.number, other=two.number, kind="caused_by", actor=BY, at=after(1)
        )

        linking.unlink(number=two.number, link=made.pk, actor=BY, at=after(2))

        assert relations.relations_of(ALL, one) == []
        with pytest.raises(Missing):
            linking.unlink(number=one.number, link=made.pk, actor=BY, at=after(2))


class TestSplit:
    def test_the_new_case_is_timed_from_its_message(self, town):
        ticket = opened(town)
        entry = working.log(
            number=ticket.number, type_="call", text="电视也看不了", actor=BY, at=after(1)
        )

        made = split(ticket, entry, hours=3)

        assert (made.state, made.opened_at, made.accepted_at) == (
            "accepted",
            after(1),
            after(3),
        )
        assert made.description == "电视也看不了"
        repair = next(one for one in clocks.of(made.number) if one.metric == "restoration")
        assert repair.started_at == after(1)
        assert tags(made)[-1] == "ticket.split"
        assert tags(ticket)[-1] == "ticket.divided"

    def test_accepting_late_counts_from_the_message_too(self, town):
        ticket = opened(town)
        entry = working.log(
            number=ticket.number, type_="call", text="电视也看不了", actor=BY, at=after(1)
        )

        made = split(ticket, entry, hours=3)

        acceptance = next(one for one in clocks.of(made.number) if one.metric == "acceptance")
        assert acceptance.breached_at == acceptance.due_at < after(3)

    def test_where_it_was_split_from_stays_known(self, town):
        ticket = opened(town)
        entry = working.log(number=ticket.number, type_="note", text="另一事", actor=BY, at=AT)
        made = split(ticket, entry, hours=1)
        (found,) = relations.relations_of(ALL, made)

        with pytest.raises(Refused) as refused:
            linking.unlink(number=made.number, link=found.pk, actor=BY, at=after(2))

        assert (refused.value.code, refused.value.clause) == ("link.is_history", "3.11")

    def test_a_message_of_another_case_is_refused(self, town):
        ticket, other = opened(town), opened(town)
        entry = working.log(number=other.number, type_="note", text="别的", actor=BY, at=AT)

        with pytest.raises(Missing) as missing:
            split(ticket, entry, hours=1)

        assert missing.value.code == "split.message_unknown"


def split(ticket, entry, *, hours):
    return splitting.split(
        number=ticket.number,
        entry=entry.pk,
        matter=Matter("fault", "fault.broadband.no_link", "电视无法收看"),
        actor=BY,
        at=after(hours),
    )


class TestChildren:
    def test_a_message_reaches_every_open_child(self, town):
        parent, *children = (opened(town) for _ in range(3))
        for child in children:
            adopt(child, parent)

        cascading.tell(number=parent.number, text="光缆已接通", public=True, actor=BY, at=after(2))
        deliver(parent, "children.told")

        for child in children:
            entry = queries.contents_of(child).log[-1]
            assert (entry.text, entry.public, entry.actor) == ("光缆已接通", True, BY)
            assert entry.details == {"parent": parent.number}

    def test_more_than_one_batch_is_told_batch_by_batch(self, town, monkeypatch):
        monkeypatch.setattr(cascading, "AT_ONCE", 2)
        parent, *children = (opened(town) for _ in range(4))
        for child in children:
            adopt(child, parent)
        cascading.tell(number=parent.number, text="进展", public=False, actor=BY, at=after(2))

        assert deliver(parent, "children.told") == 2
        assert deliver(parent, "children.told") == 1
        assert [len(queries.contents_of(child).log) for child in children] == [1, 1, 1]

    def test_children_are_resolved_with_their_parents_cause(self, town):
        parent, child = opened(town), opened(town)
        adopt(child, parent)
        resolve(parent, hours=2)

        cascading.resolve(number=parent.number, actor=BY, at=after(3))
        deliver(parent, "children.resolved")

        found = queries.locked(child.number)
        (result,) = queries.contents_of(found).resolutions
        assert found.state == "resolved"
        assert (result.cause, result.fix, result.result) == ("optical_cable", "spliced", "已恢复")

    def test_the_parent_is_not_closed_before_its_children(self, town):
        parent, child = opened(town), opened(town)
        adopt(child, parent)
        resolve(parent, hours=2)

        with pytest.raises(Refused) as refused:
            settle(parent, hours=3)

        assert (refused.value.code, refused.value.clause) == ("closing.children_open", "3.13")
        assert refused.value.facts == {"count": 1}

    def test_a_child_waits_and_goes_on_with_its_parent(self, town):
        parent, child = opened(town), opened(town)
        adopt(child, parent)
        pause(parent, hours=1)
        follow(parent, "ticket.paused", hours=1)

        assert queries.locked(child.number).state == "held"

        pausing.resume(number=parent.number, actor=BY, at=after(2))
        follow(parent, "ticket.resumed", hours=2)

        assert queries.locked(child.number).state == "accepted"

    def test_a_child_that_waits_for_its_own_reason_goes_on_waiting(self, town):
        parent, child = opened(town), opened(town)
        adopt(child, parent)
        pause(child, hours=1)
        pause(parent, hours=1)
        follow(parent, "ticket.paused", hours=1)
        pausing.resume(number=parent.number, actor=BY, at=after(2))

        assert follow(parent, "ticket.resumed", hours=2) == []
        assert queries.locked(child.number).state == "held"

    @pytest.mark.parametrize("code", ["parent.too_deep", "parent.of_itself"])
    def test_a_family_has_two_generations(self, town, code):
        parent, child, third = opened(town), opened(town), opened(town)
        adopt(child, parent)

        with pytest.raises(Refused) as refused:
            adopt(third, child) if code == "parent.too_deep" else adopt(third, third)

        assert refused.value.code == code


def pause(ticket, *, hours):
    return pausing.pause(
        number=ticket.number, reason="customer_reschedule", note="", actor=BY, at=after(hours)
    )


def follow(ticket, tag, *, hours):
    return cascading.follow(
        number=ticket.number,
        tag=tag,
        reason="customer_reschedule",
        actor="system:tickets",
        at=after(hours),
    )


class TestTheSameMatter:
    def test_an_open_case_of_the_same_line_is_suggested_with_the_grounds(self, town):
        one, two = opened(town), opened(town, at=after(1))

        found = relations.suggestions(ALL, two)

        (suggested,) = found.found
        assert (suggested.ticket, found.clause) == (one, "3.2")
        assert [str(ground) for ground in suggested.grounds] == [
            "same_line",
            "same_customer",
            "same_phone",
            "same_category",
        ]
        assert relations.suggestions(STRANGER, two).found == ()

    def test_what_is_linked_already_is_not_suggested(self, town):
        one, two = opened(town), opened(town, at=after(1))
        adopt(one, two)

        assert relations.suggestions(ALL, two).found == ()

    def test_a_fault_soon_after_the_last_one_is_repeated(self, town):
        first = opened(town)
        resolve(first, hours=2)
        settle(first, hours=3)

        second = opened(town, at=after(24 * 29))
        again = relations.repeat_of(ALL, second)
        long_after = relations.repeat_of(ALL, opened(town, at=after(24 * 40)))

        assert again is not None
        assert ([one.number for one in again.earlier], again.clause) == ([first.number], "3.12")
        assert long_after is None
        assert relations.repeat_of(STRANGER, second) is None
