"""
The one place where a refusal becomes a sentence.

Operations raise ``Refused("noun.reason", clause="4.2.1", fact=…)``. Add its sentence here, in
Chinese, with the facts by name (``%(fact)s``), and its English in ``locale/en``. A test checks
that every code used in the source has a sentence and that the sentence only uses facts that exist.
"""

from __future__ import annotations

import re
from datetime import datetime, timedelta

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy

from changtong.kernel.errors import Refused
from changtong.web.ui import formats, labels


# One line per code, sorted; keep the sentence short and say what to do next.
SENTENCES: dict[str, str | Promise] = {
    "alarm.acknowledged_already": _lazy("%(by)s 已确认这条告警。"),
    "alarm.unknown": _lazy("没有这条告警，或您无权查看。"),
    "announcement.elsewhere": _lazy("只能公告本人辖区内的区域。"),
    "announcement.empty": _lazy("请写明公告内容。"),
    "announcement.ends_early": _lazy("结束时间须晚于开始时间和现在。"),
    "announcement.nowhere": _lazy("请选择受影响的区域。"),
    "announcement.over": _lazy("这条公告已结束。"),
    "announcement.too_long": _lazy("公告内容最多 %(at_most)s 字。"),
    "announcement.unknown": _lazy("没有这条公告。"),
    "answer.invalid": _lazy("“%(name)s”填写得不对，请检查。"),
    "answer.required": _lazy("请填写“%(name)s”。"),
    "answer.unknown": _lazy("这类事项不询问“%(field)s”。"),
    "archive.not_finished": _lazy("工单 %(number)s 尚未结束，不能归档。"),
    "article.body_missing": _lazy("请写下内容。"),
    "article.body_too_long": _lazy("内容太长，最多 %(at_most)s 字。"),
    "article.category_unknown": _lazy("现行服务标准里没有这个分类。"),
    "article.nothing_drafted": _lazy("没有待发布的草稿。"),
    "article.own_work": _lazy("客户能看到的知识须由另一个人审阅后发布。"),
    "article.reason_missing": _lazy("请写明停用的原因。"),
    "article.retired": _lazy("这篇知识已停用。"),
    "article.review_not_ahead": _lazy("复审日期须在今天之后。"),
    "article.solved_already": _lazy("这张工单已经记过这篇知识。"),
    "article.title_missing": _lazy("请写标题。"),
    "article.title_too_long": _lazy("标题太长，最多 %(at_most)s 字。"),
    "article.unknown": _lazy("没有这篇知识，或您无权查看。"),
    "assignment.at_capacity": _lazy(
        "%(name)s 手上已有 %(open)s 单，达到上限 %(at_most)s 单，请另选人员。"
    ),
    "assignment.booked": _lazy("所选时间已被占用，请换个时间或人员。"),
    "assignment.complained_of": _lazy("被投诉的人员不能处理这件投诉，请另选人员。"),
    "assignment.inactive": _lazy("%(name)s 当前不在岗，请另选人员。"),
    "assignment.none": _lazy("这张工单还没有派单。"),
    "assignment.not_now": _lazy("工单处于“%(state)s”，现在不能派单。"),
    "assignment.not_yours": _lazy("这张工单不在您名下，不能移交。"),
    "assignment.nothing_next": _lazy("眼下没有可领的工单；有新的会自动出现。"),
    "assignment.taken": _lazy("派工单 %(work_order)s 已被别人接走，请刷新。"),
    "assignment.to_nobody": _lazy("请选择处理人或班组。"),
    "assignment.unchanged": _lazy("这张工单已经派给 %(name)s。"),
    "assignment.unfitting": _lazy("%(name)s 不当班或不负责该地区。请另选人员，或请调度员分派。"),
    "assignment.unqualified": _lazy("%(name)s 没有有效的“%(skill_name)s”资格，不能派单。"),
    "assignment.unreasoned": _lazy("请填写改派理由。"),
    "attachment.unknown": _lazy("没有这个附件，或您无权查看。"),
    "calendar.hardly_ever_open": _lazy("工作日历 %(calendar)s 几乎没有工作时间，无法计算时限。"),
    "calendar.holiday_and_workday": _lazy(
        "工作日历 %(calendar)s 同一天既放假又上班，请在标准中更正。"
    ),
    "calendar.hours_unordered": _lazy("工作日历 %(calendar)s 工作时间次序不对，请在标准中更正。"),
    "calendar.hours_unreadable": _lazy("工作时间“%(text)s”格式不对。"),
    "calendar.makeup_hours_missing": _lazy("工作日历 %(calendar)s 没有补班时间，请在标准中更正。"),
    "calendar.never_open": _lazy("工作日历 %(calendar)s 没有工作时间，请在标准中更正。"),
    "calendar.not_a_week": _lazy("工作日历 %(calendar)s 一周须有七天，请在标准中更正。"),
    "calendar.season_unreadable": _lazy("“%(text)s”不是一年中的日子，请写成 06-01。"),
    "calendar.seasons_overlap": _lazy(
        "工作日历 %(calendar)s 有两个季节都含 %(month)s 月 %(day)s 日，请在标准中更正。"
    ),
    "calendar.unknown": _lazy("服务标准中没有工作日历 %(calendar)s。"),
    "calendar.unknown_timezone": _lazy("工作日历 %(calendar)s 时区不正确，请在标准中更正。"),
    "callback.empty": _lazy("请填写客户说了什么，或为什么没有联系上。"),
    "callback.not_owed": _lazy("这张工单现在没有待办的回访。"),
    "cancellation.unreasoned": _lazy("请填写撤销理由。"),
    "category.kind_differs": _lazy("所选分类不属于“%(kind)s”，请重新选择。"),
    "category.unknown": _lazy("服务标准中没有这个分类，请重新选择。"),
    "checklist.item_unknown": _lazy("这张工单的清单上没有这一项。"),
    "checklist.not_handled": _lazy("工单不在办理中，清单不能再改。"),
    "checklist.unfinished": _lazy("“%(name)s”还没有勾选，不能提交处理结果。"),
    "children.none": _lazy("没有未办结的子案。"),
    "clause.unknown": _lazy("服务标准中没有第 %(number)s 条。"),
    "clock.pause_used_up": _lazy("这个理由的暂停时间已用满 %(at_most_hours)s 小时，不能再暂停。"),
    "clock.paused": _lazy("计时自 %(since)s 起已暂停。"),
    "clock.unknown": _lazy("没有这个计时，或您无权查看。"),
    "closing.children_open": _lazy("还有 %(count)s 张子案没有办结，主案暂不能关闭。"),
    "closing.unmet": _lazy("还不能关闭，尚未满足：%(names)s。"),
    "code.expired": _lazy("验证码已过期，请重新获取。"),
    "code.not_mobile": _lazy("%(phone)s 不是手机号码，收不到验证码。"),
    "code.too_many": _lazy("尝试次数过多，请重新获取验证码。"),
    "code.too_soon": _lazy("请在 %(seconds)s 秒后再获取验证码。"),
    "code.unknown": _lazy("验证码无效，请重新获取。"),
    "code.wrong": _lazy("验证码不对，还可以再试 %(left)s 次。"),
    "comment.empty": _lazy("请写下意见。"),
    "comment.resolved_already": _lazy("%(by)s 已把这条意见标为处理完毕。"),
    "comment.unknown": _lazy("没有这条意见。"),
    "consent.not_given": _lazy("这张工单没有记下这项告知或同意。"),
    "consent.only_told": _lazy("这是告知过的事项，不是同意，不用撤回。"),
    "consent.unknown": _lazy("现行服务标准里没有这项告知或同意。"),
    "conversion.not_measured": _lazy("还没有测算完影响，或已经确认过，请刷新。"),
    "conversion.region_not_yours": _lazy("您只能转换本辖区的工单。"),
    "conversion.unknown": _lazy("没有这次转换，或您无权查看。"),
    "counter.busy": _lazy("%(counter)s 号柜台还有人在，请先办结或过号。"),
    "counter.unknown": _lazy("这个营业厅没有 %(counter)s 号柜台。"),
    "cursor.invalid": _lazy("翻页位置无效，请从第一页开始。"),
    "customer.exists": _lazy("客户 %(number)s 已存在。"),
    "customer.phone_invalid": _lazy("电话号码 %(phone)s 不正确，请核对。"),
    "customer.tier_unknown": _lazy("没有客户等级 %(tier)s。"),
    "customer.unknown": _lazy("没有客户 %(number)s，或您无权查看。"),
    "draft.another_standard": _lazy("这是另一部标准（%(standard)s）的文件，不能导入这份草案。"),
    "draft.cannot_change": _lazy("草案处于“%(draft_state)s”，内容不能改动；需要修改请先退回。"),
    "draft.cannot_move": _lazy("草案处于“%(draft_state)s”，现在不能这样做，请刷新。"),
    "draft.changed_meanwhile": _lazy(
        "%(by)s 已于 %(since)s 改过这里，您的改动没有保存；核对后再保存。"
    ),
    "draft.comments_open": _lazy("还有 %(count)s 条意见没有处理完，不能批准。"),
    "draft.empty": _lazy("草案与原版没有差别，不必送审。"),
    "draft.law_is_not_ours": _lazy("%(file)s 是法律原文，不能在草案中修改。"),
    "draft.not_as_approved": _lazy("草案内容与批准时不一致，请重新送审。"),
    "draft.not_kept": _lazy("这份草稿太长，没有保存。"),
    "draft.not_rehearsed": _lazy("草案现在的内容还没有用历史案件预演过，请先预演再批准。"),
    "draft.own": _lazy("您参与了起草，须由另一人批准。"),
    "draft.place_unknown": _lazy("草案中没有这一处（%(place)s），可能已被别人删去，请刷新。"),
    "draft.reason_missing": _lazy("请填写理由。"),
    "draft.rehearsed_in_part": _lazy("预演只覆盖了部分地区；批准前须预演全部地区的历史案件。"),
    "draft.rehearsed_too_little": _lazy(
        "预演不够：要求不少于 %(days_at_least)s 天、%(cases_at_least)s 件案件，"
        "现有 %(days)s 天、%(cases)s 件；请加长期间，或预演全部历史案件。"
    ),
    "draft.settled": _lazy("草案处于“%(draft_state)s”，不能再提意见。"),
    "draft.unchanged": _lazy("没有改动，不必保存。"),
    "draft.unknown": _lazy("没有这份草案。"),
    "draft.untitled": _lazy("请填写修订事由。"),
    "edition.altered": _lazy("标准版本 %(edition)s 的内容与发布时不一致，已停止使用。"),
    "edition.backdated": _lazy("施行日期 %(day)s 已过；已受理的工单不能追溯，请选今天或以后。"),
    "edition.none_in_force": _lazy("没有生效的服务标准，请先发布。"),
    "edition.none_would_remain": _lazy("废止 %(version)s 后没有生效的版次，请先发布新版。"),
    "edition.reason_missing": _lazy("请填写撤回理由。"),
    "edition.unknown": _lazy("没有标准版本 %(edition)s。"),
    "edition.unreadable": _lazy("标准文件有 %(count)s 处看不懂，请按提示更正。"),
    "edition.unsound": _lazy("标准没有通过检查，有 %(count)s 处问题，请先更正。"),
    "edition.version_taken": _lazy("版本 %(version)s 已发布，不能重复发布。"),
    "edition.version_unreadable": _lazy("版本号“%(version)s”应写成 1.2.0 的样子。"),
    "edition.withdrawn_already": _lazy("版本 %(version)s 已撤回。"),
    "escalation.answered_already": _lazy("这条提醒已经有人认领。"),
    "escalation.unknown": _lazy("没有这条提醒，或者不归您认领。"),
    "evaluation.by_staff_for_self": _lazy("处理人不能代客户评价自己的工单。"),
    "evaluation.given_already": _lazy("这张工单已经评价过，谢谢。"),
    "evaluation.not_asked": _lazy("这张工单现在不需要评价。"),
    "evaluation.over": _lazy("评价已于 %(over_at)s 截止。"),
    "evaluation.score_invalid": _lazy("评分须在 %(lowest)s 到 %(highest)s 之间。"),
    "evaluation.tag_unknown": _lazy("没有评价标签：%(tags)s。"),
    "figure.unknown": _lazy("服务标准中没有数字 %(figure)s。"),
    "figure.without_value": _lazy("数字 %(figure)s 没有数值，法规只说“%(wording)s”。"),
    "file.attached_already": _lazy("文件“%(name)s”已经上传过。"),
    "file.too_large": _lazy("文件太大，每个不超过 %(at_most_bytes)s。"),
    "file.too_many": _lazy("附件最多 %(at_most)s 个。"),
    "file.type_not_allowed": _lazy("不接受这类文件，请换成照片、PDF、录音或文本。"),
    "follow_up.handled_already": _lazy("这次回访已经处理过。"),
    "follow_up.outcome_empty": _lazy("请填写回访结果。"),
    "follow_up.unknown": _lazy("没有这次回访，或您无权查看。"),
    "hall.exists": _lazy("编号 %(hall)s 的营业厅已经登记过。"),
    "hall.unknown": _lazy("没有这个营业厅。"),
    "handbook.format_unknown": _lazy("手册没有 %(format)s 格式，请选 pdf、docx 或 html。"),
    "identity.method_unknown": _lazy("现行服务标准里没有这种核对方式。"),
    "identity.no_code": _lazy("现行服务标准不以验证码核对身份。"),
    "identity.no_number_on_file": _lazy("登记的号码收不到短信，请用其他方式核对。"),
    "identity.unproved": _lazy("验证码还没有核验，或不是发到这位客户登记号码的，请重新发送。"),
    "identity.unverified": _lazy("这类事项须先核对身份：%(names)s。"),
    "import.columns_missing": _lazy("文件缺少列：%(columns)s。"),
    "import.columns_unknown": _lazy("文件有不认识的列：%(columns)s。"),
    "import.empty": _lazy("文件里没有数据。"),
    "import.encoding_unknown": _lazy("无法识别文件编码，请存为 %(encodings)s。"),
    "import.source_invalid": _lazy("来源名称不正确，最多 %(at_most)s 个字符。"),
    "intake.not_offered": _lazy("工单 %(number)s 不在可并入之列，请刷新后重选。"),
    "intake.region_unknown": _lazy("没有区域 %(region_code)s，请重新选择。"),
    "intake.same_matter": _lazy("这件事已登记为 %(numbers)s，请并入或说明为何另行登记。"),
    "intake.same_matter_hidden": _lazy(
        "已有同类事项未办结，登记人不是您或不在您的范围；如是另一件事，请另行登记。"
    ),
    "key.invalid": _lazy("页面缺少操作编号，请刷新后重试。"),
    "key.reused": _lazy("这个页面已经提交过别的内容，请刷新后重试。"),
    "leave.overlaps": _lazy("这几天已登记请假，请先销假或改选日期。"),
    "leave.reason_unknown": _lazy("没有这个假别，请重新选择。"),
    "leave.reversed": _lazy("请假的最后一天不能早于第一天。"),
    "leave.unknown": _lazy("这一天没有登记请假，可能已被销假。"),
    "line.exists": _lazy("业务号码 %(number)s 已存在。"),
    "line.state_unknown": _lazy("没有这个号码状态，请重新选择。"),
    "line.unknown": _lazy("没有业务号码 %(number)s，请核对。"),
    "link.expired": _lazy("链接已过期，请用手机号登录查看。"),
    "link.invalid": _lazy("链接不正确，请核对或用手机号登录查看。"),
    "link.is_history": _lazy("从哪张工单拆出是办理经过，不能解除。"),
    "link.kind_unknown": _lazy("没有这种关联。"),
    "link.of_itself": _lazy("不能关联自己，请填写另一张工单的单号。"),
    "link.unknown": _lazy("没有这个关联，或已经解除。"),
    "log.empty": _lazy("请填写处理内容。"),
    "log.minutes_wrong": _lazy("用时请填 1 到 %(at_most)s 之间的整分钟数。"),
    "log.type_unknown": _lazy("没有处理类型 %(type)s。"),
    "macro.changed": _lazy("这项快捷处理刚被改过，请重新打开，看清各步再办。"),
    "macro.empty": _lazy("请至少加上一步。"),
    "macro.name_missing": _lazy("请填写名称。"),
    "macro.name_taken": _lazy("已有名为“%(name)s”的快捷处理，请换一个名称。"),
    "macro.step_incomplete": _lazy("第 %(place)s 步还没有填全。"),
    "macro.step_unknown": _lazy("没有这种步骤，请重新打开这一页。"),
    "macro.too_long": _lazy("一项快捷处理最多 %(at_most)s 步，请去掉几步。"),
    "macro.too_many": _lazy("最多保存 %(at_most)s 项快捷处理，请先删除不用的。"),
    "macro.unknown": _lazy("没有这项快捷处理，或它不是给您用的。"),
    "mail.automatic": _lazy("自动发出或群发的邮件，不建单也不回复。"),
    "mail.forged": _lazy("发件人未通过本方邮件服务器的校验。"),
    "mail.reply_foreign": _lazy("回复 %(number)s 的不是收到该邮件的人。"),
    "mail.sender_unclear": _lazy("看不出是谁发的邮件。"),
    "mail.too_many": _lazy("同一发件人一小时内最多受理 %(at_most)s 封邮件。"),
    "mail.unknown": _lazy("工单 %(number)s 没有这封邮件。"),
    "mail.unreadable": _lazy("邮件内容无法读取。"),
    "merger.carries_others": _lazy(
        "%(number)s 已经并入过别的工单，不能再并入其他工单；请反过来，把另一张并入它。"
    ),
    "merger.complained_of": _lazy("两张工单的被投诉人不同，不能并案。"),
    "merger.has_children": _lazy("%(number)s 有子案，不能并入其他工单。"),
    "merger.kind_differs": _lazy("类型不同的工单不能并案。"),
    "merger.none": _lazy("这张工单没有并入其他工单。"),
    "merger.of_itself": _lazy("不能并入自己，请填写另一张工单的单号。"),
    "merger.settled": _lazy("%(into)s 已经关闭，并案不能再撤销。"),
    "merger.survivor_ended": _lazy("要并入的工单已经“%(state)s”，不能再并入。"),
    "merger.unreasoned": _lazy("请填写理由。"),
    "migration.unreasoned": _lazy("请填写将在办工单转入新版次的理由。"),
    "money.unreadable": _lazy("“%(given)s”不是金额，请写元和角分，如 129.00。"),
    "notice.unknown": _lazy("没有这条通知。"),
    "package.empty": _lazy("zip 包里没有标准文件（edition.toml）。"),
    "package.too_large": _lazy("zip 包过大，最多 %(at_most)s 个文件。"),
    "package.unreadable": _lazy("这不是可以读取的 zip 包。"),
    "parent.ended": _lazy("已经结束的工单不能归入主案或作为主案。"),
    "parent.kind_differs": _lazy("子案与主案须为同一类型。"),
    "parent.none": _lazy("这张工单没有主案。"),
    "parent.of_itself": _lazy("不能以自己为主案，请填写另一张工单的单号。"),
    "parent.too_deep": _lazy("主案不能再有主案，有子案的工单也不能成为子案。"),
    "pause.needs_approval": _lazy("按标准，以此理由挂起须先经批准，请提交申请。"),
    "pause.not_allowed": _lazy("服务标准不允许以此理由暂停。"),
    "pause_request.lapsed": _lazy("申请已逾批准时限，不能再批准，请重新申请。"),
    "pause_request.none": _lazy("这张工单没有待批准的挂起申请。"),
    "pause_request.not_needed": _lazy("以此理由挂起不须批准，可以直接挂起。"),
    "pause_request.open_already": _lazy("这张工单已有待批准的挂起申请。"),
    "pause_request.own": _lazy("自己的申请须由他人批准。"),
    "pause_request.unreasoned": _lazy("请填写理由和依据。"),
    "phrase.incomplete": _lazy("请填写名称和内容。"),
    "phrase.too_many": _lazy("最多保存 %(at_most)s 条常用语，请先删除不用的。"),
    "phrase.unknown": _lazy("没有这条常用语，或它不是给您用的。"),
    "phrase.variable_unknown": _lazy("没有变量“%(variable)s”，请从列出的变量中选用。"),
    "priority.undefined": _lazy("服务标准没有规定这种情况的优先级，请联系系统管理员。"),
    "qualification.dates_reversed": _lazy("到期日早于取得日，请核对。"),
    "qualification.unknown": _lazy("没有这项资质，可能已被撤销。"),
    "qualification.unreasoned": _lazy("请写明撤销资质的理由。"),
    "queue_number.called_too_little": _lazy(
        "已呼叫 %(calls)s 次，满 %(at_least)s 次才能过号，请先重呼。"
    ),
    "queue_number.cannot_move": _lazy("这个号码已经变化，请刷新后再办。"),
    "queue_number.class_unknown": _lazy("没有这类号码，请重新选择。"),
    "queue_number.day_over": _lazy("这不是今天的号码，请重新取号。"),
    "queue_number.nobody_waits": _lazy("暂时没有人等候。"),
    "queue_number.not_given": _lazy("现行标准没有规定取号，不能发号。"),
    "queue_number.not_served": _lazy("这个号码还没有开始办理，不能关联工单。"),
    "queue_number.not_put_back": _lazy("取号时的标准没有规定恢复排队，请重新取号。"),
    "queue_number.phone_invalid": _lazy("电话号码不正确，请核对；也可以不填。"),
    "queue_number.priority_unknown": _lazy("没有这种优先理由，请重新选择。"),
    "queue_number.put_back_already": _lazy("这个号码今天已恢复排队一次，请重新取号。"),
    "queue_number.unknown": _lazy("没有这个排队号。"),
    "reclassification.too_late": _lazy("已提交处理结果，不能再改类型；客户不认可后可以再改。"),
    "reclassification.unreasoned": _lazy("请填写改类理由。"),
    "record.package_missing": _lazy("档案包 %(number)s 不在存储中，请立即通知档案员。"),
    "record.unknown": _lazy("没有 %(number)s 的档案，或您无权查看。"),
    "record.unsealed": _lazy("档案 %(number)s 的回执尚未封印，请稍后再下载。"),
    "refusal.unreasoned": _lazy("请说明哪里没有解决。"),
    "region.exists": _lazy("区域 %(code)s 已存在。"),
    "region.type_unknown": _lazy("没有区域类型 %(region_type)s。"),
    "region.unknown": _lazy("没有编码为 %(code)s 的地区。"),
    "rehearsal.period_reversed": _lazy("止日不能早于起日。"),
    "rehearsal.region_not_yours": _lazy("您只能对本辖区的案件进行预演。"),
    "rehearsal.unknown": _lazy("没有这次预演，或您无权查看。"),
    "rehearsal.words_changed": _lazy("申请预演后草案又有改动，请重新预演。"),
    "rejection.not_allowed": _lazy("服务标准不允许以此理由不予受理。"),
    "rejection.too_early": _lazy("须先请客户补充，且期满未补充，才能以此理由不予受理。"),
    "remedy.not_final": _lazy("还没有处理完，补偿金额尚不能确定。"),
    "remedy.settled": _lazy("这项补偿已经决定过了。"),
    "remedy.unknown": _lazy("没有这项补偿。"),
    "remedy.unreasoned": _lazy("请写明不予补偿的理由。"),
    "remedy.without_base": _lazy("缺少月租或已收费用，请先填写金额。"),
    "reopening.too_late": _lazy("办结后 %(within)s 内可以要求继续处理，现已超过，请重新申告。"),
    "reopening.too_often": _lazy("同一工单最多重新处理 %(at_most)s 次，请通过投诉渠道反映。"),
    "repair.empty": _lazy("请填写永久修复做了什么。"),
    "repair.not_owed": _lazy("这张工单没有待完成的永久修复。"),
    "repair.not_provisional": _lazy("标准没有规定这类工单可以先临时恢复。"),
    "repair.unreasoned": _lazy("请说明采取的临时措施，以及为什么未能彻底修复。"),
    "report.channel_unknown": _lazy("没有受理渠道 %(channel)s。"),
    "report.complained_of_no_complaint": _lazy("只有投诉才能指明被投诉人员。"),
    "report.email_invalid": _lazy("电子邮箱 %(email)s 不正确，请核对。"),
    "report.family_unknown": _lazy("没有业务类型 %(family)s。"),
    "report.kind_unknown": _lazy("没有事项类别 %(kind)s。"),
    "report.phone_invalid": _lazy("电话号码 %(phone)s 不正确，请核对。"),
    "report.too_long": _lazy("内容太长，最多 %(at_most)s 个字。"),
    "report.unreachable": _lazy("请留下电话或电子邮箱，以便告知进度。"),
    "report.untitled": _lazy("请用一句话说明事项。"),
    "resolution.cause_unknown": _lazy("服务标准中没有这个原因代码，请重新选择。"),
    "resolution.empty": _lazy("请填写处理结果。"),
    "resolution.fix_unknown": _lazy("服务标准中没有这个处理代码，请重新选择。"),
    "resolution.incomplete": _lazy("还不能提交处理结果，办结时必须具备：%(names)s。"),
    "resource.exists": _lazy("资源 %(resource)s 已存在。"),
    "resource.kind_unknown": _lazy("没有资源类型 %(kind)s。"),
    "resource.unknown": _lazy("没有资源 %(resource)s。"),
    "row.cell_empty": _lazy("必填列为空。"),
    "row.family_unknown": _lazy("业务类型“%(value)s”不认识。"),
    "row.kind_unknown": _lazy("事项类别“%(value)s”不认识。"),
    "row.time_invalid": _lazy("时间“%(value)s”无法识别。"),
    "row.too_long": _lazy("这一行多于 %(columns)s 列。"),
    "row.unreadable": _lazy("这一行无法读取：%(because)s"),
    "rule.undefined": _lazy("服务标准没有规定“%(kind)s”的这项规则，请联系系统管理员。"),
    "self_check.not_solved": _lazy("请先走完检测步骤。"),
    "self_check.path_unknown": _lazy("没有这一步，请从头开始检测。"),
    "self_check.unknown": _lazy("没有这项自助检测。"),
    "service.exists": _lazy("业务 %(code)s 已存在。"),
    "service.family_unknown": _lazy("没有业务类型 %(family)s。"),
    "selection.undo_over": _lazy("撤回的时间已过，请逐张改回。"),
    "settings.unknown": _lazy("没有这项设置或这个选项。"),
    "shift.empty": _lazy("班次的结束须晚于开始。"),
    "shift.on_leave": _lazy("这段时间已请假，请先销假再排班。"),
    "shift.over": _lazy("这段时间已经过去，不能再改。"),
    "shift.overlaps": _lazy("这个时间已有班次，请调整。"),
    "shift.unknown": _lazy("没有这个班次，或您无权查看。"),
    "shortcut.not_keys": _lazy("“%(keys)s”不是快捷键，请写成 e、mod+k 或 g t 这样的形式。"),
    "shortcut.reserved": _lazy("%(keys)s 是浏览器自己的快捷键，请换一个。"),
    "shortcut.taken": _lazy("%(keys)s 已用于另一项操作，请换一个。"),
    "shortcut.unknown": _lazy("没有这项快捷操作。"),
    "skill.unknown": _lazy("服务标准中没有技能 %(name)s。"),
    "split.message_unknown": _lazy("没有这条记录，请重新选择。"),
    "split.nothing_said": _lazy("这条记录没有内容，不能从这里拆出。"),
    "split.untitled": _lazy("请填写另一事项的标题。"),
    "staff.exists": _lazy("用户名 %(username)s 已被使用。"),
    "staff.holds_work": _lazy("手上还有 %(count)s 张工单，请先移交，再停用账号。"),
    "staff.inactive": _lazy("%(name)s的账号已停用，不能加入班组。"),
    "staff.language_unknown": _lazy("没有语言 %(language)s。"),
    "staff.own_account": _lazy("不能停用自己的账号，请另一位管理员办理。"),
    "staff.own_role": _lazy("不能改自己的岗位和地区，请另一位管理员办理。"),
    "staff.role_unknown": _lazy("没有角色 %(role)s。"),
    "staff.unknown": _lazy("没有这位员工，或您无权查看。"),
    "supplement.empty": _lazy("请填写要客户补充什么，或补充的内容。"),
    "supplement.not_asked": _lazy("这张工单没有等待补充。"),
    "supplement.too_often": _lazy("最多请客户补充 %(at_most)s 次，请直接联系客户。"),
    "table.tied": _lazy("服务标准中有多条规则同样适用，请联系系统管理员。"),
    "team.exists": _lazy("班组 %(code)s 已存在。"),
    "team.unknown": _lazy("没有这个班组，或您无权查看。"),
    "ticket.cannot_move": _lazy(
        "工单处于“%(current)s”，不能改为“%(wanted)s”，请刷新查看最新状态。"
    ),
    "ticket.claimed_already": _lazy("%(name)s 已接下这张工单。"),
    "ticket.finished": _lazy("工单已是“%(state)s”，不能再更改。"),
    "ticket.not_resolved": _lazy("工单处于“%(state)s”，还没有处理结果可以确认。"),
    "ticket.unknown": _lazy("没有这张工单，或您无权查看。"),
    "token.scope_unknown": _lazy("没有权限范围：%(scopes)s。"),
    "view.name_missing": _lazy("请给视图起个名字。"),
    "view.name_taken": _lazy("已有名为“%(name)s”的视图，请换个名字。"),
    "view.not_understood": _lazy("视图的条件有误，请重新选择。"),
    "view.team_not_led": _lazy("只有班组长可以更改班组共用的内容。"),
    "view.too_many": _lazy("最多保存 %(at_most)s 个视图，请先删除不用的。"),
    "view.unknown": _lazy("没有这个视图，或它不是给您用的。"),
    "visit.not_offered": _lazy("%(starts_at)s 已不可预约，请另选时段。"),
    "visit.out_of_hours": _lazy("按标准，这类工单不在这个时间上门，请选上门服务时间内的时段。"),
    "within.unreadable": _lazy("服务标准中的时限写法无法识别。"),
    "work_order.arrived_already": _lazy("已于 %(at)s 到场。"),
    "work_order.busy": _lazy("这个时段已排给派工单 %(work_order)s，请先做完它，或请调度员调整。"),
    "work_order.cannot_move": _lazy("派工单状态不允许此操作，请刷新。"),
    "work_order.in_the_past": _lazy("上门时间 %(starts_at)s 已过，请另选时间。"),
    "work_order.not_a_visit": _lazy("这张派工单不需要上门。"),
    "work_order.not_planned": _lazy("这张派工单还没有约定时间。"),
    "work_order.unclaimed": _lazy("派工单 %(number)s 还没有人接单。"),
    "work_order.unknown": _lazy("没有这张派工单，或您无权查看。"),
    "work_order.unreasoned": _lazy("请填写理由。"),
}
# A program has no page to refresh and no button to press: what it is told instead.
TO_PROGRAMS: dict[str, str | Promise] = {
    "assignment.taken": _lazy("派工单 %(work_order)s 已被别人接走，请重新读取工单。"),
    "assignment.to_nobody": _lazy("请给出 staff_number 或 team_code。"),
    "cursor.invalid": _lazy("cursor 须是上一页给出的 next，请从第一页开始。"),
    "intake.not_offered": _lazy("工单 %(number)s 不在可并入之列，请从 facts.numbers 中选择。"),
    "intake.same_matter": _lazy(
        "这件事已登记为 %(numbers)s，请以 same_as 并入，或以 anyway 说明是另一件事。"
    ),
    "intake.same_matter_hidden": _lazy(
        "已有同类事项未办结，但不在这个令牌的范围；如是另一件事，请带 anyway 重试。"
    ),
    "key.invalid": _lazy(
        "请在请求头 Idempotency-Key 中给出 1 至 64 个可打印字符；每次变更换一个，重试时不换。"
    ),
    "key.reused": _lazy("这个 Idempotency-Key 已用于另一个请求，请换一个。"),
    "ticket.cannot_move": _lazy("工单处于“%(current)s”，不能改为“%(wanted)s”，请重新读取工单。"),
    "work_order.cannot_move": _lazy("派工单状态不允许此操作，请重新读取派工单。"),
}
UNKNOWN: str | Promise = _lazy("按服务标准，这个操作现在不能进行。")

# Facts whose value is a code are worded by the table of the same name.
WORDED_BY = {"current": "state", "wanted": "state", **{name: name for name in labels.TABLES}}


def sentence(refused: Refused, *, to_program: bool = False) -> str:
    """Word a refusal; an unknown code gets the general sentence and shows the code."""
    template = TO_PROGRAMS.get(refused.code) if to_program else None
    template = template or SENTENCES.get(refused.code)
    if template is None:
        return f"{UNKNOWN} ({refused.code})"
    facts = dict(refused.facts)
    if formats.in_english():
        # What the standard names in both languages comes as a pair: `names` and `names_en`.
        facts |= {n.removesuffix("_en"): v for n, v in facts.items() if n.endswith("_en") and v}
    return str(template) % _Facts({name: _worded(name, value) for name, value in facts.items()})


def facts_named_in(code: str) -> frozenset[str]:
    """Return the names of the facts that a code's sentence uses."""
    templates = f"{SENTENCES[code]}{TO_PROGRAMS.get(code, '')}"
    return frozenset(re.findall(r"%\((\w+)\)s", templates))


def _worded(name: str, value: object) -> str:
    if isinstance(value, datetime):
        return formats.datetime_short(value)
    if isinstance(value, timedelta):
        return formats.duration_words(value)
    if isinstance(value, (list, tuple, set, frozenset)):
        return _("、").join(_worded(name, each) for each in value)
    if name.endswith("_bytes") and isinstance(value, int):
        return formats.bytes_size(value)
    if name in WORDED_BY:
        return labels.label(WORDED_BY[name], value)
    return str(value)


class _Facts(dict[str, str]):
    """Show a fact that the refusal did not carry as an ellipsis, instead of failing the page."""

    def __missing__(self, name: str) -> str:
        return "…"
