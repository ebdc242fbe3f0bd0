"""Every template, in every language, for every kind, with and without what may be missing."""

from __future__ import annotations

import itertools
import re

import pytest

from changtong.feedback.adapters import letters
from changtong.feedback.adapters.letters import IncompleteError
from changtong.feedback.domain import choosing
from changtong.feedback.domain.choosing import Channel
from changtong.feedback.domain.wording import LANGUAGES
from changtong.tickets.domain.lifecycle import Kind


TEXT_AT_MOST = 70
LINK = "https://kf.example.cn/t/" + "x" * 76

# What `queries.facts` gives for each tag; the integration tests hold the two together.
OPENED = {"accepted": True, "promised_at": "11月24日18:00"}
ASKED = {"question": "请问光猫的指示灯是什么颜色？", "answer_by": "11月27日10:00"}
OUTAGE = {"text": "光缆被挖断，正在抢修。", "expected": "11月24日18:00"}
FACTS = {
    "ticket.opened": OPENED,
    "ticket.accepted": OPENED,
    "ticket.reopened": OPENED,
    "ticket.resumed": OPENED,
    "ticket.assigned": {
        "worker": "李建国",
        "worker_phone": "13900002222",
        "visiting": True,
        "visit_at": "11月24日14:00",
        "promised_at": "11月24日18:00",
    },
    "visit.planned": {"visit_at": "11月24日14:00"},
    "ticket.supplement_asked": ASKED,
    "supplement.reminded": ASKED,
    "ticket.paused": {"reason": "待物业或第三方许可"},
    "ticket.resolved": {
        "result": "更换了用户端光模块，网速恢复到 500M",
        "result_short": "更换了用户端光模块，网速恢复到 500M。",
        "advice": "请不要折弯光纤。",
        "silent_at": "11月27日10:00",
    },
    "ticket.merged": {"into": "GD20261124-000123", **OPENED},
    "ticket.unmerged": {"into": "GD20261124-000123", **OPENED},
    "merger.answered": {
        "into": "GD20261124-000123",
        "result": "更换了用户端光模块，网速恢复到 500M",
        "result_short": "更换了用户端光模块，网速恢复到 500M。",
        "advice": "请不要折弯光纤。",
    },
    "ticket.closed": {"rated": True},
    "ticket.cancelled": {},
    "ticket.rejected": {"reason": "申请人不是当事人且未获授权", "answer_days": 15},
    "evaluation.reminded": {"confirmed": False, "over_at": "11月27日10:00"},
    "announcement.ended": OUTAGE,
    "announcement.postponed": OUTAGE,
    "code.requested": {"code": "123456", "minutes": 5},
    "code.requested_at_desk": {"code": "123456", "minutes": 5},
}
# A code goes to the number alone; an outage is on the portal as it is, not as a message.
CHANNELS = {tag: [Channel.SMS] for tag in choosing.CODES}
CHANNELS |= {tag: [Channel.EMAIL, Channel.SMS] for tag in choosing.OF_OUTAGES}
EVERY = [
    (tag, channel, language)
    for tag in sorted(choosing.TAGS)
    for channel in CHANNELS.get(tag, list(Channel))
    for language in LANGUAGES
]
# Words of the house that mean nothing to a customer.
INTERNAL = re.compile(
    r"工单|派单|挂起|闭环|坐席|SLA|P[1-4]\b|ticket|queue|pending|resolved|clause|条款",
    re.IGNORECASE,
)


def common(kind: str, language: str) -> dict[str, object]:
    return {
        "number": "GD20261124-000042",
        "title": "宽带断网",
        "name": "王芳",
        "kind": letters.word("kind", kind, language),
        "link": LINK,
    }


def variants(facts: dict[str, object]):
    """Yield the facts with each combination of the optional ones missing or reversed."""
    loose = [
        name
        for name, value in facts.items()
        if isinstance(value, bool)
        or name in {"promised_at", "worker", "worker_phone", "visit_at", "advice", "answer_days"}
    ]
    for present in itertools.product([True, False], repeat=len(loose)):
        chosen = dict(facts)
        for name, kept in zip(loose, present, strict=True):
            if isinstance(facts[name], bool):
                chosen[name] = kept
            elif not kept:
                chosen[name] = ""
        yield chosen


def test_there_is_a_template_for_everything_that_is_told_and_for_nothing_else():
    assert letters.names() == {f"{tag}.{channel}.{lang}.txt" for tag, channel, lang in EVERY}


@pytest.mark.parametrize("kind", list(Kind))
@pytest.mark.parametrize(("tag", "channel", "language"), EVERY)
def test_every_message_is_complete(tag, channel, language, kind):
    for facts in variants(FACTS[tag]):
        letter = letters.write(
            tag=tag, channel=channel, language=language, facts=common(kind, language) | facts
        )
        assert letter.body.strip()
        assert "  " not in letter.body
        assert "{" not in letter.subject + letter.body
        assert not INTERNAL.search(letter.subject + letter.body.replace(LINK, ""))
        if channel == Channel.EMAIL:
            assert tag in choosing.OF_OUTAGES or "GD20261124-000042" in letter.subject
            assert LINK in letter.body
            assert "\n\n\n" not in letter.body
        if channel != Channel.SMS:
            assert 0 < len(letter.subject) <= 70


@pytest.mark.parametrize("kind", list(Kind))
@pytest.mark.parametrize("tag", sorted(choosing.TAGS))
def test_chinese_texts_fit_one_message_apart_from_the_link(tag, kind):
    for facts in variants(FACTS[tag]):
        text = letters.write(
            tag=tag, channel="sms", language="zh-hans", facts=common(kind, "zh-hans") | facts
        ).body
        assert len(text.replace(LINK, "")) <= TEXT_AT_MOST, text
        assert text.startswith("【畅通客服】")
        assert text.isprintable()


def test_the_values_of_an_applicant_are_only_shown():
    evil = "{{ link }}{% now 'Y' %}<b>&quot;"
    facts = common("fault", "en") | FACTS["ticket.opened"] | {"title": evil}
    letter = letters.write(tag="ticket.opened", channel="email", language="en", facts=facts)
    assert f'"{evil}"' in letter.body


def test_a_message_with_a_hole_does_not_leave_the_house():
    with pytest.raises(IncompleteError, match=r"closed\.email\.en\.txt"):
        letters.write(tag="ticket.closed", channel="email", language="en", facts={"rated": True})


@pytest.mark.parametrize("over", [True, False])
@pytest.mark.parametrize("channel", [Channel.EMAIL, Channel.SMS])
def test_staff_are_told_of_a_limit_in_words_of_one_language(channel, over):
    facts = {"number": "GD20261124-000123", "title": "No link", "over": over, "clause": "2.7"}
    facts |= {
        "due_at": "24 Nov 18:00",
        "link": LINK,
        "metric": letters.word("metric", "answer", "en"),
    }

    english = letters.write(tag="staff/limit", channel=channel, language="en", facts=facts)
    chinese = letters.write(tag="staff/limit", channel=channel, language="zh-hans", facts=facts)

    assert not re.search(r"[\u3400-\u9fff]", english.subject + english.body)
    assert "到期" in chinese.body
