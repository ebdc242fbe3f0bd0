"""Regions, services, teams and people, so that every ticket has somebody to go to."""

from __future__ import annotations

import random
from collections import defaultdict
from dataclasses import dataclass
from datetime import date, datetime, timedelta

import psycopg

from changtong.cli.demo import places as small
from changtong.cli.demo.filling.copying import copied, ids, table
from changtong.cli.demo.filling.country import Names, Place


MILLION = 1_000_000
# With a million tickets: people in a city's field team, at a province's desk, remote and so on.
FIELD, DESK, REMOTE = 8, 40, 24
LEAST_FIELD, LEAST_DESK, LEAST_REMOTE = 2, 4, 3


@dataclass(frozen=True, slots=True)
class Crew:
    """A team as a ticket sees it."""

    team: int
    members: tuple[int, ...]


class Crews:
    """Who does what where."""

    def __init__(self, connection: psycopg.Connection) -> None:
        self._found: dict[tuple[str, str], list[Crew]] = defaultdict(list)
        rows = connection.execute(
            "SELECT t.id, t.mode, r.code, array_agg(m.staff_id ORDER BY m.staff_id)"
            " FROM parties_team t JOIN catalog_region r ON r.id = t.region_id"
            " JOIN parties_membership m ON m.team_id = t.id"
            " JOIN parties_staff s ON s.id = m.staff_id AND s.is_active"
            " GROUP BY t.id, t.mode, r.code ORDER BY t.id"
        )
        for team, mode, code, members in rows:
            self._found[mode, code].append(Crew(team, tuple(members)))

    def near(self, *, mode: str, district: str) -> list[Crew]:
        """Return the teams that work there: the city's, or else the province's."""
        city, province = district[:4], district[:2]
        return self._found.get((mode, city)) or self._found[mode, province]


def settle(connection: psycopg.Connection, found: list[Place]) -> None:
    """Add the regions and services that are missing."""
    known = regions(connection)
    rows = table("catalog_region", "id code name parent_id path region_type latitude longitude")
    missing = [one for one in found if one.code not in known]
    first = ids(connection, "catalog_region", len(missing)) if missing else 0
    for pk, one in enumerate(missing, start=first):
        known[one.code] = pk
        rows.add(
            pk,
            one.code,
            one.name,
            known[one.parent] if one.parent else None,
            one.path,
            one.region_type,
            one.latitude,
            one.longitude,
        )
    rows.copy(connection)
    for code, name, name_en, family in small.SERVICES:
        connection.execute(
            "INSERT INTO catalog_service (code, name, name_en, family) VALUES (%s, %s, %s, %s)"
            " ON CONFLICT (code) DO NOTHING",
            [code, name, name_en, family],
        )


def employ(
    connection: psycopg.Connection,
    found: list[Place],
    *,
    tickets: int,
    skills: dict[str, tuple[str, ...]],
    names: Names,
    seed: int,
    at: datetime,
) -> None:
    """Form a desk and a remote team in each province and a field team in each city, once."""
    done = connection.execute("SELECT 1 FROM parties_team WHERE code LIKE 'L-%' LIMIT 1")
    if done.fetchone():
        return
    by_code = regions(connection)
    share = min(1.0, tickets / MILLION)
    with_districts = {one.code[:4] for one in found if one.is_district}
    wanted: list[tuple[Place, str, int]] = []
    for one in found:
        if len(one.code) == 2:  # noqa: PLR2004 - a province
            wanted.append((one, "desk", max(LEAST_DESK, round(DESK * share))))
            wanted.append((one, "remote", max(LEAST_REMOTE, round(REMOTE * share))))
        elif one.code in with_districts:
            wanted.append((one, "field", max(LEAST_FIELD, round(FIELD * share))))
    Hiring(connection, regions=by_code, names=names, seed=seed).hire(wanted, skills=skills, at=at)


class Hiring:
    """Writes teams with their people, qualifications and standing duties."""

    def __init__(
        self, connection: psycopg.Connection, *, regions: dict[str, int], names: Names, seed: int
    ) -> None:
        self.connection = connection
        self.regions = regions
        self.names = names
        self.chance = random.Random(seed)  # noqa: S311 - load data, not a secret
        self.teams = table("parties_team", "id code name region_id mode")
        self.staff = table(
            "parties_staff",
            "id password username number name role region_id phone email"
            " latitude longitude is_active language",
        )
        self.members = table("parties_membership", "team_id staff_id is_leader")
        self.skills = table(
            "parties_qualification", "staff_id skill certificate valid_from expires_on"
        )
        self.shifts = table("dispatch_shift", "staff_id period")

    def hire(
        self,
        wanted: list[tuple[Place, str, int]],
        *,
        skills: dict[str, tuple[str, ...]],
        at: datetime,
    ) -> None:
        """Write all teams with so many people each."""
        team = ids(self.connection, "parties_team", len(wanted))
        person = ids(self.connection, "parties_staff", sum(count for _, _, count in wanted))
        titles = {"desk": "客服中心", "remote": "网络支撑班", "field": "装维班"}
        since = at.date() - timedelta(days=800)
        for place, mode, count in wanted:
            region = self.regions[place.code]
            self.teams.add(team, f"L-{place.code}-{mode}", place.name + titles[mode], region, mode)
            for position in range(count):
                self._person(person, place, mode, region=region)
                self.members.add(team, person, position == 0)
                self._entitle(person, skills[mode], since)
                self.shifts.add(person, f"[{since.isoformat()}T00:00:00Z,)")
                person += 1
            team += 1
        copied((self.teams, self.staff, self.members, self.skills, self.shifts), self.connection)

    def _person(self, pk: int, place: Place, mode: str, *, region: int) -> None:
        name = self.chance.choice(self.names.families) + self.chance.choice(self.names.given)
        role = "technician" if mode == "field" else "agent"
        self.staff.add(
            pk,
            # No password: nobody can log in with such an account until somebody gives it one.
            "!" + f"{self.chance.getrandbits(160):040x}",
            f"load{pk}",
            f"L{pk:06d}",
            name,
            role,
            region,
            f"170{pk:08d}",
            "",
            place.latitude,
            place.longitude,
            "t",
            "",
        )

    def _entitle(self, person: int, skills: tuple[str, ...], since: date) -> None:
        for skill in skills:
            until = since + timedelta(days=self.chance.randint(900, 1600))
            self.skills.add(person, skill, f"L{person}-{skill}"[:48], since, until)


def regions(connection: psycopg.Connection) -> dict[str, int]:
    """Return the key of each region."""
    return dict(connection.execute("SELECT code, id FROM catalog_region").fetchall())


def services(connection: psycopg.Connection) -> dict[str, int]:
    """Return the key of one service of each family."""
    found = connection.execute("SELECT family, max(id) FROM catalog_service GROUP BY family")
    return dict(found.fetchall())
