"""What an author should know to fill in a field, in one sentence each."""

from __future__ import annotations

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy


HELP: dict[str, str | Promise] = {
    "after_end": gettext_lazy("到期之后多久提醒；与“用掉百分之几”“到期之前”三者只填一个。"),
    "alarm_after": gettext_lazy("派单后无人接单，过这么久提醒班组长。"),
    "again_until": gettext_lazy("每次做到之后重新起算，直到这一刻；只算一次的不选。"),
    "also_by": gettext_lazy("站内通知总会发出；这里选还要用什么方式，依次尝试。"),
    "amount": gettext_lazy("写数字，如 10 或 12.50；按比例计的留空。"),
    "answer_within": gettext_lazy("客户这么久没有补充，就进入下一步。"),
    "asked_at_most": gettext_lazy("同一工单最多请客户补充几次。"),
    "at": gettext_lazy("假设受理的时刻，如 2026-03-01T10:00:00+08:00；与时间无关的示例不填。"),
    "asked_of": gettext_lazy("更窄的分类没有自己的，也用这一份。"),
    "base": gettext_lazy("选了就只写与它不同之处；不选则写全。"),
    "before": gettext_lazy("到期之前多久提醒。"),
    "begun_day_counts": gettext_lazy("例如超时 3 小时算不算 1 日。"),
    "categories": gettext_lazy("不选即不限。"),
    "check_step": gettext_lazy("从第一步开始；清空一步即删去，空行不算。"),
    "clause": gettext_lazy("系统每次这样处理，都会注明这一条。"),
    "code": gettext_lazy("系统内部的代号，用小写字母、数字和下划线；用过的不要再改。"),
    "confidence": gettext_lazy("只有 V1 和 V2 可以启用。"),
    "confident_at_least": gettext_lazy("0 到 1 之间；把握低于它时由人选择分类。"),
    "detour_percent": gettext_lazy("路上实际距离与直线距离之比，140 即多走四成。"),
    "divided_by": gettext_lazy("例如月租按 30 日折算，填 30。"),
    "excluded_causes": gettext_lazy("工单的原因是其中之一时不赔。"),
    "expect": gettext_lazy("系统按本稿算出的结果必须与这里一致，否则不能批准；清空即不再检查。"),
    "families": gettext_lazy("不选即用本表的。"),
    "field": gettext_lazy("按这里的先后问；清空一项即删去，空行不算。"),
    "figure_value": gettext_lazy(
        "期限写成 48h、15d、5wd、5mo，其他照原文写；原文没有数字的留空，写“原文用语”。"
    ),
    "given": gettext_lazy("假设的工单是什么样的；不填的不作假设。"),
    "holidays": gettext_lazy("每行一天，如 2026-10-01。"),
    "instruments": gettext_lazy("一项不选即用本表的；确实不用仪器的选“不需要”。"),
    "keywords": gettext_lazy("客户话里出现这些字，就建议这个分类；每行一个。"),
    "internal_target": gettext_lazy("法律只说“及时”“立即”时，本企业的要求写在这里。"),
    "kinds": gettext_lazy("不选即全部适用。"),
    "level": gettext_lazy("从承办人到省公司，一级比一级高。"),
    "limit_row": gettext_lazy(
        "先写一行，保存后在“时限”里增加其余各行。没有条件的一行管其余全部。"
    ),
    "name_en": gettext_lazy("英文界面和英文手册用。"),
    "next": gettext_lazy("写下一步的代码；solved 是已恢复，report 是需要报修。"),
    "of": gettext_lazy("按比例计的选一项；固定金额的不选。"),
    "own_basis": gettext_lazy("本企业的时限都是承诺；法定时限只来自法律包。"),
    "own_owner": gettext_lazy("不填即用本表的。"),
    "own_reviewed_on": gettext_lazy("不填即用本表的。"),
    "parent": gettext_lazy("归在哪一类之下；最上一级不填。"),
    "proportion": gettext_lazy("写小数，如 0.01 即百分之一；固定金额的留空。"),
    "repeat_every": gettext_lazy("到期后每隔这么久再提醒；不填只提醒一次。"),
    "row": gettext_lazy("写明的条件越多越优先；没有条件的一行管其余全部。"),
    "script": gettext_lazy("话务员先说的话。"),
    "by_code": gettext_lazy("验证码只发到登记号码；坐席不能自行勾选这种方式。"),
    "only_told": gettext_lazy("只告知的没有可撤回的同意。"),
    "read_out": gettext_lazy("念给客户听的原话；改动后，旧工单仍按当时的版本留存。"),
    "season": gettext_lazy("每年这一段日子改按这里的时间；清空一段即删去，空行不算。"),
    "season_from": gettext_lazy("月和日，如 05-01；可以跨年。"),
    "season_to": gettext_lazy("月和日，如 09-30，当天包括在内。"),
    "status": gettext_lazy("停用和未启用的不作为时限。"),
    "step": gettext_lazy("按时间先后，越往后级别越高；清空一行即删去，空行不算。"),
    "told_in": gettext_lazy("只在这个日历的工作时间内提醒；不选即不分昼夜。"),
    "contact_in": gettext_lazy("只在这个日历的工作时间内主动联系客户。"),
    "at_any_hour": gettext_lazy("这些优先级的工单随时联系客户，不等时段开始。"),
    "weekly": gettext_lazy("如 08:30-12:00 13:30-17:30，几段之间用空格隔开；不上班留空。"),
    "unanswered_for": gettext_lazy("不必等到下一级的时间。"),
    "void_if_cause": gettext_lazy("工单的原因是其中之一时，这一时限不算。"),
    "warn_at": gettext_lazy("用掉期限的百分之几时预警，如 50 75 90。"),
    "when": gettext_lazy("不选的项目不限。地区越窄越优先；同样的地区，写明的条件越多越优先。"),
    "workdays": gettext_lazy("因调休要上班的周末，每行一天。"),
}


def help_words(key: str, sort: str) -> str:
    """Return what an author should know to fill in a field."""
    outer = key.partition(".")[0]
    if sort == "percent":
        return _("到期为 100；与“到期之前”“到期之后”三者只填一个。")
    return str(HELP.get(outer, ""))
