"""The journal as auditors read it."""

from __future__ import annotations

import pytest
from tests.web.console.conftest import posted

from changtong.infra.clock import now
from changtong.journal import operations as journal


def test_an_auditor_sees_everything_newest_first(world):
    ticket = world.ticket()

    page = world.as_("auditor").get("/console/journal/")

    ids = [entry.pk for entry, _story in page.context["entries"]]
    assert ids == sorted(ids, reverse=True)
    assert page.context["entries"][0][0].subject == ticket.number


def test_a_subject_and_a_tag_narrow(world):
    ticket = world.ticket()
    world.ticket()

    page = world.as_("auditor").get(
        "/console/journal/", {"subject": ticket.number, "tag": "ticket.accepted"}
    )

    assert [entry.tag for entry, _story in page.context["entries"]] == ["ticket.accepted"]


def test_an_archivist_must_name_a_ticket_that_they_may_see(world):
    ticket = world.ticket()
    archivist = world.as_("archivist")

    assert archivist.get("/console/journal/").context["entries"] == []
    assert archivist.get("/console/journal/", {"subject": "staff:1"}).context["entries"] == []
    assert archivist.get("/console/journal/", {"subject": ticket.number}).context["entries"]


@pytest.mark.parametrize(("role", "status"), [("auditor", 200), ("archivist", 403)])
def test_only_auditors_verify(
    world, settings, tmp_path, django_capture_on_commit_callbacks, role, status
):
    settings.SEALS_FILE = tmp_path / "seals.log"
    world.ticket()
    with django_capture_on_commit_callbacks(execute=True):
        journal.seal_pending(at=now())

    answer = posted(world.as_(role), "/console/journal/verification")

    assert answer.status_code == status
    if status == 200:
        assert answer.context["verdict"].sound
