"""Writing on a case: for whom, drafts, canned texts, mentions, watching."""

from __future__ import annotations

import uuid

import pytest
from tests.web.console.conftest import posted

from changtong.feedback import queries as feedback
from changtong.infra.clock import now
from changtong.journal.models import Entry
from changtong.kernel.errors import Refused
from changtong.parties import queries as parties
from changtong.tickets.operations import working
from changtong.tickets.queries import efforts
from changtong.workspace.models import Draft
from changtong.workspace.operations import phrases, watching


def post(client, path, **fields):
    return client.post(path, {"operation_key": str(uuid.uuid4()), **fields})


def words(ticket):
    return f"/console/tickets/{ticket.number}/words"


def test_a_note_is_internal_and_a_message_is_public(world):
    ticket = world.ticket()
    client = world.as_("agent")

    post(client, words(ticket), mode="internal", text="线路绕接")
    post(client, words(ticket), mode="public", text="正在为您处理")

    said = [(one.type, one.public, one.text) for one in ticket.log.order_by("id")]
    assert said[-2:] == [("note", False, "线路绕接"), ("message", True, "正在为您处理")]


def test_time_spent_is_summed_by_person_and_counts_nothing_that_was_not_told(world):
    ticket = world.ticket()
    agent = world.as_("agent")
    page = f"/console/tickets/{ticket.number}"
    before = agent.get(page).content.decode()

    post(agent, words(ticket), mode="internal", text="查线路", minutes="25")
    post(agent, words(ticket), mode="internal", text="没说用时")
    post(agent, f"{page}/log", type="remote_action", text="重启光猫", minutes="15")
    post(world.as_("leader"), words(ticket), mode="internal", text="复核", minutes="5")
    refused = post(agent, words(ticket), mode="internal", text="手滑", minutes="1441")

    shown = agent.get(page).content.decode()
    assert 'id="spent"' not in before
    assert "已用时 45 分钟" in shown
    assert list(efforts.minutes_by_actor(ticket).values()) == [40, 5]
    assert refused.status_code == 422
    with pytest.raises(Refused, match="minutes_wrong"):
        working.log(
            number=ticket.number, type_="note", text="负", minutes=0, actor="system:test", at=now()
        )


def test_words_for_nobody_in_particular_are_refused(world):
    ticket = world.ticket()
    before = ticket.log.count()

    answer = post(world.as_("agent"), words(ticket), mode="everybody", text="您好")

    assert answer.status_code == 422
    assert ticket.log.count() == before


def test_a_draft_is_found_at_another_computer_and_gone_when_sent(world):
    ticket = world.ticket()
    place = words(ticket)
    entries = Entry.objects.count()
    kept = world.as_("agent").post(
        "/console/drafts", {"place": place, "mode": "public", "text": "您好"}
    )

    there = world.as_("agent").get("/console/drafts", {"place": place}).json()
    elsewhere = world.as_("leader").get("/console/drafts", {"place": place}).json()

    assert kept.status_code == 204
    assert there["values"] == {"mode": "public", "text": "您好"}
    assert elsewhere == {"values": {}, "saved": ""}
    assert Entry.objects.count() == entries
    post(world.as_("agent"), place, mode="public", text="您好，处理好了")
    assert not Draft.objects.exists()


def test_a_draft_of_a_dialog_is_gone_when_the_dialog_is_sent(world):
    ticket = world.ticket()
    place = f"/console/tickets/{ticket.number}/log"
    client = world.as_("agent")
    client.post("/console/drafts", {"place": place, "text": "测了一次"})

    post(client, place, type="note", text="测了一次，正常")

    assert not Draft.objects.exists()


def test_a_canned_text_is_offered_filled_in(world):
    ticket = world.ticket()
    viewer = parties.viewer_of(world.staff["agent"])
    phrases.keep(viewer=viewer, name="问好", keyword="wh", text="{客户姓名}您好，工单{工单号}")

    page = world.as_("agent").get(f"/console/tickets/{ticket.number}/phrases", {"q": "wh"})

    assert f"{ticket.contact_name}您好，工单{ticket.number}" in page.content.decode()
    other = world.as_("leader").get(f"/console/tickets/{ticket.number}/phrases", {"q": "wh"})
    assert "您好，工单" not in other.content.decode()


def test_a_canned_text_is_changed_by_whoever_has_it(world):
    viewer = parties.viewer_of(world.staff["agent"])
    kept = phrases.keep(viewer=viewer, name="问好", keyword="wh", text="您好")
    path = f"/console/phrases/{kept.pk}"

    assert 'value="问好"' in world.as_("agent").get(path).content.decode()
    given = {"name": "问候", "keyword": "wh", "text": "{客户姓名}您好"}
    assert posted(world.as_("leader"), path, **given).status_code == 404
    assert posted(world.as_("agent"), path, **given | {"text": "{没有}"}).status_code == 409
    assert posted(world.as_("agent"), path, **given).status_code == 303

    kept.refresh_from_db()
    assert (kept.name, kept.text) == ("问候", "{客户姓名}您好")


def test_a_colleague_who_is_named_finds_it_in_the_inbox(world):
    ticket = world.ticket()
    named = world.staff["supervisor"]
    post(world.as_("agent"), words(ticket), mode="internal", text=f"请 @{named.name} 看看")

    watching.tell_mentioned(entry=Entry.objects.filter(tag="ticket.logged").latest("id"))

    (notice,) = feedback.notices_of(named.pk, unread=True)
    assert (notice.tag, notice.ticket_id) == ("note.mentioned", ticket.pk)
    page = world.as_("supervisor").get("/console/notices/").content.decode()
    assert "同事在备注里提到您" in page
    assert world.staff["agent"].name in page


def test_nobody_is_told_of_a_case_they_may_not_see(world):
    ticket = world.ticket()
    named = world.staff["administrator"]
    post(world.as_("agent"), words(ticket), mode="internal", text=f"请 @{named.name} 看看")

    watching.tell_mentioned(entry=Entry.objects.filter(tag="ticket.logged").latest("id"))

    assert not feedback.notices_of(named.pk, unread=True)


def test_a_message_to_the_customer_mentions_nobody(world):
    ticket = world.ticket()
    named = world.staff["supervisor"]
    post(world.as_("agent"), words(ticket), mode="public", text=f"@{named.name}")

    watching.tell_mentioned(entry=Entry.objects.filter(tag="ticket.logged").latest("id"))

    assert not feedback.notices_of(named.pk, unread=True)


def test_who_watches_is_told_what_happens_but_not_what_they_did(world):
    ticket = world.ticket()
    path = f"/console/tickets/{ticket.number}/watch"
    post(world.as_("supervisor"), path)
    post(world.as_("agent"), path)
    entry = Entry(
        pk=1_000_000,
        tag="ticket.resolved",
        subject=ticket.number,
        actor=world.staff["agent"].actor,
        happened_at=now(),
        facts={},
    )

    watching.tell_watchers(entry=entry)
    watching.tell_watchers(entry=entry)

    (notice,) = feedback.notices_of(world.staff["supervisor"].pk, unread=True)
    assert notice.facts == {"happened": "ticket.resolved"}
    assert not feedback.notices_of(world.staff["agent"].pk, unread=True)


def test_watching_ends_at_a_second_press(world):
    ticket = world.ticket()
    path = f"/console/tickets/{ticket.number}/watch"
    client = world.as_("agent")

    post(client, path)
    assert "已关注" in client.get(f"/console/tickets/{ticket.number}").content.decode()
    post(client, path)
    assert "已关注" not in client.get(f"/console/tickets/{ticket.number}").content.decode()


def test_a_foreign_case_cannot_be_watched(world):
    ticket = world.ticket()

    answer = post(world.as_("technician"), f"/console/tickets/{ticket.number}/watch")

    assert answer.status_code == 404


def test_the_stream_can_be_narrowed_to_internal_notes(world):
    ticket = world.ticket()
    client = world.as_("agent")
    post(client, words(ticket), mode="internal", text="线路绕接")
    post(client, words(ticket), mode="public", text="正在为您处理")

    page = client.get(f"/console/tickets/{ticket.number}", {"show": "internal"}).content.decode()

    assert "线路绕接" in page
    assert "正在为您处理" not in page
