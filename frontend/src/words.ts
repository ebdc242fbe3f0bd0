/* The few sentences that the browser has to say itself, in both languages. */
const chinese = {
  left: "剩{0}",
  over: "超{0}",
  day: "{0}天",
  hour: "{0}小时",
  minute: "{0}分",
  lessThanMinute: "不到1分钟",
  join: "",
  network: "网络不可用。您填写的内容还在，请稍后再试。",
  slow: "服务器没有及时回应。您填写的内容还在，请再试一次。",
  server: "服务器出错了（{0}）。请再试一次；如仍失败，请联系管理员。",
  session: "登录已失效，请重新登录后再试。",
  forbidden: "您没有权限执行此操作。",
  missing: "要找的内容不存在或已被移走。",
  close: "关闭",
  copied: "已复制",
  noFile: "未选择文件",
  remove: "移除",
  tooLarge: "文件过大：{0}",
  table: "数据表",
  names: "、",
  clauses: "，",
  looks: "{0} 在看",
  writes: "{0} 正在输入",
  newTickets: "{0} 张新工单",
  arrived: "新到 {0} 张工单",
  rowsChanged: "{0} 张工单有更新",
  rowsLeft: "{0} 张工单已离开本列",
  gone: "已离开本列",
  picked: "已选 {0} 张",
  carrying: "已拿起 {0}，用方向键选人，回车先看结果，Esc 放下",
  overtaken: "这张工单刚刚有更新，提交前请核对。",
  overtakenBy: "这张工单刚刚有更新（{0}），提交前请核对。",
  results: "{0} 个结果",
  draftKept: "草稿已保存",
  draftRestored: "已恢复 {0} 的草稿",
  discard: "不要了",
};

const english: typeof chinese = {
  left: "{0} left",
  over: "{0} over",
  day: "{0} d",
  hour: "{0} h",
  minute: "{0} min",
  lessThanMinute: "< 1 min",
  join: " ",
  network: "No network. What you typed is still here; please try again.",
  slow: "The server did not answer in time. What you typed is still here; please try again.",
  server: "The server failed ({0}). Try again; if it persists, tell the administrator.",
  session: "You have been signed out. Sign in and try again.",
  forbidden: "You are not allowed to do this.",
  missing: "This does not exist or has been moved.",
  close: "Close",
  copied: "Copied",
  noFile: "No file chosen",
  remove: "Remove",
  tooLarge: "File too large: {0}",
  table: "Data",
  names: ", ",
  clauses: ", ",
  looks: "{0} here",
  writes: "{0} typing",
  newTickets: "{0} new tickets",
  arrived: "{0} new tickets arrived",
  rowsChanged: "{0} tickets changed",
  rowsLeft: "{0} tickets left this list",
  gone: "Left this list",
  picked: "{0} selected",
  carrying: "{0} picked up; arrow keys choose a person, Enter shows what would come of it, Esc puts it back",
  overtaken: "This ticket has just changed; check before you submit.",
  overtakenBy: "This ticket has just changed ({0}); check before you submit.",
  results: "{0} results",
  draftKept: "Draft kept",
  draftRestored: "Draft of {0} restored",
  discard: "Discard",
};

const spoken = document.documentElement.lang.startsWith("en") ? english : chinese;

export function say(key: keyof typeof chinese, ...values: (string | number)[]): string {
  return values.reduce<string>((text, value, place) => text.replace(`{${place}}`, String(value)), spoken[key]);
}

/** Word a duration exactly as the server's `duration_words` filter does. */
export function durationWords(seconds: number): string {
  const minutes = Math.floor(Math.abs(seconds) / 60);
  if (minutes < 1) return say("lessThanMinute");
  const days = Math.floor(minutes / 1440);
  const hours = Math.floor((minutes % 1440) / 60);
  const parts: string[] = [];
  if (days) parts.push(say("day", days));
  if (hours) parts.push(say("hour", hours));
  if (minutes % 60 && !days) parts.push(say("minute", minutes % 60));
  return parts.join(say("join"));
}
