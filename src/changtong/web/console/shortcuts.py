"""The names of what has a shortcut; the help and the settings are made from them."""

from __future__ import annotations

from collections.abc import Container, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _

from changtong.workspace.domain import shortcuts


if TYPE_CHECKING:
    from django.utils.functional import Promise


GROUPS: tuple[tuple[str | Promise, tuple[tuple[str, str | Promise], ...]], ...] = (
    (
        _("随处可用"),
        (
            ("palette.open", _("打开指令面板")),
            ("search.focus", _("跳到搜索框")),
            ("help.open", _("查看快捷键")),
            ("go.queue", _("去工单队列")),
            ("go.work", _("去我的派工")),
            ("go.intake", _("登记工单")),
            ("go.dispatch", _("去调度")),
            ("go.customers", _("去客户")),
            ("go.dashboard", _("去运行看板")),
            ("go.notices", _("去通知")),
            ("go.settings", _("去个人设置")),
        ),
    ),
    (
        _("队列"),
        (
            ("queue.next", _("下一行")),
            ("queue.previous", _("上一行")),
            ("queue.open", _("打开这一行")),
            ("queue.preview", _("在列表里看这一行")),
            ("queue.pick", _("勾选这一行")),
            ("queue.take", _("领下一张")),
        ),
    ),
    (
        _("工单页"),
        (
            ("case.next_step", _("办理下一步")),
            ("case.steps", _("其他操作")),
            ("case.reply", _("给客户发消息")),
            ("case.note", _("写内部备注")),
            ("case.send", _("发出写好的内容")),
            ("case.watch", _("关注或取消关注")),
            ("case.explain", _("时限怎样算出")),
            ("case.limits", _("哪些时限不计")),
            ("case.take", _("领下一张")),
            ("case.macros", _("快捷处理")),
        ),
    ),
    (
        _("时限说明"),
        (("limits.next", _("下一个时限")), ("limits.previous", _("上一个时限"))),
    ),
    (_("登记台"), (("intake.register", _("登记")), ("call.open", _("接来电到登记台")))),
)
LABELS = {code: label for _heading, actions in GROUPS for code, label in actions}


@dataclass(frozen=True, slots=True)
class Keyed:
    """An action with the keys that one person presses for it."""

    code: str
    label: str | Promise
    keys: str
    usual: str

    @property
    def written(self) -> str:
        """Return the keys as this person would write them."""
        return _written(self.keys)

    @property
    def usually_written(self) -> str:
        """Return the keys that everybody else presses, as they are written."""
        return _written(self.usual)

    @property
    def caps(self) -> tuple[str, ...]:
        """Return the keys as they are printed on a keyboard, one after the other."""
        return tuple(
            "+".join(_CAPS.get(part, part.upper() if len(part) == 1 else part) for part in one)
            for one in (press.split("+") if press != "+" else ["+"] for press in self.keys.split())
        )


def _written(keys: str) -> str:
    """Return keys as a person writes them; `mod` is a word of ours."""
    return keys.replace("mod+", "ctrl+")


_CAPS = {"mod": "Ctrl/⌘", "alt": "Alt", "enter": "Enter"}


def grouped(
    chosen: Mapping[str, str], goes: Container[str]
) -> list[tuple[str | Promise, list[Keyed]]]:
    """Return every action that has a shortcut and leads somewhere, with this person's keys."""
    keys = shortcuts.in_force(chosen)
    return [
        (
            group,
            [
                Keyed(code, label, keys[code], shortcuts.DEFAULTS[code])
                for code, label in actions
                if not code.startswith("go.") or code in goes
            ],
        )
        for group, actions in GROUPS
    ]
