"""Names in pinyin, as people type them: zhangwei, zhang wei, zw."""

from __future__ import annotations

import re
from functools import cache
from itertools import islice, product

from changtong.search.domain import folding


# Readings of characters that differ when they are a family name.
SURNAMES = {
    "曾": "zeng", "单": "shan", "仇": "qiu", "解": "xie", "区": "ou", "查": "zha", "盖": "ge",
    "朴": "piao", "华": "hua", "任": "ren", "纪": "ji", "缪": "miao", "翟": "zhai", "覃": "qin",
    "宁": "ning", "员": "yun", "黑": "he", "秘": "bi", "冼": "xian", "尉迟": "yu chi",
    "长孙": "zhang sun", "万俟": "mo qi", "单于": "chan yu", "乐": "yue",
}  # fmt: skip
READINGS_AT_MOST = 4
CHARACTERS_AT_MOST = 24
_HAN_RUN = re.compile(rf"[{folding.HAN}]+")


def readings(name: str) -> set[str]:
    """Return the whole readings, the initials and the syllables of the Chinese in a name."""
    found: set[str] = set()
    for run in _HAN_RUN.findall(folding.folded(name)[:CHARACTERS_AT_MOST]):
        found |= _of_run(run)
    return found


def _of_run(run: str) -> set[str]:
    found: set[str] = set()
    for syllables in _spoken(run):
        if len(syllables) > 1:
            found.add("".join(syllables))
            found.add("".join(one[0] for one in syllables))
        found |= set(syllables)
    return {one for one in found if one.isascii()}


def _spoken(run: str) -> list[tuple[str, ...]]:
    """Return the likely ways to say a run; characters with several readings make several."""
    ways = [_read(one) for one in run]
    spoken = list(islice(product(*ways), READINGS_AT_MOST))
    for length in (2, 1):
        special = SURNAMES.get(run[:length])
        if special is not None:
            spoken.append((*special.split(), *spoken[0][length:]))
            break
    return spoken


@cache
def _read(character: str) -> tuple[str, ...]:
    from pypinyin import Style, pinyin

    found = pinyin(character, style=Style.NORMAL, heteronym=True, errors="ignore")
    return tuple(dict.fromkeys(found[0]))[:2] if found and found[0] else (character,)
