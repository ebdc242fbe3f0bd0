"""Why somebody was chosen or could not be, in words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy


if TYPE_CHECKING:
    from django.utils.functional import Promise


WHY: dict[str, str | Promise] = {
    "inactive": gettext_lazy("账号已停用"),
    "complained_of": gettext_lazy("是被投诉人"),
    "out_of_region": gettext_lazy("不负责该地区"),
    "qualification_missing": gettext_lazy("没有所需资质"),
    "qualification_expired": gettext_lazy("资质已过期"),
    "at_capacity": gettext_lazy("在办已满"),
    "out_of_hours": gettext_lazy("不在上门服务时间内"),
    "off_shift": gettext_lazy("时限内不当班"),
    "already_booked": gettext_lazy("时限内已有预约"),
    "on_the_way": gettext_lazy("与前后的上门之间来不及赶路"),
    "resource_unavailable": gettext_lazy("所需仪器、车辆或场地不可用"),
    "less_suited": gettext_lazy("可以办，但不如所选的人合适"),
    "late": gettext_lazy("晚于时限"),
}
BY: dict[str, str | Promise] = {
    "automatic": gettext_lazy("自动分派"),
    "dispatcher": gettext_lazy("调度员指定"),
    "claim": gettext_lazy("本人领取"),
    "handover": gettext_lazy("办理人移交"),
    "reopened": gettext_lazy("重开后仍由原人办理"),
    "reassigned": gettext_lazy("自动改派"),
    "cancelled": gettext_lazy("原办理人交回后另派"),
    "again": gettext_lazy("仍由原办理人办理"),
    "retried": gettext_lazy("再次自动分派"),
    "unclaimed": gettext_lazy("班组逾期未领取"),
    "missed": gettext_lazy("上门误约"),
}
