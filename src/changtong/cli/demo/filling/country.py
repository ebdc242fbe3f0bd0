"""The country: real provinces, cities and districts, and names that people there have."""

from __future__ import annotations

import csv
import random
from dataclasses import dataclass
from importlib import metadata

from faker import Faker

from changtong.catalog.domain import path_below
from changtong.infra.cluster import Unusable


# A quarter of the work is where the demonstration staff are, so that their queues are full.
HOME_PROVINCE = "41"
HOME_SHARE = 0.25
URBAN_WEIGHT, RURAL_WEIGHT = 3.0, 1.0
NAMES = 400


@dataclass(frozen=True, slots=True)
class Place:
    """A province, city or district by its GB/T 2260 code, shortened to its level."""

    code: str
    name: str
    full_name: str
    parent: str | None
    path: str
    latitude: float | None
    longitude: float | None

    @property
    def is_district(self) -> bool:
        return len(self.code) == 6  # noqa: PLR2004 - the length of a district's code

    @property
    def region_type(self) -> str:
        return "rural" if self.name.endswith(("县", "旗")) else "urban"


def places() -> list[Place]:
    """
    Return all provinces, cities and districts, parents before children.

    :raises Unusable: if the package with the table is not installed
    """
    try:
        package = metadata.distribution("cpca")
    except metadata.PackageNotFoundError as error:
        raise Unusable(
            "The table of places is not installed; `uv sync --group load` brings it."
        ) from error
    with open(str(package.locate_file("cpca/resources/adcodes.csv")), encoding="utf-8") as file:  # noqa: PTH123
        rows = {_short(row["adcode"]): row for row in csv.DictReader(file)}
    found: dict[str, Place] = {}
    for code in sorted(rows, key=lambda code: (len(code), code)):
        parent = found.get(code[:-2])
        located = bool(rows[code]["longitude"])
        # What has no place of its own only groups others in the source.
        if len(code) > 6 or (len(code) > 2 and parent is None) or (len(code) == 6 and not located):  # noqa: PLR2004
            continue
        name = rows[code]["name"]
        if parent is not None and (name == "市辖区" or (len(code) == 4 and not located)):  # noqa: PLR2004
            name = parent.name
        before = parent.full_name if parent else ""
        found[code] = Place(
            code=code,
            name=name,
            full_name=before if before.endswith(name) else before + name,
            parent=parent.code if parent else None,
            path=path_below(parent.path if parent else "", code),
            latitude=float(rows[code]["latitude"]) if located else None,
            longitude=float(rows[code]["longitude"]) if located else None,
        )
    return list(found.values())


def _short(adcode: str) -> str:
    code = adcode[:6]
    while len(code) > 2 and code.endswith("00"):  # noqa: PLR2004
        code = code[:-2]
    return code


def weights(districts: list[Place]) -> list[float]:
    """Return how much of the work falls on each district."""
    plain = [URBAN_WEIGHT if one.region_type == "urban" else RURAL_WEIGHT for one in districts]
    at_home = [one.code.startswith(HOME_PROVINCE) for one in districts]
    home = sum(weight for weight, here in zip(plain, at_home, strict=True) if here)
    away = sum(plain) - home
    return [
        weight * (HOME_SHARE / home if here else (1 - HOME_SHARE) / away)
        for weight, here in zip(plain, at_home, strict=True)
    ]


@dataclass(frozen=True, slots=True)
class Names:
    """Parts from which people's and companies' names and addresses are put together."""

    families: tuple[str, ...]
    given: tuple[str, ...]
    companies: tuple[str, ...]
    streets: tuple[str, ...]


def names(seed: int) -> Names:
    """Return names as Faker knows them for China, weighted as they occur."""
    fake = Faker("zh_CN")
    fake.seed_instance(seed)
    return Names(
        families=tuple(fake.last_name() for _ in range(NAMES)),
        given=tuple(fake.first_name() for _ in range(NAMES)),
        companies=tuple(fake.company() for _ in range(NAMES)),
        streets=tuple(fake.street_name() for _ in range(NAMES)),
    )


@dataclass(frozen=True, slots=True)
class Person:
    """A customer with a line or two; always the same for the same seed and serial."""

    serial: int
    district: int
    name: str
    is_enterprise: bool
    tier: str
    phone: str
    street: str
    families: tuple[str, ...]


class Population:
    """Customers that are computed when they are needed, in any process."""

    def __init__(self, *, seed: int, first_serial: int) -> None:
        self.seed = seed
        self.first_serial = first_serial
        self.places = places()
        self.districts = [place for place in self.places if place.is_district]
        self.names = names(seed)
        chance = random.Random(seed)  # noqa: S311 - load data, not a secret
        self._homes = chance.choices(
            range(len(self.districts)), weights(self.districts), k=1 << 15
        )

    def person(self, index: int) -> Person:
        """Return the customer at an index."""
        names = self.names
        bits = _mixed(self.seed, index)
        enterprise = bits % 100 < 5  # noqa: PLR2004 - every twentieth
        homes, rest = self._homes, bits >> 8
        own = (
            ("private_line", "cloud", "fixed")[rest % 3]
            if enterprise
            else ("broadband", "broadband", "broadband", "fixed", "value_added")[rest % 5]
        )
        family, given = names.families, names.given
        return Person(
            serial=self.first_serial + index,
            district=homes[(rest >> 4) % len(homes)],
            name=names.companies[(rest >> 20) % len(names.companies)]
            if enterprise
            else family[(rest >> 20) % len(family)] + given[(rest >> 30) % len(given)],
            is_enterprise=enterprise,
            tier=_TIERS[(rest >> 40) % len(_TIERS)],
            phone=f"19{self.first_serial + index:09d}",
            street=f"{names.streets[(rest >> 24) % len(names.streets)]}{(rest >> 44) % 300 + 1}号",
            families=(own, "mobile") if index % 3 == 0 else (own,),
        )


_TIERS = ("standard",) * 15 + ("silver",) * 3 + ("gold", "platinum")


def _mixed(seed: int, index: int) -> int:
    """Return 64 bits that look random (the finalizer of SplitMix64)."""
    bits = (index + 1) * 0x9E3779B97F4A7C15 + seed & 0xFFFFFFFFFFFFFFFF
    bits = (bits ^ bits >> 30) * 0xBF58476D1CE4E5B9 & 0xFFFFFFFFFFFFFFFF
    bits = (bits ^ bits >> 27) * 0x94D049BB133111EB & 0xFFFFFFFFFFFFFFFF
    return bits ^ bits >> 31
