"""The portal: prove a number, report, follow, confirm, rate; and see nothing of others."""

from __future__ import annotations

import re
import time
import uuid
from datetime import timedelta

import pytest
from tests.factories import people
from tests.factories.intake import PHONE, build_town, report

from changtong.clocks.models import Clock
from changtong.infra import links
from changtong.infra.clock import now
from changtong.infra.models import OperationKey
from changtong.intake import queries as intake
from changtong.journal import queries as journal
from changtong.parties import queries as parties
from changtong.tickets import queries
from changtong.tickets.operations import asking, closing, opening, working
from changtong.web.portal import taking_away


pytestmark = pytest.mark.django_db

STRANGER = "13800009999"
BACKEND = "django.contrib.auth.backends.ModelBackend"


@pytest.fixture
def town():
    return build_town()


def submit(client, path, /, **fields):
    return client.post(path, {"operation_key": str(uuid.uuid4()), **fields})


def prove(client, phone):
    client.post("/portal/login", {"phone": phone})
    entry = journal.latest().filter(tag="code.requested").first()
    code = intake.one_time_code(int(entry.subject.removeprefix("code:"))).code
    return client.post("/portal/login/code", {"code": code})


def ticket_of(town, phone=PHONE):
    return opening.open_ticket(
        report=report(contact_phone=phone, category="fault.broadband.no_link"),
        region=town.region,
        customer=town.customer,
        line=town.line,
        actor=f"phone:{phone}",
        at=now(),
        by_agent=True,
    )


def resolved(town):
    ticket = ticket_of(town)
    agent = people.staff("agent", "agent")
    working.assign(
        number=ticket.number,
        team_id=None,
        assignee_id=agent.pk,
        clause="6.1",
        actor="system:test",
        at=now(),
    )
    working.start(number=ticket.number, actor=agent.actor, at=now())
    closing.resolve(
        number=ticket.number,
        cause="optical_cable",
        fix="spliced",
        result="已更换尾纤",
        advice="请勿弯折",
        actor=agent.actor,
        at=now(),
    )
    return ticket


def test_the_home_page_needs_nothing_and_shows_nobodys_lines(client, town):
    page = client.get("/")

    assert page.status_code == 200
    assert "KD0001" not in page.content.decode()


def test_reporting_asks_for_the_number_first_and_comes_back(client, town):
    answer = client.get("/portal/report/fault")

    assert answer.status_code == 302
    assert answer.headers["Location"] == "/portal/login?next=/portal/report/fault"


def test_a_proved_customer_reports_a_fault_on_their_line(client, town):
    prove(client, PHONE)

    form = client.get("/portal/report/fault").content.decode()
    answer = submit(
        client,
        "/portal/report/fault",
        line="KD0001",
        family="broadband",
        title="宽带断网",
        description="光猫红灯亮",
        contact_name="王芳",
    )

    assert "KD0001" in form
    assert answer.status_code == 303
    number = re.search(r"GD\d{8}-\d+", answer.headers["Location"])[0]
    ticket = queries.locked(number)
    assert (ticket.channel, ticket.line.number, ticket.contact_phone) == ("web", "KD0001", PHONE)
    assert number in client.get(answer.headers["Location"]).content.decode()


def test_the_same_form_sent_twice_opens_one_ticket(client, town):
    prove(client, PHONE)
    fields = {
        "operation_key": "form-1",
        "line": "KD0001",
        "family": "broadband",
        "title": "宽带断网",
        "contact_name": "王芳",
    }

    first = client.post("/portal/report/fault", fields)
    again = client.post("/portal/report/fault", fields)

    assert first.headers["Location"] == again.headers["Location"]
    assert journal.latest().filter(tag="ticket.opened").count() == 1


def test_the_same_matter_is_offered_not_doubled(client, town):
    ticket = ticket_of(town)
    prove(client, PHONE)
    fields = {"line": "KD0001", "family": "broadband", "title": "断网", "contact_name": "王芳"}

    offered = submit(client, "/portal/report/fault", **fields)
    joined = submit(client, "/portal/report/fault", **fields, same_as=ticket.number, anyway="1")

    assert offered.status_code == 409
    assert ticket.number in offered.content.decode()
    assert ticket.number in joined.headers["Location"]
    assert journal.latest().filter(tag="ticket.opened").count() == 1


def test_a_wrong_code_is_counted_although_it_is_refused(client, town):
    client.post("/portal/login", {"phone": PHONE})
    answers = [client.post("/portal/login/code", {"code": "000000"}).status_code for _ in "123456"]
    entry = journal.latest().filter(tag="code.requested").first()
    code = intake.one_time_code(int(entry.subject.removeprefix("code:"))).code

    late = client.post("/portal/login/code", {"code": code})

    assert set(answers) == {422}
    assert late.status_code == 422
    assert "portal_phone" not in client.session


def test_a_stranger_sees_no_foreign_ticket_and_changes_none(client, town):
    ticket = resolved(town)
    prove(client, STRANGER)
    path = f"/portal/tickets/{ticket.number}"

    assert client.get(path).status_code == 404
    for action in ("confirmation", "refusal", "evaluation", "messages", "cancellation"):
        assert submit(client, f"{path}/{action}", text="x", score="5").status_code == 404
    assert queries.locked(ticket.number).confirmed_at is None


def test_rating_also_accepts_the_result(client, town):
    ticket = resolved(town)
    prove(client, PHONE)
    from changtong.feedback.operations import evaluating, telling

    telling.note_told(queries.locked(ticket.number), at=now())
    evaluating.ask_evaluation(number=ticket.number, at=now())

    page = client.get(f"/portal/tickets/{ticket.number}").content.decode()
    answer = submit(
        client, f"/portal/tickets/{ticket.number}/evaluation", score="5", tags=["fast"]
    )

    assert "已更换尾纤" in page
    assert answer.status_code == 303
    assert queries.locked(ticket.number).confirmed_by == f"phone:{PHONE}"


def test_refusing_the_result_needs_a_reason(client, town):
    ticket = resolved(town)
    prove(client, PHONE)

    empty = submit(client, f"/portal/tickets/{ticket.number}/refusal", text=" ")
    given = submit(client, f"/portal/tickets/{ticket.number}/refusal", text="还是不通")

    assert (empty.status_code, given.status_code) == (409, 303)
    assert queries.locked(ticket.number).reopened_count == 1


def test_the_signed_link_shows_progress_and_nothing_personal(client, town):
    ticket = ticket_of(town)

    page = client.get(f"/t/{links.tracking_token(ticket.number)}").content.decode()
    forged = client.get(f"/t/{links.tracking_token(ticket.number)}x")

    assert ticket.number in page
    for private in (PHONE, "王芳", "花园路", ticket.title):
        assert private not in page
    assert forged.status_code == 404
    assert "链接不正确" in forged.content.decode()
    assert "/portal/login" in forged.content.decode()


def test_an_old_link_says_so(client, town, monkeypatch):
    token = links.tracking_token(ticket_of(town).number)
    later = time.time() + 10 * 365 * 86_400
    monkeypatch.setattr("django.core.signing.time.time", lambda: later)

    answer = client.get(f"/t/{token}")

    assert answer.status_code == 403
    assert "链接已过期" in answer.content.decode()


def test_whoever_has_proved_nothing_leaves_no_key_behind(client, town):
    answers = [
        submit(client, path, text="x") for path in ("/console/tickets/new", "/portal/report/fault")
    ]
    prove(client, PHONE)
    answers.append(submit(client, "/console/tickets/new", text="x"))

    assert [one.status_code for one in answers] == [302, 302, 302]
    assert not OperationKey.objects.exists()


def test_a_forbidden_page_is_logged_in_one_line(client, town, caplog):
    client.force_login(people.staff("agent", "agent"), backend=BACKEND)

    assert client.get("/console/archive/").status_code == 403

    (line,) = [one for one in caplog.records if one.name == "django.request"]
    assert (line.levelname, line.exc_info) == ("WARNING", None)


def test_a_form_without_an_operation_key_is_refused(client, town):
    prove(client, PHONE)

    answer = client.post("/portal/report/fault", {"title": "x", "contact_name": "y"})

    assert answer.status_code == 409
    assert not journal.latest().filter(tag="ticket.opened").exists()


@pytest.mark.parametrize("path", ["/", "/portal/login", "/i18n/setlang/"])
def test_open_pages_answer_in_both_languages(client, town, path):
    for language in ("zh-hans", "en"):
        answer = client.get(path, headers={"accept-language": language})
        assert answer.status_code in {200, 302, 405}


def test_one_sentence_is_enough_to_be_accepted(client, town):
    prove(client, PHONE)

    answer = submit(
        client,
        "/portal/report/fault",
        line="KD0001",
        title="宽带上不了网，光猫红灯闪",
        contact_name="王芳",
    )

    page = client.get(answer.url)
    assert page.context["ticket"].state == "accepted"
    said = page.content.decode().count("宽带上不了网，光猫红灯闪")
    assert said == 2, "once as the heading and once as what was said"


def test_the_stream_does_not_say_who_else_may_read_it(client, town):
    ticket = ticket_of(town)
    working.log(
        number=ticket.number, type_="note", text="在路上", public=True, actor="staff:7", at=now()
    )
    prove(client, PHONE)

    page = client.get(f"/portal/tickets/{ticket.number}").content.decode()

    assert "在路上" in page
    assert "客户可见" not in page


def test_a_question_is_only_open_while_the_ticket_waits_for_it(client, town):
    ticket = ticket_of(town)
    asking.ask(number=ticket.number, question="几号楼？", actor="staff:7", at=now())
    prove(client, PHONE)
    assert "请补充信息" in client.get(f"/portal/tickets/{ticket.number}").content.decode()

    submit(client, f"/portal/tickets/{ticket.number}/cancellation", text="不用了")

    assert "请补充信息" not in client.get(f"/portal/tickets/{ticket.number}").content.decode()


def test_a_refusal_speaks_to_a_customer_without_codes(client, town):
    ticket = ticket_of(town)
    prove(client, PHONE)

    answer = submit(client, f"/portal/tickets/{ticket.number}/supplement", text="这里")

    assert answer.status_code == 409
    assert "这张工单没有等待补充" in answer.content.decode()
    assert "supplement.not_asked" not in answer.content.decode()


def test_what_was_said_is_told_in_order_with_what_the_customer_did_not_accept(client, town):
    ticket = resolved(town)
    closing.refuse(number=ticket.number, reason="还是断断续续", actor=f"phone:{PHONE}", at=now())
    working.log(
        number=ticket.number,
        type_="message",
        text="这就再来",
        public=True,
        actor="staff:7",
        at=now(),
    )
    prove(client, PHONE)

    page = client.get(f"/portal/tickets/{ticket.number}")

    said = [(one.mine, one.text) for one in page.context["stream"]]
    assert said[:2] == [(False, "这就再来"), (True, "还是断断续续")]
    times = [one.at for one in page.context["stream"]]
    assert times == sorted(times, reverse=True)


def test_a_part_of_a_page_does_not_show_the_login_but_leads_to_it(client, town):
    answer = client.get(
        "/console/tickets/GD1/log",
        headers={"HX-Request": "true", "HX-Current-URL": "http://testserver/console/tickets/GD1"},
    )

    assert (answer.status_code, answer.content) == (204, b"")
    assert answer.headers["HX-Redirect"] == "/accounts/login/?next=/console/tickets/GD1"


def test_the_way_back_from_the_code_keeps_its_whole_address(client, town):
    asked = client.post(
        "/portal/login", {"phone": PHONE, "next": "/portal/report/fault?line=KD0001&a=b"}
    )

    assert (
        asked.url == "/portal/login/code?next=%2Fportal%2Freport%2Ffault%3Fline%3DKD0001%26a%3Db"
    )


def test_a_call_is_offered_where_a_number_is_set_and_nowhere_else(client, town, settings):
    settings.HOTLINE = "400-000-0000"
    for address in ("/", "/portal/help/", "/portal/offline", "/t/nothing"):
        assert 'href="tel:400-000-0000"' in client.get(address).content.decode(), address
    settings.HOTLINE = ""
    for address in ("/", "/portal/help/", "/portal/offline", "/t/nothing"):
        assert "tel:" not in client.get(address).content.decode(), address


def test_a_broken_promise_leads_to_a_complaint_and_names_the_way_after_it(client, town):
    ticket = ticket_of(town)
    prove(client, PHONE)
    address = f"/portal/tickets/{ticket.number}"
    assert "要求升级处理" not in client.get(address).content.decode()
    long_ago = now() - timedelta(days=9)
    Clock.objects.filter(subject=ticket.number, metric="restoration").update(
        started_at=long_ago, due_at=long_ago + timedelta(days=1), breached_at=now()
    )

    page = client.get(address).content.decode()

    assert f"/portal/report/complaint?about={ticket.number}" in page
    assert "投诉后15日内没有答复" in page
    assert "《电信用户申诉处理办法》第10条" in page


def test_what_the_standard_asks_about_the_chosen_matter_is_asked_and_kept(client, town):
    prove(client, PHONE)
    fields = {"line": "KD0001", "category": "fault.broadband.no_link", "contact_name": "王芳"}

    # Without scripts the page could not know yet what would be tapped.
    unasked = submit(client, "/portal/report/fault", **fields, asked="fault", plain="1")
    fields |= {"asked": "broadband_fault", "answer-since": "昨晚九点"}
    wrong = submit(client, "/portal/report/fault", **fields, **{"answer-lights": "green"})
    done = submit(client, "/portal/report/fault", **fields, **{"answer-lights": "off"})

    assert (unasked.status_code, wrong.status_code) == (422, 422)
    assert 'name="answer-lights"' in unasked.content.decode()
    assert 'id="id_answer-lights_error"' in wrong.content.decode()
    assert "一个灯都不亮" in client.get(done.headers["Location"]).content.decode()
    (kept,) = taking_away.about(parties.viewer_of_phone(PHONE), at=now())["tickets"]
    assert kept["answers"] == [
        {"question": "光猫指示灯", "answer": "一个灯都不亮"},
        {"question": "何时开始", "answer": "昨晚九点"},
    ]


def test_a_report_that_a_device_kept_is_not_held_up_by_questions(client, town):
    prove(client, PHONE)
    fields = {"line": "KD0001", "category": "fault.broadband.no_link", "contact_name": "王芳"}

    sent = submit(client, "/portal/report/fault", **fields, asked="fault")

    assert sent.status_code == 303
