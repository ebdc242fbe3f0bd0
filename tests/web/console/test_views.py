"""Saved views of the queue."""

from __future__ import annotations

import uuid


def keep(client, **fields):
    fields = {"operation_key": str(uuid.uuid4()), "name": "处理中的故障", **fields}
    return client.post("/console/tickets/views/new", fields)


def test_a_view_becomes_a_tab_with_its_count_columns_and_order(world):
    ticket = world.ticket()
    client = world.as_("agent")

    kept = keep(client, kind=["fault"], columns=["matter", "due"], order="-opened_at")
    page = client.get(kept.url).content.decode()

    assert kept.status_code == 303
    assert f"row-{ticket.number}" in page
    assert "处理中的故障" in page
    hides = page.split('data-hides="')[1].split('"')[0].split()
    assert sorted(hides) == ["customer", "holder", "opened", "priority", "region", "state"]


def test_a_view_that_holds_nothing_shows_nothing(world):
    ticket = world.ticket()
    client = world.as_("agent")

    kept = keep(client, state=["held"])

    assert f"row-{ticket.number}" not in client.get(kept.url).content.decode()


def test_somebody_elses_view_is_not_there(world):
    kept = keep(world.as_("agent"), kind=["fault"])
    pk = kept.url.rpartition("-")[2]
    other = world.as_("supervisor")

    assert other.get(f"/console/tickets/views/{pk}").status_code == 404
    removal = f"/console/tickets/views/{pk}/removal"
    assert other.post(removal, {"operation_key": str(uuid.uuid4())}).status_code == 404
    assert "处理中的故障" not in other.get(kept.url).content.decode()


def test_a_view_can_be_removed(world):
    client = world.as_("agent")
    pk = keep(client, kind=["fault"]).url.rpartition("-")[2]

    gone = client.post(
        f"/console/tickets/views/{pk}/removal", {"operation_key": str(uuid.uuid4())}
    )

    assert gone.status_code == 303
    assert "处理中的故障" not in client.get("/console/tickets/").content.decode()


def test_a_view_without_a_name_is_refused_with_what_was_chosen(world):
    answer = keep(world.as_("agent"), name=" ", kind=["fault"])

    page = answer.content.decode()
    assert answer.status_code == 409
    assert "请给视图起个名字" in page
    assert 'value="fault" checked' in page


def test_conditions_from_outside_the_list_are_refused(world):
    answer = keep(world.as_("agent"), due_at=["now()"])

    assert answer.status_code == 409


def test_the_editor_says_how_many_fit(world):
    world.ticket()

    page = world.as_("agent").get("/console/tickets/views/matching", {"kind": "fault"})

    assert "现在有 1 件符合" in page.content.decode()
