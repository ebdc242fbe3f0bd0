"""The people who recur in tests: the agent, the technician, the supervisor, the stranger."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

from changtong.catalog import operations as catalog
from changtong.catalog import queries as regions
from changtong.parties import operations as parties
from changtong.parties import queries
from changtong.parties.domain.roles import Viewer


AT = datetime(2026, 11, 24, 2, 0, tzinfo=UTC)
BY: dict[str, Any] = {"actor": "system:test", "at": AT}
PASSWORD = "correct horse battery staple"


def district(code: str = "410105", name: str = "金水区", region_type: str = "urban") -> Any:
    """Return the district, made on first use, below its province 41."""
    for made, title, parent in (("41", "河南省", None), (code, name, "41")):
        if not regions.regions().filter(code=made).exists():
            catalog.add_region(
                code=made,
                name=title,
                region_type=region_type,
                parent=regions.region(parent) if parent else None,
                **BY,
            )
    return regions.region(code)


def staff(username: str, role: str, *, region: str = "41", password: str | None = None) -> Any:
    district()
    return parties.employ(
        username=username,
        number=f"N-{username}",
        name=username,
        role=role,
        region_code=region,
        password=password,
        **BY,
    )


def team(code: str, *members: Any, mode: str = "desk", region: str = "41") -> Any:
    return parties.form_team(
        code=code,
        name=code,
        region_code=region,
        mode=mode,
        members=members,
        leader=members[0] if members else None,
        **BY,
    )


def qualified(person: Any, *skills: str, until: date = date(2030, 1, 1)) -> Any:
    for skill in skills:
        parties.qualify(
            staff=person,
            skill=skill,
            certificate=f"{person.number}-{skill}",
            valid_from=date(2020, 1, 1),
            expires_on=until,
            **BY,
        )
    return person


def viewer(person: Any) -> Viewer:
    return queries.viewer_of(queries.staff(person.pk))
