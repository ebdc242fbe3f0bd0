"""`changtong standard what-if` says whether a rehearsal of a draft is enough for approval."""

from datetime import timedelta

import pytest
from tests.factories import drafts
from tests.factories.intake import build_town, report
from typer.testing import CliRunner

from changtong.cli import standard
from changtong.infra.clock import now
from changtong.tickets.operations import opening


pytestmark = pytest.mark.django_db


def what_if(draft, since):
    period = ["--since", since, "--until", "2099-12-31", "--processes", "1"]
    result = CliRunner().invoke(standard.app, ["what-if", "--draft", str(draft.pk), *period])
    assert result.exit_code == 0, result.output
    return result.output


def test_a_rehearsal_that_leaves_cases_out_is_not_enough():
    town = build_town()
    draft = drafts.begun(edition_id=town.edition.pk)
    opening.open_ticket(
        report=report(),
        region=town.region,
        customer=town.customer,
        line=town.line,
        actor="staff:1",
        at=now() - timedelta(hours=1),
    )

    assert "days" in what_if(draft, since="2099-01-01")
    assert "Enough for approval" in what_if(draft, since="2020-01-01")
