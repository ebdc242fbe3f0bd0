"""A code to the number on file proves who calls; nobody else gets it, and nobody may just say so."""

from __future__ import annotations

import pytest
from tests.web.console.conftest import PHONE, posted

from changtong.intake import queries as intake
from changtong.intake.models import OneTimeCode
from changtong.journal import queries as journal
from changtong.tickets.models import Ticket


DESK = "/console/tickets/new"
TERMINATION = {
    "channel": "phone",
    "kind": "service_request",
    "category": "request.terminate",
    "title": "销户",
    "description": "不再使用宽带",
    "contact_name": "王芳",
    # What the caller names: nothing is ever sent there.
    "contact_phone": "13911112222",
    "line": "KD0001",
}


@pytest.fixture
def agent(world):
    return world.as_("agent")


def sent(agent, **whose):
    return agent.post("/console/codes", whose or {"line": "KD0001"})


def typed(agent, code, **whose):
    return agent.post("/console/codes/redemption", {"line": "KD0001", "code": code, **whose})


def read_out():
    return intake.one_time_code(OneTimeCode.objects.latest("pk").pk)


def registered(agent, **changes):
    return posted(agent, DESK, **{**TERMINATION, "identity": "code_on_file", **changes})


def test_the_code_goes_to_the_number_on_file_and_proves_who_calls_for_one_case(agent):
    page = sent(agent, line="KD0001", contact_phone="13911112222", phone="13911112222")
    code = read_out()
    assert code.phone == PHONE
    assert code.code not in page.content.decode()

    proved = typed(agent, code.code)
    proof = proved.context["proof"]
    assert 'value="code_on_file" selected' in proved.content.decode()
    assert registered(agent, proof=proof).status_code == 303

    ticket = Ticket.objects.get()
    (entry,) = journal.timeline(ticket.number).filter(tag="identity.checked")
    assert (entry.facts["choice"], entry.facts["proof"]) == ("code_on_file", f"code:{proof}")
    again = registered(agent, proof=proof, anyway="1")
    assert again.context["form"].errors["identity"] == [
        "验证码还没有核验，或不是发到这位客户登记号码的，请重新发送。"
    ]
    assert Ticket.objects.count() == 1


def test_without_the_code_the_way_is_not_to_be_had(agent):
    sent(agent)
    proof = str(OneTimeCode.objects.latest("pk").pk)

    assert registered(agent).status_code == 422
    assert registered(agent, proof=proof).status_code == 422
    assert Ticket.objects.count() == 0


def test_a_wrong_code_is_counted_although_it_is_refused_and_may_be_typed_again(agent):
    sent(agent)
    code = read_out().code
    wrong = f"{(int(code) + 1) % 1_000_000:06d}"

    page = typed(agent, wrong)

    assert page.status_code == 422
    assert page.context["wrong"] == "验证码不对，还可以再试 4 次。"
    assert OneTimeCode.objects.get().attempts == 1
    assert sent(agent).context["sent"]
    assert typed(agent, read_out().code).status_code == 200


def test_of_a_line_out_of_reach_or_without_a_number_nothing_is_sent(agent, world):
    customer = world.town.customer
    customer.phone = "037188886666"
    customer.save(update_fields=["phone"])

    assert sent(agent, line="KD9999").context["wrong"] == sent(agent).context["wrong"]
    assert OneTimeCode.objects.count() == 0
