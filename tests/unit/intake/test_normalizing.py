from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from changtong.intake.domain import normalizing
from changtong.kernel.errors import Refused
from changtong.tickets.domain.report import Report


@pytest.mark.parametrize(
    ("raw", "clean"),
    [
        ("  宽带\u202e断网\x00 \r\n第二行\u3000 ", "宽带断网 \n第二行"),
        ("a\tb", "a b"),
        ("", ""),
        ("👨\u200d👩\u200d👧 在家", "👨\u200d👩\u200d👧 在家"),
    ],
)
def test_text_loses_what_cannot_be_seen(raw: str, clean: str) -> None:
    assert normalizing.text(raw) == clean


@given(st.text())
def test_cleaning_twice_is_cleaning_once_and_the_database_can_keep_it(raw: str) -> None:
    once = normalizing.text(raw)

    assert normalizing.text(once) == once
    assert "\x00" not in once
    once.encode()


@pytest.mark.parametrize(
    ("raw", "digits"),
    [
        ("１３８ ０００１-1111", "13800011111"),
        ("+86 138 0001 1111", "13800011111"),
        ("+1 (212) 555-0100", "+12125550100"),
        ("", ""),
    ],
)
def test_phones_are_written_in_one_way(raw: str, digits: str) -> None:
    assert normalizing.phone(raw) == digits


@pytest.mark.parametrize("raw", ["12", "电话", "+86123", "1380001111a"])
def test_what_is_no_phone_is_refused(raw: str) -> None:
    with pytest.raises(Refused, match=r"report\.phone_invalid"):
        normalizing.phone(raw)


@pytest.mark.parametrize("raw", ["nobody", "a@b", "a@b.c,d@e.f", "a@b.c\nBcc: d@e.f x@y"])
def test_what_is_no_address_is_refused(raw: str) -> None:
    with pytest.raises(Refused, match=r"report\.email_invalid"):
        normalizing.email(raw)


@pytest.mark.parametrize(
    ("description", "title"),
    [
        ("宽带断网。红灯亮", "宽带断网"),
        ("No signal since 9.30. Please help", "No signal since 9.30"),
        ("一" * 200, "一" * 159 + "…"),
    ],
)
def test_a_title_is_the_first_sentence(description: str, title: str) -> None:
    assert normalizing.title_from(description) == title


def test_a_reference_without_a_source_belongs_to_its_channel() -> None:
    report = Report(kind="fault", channel="api", title="x", source_reference="A-1")

    assert normalizing.cleaned(report).source == "api"
