"""What handling a matter takes, item by item, each of them ticked by whoever did it."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from changtong.kernel.errors import Missing, Refused
from changtong.standard.domain.parsing import Problem, Section
from changtong.standard.domain.rules import Category


FILE: Final = "tables/checklists.toml"


@dataclass(frozen=True, slots=True)
class Item:
    """One thing to be done; without a required one there is no result."""

    code: str
    name: str
    name_en: str
    required: bool
    clause: str


@dataclass(frozen=True, slots=True)
class Checklist:
    """What a category and all narrower ones take."""

    code: str
    category: str
    name: str
    name_en: str
    items: tuple[Item, ...]
    clause: str

    def keyed(self) -> Iterator[tuple[str, Item]]:
        """Yield each item with the key that its ticks are kept by."""
        for item in self.items:
            yield f"{self.code}.{item.code}", item


def read(section: Section) -> Checklist:
    """Read one checklist of the table."""
    clause = section.text("clause")
    return Checklist(
        code=section.text("code"),
        category=section.text("category"),
        name=section.text("name"),
        name_en=section.text("name_en"),
        items=tuple(_item(one, clause) for one in section.tables("item")),
        clause=clause,
    )


def lists_of(
    checklists: Sequence[Checklist], categories: Sequence[Category], *, kind: str, category: str
) -> tuple[Checklist, ...]:
    """Return the checklists of a category and of all wider ones, the widest first."""
    by_code = {one.code: one for one in categories}
    found = by_code.get(category) or next(
        (one for one in categories if one.kind == kind and not one.parent), None
    )
    around: list[str] = []
    while found is not None:
        around.insert(0, found.code)
        found = by_code.get(found.parent) if found.parent else None
    return tuple(one for code in around for one in checklists if one.category == code)


def item_of(lists: Sequence[Checklist], key: str) -> Item:
    """
    Return an item by its key.

    :raises Missing: ``checklist.item_unknown``
    """
    items: Mapping[str, Item] = {key: item for one in lists for key, item in one.keyed()}
    if key not in items:
        raise Missing("checklist.item_unknown", item=key)
    return items[key]


def require_ticked(lists: Sequence[Checklist], ticked: Collection[str]) -> None:
    """
    Let nobody submit a result before what is required was done.

    :raises Refused: ``checklist.unfinished`` with the first item that is open
    """
    for one in lists:
        for key, item in one.keyed():
            if item.required and key not in ticked:
                raise Refused(
                    "checklist.unfinished",
                    clause=item.clause,
                    name=item.name,
                    name_en=item.name_en,
                )


def problems(
    checklists: Sequence[Checklist], categories: Collection[str], clauses: Collection[str]
) -> Iterator[Problem]:
    """Every checklist is of a category and of clauses that exist, and asks nothing twice."""
    for one in checklists:
        for number in dict.fromkeys([one.clause, *(item.clause for item in one.items)]):
            if number not in clauses:
                yield Problem("clause.unknown", FILE, one.code, {"clause": number})
        if one.category not in categories:
            yield Problem("reference.unknown", FILE, "category", {"code": one.category})
        if not one.items:
            yield Problem("checklist.empty", FILE, one.code, {"code": one.code})
        yield from _repeated([item.code for item in one.items])


def _item(section: Section, clause: str) -> Item:
    return Item(
        code=section.text("code"),
        name=section.text("name"),
        name_en=section.text("name_en"),
        required=section.flag("required", default=False),
        clause=section.text("clause", clause),
    )


def _repeated(codes: Sequence[str]) -> Iterator[Problem]:
    for code in dict.fromkeys(codes):
        if codes.count(code) > 1:
            yield Problem("code.repeated", FILE, "code", {"code": code})
