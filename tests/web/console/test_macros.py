"""Several steps on a case at once: tried without effect, taken all or none, only by whose they are."""

from __future__ import annotations

import re
import uuid

import pytest
from django.db import IntegrityError, transaction
from tests.web.console.conftest import BUDGETS, posted

from changtong.journal.models import Entry
from changtong.parties import queries as parties
from changtong.tickets.models import LogEntry, Ticket
from changtong.web.console.tickets.macros import print_of
from changtong.workspace.domain.macros import Step
from changtong.workspace.models import Macro, Watch
from changtong.workspace.operations import macros


STEPS = (
    Step("note", "已电话联系{客户姓名}"),
    Step("message", "您好，{工单号} 正在处理。"),
    Step("watch"),
)
IMPOSSIBLE = Step("resolution", "已恢复")


def kept(world, *steps, role="agent", **changes):
    viewer = parties.viewer_of(world.staff[role])
    given = {"name": "联系客户", "kind": "", "steps": steps or STEPS, **changes}
    return macros.keep(viewer=viewer, **given)


def place(ticket, macro):
    return f"/console/tickets/{ticket.number}/macros/{macro.pk}"


def filled(client, url):
    """Return what the shown form would send."""
    page = client.get(url)
    rows = page.context["rows"]
    return {"shown": page.context["shown"], "text": [row["of"].step.text for row in rows]}


def counted():
    return Entry.objects.count(), LogEntry.objects.count(), Watch.objects.count()


def test_a_trial_shows_every_step_filled_in_and_changes_nothing(world):
    ticket, macro, agent = world.ticket(), kept(world, *STEPS, IMPOSSIBLE), world.as_("agent")
    form, before = filled(agent, place(ticket, macro)), counted()

    answer = posted(agent, f"{place(ticket, macro)}/trial", **form)

    assert form["text"][:2] == [
        f"已电话联系{ticket.contact_name}",
        f"您好，{ticket.number} 正在处理。",
    ]
    verdicts = [bool(row["of"].why_not) for row in answer.context["rows"]]
    assert verdicts == [False, False, False, True]
    assert counted() == before


def test_a_step_that_is_refused_takes_the_others_with_it(world):
    ticket, macro, agent = world.ticket(), kept(world, *STEPS, IMPOSSIBLE), world.as_("agent")
    form, before = filled(agent, place(ticket, macro)), counted()

    answer = posted(agent, place(ticket, macro), **form)

    assert answer.status_code == 409
    assert answer.context["rows"][3]["of"].why_not in answer.content.decode()
    assert counted() == before


def test_all_steps_are_taken_once_with_the_words_as_they_were_edited(world):
    ticket, macro, agent = world.ticket(), kept(world), world.as_("agent")
    form = {**filled(agent, place(ticket, macro)), "operation_key": str(uuid.uuid4())}
    form["text"][0] = "客户要求明天再打"

    first = agent.post(place(ticket, macro), form)
    again = agent.post(place(ticket, macro), form)

    assert (first.status_code, again.status_code) == (303, 303)
    said = [(one.text, one.public) for one in ticket.log.order_by("id")][-2:]
    assert said == [("客户要求明天再打", False), (f"您好，{ticket.number} 正在处理。", True)]
    (entry,) = Entry.objects.filter(tag="macro.run", subject=ticket.number)
    assert entry.facts == {"macro": "联系客户", "steps": ["note", "message", "watch"]}
    assert Watch.objects.filter(ticket=ticket, staff=world.staff["agent"]).count() == 1
    assert "运行了快捷处理" in agent.get(f"/console/tickets/{ticket.number}").content.decode()


def test_no_more_is_done_than_the_viewer_may_do_anyway(world):
    ticket, agent = world.ticket(), world.as_("agent")
    team = parties.teams().get(code="field")
    macro = kept(world, Step("assignment", "需上门", choice=str(team.pk)))

    answer = posted(agent, f"{place(ticket, macro)}/trial", **filled(agent, place(ticket, macro)))

    assert not parties.viewer_of(world.staff["agent"]).may("dispatch.assign")
    assert answer.context["rows"][0]["of"].why_not == "您的岗位没有这项权限"
    assert Ticket.objects.get(pk=ticket.pk).team_id is None


def test_a_message_with_an_empty_variable_is_not_sent(world):
    ticket, agent = world.ticket(), world.as_("agent")
    macro = kept(world, Step("message", "{办理人}会联系您"))

    answer = posted(agent, place(ticket, macro), **filled(agent, place(ticket, macro)))

    assert answer.status_code == 409
    assert "没有“办理人”" in answer.context["rows"][0]["of"].why_not


def test_a_foreign_macro_is_not_there(world):
    ticket, macro = world.ticket(), kept(world)
    other = world.as_("leader")

    answers = [
        other.get(place(ticket, macro)),
        posted(other, place(ticket, macro), shown="x", text=["", "", ""]),
        posted(other, f"{place(ticket, macro)}/trial", shown="x", text=["", "", ""]),
        other.get(f"/console/macros/{macro.pk}"),
        posted(other, f"/console/macros/{macro.pk}/removal"),
    ]

    assert {one.status_code for one in answers} == {404}
    assert Macro.objects.filter(pk=macro.pk).exists()


def test_a_macro_of_a_team_is_seen_by_its_members_and_changed_by_who_leads_it(world):
    team = parties.teams().get(code="field")
    macro = kept(world, role="technician", team_id=team.pk)
    member, leads = world.as_("leader"), world.as_("technician")
    sheet = {"name": "改", "team": team.pk, "do": "watch", "text": "", "choice": "", "fix": ""}

    listed = member.get("/console/macros/").content.decode()
    refused = posted(member, f"/console/macros/{macro.pk}", **sheet)
    changed = posted(leads, f"/console/macros/{macro.pk}", **sheet)

    assert "联系客户" in listed
    assert (refused.status_code, changed.status_code) == (409, 303)
    assert "班组长" in refused.context["error"]
    assert Macro.objects.get(pk=macro.pk).steps == [{"do": "watch"}]


def test_who_saw_other_steps_runs_nothing(world):
    ticket, macro, agent = world.ticket(), kept(world), world.as_("agent")
    form, before = filled(agent, place(ticket, macro)), counted()
    kept(world, STEPS[0], macro_id=macro.pk)

    answer = posted(agent, place(ticket, macro), **form)

    assert answer.status_code == 409
    assert counted() == before


def test_steps_are_added_moved_and_removed_before_anything_is_kept(world):
    agent = world.as_("agent")
    rows = {"do": ["note", "watch"], "text": ["一", ""], "choice": ["", ""], "fix": ["", ""]}

    def after(change, **more):
        answer = posted(agent, "/console/macros/new", name="n", change=change, **rows, **more)
        return [step.do for step in answer.context["sheet"].steps]

    assert after("add", added="handling") == ["note", "watch", "handling"]
    assert after("up:1") == after("down:0") == ["watch", "note"]
    assert after("remove:0") == ["watch"]
    assert after("up:9") == ["note", "watch"]
    assert not Macro.objects.exists()


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"name": " "}, "请填写名称"),
        ({"text": ["{密码}"]}, "密码"),
        ({"text": [""]}, "第 1 步"),
    ],
)
def test_a_sheet_that_cannot_be_kept_says_why_and_keeps_what_was_written(world, changes, said):
    given = {"name": "写", "do": ["note"], "text": ["一"], "choice": [""], "fix": [""], **changes}

    answer = posted(world.as_("agent"), "/console/macros/new", **given)

    assert answer.status_code == 409
    assert said in answer.context["error"]
    assert answer.context["sheet"].steps[0].text == given["text"][0]


def test_the_database_keeps_no_macro_without_steps_or_owner(world):
    agent = world.staff["agent"]
    for given in ({"steps": [], "staff": agent}, {"steps": [{"do": "watch"}]}):
        with pytest.raises(IntegrityError, match="macro_"), transaction.atomic():
            Macro.objects.create(name="n", **given)


def test_the_case_offers_macros_of_its_kind_without_a_question_more(
    world, django_assert_max_num_queries
):
    ticket, agent = world.ticket(), world.as_("agent")
    kept(world, name="宽带故障")
    kept(world, name="账单投诉", kind="complaint")

    with django_assert_max_num_queries(BUDGETS["console/case"]):
        page = agent.get(f"/console/tickets/{ticket.number}").content.decode()
    with django_assert_max_num_queries(BUDGETS["console/macros"]):
        listed = agent.get("/console/macros/").content.decode()

    assert re.findall(r'data-command="(宽带故障|账单投诉)"', page) == ["宽带故障"]
    assert "账单投诉" in listed
    chooser = agent.get(f"/console/tickets/{ticket.number}/macros").content.decode()
    assert "宽带故障" in chooser
    assert "账单投诉" not in chooser


def test_a_macro_is_tried_on_several_cases_in_the_words_of_each_and_then_run(world):
    mine, resolved = world.ticket(), world.resolved()
    macro = kept(
        world, Step("note", "已联系{客户姓名}，工单{工单号}"), Step("pause", choice="none")
    )
    noted = kept(world, Step("note", "已核对{工单号}"), name="核对")
    agent, before = world.as_("agent"), counted()
    numbers = f"{mine.number},{resolved.number}"
    several = "/console/tickets/selection/macro"

    def of(chosen):
        return {"numbers": numbers, "macro": f"{chosen.pk}:{print_of(chosen)}"}

    refused = posted(agent, f"{several}/trial", **of(macro)).context["outcomes"]
    tried = posted(agent, f"{several}/trial", **of(noted)).context["outcomes"]
    assert [one.why_not.startswith("第 2 步“挂起”：") for one in refused] == [True, True]
    assert [one.effects[0].words for one in tried] == [
        f"内部备注：已核对{mine.number}",
        f"内部备注：已核对{resolved.number}",
    ]
    assert counted() == before

    done = posted(agent, several, **of(noted)).context["outcomes"]
    assert [one.why_not for one in done] == ["", ""]
    assert LogEntry.objects.filter(text__startswith="已核对").count() == 2
    assert Entry.objects.filter(tag="macro.run").count() == 2


def test_a_macro_that_was_changed_after_it_was_tried_is_not_run_on_several_cases(world):
    ticket, macro = world.ticket(), kept(world, Step("note", "甲"))
    seen = f"{macro.pk}:{print_of(macro)}"
    viewer = parties.viewer_of(world.staff["agent"])
    macros.keep(
        viewer=viewer, name=macro.name, kind="", steps=(Step("note", "乙"),), macro_id=macro.pk
    )

    answer = posted(
        world.as_("agent"),
        "/console/tickets/selection/macro",
        numbers=ticket.number,
        macro=seen,
    )

    assert answer.status_code == 422
    assert "刚被修改" in answer.content.decode()
    assert not LogEntry.objects.exists()
