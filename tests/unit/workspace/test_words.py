from __future__ import annotations

import pytest

from changtong.kernel.errors import Refused
from changtong.workspace.domain import drafts, mentions, phrases


def test_a_phrase_is_filled_from_the_case_and_shows_what_is_missing():
    text = "{客户姓名}您好，{业务号码} 的工单 {工单号} 正在处理。"
    values = {"客户姓名": "王芳", "工单号": "GD1", "业务号码": ""}

    assert phrases.filled(text, values) == "王芳您好，{业务号码} 的工单 GD1 正在处理。"


def test_what_a_case_says_is_not_filled_again():
    assert phrases.filled("{标题}", {"标题": "{工单号}", "工单号": "GD1"}) == "{工单号}"


def test_a_phrase_with_an_unknown_variable_is_refused():
    with pytest.raises(Refused) as refused:
        phrases.checked("问好", "", "{密码}")
    assert (refused.value.code, refused.value.facts) == (
        "phrase.variable_unknown",
        {"variable": "密码"},
    )


def test_a_phrase_needs_a_name_and_words():
    for name, text in (("", "您好"), ("问好", "  ")):
        with pytest.raises(Refused) as refused:
            phrases.checked(name, "", text)
        assert refused.value.code == "phrase.incomplete"


NAMES = {1: "王芳", 2: "王芳芳", 3: "李雷", 4: "李雷"}


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("请 @王芳 看看", {1}),
        ("请@王芳芳看看", {2}),
        ("＠李雷你好", {3, 4}),
        ("王芳说过", set()),
        ("a@b.example", set()),
        ("@王芳 @李雷", {1, 3, 4}),
    ],
)
def test_a_note_names_whom_it_names(text, meant):
    assert mentions.named(text, NAMES) == meant


def test_a_draft_is_kept_for_forms_of_a_case_only():
    place = "/console/tickets/GD20261122-000001/words"
    assert drafts.checked(place, {"text": "您好", "advice": " "}) == {"text": "您好"}
    for wrong in ("/console/staff/", "/console/tickets/GD1/words?x", "https://evil.example/"):
        with pytest.raises(Refused) as refused:
            drafts.checked(wrong, {"text": "您好"})
        assert refused.value.code == "draft.not_kept"


def test_a_draft_has_a_limit():
    with pytest.raises(Refused):
        drafts.checked("/console/tickets/GD1/words", {"text": "字" * 20_001})
