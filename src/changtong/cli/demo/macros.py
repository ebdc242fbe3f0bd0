"""What the demonstration's teams often do in one go."""

from __future__ import annotations

from changtong.cli.demo.people import TEAMS
from changtong.parties import queries as parties
from changtong.workspace.domain.macros import Step
from changtong.workspace.operations import macros


# By team: name, kind of case, steps.
MACROS: dict[str, tuple[tuple[str, str, tuple[Step, ...]], ...]] = {
    "desk": (
        (
            "电话未接通，留言并关注",
            "",
            (
                Step("note", "已拨打{客户姓名}预留电话，无人接听。"),
                Step(
                    "message",
                    "{客户姓名}您好，我们刚才给您打过电话，没有接通。方便时请在进度页留言。",
                ),
                Step("watch"),
            ),
        ),
        (
            "请客户拍光猫指示灯",
            "fault",
            (
                Step("note", "先看光猫指示灯，再定是否派人上门。"),
                Step(
                    "supplement",
                    "{客户姓名}您好，请拍一张光猫正面指示灯的照片传上来，并说明 LOS 灯红不红。",
                ),
                Step("watch"),
            ),
        ),
        (
            "答复咨询，提交结果",
            "enquiry",
            (
                Step("note", "已按现行资费说明，客户没有其他疑问。"),
                Step(
                    "resolution",
                    "{客户姓名}您好，您咨询的内容已答复，如有疑问请随时联系我们。",
                    fix="answered",
                ),
            ),
        ),
    ),
    "remote": (
        (
            "线上恢复，提交结果",
            "fault",
            (
                Step("handling"),
                Step("note", "已远程重新下发数据，客户确认可以上网。"),
                Step(
                    "resolution",
                    "{客户姓名}您好，您的业务已经恢复，请重启光猫后使用。",
                    choice="configuration",
                    fix="reconfigured",
                ),
            ),
        ),
    ),
    "zz-field": (
        (
            "客户改约，挂起",
            "fault",
            (
                Step("note", "客户来电改约，等客户确认新的时间。"),
                Step("message", "{客户姓名}您好，已按您的要求改约，请告诉我们方便的时间。"),
                Step("pause", "客户要求改约", choice="customer_reschedule"),
                Step("watch"),
            ),
        ),
    ),
}


def keep() -> None:
    """Keep what each team's leader shares with the team."""
    leaders = {code: leader for code, _name, _region, _mode, leader in TEAMS}
    teams = {one.code: one.pk for one in parties.teams()}
    for code, found in MACROS.items():
        viewer = parties.viewer_of(parties.staff_by_username(leaders[code]))
        for name, kind, steps in found:
            macros.keep(viewer=viewer, name=name, kind=kind, steps=steps, team_id=teams[code])
