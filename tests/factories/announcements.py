"""What everybody in a district is told."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from changtong.feedback.operations import announcing
from changtong.infra.clock import now
from changtong.parties import queries as parties
from changtong.parties.domain.roles import Role


if TYPE_CHECKING:
    from tests.factories.worlds import District

    from changtong.feedback.models import Announcement


def made_in(district: District) -> Announcement:
    """Let the district's supervisor announce an outage of broadband."""
    viewer = parties.viewer_of_staff(district.staff[Role.SUPERVISOR].pk)
    assert viewer is not None
    at = now()
    return announcing.announce(
        kind="outage",
        text="光缆中断，正在抢修",
        region_codes=[district.customer.region.code],
        families=["broadband"],
        starts_at=at - timedelta(hours=1),
        ends_at=at + timedelta(hours=3),
        clause="16.2",
        viewer=viewer,
        at=at,
    )
