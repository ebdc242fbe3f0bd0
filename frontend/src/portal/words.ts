/* What the portal says without the server. */
const chinese = {
  kept: "没有网络，报告已保存在本机，联网后自动发送。",
  waiting: "有一份报告等待发送",
  asks: "这份报告需要您再确认一下",
  note: "您离线时写下的问题还在",
  open: "打开",
  discard: "删除",
  sent: "离线时写的报告已发送",
  see: "看进度",
  noted: "已保存在本机，联网后打开首页接着报修。",
};
const english: typeof chinese = {
  kept: "No network: the report is kept on this device and sent once you are online.",
  waiting: "A report is waiting to be sent",
  asks: "This report needs another look from you",
  note: "What you wrote while offline is still here",
  open: "Open",
  discard: "Discard",
  sent: "The report you wrote offline has been sent",
  see: "See progress",
  noted: "已保存在本机。 Kept on this device; open the start page once you are online.",
};
const spoken = document.documentElement.lang.startsWith("en") ? english : chinese;

export const say = (key: keyof typeof chinese): string => spoken[key];
