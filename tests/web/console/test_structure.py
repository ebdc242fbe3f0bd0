"""The case page shows what stands between cases, and its dialogs change that."""

from __future__ import annotations

import pytest
from tests.web.console.conftest import posted

from changtong.infra.clock import now
from changtong.tickets import queries
from changtong.tickets.operations import linking, merging, working
from changtong.tickets.queries import relations


pytestmark = pytest.mark.django_db


def page(client, ticket, what="relations"):
    return client.get(f"/console/tickets/{ticket.number}/{what}").content.decode()


def state(ticket):
    return queries.locked(ticket.number).state


def test_an_open_case_of_the_same_line_is_suggested_and_merged(world):
    one, two = world.ticket(), world.ticket()
    client = world.as_("agent")

    assert "可能是同一事项" in page(client, two)
    assert f'value="{one.number}"' in page(client, two, f"merger?other={one.number}")
    posted(client, f"/console/tickets/{two.number}/merger", other=one.number, reason="重复报修")

    assert state(two) == "merged"
    assert "已并入" in page(client, two)
    assert "替并入的工单承担的时限" in page(client, one)


def test_a_merger_is_undone(world):
    one, two = world.ticket(), world.ticket()
    merging.merge(number=two.number, into=one.number, reason="重复", actor="staff:1", at=now())

    posted(world.as_("agent"), f"/console/tickets/{two.number}/separation", reason="不是一事")

    assert state(two) == "accepted"


def test_a_case_out_of_reach_is_like_one_that_does_not_exist(world):
    two = world.ticket()

    answer = posted(
        world.as_("agent"), f"/console/tickets/{two.number}/merger", other="GD1", reason="重复"
    )

    assert answer.status_code == 409
    assert "没有这张工单，或您无权查看" in answer.content.decode()
    assert state(two) == "accepted"


def test_a_technician_links_and_does_not_merge(world):
    one, two = world.assigned()[0], world.assigned()[0]
    client = world.as_("technician")

    posted(client, f"/console/tickets/{two.number}/links", other=one.number, kind="caused_by")
    (link,) = relations.relations_of(viewer(world), two)
    assert link.kind == "caused_by"
    assert "起因是" in page(client, two)

    posted(client, f"/console/tickets/{two.number}/links/{link.pk}/ending")
    assert relations.relations_of(viewer(world), two) == []
    answer = posted(
        client, f"/console/tickets/{two.number}/merger", other=one.number, reason="重复"
    )
    assert answer.status_code == 403


def viewer(world):
    from tests.factories import people

    return people.viewer(world.staff["leader"])


def test_another_matter_is_split_off(world):
    ticket = world.ticket()
    entry = working.log(
        number=ticket.number, type_="call", text="电视也看不了", actor="staff:1", at=now()
    )
    client = world.as_("agent")

    assert "电视也看不了" in page(client, ticket, "split")
    posted(
        client,
        f"/console/tickets/{ticket.number}/split",
        entry=entry.pk,
        title="电视看不了",
        category="fault.broadband.no_link",
    )

    (link,) = relations.relations_of(viewer(world), ticket)
    assert (link.kind, link.outward, link.ticket.title) == ("split_from", False, "电视看不了")


def test_a_parent_passes_on_what_it_is_told(world):
    parent, child = world.ticket(), world.ticket()
    client = world.as_("agent")

    posted(client, f"/console/tickets/{child.number}/parent", other=parent.number)
    assert "1 张未办结" in page(client, parent)
    assert "主案" in page(client, child)

    posted(client, f"/console/tickets/{parent.number}/children/message", text="已抢通")
    assert queries.contents_of(parent).log[-1].text == "已抢通"

    posted(client, f"/console/tickets/{child.number}/parent/ending")
    assert relations.parent_of(child) is None


def test_children_are_resolved_from_the_parents_page(world):
    parent, child = world.resolved(), world.ticket()
    linking.make_child(number=child.number, parent=parent.number, actor="staff:1", at=now())
    client = world.as_("leader")

    assert "以同一结果处理子案" in page(client, parent)
    answer = posted(client, f"/console/tickets/{parent.number}/children/resolution")

    assert answer.status_code == 303
