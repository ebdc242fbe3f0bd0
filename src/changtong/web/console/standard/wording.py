"""The words in which authors read what a file says, and what is wrong with it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from changtong.standard.domain import law
from changtong.web.console.standard.naming import CODES, FILES, KEYS, Words
from changtong.web.ui import labels
from changtong.web.ui.explained import limit_words


if TYPE_CHECKING:
    from changtong.standard.domain.comparing import FieldChange
    from changtong.standard.domain.parsing import Problem


# One sentence for every mistake that a check finds.
PROBLEMS: dict[str, Words] = {
    "article.unknown": gettext_lazy("出处 %(source)s 没有第 %(article)s 条。"),
    "attribute.unknown": gettext_lazy("这张表的行只能按 %(allowed)s 区分。"),
    "calendar.base_circular": gettext_lazy("工作日历通过 %(base)s 以自己为基础。"),
    "calendar.base_unknown": gettext_lazy("没有作为基础的工作日历 %(base)s。"),
    "calendar.closed_all_year": gettext_lazy("工作日历 %(calendar)s 在 %(year)s 年没有一天上班。"),
    "calendar.day_of_another_year": gettext_lazy("%(day)s 不在这一年。"),
    "calendar.holiday_and_workday": gettext_lazy("%(day)s 既放假又上班。"),
    "calendar.hours_unordered": gettext_lazy("后一段时间早于前一段结束。"),
    "calendar.hours_unreadable": gettext_lazy("“%(text)s”不是时间段，请写成 08:30-12:00。"),
    "calendar.season_unreadable": gettext_lazy("“%(text)s”不是日期，请写成 06-01。"),
    "calendar.unsound": gettext_lazy("工作日历自相矛盾：%(reason)s。"),
    "calendar.year_repeated": gettext_lazy("%(year)s 年出现两次。"),
    "category.kind_differs": gettext_lazy("分类 %(category)s 与上级 %(parent)s 类型不同。"),
    "category.own_ancestor": gettext_lazy("分类 %(category)s 成了自己的上级。"),
    "clause.elsewhere": gettext_lazy("条号应以本章编号 %(chapter)s 开头。"),
    "clause.enforced_by_nothing": gettext_lazy("第 %(clause)s 条标为系统执行，但没有规则执行它。"),
    "clause.enforced_silently": gettext_lazy(
        "第 %(clause)s 条标为尚待执行，但 %(rules)s 正在执行它。"
    ),
    "clause.unknown": gettext_lazy("没有第 %(clause)s 条。"),
    "clause.without_evidence": gettext_lazy("第 %(clause)s 条由系统执行，却没有写明以什么为证。"),
    "code.repeated": gettext_lazy("%(code)s 出现两次。"),
    "checklist.empty": gettext_lazy("清单 %(code)s 里一项也没有。"),
    "counters.letter": gettext_lazy("叫号类别的字母 %(letter)s 不是一个大写字母，或有两类共用。"),
    "edition.of_another_kind": gettext_lazy("这不是经营者的标准。"),
    "example.differs": gettext_lazy("示例应得 %(wanted)s，按本稿却得 %(actual)s。"),
    "example.given_incomplete": gettext_lazy("示例的假设不完整：%(missing)s。"),
    "example.question_unknown": gettext_lazy("示例不能问这个；可以问 %(known)s。"),
    "example.refused": gettext_lazy("按本稿无法回答示例：%(reason)s。"),
    "figure.invented": gettext_lazy(
        "法律只说“%(wording)s”，%(value)s 应写作内部目标，不能写作法定数字 %(figure)s。"
    ),
    "figure.not_enabled": gettext_lazy("法定数字 %(figure)s 尚未启用，不能作为时限。"),
    "figure.not_in_force": gettext_lazy("法定数字 %(figure)s 已启用，但在 %(day)s 并不施行。"),
    "figure.not_per_case": gettext_lazy("法定数字 %(figure)s 不是逐件的上限，不能作为时限。"),
    "figure.not_verified": gettext_lazy(
        "法定数字 %(figure)s 可信度只有 %(confidence)s，不能启用。"
    ),
    "figure.says_nothing": gettext_lazy("法定数字 %(figure)s 已启用，却既无数值也无原文用语。"),
    "figure.unknown": gettext_lazy("没有法定数字 %(figure)s。"),
    "figure.without_source": gettext_lazy("法定数字 %(figure)s 已启用，却没有出处。"),
    "file.missing": gettext_lazy("缺少这个文件。"),
    "file.not_toml": gettext_lazy("不是 TOML 格式：%(error)s"),
    "file.unknown": gettext_lazy("标准中没有这样的文件。"),
    "intake_form.without_choices": gettext_lazy(
        "第 %(clause)s 条：登记询问 %(form)s 的 %(field)s 没有可选的答案。"
    ),
    "key.missing": gettext_lazy("缺少这一项。"),
    "key.unused": gettext_lazy("系统不认识这一项。"),
    "kind.repeated": gettext_lazy("%(kind)s 有两条规则。"),
    "ladder.leads_down": gettext_lazy(
        "条款 %(clause)s：逐级提醒先告知 %(level_before)s，后面却回到 %(level)s。"
    ),
    "ladder.steps_unordered": gettext_lazy("条款 %(clause)s：这一级提醒不晚于上一级。"),
    "ladder.without_steps": gettext_lazy("条款 %(clause)s：逐级提醒没有任何一级。"),
    "law.missing": gettext_lazy("写明依据法律包 %(pack)s，但没有这个法律包。"),
    "law.not_named": gettext_lazy("含有法律包 %(pack)s，但没有写明以它为依据。"),
    "law.not_rested_on": gettext_lazy("标准必须写明所依据的法律包。"),
    "limit.another_article": gettext_lazy(
        "时限写的是第 %(clause)s 条，法定数字 %(figure)s 却出自第 %(article)s 条。"
    ),
    "limit.law_outside_pack": gettext_lazy("%(limit)s 写作法定时限；法定时限只能来自法律包。"),
    "limit.legal_pauses": gettext_lazy("法定时限不能暂停。"),
    "limit.legal_without_figure": gettext_lazy("法定时限必须写明法定数字。"),
    "limit.looser_than_law": gettext_lazy(
        "第 %(promise_clause)s 条承诺 %(promise)s，"
        "比第 %(law_clause)s 条的法定 %(law)s 宽（%(case)s）："
        "%(started)s 起算的，"
        "承诺到 %(promise_ends)s，"
        "法定到 %(law_ends)s。"
    ),
    "limit.measures_less": gettext_lazy(
        "第 %(promise_clause)s 条的起止（%(moment)s）"
        "比第 %(law_clause)s 条的法定起止（%(law_moment)s）少算一段（%(case)s）。"
    ),
    "limit.missing": gettext_lazy("%(kind)s 有 %(cases)s 种情形缺少“%(metric)s”。"),
    "limit.outside_region": gettext_lazy(
        "第 %(clause)s 条是 %(region)s 的法规，各行应写明该地区或其下级地区。"
    ),
    "limit.promise_in_law": gettext_lazy("%(limit)s 是承诺；法律包中只能有法定时限。"),
    "limit.same_clause": gettext_lazy(
        "这里与 %(other)s 对同一工单（%(case)s）按第 %(clause)s 条设了同一种时限。"
    ),
    "priority.undefined": gettext_lazy(
        "影响 %(impact)s、紧急 %(urgency)s、等级 %(tier)s 没有定级。"
    ),
    "reference.unknown": gettext_lazy("没有 %(code)s。"),
    "region.unreadable": gettext_lazy("“%(value)s”不是地区，请写代码 4101 或路径 /41/4101/。"),
    "row.impossible": gettext_lazy(
        "第 %(clause)s 条：%(kind)s 不会归入分类 %(category)s，请写该类型最末一级的分类。"
    ),
    "rule.missing": gettext_lazy("%(kind)s 没有这条规则。"),
    "schema.unknown": gettext_lazy("只能读取第 1 版格式。"),
    "self_check.circular": gettext_lazy("自助检测 %(check)s：步骤 %(step)s 绕回了自身。"),
    "self_check.dead_end": gettext_lazy("自助检测 %(check)s：步骤 %(step)s 没有选项。"),
    "self_check.unreachable": gettext_lazy("自助检测 %(check)s：没有选项通向步骤 %(step)s。"),
    "self_check.without_steps": gettext_lazy("自助检测没有任何步骤。"),
    "step.not_one_time": gettext_lazy("每一级提醒必须且只能写明 share、before、after 之一。"),
    "table.tied": gettext_lazy(
        "第 %(clauses)s 条："
        "这些行同样适用于（%(case)s），"
        "无法取舍："
        "%(rows)s；"
        "请让其中一行写得更具体。"
    ),
    "table.unreachable": gettext_lazy(
        "第 %(clause)s 条：没有工单会用到这一行（%(row)s），别的行总是在先。"
    ),
    "value.empty": gettext_lazy("不能为空。"),
    "value.not_a_date": gettext_lazy("“%(value)s”不是日期。"),
    "value.not_a_limit": gettext_lazy("“%(value)s”不是期限，请写成 30min、48h、15d、5wd 或 5mo。"),
    "value.not_a_number": gettext_lazy("“%(value)s”不是数，请写成 1.5 的样子。"),
    "value.not_a_share": gettext_lazy("“%(value)s”应在 0 和 1 之间。"),
    "value.not_a_span": gettext_lazy("“%(value)s”只能用分钟、小时或天。"),
    "value.not_allowed": gettext_lazy("“%(value)s”不可用；可用的有：%(allowed)s"),
    "value.too_small": gettext_lazy("%(value)s 小于 %(at_least)s。"),
    "value.wrong_type": gettext_lazy("这里应当是 %(wanted)s。"),
}

_TABLE_OF = {
    "kinds": "kind",
    "families": "family",
    **dict.fromkeys(("starts_on", "stops_on", "again_until"), "moment"),
}


def key_words(key: str) -> str:
    """Return what a key is called, with the words of those around it: 每周 · 周一."""
    return " · ".join(str(KEYS.get(step, step)) for step in key.split("."))


def file_words(file: str) -> str:
    """Return what a file is called."""
    name = law.within_pack(file)
    for known in sorted(FILES, key=len, reverse=True):
        if name.startswith(known):
            words = str(FILES[known])
            inner = name.removeprefix(known).removesuffix(".toml")
            return f"{words} {inner}" if known.endswith("/") and inner else words
    return file


def value_words(value: Any, key: str = "") -> str:
    """Return a value as an author reads it: codes and limits in words, lists with commas."""
    last = key.rsplit(".", 1)[-1]
    if value is None or value in ("", []):
        return "–"
    if isinstance(value, bool):
        return _("是") if value else _("否")
    if isinstance(value, Mapping):
        return case_words(value)
    if isinstance(value, list | tuple | set | frozenset):
        return _("、").join(value_words(one, key) for one in value)
    return _code_words(_TABLE_OF.get(last, last), str(value)) or limit_words(str(value))


def _code_words(table: str, code: str) -> str:
    if code in CODES.get(table, ()):
        return str(CODES[table][code])
    return labels.label(table, code) if code in labels.TABLES.get(table, ()) else ""


def case_words(case: Mapping[str, Any]) -> str:
    """Return what a row selects: 优先级 P1、P2；城乡 城镇."""
    return _("；").join(
        f"{key_words(key)} {value_words(value, key)}" for key, value in case.items()
    )


def change_words(change: FieldChange) -> dict[str, str]:
    """Return one changed value with its name, before and after."""
    return {
        "name": key_words(change.key),
        "old": value_words(change.old, change.key),
        "new": value_words(change.new, change.key),
    }


def problem_words(problem: Problem) -> str:
    """Return one mistake as a sentence; its place stands beside it."""
    facts = {name: _plain(value, name) for name, value in problem.facts.items()}
    words = PROBLEMS.get(problem.code)
    return str(words) % facts if words else f"{problem.code} {facts}"


def _plain(value: object, name: str) -> str:
    if isinstance(value, Mapping):
        return case_words(value)
    if isinstance(value, Sequence) and not isinstance(value, str):
        if value and all(isinstance(one, Mapping) for one in value):
            return _("；").join(f"（{case_words(one)}）" for one in value)
        return _("、").join(value_words(one, name) for one in value)
    return value_words(value, name)


def problems_words(problems: Sequence[Problem]) -> list[dict[str, str]]:
    """Return mistakes as an author reads them: where, and what is wrong."""
    return [
        {
            "file": one.file,
            "where": file_words(one.file),
            "key": one.key,
            "words": problem_words(one),
        }
        for one in problems
    ]
