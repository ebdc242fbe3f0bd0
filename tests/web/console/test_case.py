"""The case page: what it shows to whom."""

from __future__ import annotations

from django.core.files.uploadedfile import SimpleUploadedFile
from tests.web.console.conftest import PHONE, posted

from changtong.clocks import queries as clocks


def test_the_page_says_who_what_when_and_why(world):
    ticket, _order = world.assigned()

    page = world.as_("agent").get(f"/console/tickets/{ticket.number}").content.decode()

    assert "王芳" in page
    assert "138****1111" in page
    assert "宽带断网" in page
    assert "technician-1" in page
    assert "§4.1" in page


def test_the_phone_number_is_only_there_for_those_who_call(world):
    ticket = world.ticket()

    assert PHONE in world.as_("agent").get(f"/console/tickets/{ticket.number}").content.decode()
    assert (
        PHONE not in world.as_("auditor").get(f"/console/tickets/{ticket.number}").content.decode()
    )


def test_a_foreign_case_looks_like_none(world):
    ticket = world.ticket()

    assert world.as_("technician").get(f"/console/tickets/{ticket.number}").status_code == 404
    assert world.as_("technician").get("/console/tickets/GD0").status_code == 404


def test_whoever_is_complained_of_cannot_open_the_complaint(world):
    ticket = world.ticket(
        kind="complaint",
        category="complaint.billing.overcharged",
        complained_of_id=world.staff["supervisor"].pk,
    )

    assert world.as_("supervisor").get(f"/console/tickets/{ticket.number}").status_code == 404
    assert world.as_("manager").get(f"/console/tickets/{ticket.number}").status_code == 200


def test_the_next_right_step_follows_the_state(world):
    resolved = world.resolved()
    ticket = world.ticket()
    assigned, _order = world.assigned()

    def offered(role, number):
        page = world.as_(role).get(f"/console/tickets/{number}")
        return page.context["next_step"].code

    assert offered("dispatcher", ticket.number) == "assignment"
    assert offered("technician", assigned.number) == "handling"
    assert offered("agent", resolved.number) == "confirmation"


def test_a_step_that_cannot_be_taken_says_why(world):
    ticket = world.ticket()

    page = world.as_("agent").get(f"/console/tickets/{ticket.number}")

    reasons = {one.code: one.why_not for one in page.context["other_steps"] if one.why_not}
    assert reasons["assignment"] == "您的岗位没有这项权限"
    assert reasons["closure"] == "工单“已受理”时不能这样做"


def test_a_registered_ticket_says_what_acceptance_lacks(world):
    ticket = world.ticket(description="", category="")

    page = world.as_("agent").get(f"/console/tickets/{ticket.number}")

    assert page.context["lacking"] == "客户原话与现象"


def test_the_clock_is_explained(world):
    ticket = world.ticket()
    clock = clocks.of(ticket.number).first()

    page = world.as_("agent").get(f"/console/tickets/{ticket.number}/clocks/{clock.pk}")

    assert page.status_code == 200
    assert page.context["sum"].due_at == clock.due_at
    assert page.context["steps"][0].step.what == "started"
    assert page.context["steps"][0].step.entry is not None
    assert any("计" in line for line in page.context["lines"])


def test_a_clock_on_hold_tells_the_reason_and_what_it_did_to_the_due_time(world):
    ticket, _order = world.in_progress()
    client = world.as_("technician")
    posted(
        client,
        f"/console/tickets/{ticket.number}/pause",
        reason="spare_part",
        note="仓库调拨单 88",
    )
    clock = clocks.of(ticket.number).filter(state="paused").first()

    page = client.get(f"/console/tickets/{ticket.number}/clocks/{clock.pk}")

    paused = next(one for one in page.context["steps"] if one.step.what == "paused")
    assert paused.why == "待备件"
    assert paused.step.evidence == "仓库调拨单 88"
    assert paused.step.due_at == clock.due_at


def test_limits_that_do_not_run_say_why(world):
    ticket = world.ticket()

    page = world.as_("agent").get(f"/console/tickets/{ticket.number}/limits")

    assert page.status_code == 200
    judged = page.context["judged"]
    assert {one.considered.why for one in judged} >= {"applies"}
    assert all(one.reasons for one in judged if not one.considered.applies)
    assert "尚未开始" in page.content.decode()


def test_a_clock_of_another_ticket_is_not_shown(world):
    ticket, other = world.ticket(), world.ticket()
    clock = clocks.of(other.number).first()

    answer = world.as_("agent").get(f"/console/tickets/{ticket.number}/clocks/{clock.pk}")

    assert answer.status_code == 404


def test_the_stream_mixes_and_filters(world):
    ticket, _order = world.in_progress()
    client = world.as_("technician")
    posted(client, f"/console/tickets/{ticket.number}/log", type="note", text="内部的话")
    posted(
        client, f"/console/tickets/{ticket.number}/log", type="call", text="已联系", public="on"
    )

    def kinds(show):
        page = client.get(f"/console/tickets/{ticket.number}?show={show}")
        return {one.kind for one in page.context["happenings"]}

    assert kinds("") == {"internal", "public", "system"}
    assert kinds("log") == {"internal", "public"}
    assert kinds("public") == {"public"}
    assert kinds("system") == {"system"}


def test_an_attachment_comes_back_as_a_download_that_cannot_run(world, settings, tmp_path):
    settings.FILES_ROOT = tmp_path
    ticket, _order = world.in_progress()
    client = world.as_("technician")
    picture = SimpleUploadedFile("灯.png", b"\x89PNG\r\n\x1a\n" + b"0" * 64)
    posted(client, f"/console/tickets/{ticket.number}/attachments", file=picture)
    attachment = ticket.attachments.get()

    answer = client.get(f"/console/tickets/{ticket.number}/attachments/{attachment.pk}")

    assert answer.headers["Content-Disposition"].startswith("attachment")
    assert answer.headers["Content-Security-Policy"].startswith("sandbox")
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert b"".join(answer.streaming_content).startswith(b"\x89PNG")


def test_the_closing_conditions_show_what_is_unmet(world):
    ticket = world.resolved()

    page = world.as_("agent").get(f"/console/tickets/{ticket.number}/result")

    met = {one.name: one.met for one in page.context["conditions"]}
    assert met["处理结果已登记"] is True
    assert met["申请人确认或默认同意"] is False


def test_the_dispatch_tab_says_why_this_person_and_why_not_others(world):
    ticket, order = world.assigned()

    page = world.as_("agent").get(f"/console/tickets/{ticket.number}/dispatch")

    (shown,) = page.context["orders"]
    assert shown["order"].number == order.number
    assert shown["chosen"].name == "technician-1"
    assert [one.name for one in shown["others"]] == ["leader-1"]
