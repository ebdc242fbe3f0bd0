"""The intake desk: find the line, propose, register, offer what is the same matter."""

from __future__ import annotations

from datetime import timedelta

from tests.web.console.conftest import PHONE, posted

from changtong.feedback.operations import announcing
from changtong.infra.clock import now
from changtong.parties import queries as parties
from changtong.tickets.models import Ticket
from changtong.tickets.operations import opening, timing


DESK = "/console/tickets/new"


def filled(**changes):
    return {
        "channel": "phone",
        "kind": "fault",
        "title": "宽带断网",
        "description": "光猫红灯",
        "contact_name": "王芳",
        "contact_phone": PHONE,
        "line": "KD0001",
        "category": "fault.broadband.no_link",
        **changes,
    }


def test_two_letters_find_a_line_and_one_finds_nobody(world):
    agent = world.as_("agent")

    assert "KD0001" in agent.get(f"{DESK}/lines", {"find": "王芳"}).content.decode()
    assert "KD0001" not in agent.get(f"{DESK}/lines", {"find": "王"}).content.decode()


def test_a_chosen_line_shows_its_open_tickets_and_fills_in_the_contact(world):
    ticket = world.ticket()

    page = world.as_("agent").get(f"{DESK}/caller", {"line": "KD0001"})

    assert ticket.number in page.content.decode()
    assert PHONE in page.content.decode()


def test_the_words_propose_a_category_with_reason_grade_and_limits(world):
    page = world.as_("agent").get(
        f"{DESK}/proposal", {"line": "KD0001", "kind": "fault", "title": "宽带断网了"}
    )

    proposed = page.context["proposed"]
    assert proposed.category.code == "fault.broadband.no_link"
    assert "描述中有“断网”" in proposed.reasons
    assert proposed.graded.priority in {"P1", "P2", "P3", "P4"}
    assert {target.metric for target, _words in proposed.targets} >= {"arrival", "restoration"}
    assert proposed.lacking == "客户原话与现象、联系电话"


def test_a_person_s_choice_stands_against_the_words(world):
    page = world.as_("agent").get(
        f"{DESK}/proposal",
        {"kind": "fault", "title": "宽带断网了", "chosen": "fault.broadband.slow"},
    )

    assert page.context["proposed"].category.code == "fault.broadband.slow"


def test_what_an_agent_registers_is_accepted_and_gets_a_receipt(world):
    answer = posted(world.as_("agent"), DESK, **filled())

    ticket = Ticket.objects.get()
    assert answer.status_code == 303
    assert answer.url == f"/console/tickets/{ticket.number}/receipt"
    assert (ticket.state, ticket.channel, ticket.line.number) == ("accepted", "phone", "KD0001")
    receipt = world.as_("agent").get(answer.url).content.decode()
    assert ticket.number in receipt
    assert "恢复时限" in receipt


def test_without_contact_or_place_nothing_is_registered(world):
    answer = posted(world.as_("agent"), DESK, **filled(contact_phone="", line=""))

    assert answer.status_code == 422
    assert set(answer.context["form"].errors) == {"contact_phone", "region"}
    assert Ticket.objects.count() == 0


def test_the_same_matter_is_offered_and_may_be_joined(world):
    agent = world.as_("agent")
    posted(agent, DESK, **filled())
    ticket = Ticket.objects.get()

    offered = posted(agent, DESK, **filled(title="又断网"))
    assert offered.status_code == 409
    assert [one.number for one in offered.context["offer"]] == [ticket.number]
    assert Ticket.objects.count() == 1

    joined = posted(agent, DESK, **filled(title="又断网", same_as=ticket.number))
    assert joined.url == f"/console/tickets/{ticket.number}"
    assert Ticket.objects.count() == 1
    assert ticket.log.count() == 1


def test_the_same_matter_may_be_registered_anyway(world):
    agent = world.as_("agent")
    posted(agent, DESK, **filled())

    posted(agent, DESK, **filled(title="另一件事", anyway="1"))

    assert Ticket.objects.count() == 2


def test_a_line_out_of_reach_cannot_be_used(world):
    answer = world.as_("agent").get(f"{DESK}/caller", {"line": "KD9999"})

    assert answer.context["line"] is None


def test_the_limits_shown_are_those_that_the_ticket_gets(world):
    agent = world.as_("agent")
    move = {"kind": "service_request", "title": "宽带移机", "line": "KD0001"}
    proposed = agent.get(f"{DESK}/proposal", move).context["proposed"]

    answers = {"answer-new_address": "中原路 9 号"}
    posted(agent, DESK, **filled(**move, category=proposed.category.code), **answers)

    ticket = Ticket.objects.get()
    promised = {target.metric: target.within for target, _words in proposed.targets}
    given = {one.metric: one.within for one in timing.applicable(ticket)}
    assert promised["resolution"] == given["resolution"]
    assert promised.items() <= given.items()


def test_a_complaint_about_a_person_is_kept_from_that_person(world):
    person = world.staff["remote"] if "remote" in world.staff else world.staff["technician"]
    complaint = filled(kind="complaint", title="师傅态度差", category="complaint.other")

    posted(world.as_("agent"), DESK, **complaint, complained_of=person.number)

    ticket = Ticket.objects.get()
    assert ticket.complained_of_id == person.pk
    assert world.as_("technician").get(f"/console/tickets/{ticket.number}").status_code == 404


def test_only_a_complaint_is_about_a_person_whose_number_exists(world):
    number = world.staff["technician"].number

    for changes in ({"complained_of": number}, {"kind": "complaint", "complained_of": "HN9999"}):
        answer = posted(world.as_("agent"), DESK, **filled(**changes))

        assert answer.status_code == 422
        assert set(answer.context["form"].errors) == {"complained_of"}
    assert Ticket.objects.count() == 0


def test_what_we_know_stands_there_before_the_first_word(world):
    closed, ours = world.ticket(title="旧单"), world.ticket(title="新单")
    opening.cancel(number=closed.number, reason="已好", actor="system:test", at=now())

    page = world.as_("agent").get(DESK, {"phone": PHONE})

    known = page.context["known"]
    assert page.context["line"].number == "KD0001"
    assert [one.number for one in known.open] == [ours.number]
    assert [one.number for one in known.past] == [closed.number]
    assert len(known.contacts) == 2
    assert 'id="id_contact_phone"' in page.content.decode()


def test_a_known_outage_of_the_line_is_told_instead_of_registered(world):
    made = announcing.announce(
        kind="outage",
        text="光缆中断，正在抢修",
        region_codes=[world.town.region.code],
        families=["broadband"],
        starts_at=now() - timedelta(hours=1),
        ends_at=now() + timedelta(hours=3),
        clause="16.2",
        viewer=parties.viewer_of_staff(world.staff["supervisor"].pk),
        at=now(),
    )

    page = world.as_("agent").get(f"{DESK}/caller", {"line": "KD0001"})

    assert page.context["known"].told == [made]
    assert "光缆中断，正在抢修" in page.content.decode()


def test_the_category_decides_what_is_asked_and_the_same_questions_are_left_alone(world):
    agent = world.as_("agent")
    sent = {"kind": "fault", "title": "宽带断网", "asked": "fault", "answer-since": "昨晚"}

    changed = agent.get(f"{DESK}/proposal", sent).content.decode()
    same = agent.get(f"{DESK}/proposal", {**sent, "asked": "broadband_fault"}).content.decode()

    assert 'name="answer-lights"' in changed
    assert 'value="昨晚"' in changed
    assert "answer-lights" not in same


def test_what_was_answered_stands_on_the_case(world):
    answer = posted(
        world.as_("agent"), DESK, **filled(), **{"answer-lights": "red", "answer-since": "昨晚"}
    )

    ticket = Ticket.objects.get()
    assert answer.status_code == 303
    page = world.as_("agent").get(f"/console/tickets/{ticket.number}").content.decode()
    assert "光信号灯红或闪红" in page
    assert "昨晚" in page


def test_a_required_answer_is_asked_for_by_name(world):
    answer = posted(
        world.as_("agent"),
        DESK,
        **filled(kind="service_request", title="移机", category="request.change.move"),
    )

    page = answer.content.decode()
    assert answer.status_code == 422
    assert "请填写“新地址”" in page
    assert not Ticket.objects.exists()


def test_a_change_of_owner_is_registered_only_after_the_check_of_identity(world):
    agent = world.as_("agent")
    given = filled(
        kind="service_request",
        title="办理过户",
        category="request.change.owner",
        channel="counter",
    )

    proposal = agent.get(f"{DESK}/proposal", {**given, "chosen": given["category"]})
    refused = posted(agent, DESK, **given)
    done = posted(agent, DESK, **given, identity="document", consents=["callback"])

    assert proposal.context["proposed"].unverified == ("查验有效证件原件",)
    assert refused.status_code == 422
    assert "须先核对身份" in refused.content.decode()
    assert done.status_code in {204, 303}
    assert Ticket.objects.get().category == "request.change.owner"


def test_a_wrong_telephone_number_is_shown_at_its_field_with_everything_kept(world):
    answer = posted(world.as_("agent"), DESK, **filled(contact_phone="1377777"))

    assert answer.status_code == 422
    assert list(answer.context["form"].errors) == ["contact_phone"]
    assert "光猫红灯" in answer.content.decode()
    assert Ticket.objects.count() == 0


def test_what_was_proposed_for_another_kind_is_not_kept_for_this_one(world):
    posted(world.as_("agent"), DESK, **filled(kind="complaint"))

    assert Ticket.objects.get().kind == "complaint"


def test_a_number_that_has_no_line_becomes_the_contact_by_one_press(world):
    agent = world.as_("agent")

    found = agent.get(f"{DESK}/lines", {"find": "137 7777 6666"}).content.decode()
    page = agent.get(f"{DESK}/caller", {"phone": "13777776666"})

    assert f"{DESK}/caller?phone=13777776666" in found
    assert page.context["form"]["contact_phone"].value() == "13777776666"
