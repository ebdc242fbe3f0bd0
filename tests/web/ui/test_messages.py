"""Every refusal has a sentence, and every Chinese message its English."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from django.utils import translation

from changtong.kernel.errors import Refused
from changtong.web.ui import messages


ROOT = Path(__file__).parents[3]


def test_every_refusal_in_the_source_has_a_sentence() -> None:
    wordless = sorted({code for code, _ in refusals() if code not in messages.SENTENCES})

    assert wordless == []


def test_a_sentence_uses_only_facts_that_its_refusal_always_carries() -> None:
    wrong = [
        (code, name)
        for code, facts in refusals()
        if code in messages.SENTENCES and "**" not in facts
        for name in messages.facts_named_in(code)
        if name not in facts
    ]

    assert wrong == []


def test_every_message_has_its_english() -> None:
    checked = subprocess.run(
        [sys.executable, "tools/messages.py", "check"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )

    assert (checked.stdout, checked.returncode) == ("", 0)


@pytest.mark.parametrize(
    ("refused", "words"),
    [
        (
            Refused("ticket.cannot_move", current="held", wanted="closed"),
            "工单处于“已挂起”，不能改为“已关闭”，请刷新查看最新状态。",
        ),
        (Refused("file.too_large", at_most_bytes=10_485_760), "文件太大，每个不超过 10.0 MB。"),
        (Refused("import.columns_missing", columns=["a", "b"]), "文件缺少列：a、b。"),
        (Refused("alarm.acknowledged_already"), "… 已确认这条告警。"),
        (Refused("moon.full"), "按服务标准，这个操作现在不能进行。 (moon.full)"),
    ],
)
def test_a_refusal_is_worded_with_its_facts(refused: Refused, words: str) -> None:
    with translation.override("zh-hans"):
        assert messages.sentence(refused) == words


def test_a_bilingual_fact_follows_the_language() -> None:
    refused = Refused("closing.unmet", names=["已回访"], names_en=["followed up"])

    with translation.override("zh-hans"):
        assert messages.sentence(refused) == "还不能关闭，尚未满足：已回访。"
    with translation.override("en"):
        assert "followed up" in messages.sentence(refused)


def test_a_duration_is_worded() -> None:
    with translation.override("zh-hans"):
        words = messages.sentence(Refused("reopening.too_late", within=timedelta(days=7)))

    assert words == "办结后 7天 内可以要求继续处理，现已超过，请重新申告。"


def refusals() -> Iterator[tuple[str, frozenset[str]]]:
    """Find the refusals in the source that name their code, with the facts they carry."""
    for path in (ROOT / "src/changtong").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if not isinstance(node, ast.Call) or not node.args:
                continue
            name = getattr(node.func, "id", "") or getattr(node.func, "attr", "")
            code = getattr(node.args[0], "value", None)
            if name in {"Refused", "Missing"} and isinstance(code, str):
                assert re.fullmatch(r"[a-z_]+\.[a-z_]+", code)
                yield code, frozenset(keyword.arg or "**" for keyword in node.keywords)
