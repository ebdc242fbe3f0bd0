"""What makes an article fit to be read."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from changtong.kernel.errors import Refused
from changtong.knowledge import domain
from changtong.knowledge.domain import Written


TODAY = date(2026, 11, 22)
SOUND = Written(
    "光猫红灯", "检查尾纤", ("fault.broadband.no_link",), public=False, review_on=TODAY
)
KNOWN = frozenset({"fault.broadband.no_link"})


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"title": "  "}, "article.title_missing"),
        ({"title": "长" * 121}, "article.title_too_long"),
        ({"body": "\n"}, "article.body_missing"),
        ({"body": "长" * 20_001}, "article.body_too_long"),
        ({"categories": ("fault.unknown",)}, "article.category_unknown"),
    ],
)
def test_what_nobody_could_find_or_read_is_refused(changed: dict[str, object], code: str) -> None:
    domain.require_sound(SOUND, known=KNOWN)

    with pytest.raises(Refused) as refused:
        domain.require_sound(replace(SOUND, **changed), known=KNOWN)  # type: ignore[arg-type]

    assert refused.value.code == code


@pytest.mark.parametrize(
    ("public", "actor", "review_on", "code"),
    [
        (True, "staff:1", date(2027, 1, 1), "article.own_work"),
        (False, "staff:1", TODAY, "article.review_not_ahead"),
    ],
)
def test_publishing_is_refused(public: bool, actor: str, review_on: date, code: str) -> None:
    with pytest.raises(Refused) as refused:
        domain.require_publishable(
            public=public, written_by="staff:1", actor=actor, review_on=review_on, today=TODAY
        )

    assert refused.value.code == code


def test_what_only_staff_read_may_be_published_by_its_author() -> None:
    domain.require_publishable(
        public=False, written_by="s", actor="s", review_on=date(2026, 11, 23), today=TODAY
    )


@pytest.mark.parametrize(
    "personal",
    [
        "13800001111",
        "138 0000 1111",
        "+86-138-0000-1111",
        "410105199001011234",
        "wang@example.com",
    ],
)
def test_the_numbers_and_addresses_of_people_do_not_become_knowledge(personal: str) -> None:
    assert domain.impersonal(f"客户{personal}报修") == "客户…报修"


def test_small_numbers_stay() -> None:
    text = "光衰 -27.5 dBm，端口 1/0/3，100 Mbit/s，2026 年"

    assert domain.impersonal(text) == text


@given(st.lists(st.sampled_from("abc"), min_size=1, max_size=5))
def test_around_a_category_are_all_that_it_lies_in(parts: list[str]) -> None:
    found = domain.about(".".join(parts))

    assert found[0] == ".".join(parts)
    assert found[-1] == parts[0]
    assert len(found) == len(parts)
