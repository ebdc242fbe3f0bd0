"""A fault from the report to the sealed file, by programs that know the API and nothing else."""

from __future__ import annotations

import hashlib
import io
import itertools
import zipfile
from datetime import timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from tests.factories import people
from tests.factories.intake import PHONE, build_town
from tests.factories.worlds import PNG

from changtong.infra.clock import now
from changtong.journal import operations as journal
from changtong.parties import operations as parties
from changtong.parties.domain.roles import PERMISSIONS, Role


pytestmark = pytest.mark.django_db
TEAM = "T-ZW"
# What the program behind a WeChat page needs.
CHANNEL = ("customers.view", "feedback.record", "tickets.open", "tickets.view")
KEYS = itertools.count()


class Program:
    """Somebody's program: it has a token and the description of the API."""

    def __init__(self, person: Any, *scopes: str) -> None:
        _token, secret = parties.issue_token(
            staff=person,
            name="test",
            scopes=scopes or sorted(PERMISSIONS[Role(person.role)]),
            valid_for=timedelta(days=1),
            actor="system:test",
            at=now(),
        )
        self.headers = {"authorization": f"Bearer {secret}"}
        self.client = Client()

    def get(self, path: str, **query: Any) -> Any:
        answer = self.client.get(f"/api/v1{path}", query, headers=self.headers)
        assert answer.status_code == 200, answer.content.decode()
        return answer.json()

    def download(self, path: str) -> bytes:
        answer = self.client.get(f"/api/v1{path}", headers=self.headers)
        assert answer.status_code == 200, answer.content.decode()
        return b"".join(answer.streaming_content)

    def post(self, path: str, given: Any = None, *, method: str = "POST", **files: Any) -> Any:
        headers = {**self.headers, "idempotency-key": f"k-{next(KEYS)}"}
        if files:
            answer = self.client.post(f"/api/v1{path}", files, headers=headers)
        else:
            ask = {"POST": self.client.post, "DELETE": self.client.delete}[method]
            answer = ask(
                f"/api/v1{path}", given or {}, content_type="application/json", headers=headers
            )
        assert answer.status_code < 300, answer.content.decode()
        return answer.json()


@pytest.fixture
def programs(tmp_path, settings):
    settings.ARCHIVE_ROOT = tmp_path / "archive"
    settings.FILES_ROOT = tmp_path / "files"
    settings.SEALS_FILE = tmp_path / "seals.log"
    build_town()
    staff = {
        role: people.staff(role, role, region="410105")
        for role in ("agent", "dispatcher", "technician", "supervisor", "auditor")
    }
    people.qualified(staff["technician"], "broadband_maintenance")
    people.team(TEAM, staff["technician"], mode="field", region="410105")
    found = {role: Program(person) for role, person in staff.items()}
    desk = people.staff("wechat", "agent", region="410105")
    found["channel"] = Program(desk, *CHANNEL)
    return found


def report(programs, run_jobs) -> str:
    opened = programs["channel"].post(
        "/tickets",
        {
            "kind": "fault",
            "title": "有问题",
            "description": "说不清楚",
            "line_number": "KD0001",
            "contact_phone": PHONE,
            "source": "wechat",
            "source_reference": "wx-1",
        },
    )
    assert opened["state"] == "acknowledged"
    run_jobs()
    return opened["number"]


def accept(agent: Program, number: str, run_jobs) -> None:
    ticket = agent.get(f"/tickets/{number}")
    codes = agent.get(f"/standard/editions/{ticket['edition']}/kinds/{ticket['kind']}")
    category = next(one["code"] for one in codes["categories"] if one["name"].startswith("宽带"))
    agent.post(f"/tickets/{number}/acceptance", {"category": "fault.broadband.no_link"})
    assert category.startswith("fault.broadband")
    line = agent.get(f"/lines/{ticket['line']}")
    assert agent.get(f"/customers/{line['customer']}")["phone"] == PHONE
    assert [one["number"] for one in agent.get(f"/customers/{line['customer']}/tickets")] == [
        number
    ]
    run_jobs()


def give(dispatcher: Program, number: str, run_jobs) -> None:
    """Meet the alarm that nobody is on duty, and give the ticket to somebody all the same."""
    alarm = dispatcher.get("/alarms")[0]
    assert (alarm["ticket"], alarm["acknowledged_at"]) == (number, None)
    dispatcher.post(f"/tickets/{number}/alarm/acknowledgement")
    (team,) = dispatcher.get("/teams")["items"]
    (person,) = dispatcher.get("/staff", team_code=team["code"])["items"]
    assert person["qualifications"][0]["skill"] == "broadband_maintenance"
    order = dispatcher.post(
        f"/tickets/{number}/assignment",
        {"staff_number": person["number"], "reason": "只有他会修"},
    )
    assert (order["technician"], order["team"]) == (person["number"], TEAM)
    assert order["reason"]["chosen"]["staff"] == person["number"]
    assert dispatcher.get(f"/tickets/{number}")["assignee"] == person["number"]
    (listed,) = dispatcher.get("/work-orders", own="false")
    assert listed == dispatcher.get(f"/work-orders/{order['number']}")
    run_jobs()


def repair(technician: Program, number: str, run_jobs) -> None:
    (order,) = technician.get("/work-orders")
    technician.post(f"/work-orders/{order['number']}/start")
    technician.post(f"/work-orders/{order['number']}/arrival")
    technician.post(
        f"/tickets/{number}/log",
        {"type": "measurement", "details": {"item": "optical_power", "value": -27.5}},
    )
    technician.post(f"/tickets/{number}/supplement", {"question": "几点断的？"})
    technician.post(f"/tickets/{number}/supplement/answer", {"text": "七点"})
    (supplement,) = technician.get(f"/tickets/{number}/supplements")
    assert (supplement["answer"], supplement["clause"] != "") == ("七点", True)
    run_jobs()


def set_aside(technician: Program, number: str, run_jobs) -> None:
    ticket = technician.get(f"/tickets/{number}")
    codes = technician.get(f"/standard/editions/{ticket['edition']}/kinds/fault")
    reason = codes["pause_reasons"][0]["code"]
    assert technician.post(f"/tickets/{number}/pause", {"reason": reason})["state"] == "held"
    assert "paused" in {one["state"] for one in technician.get(f"/tickets/{number}/clocks")}
    technician.post(f"/tickets/{number}/pause", method="DELETE")
    run_jobs()


def resolve(technician: Program, number: str, run_jobs) -> None:
    (order,) = technician.get("/work-orders")
    if order["state"] == "acknowledged":
        technician.post(f"/work-orders/{order['number']}/start")
    codes = technician.get("/standard/editions/1.0.0/kinds/fault")
    technician.post(
        f"/tickets/{number}/resolution",
        {
            "result": "更换尾纤",
            "cause": codes["causes"][0]["code"],
            "fix": codes["fixes"][0]["code"],
            "advice": "请勿弯折",
            "retest_passed": True,
        },
    )
    run_jobs()


def attach(technician: Program, number: str) -> None:
    sent = technician.post(
        f"/tickets/{number}/attachments", file=SimpleUploadedFile("光猫.png", PNG)
    )
    assert technician.get(f"/tickets/{number}/attachments") == [sent]
    content = technician.download(f"/tickets/{number}/attachments/{sent['sha256']}")
    assert hashlib.sha256(content).hexdigest() == sent["sha256"]


def explain(agent: Program, number: str) -> None:
    for clock in agent.get(f"/tickets/{number}/clocks"):
        told = agent.get(f"/tickets/{number}/clocks/{clock['id']}")
        assert told["steps"][0]["what"] == "started"
        version = agent.get(f"/tickets/{number}")["edition"]
        clause = agent.get(f"/standard/editions/{version}/clauses/{clock['clause']}")
        assert clause["title"]
        assert told["sentences"]
        assert all(remark["sentence"] for remark in told["remarks"])
        assert told["days_cut"] or (
            sum(one["counted_seconds"] for one in told["days"]) == told["allowed_seconds"]
        )
    for limit in agent.get(f"/tickets/{number}/limits"):
        assert bool(limit["sentences"]) == (limit["why"] != "applies")


def keep(auditor: Program, number: str) -> None:
    journal.seal_pending(at=now())
    # What happens after a commit; the test's own transaction never commits.
    journal.publish_seals()
    record = auditor.get(f"/archive/records/{number}")
    package = auditor.download(f"/archive/records/{number}/package")
    assert hashlib.sha256(package).hexdigest() == record["sha256"]
    assert any("光猫.png" in name for name in zipfile.ZipFile(io.BytesIO(package)).namelist())
    assert auditor.get(f"/archive/records/{number}/receipt")["format"] == "changtong-receipt/1"
    verdict = auditor.post(f"/archive/records/{number}/verification")
    assert (verdict["sound"], verdict["findings"]) == (True, [])


def test_a_fault_from_report_to_sealed_file_through_the_api_only(programs, run_jobs):
    agent, technician, channel = (programs[role] for role in ("agent", "technician", "channel"))
    number = report(programs, run_jobs)
    accept(agent, number, run_jobs)
    give(programs["dispatcher"], number, run_jobs)
    repair(technician, number, run_jobs)
    set_aside(technician, number, run_jobs)
    # Taken up again, it needs somebody on duty anew; nobody is, so the dispatcher is asked.
    give(programs["dispatcher"], number, run_jobs)
    attach(technician, number)
    resolve(technician, number, run_jobs)

    again = channel.post(f"/tickets/{number}/refusal", {"reason": "晚上又断了"})
    assert again["state"] in {"assigned", "in_progress"}
    run_jobs()
    give(programs["dispatcher"], number, run_jobs)
    resolve(technician, number, run_jobs)
    assert [one["refused_because"] for one in agent.get(f"/tickets/{number}/resolutions")] == [
        "",
        "晚上又断了",
    ]
    unmet = {one["code"] for one in agent.get(f"/tickets/{number}/closure") if not one["met"]}
    assert "applicant_confirmed_or_silent" in unmet

    channel.post(f"/tickets/{number}/evaluation", {"score": 1, "comment": "来了两次"})
    run_jobs()
    (follow_up,) = programs["supervisor"].get("/follow-ups")["items"]
    assert (follow_up["ticket"], follow_up["score"]) == (number, 1)
    programs["supervisor"].post(f"/follow-ups/{follow_up['id']}/outcome", {"outcome": "已致歉"})
    assert programs["supervisor"].get("/follow-ups")["items"] == []

    assert agent.get(f"/tickets/{number}")["state"] == "closed"
    assert agent.get(f"/tickets/{number}/evaluation")["by"] == "agent"
    assert "ticket.resolved" in {
        one["tag"] for one in agent.get(f"/tickets/{number}/notifications")
    }
    assert {one["lifted_at"] is not None for one in agent.get(f"/tickets/{number}/holds")} == {
        True
    }
    explain(agent, number)
    journal.seal_pending(at=now())
    run_jobs()
    keep(programs["auditor"], number)
    tags = {
        one["tag"]
        for one in programs["auditor"].get("/journal", subject=number, limit=100)["items"]
    }
    assert {"ticket.opened", "ticket.closed", "ticket.archived"} <= tags


def test_a_ticket_that_is_not_wanted_ends_by_cancellation_or_rejection(programs, run_jobs):
    agent = programs["agent"]
    number = report(programs, run_jobs)

    codes = agent.get("/standard/editions/1.0.0/kinds/fault")["rejections"]
    rejected = agent.post(f"/tickets/{number}/rejection", {"reason": codes[0]["code"]})

    assert rejected["state"] == "rejected"


def test_the_token_says_for_whom_it_acts(programs):
    me = programs["channel"].get("/me")

    assert (me["number"], me["reach"]) == ("N-wechat", "region")
    assert me["permissions"] == list(CHANNEL)
