import { durationWords, say } from "../words";

/* Keeps clock badges honest between two page loads; the server has rendered the first text. */

function tick(badge: HTMLElement, now: number): void {
  const due = Date.parse(badge.dataset["due"] ?? "");
  if (Number.isNaN(due)) return;
  const seconds = Math.floor((due - now) / 1000);
  const warn = Date.parse(badge.dataset["warn"] ?? "");
  const state = seconds < 0 ? "breached" : !Number.isNaN(warn) && now >= warn ? "at_risk" : "running";
  const words = badge.querySelector("[data-left]");
  if (words) words.textContent = say(seconds < 0 ? "over" : "left", durationWords(seconds));
  if (badge.dataset["clock"] !== state) {
    badge.dataset["clock"] = state;
    const use = badge.querySelector("use");
    const icons: Record<string, string> = { running: "clock", at_risk: "clock-alert", breached: "octagon-alert" };
    const href = use?.getAttribute("href");
    if (use && href) use.setAttribute("href", href.replace(/#.*$/, `#${icons[state]}`));
    const prefix = badge.querySelector("[data-state-words]");
    const spoken = badge.dataset[state === "at_risk" ? "saysAtRisk" : state === "breached" ? "saysBreached" : "saysRunning"];
    if (prefix && spoken) prefix.textContent = spoken;
  }
}

export function startClocks(): void {
  // The server's clock decides, not the device's.
  const served = Number(document.documentElement.dataset["servedAt"] ?? Number.NaN);
  const ahead = Number.isNaN(served) ? 0 : Date.now() - served;
  const tickAll = () => {
    if (document.hidden) return;
    const now = Date.now() - (Math.abs(ahead) > 30_000 ? ahead : 0);
    document
      .querySelectorAll<HTMLElement>('[data-clock="running"], [data-clock="at_risk"], [data-clock="breached"]')
      .forEach((badge) => tick(badge, now));
  };
  setInterval(tickAll, 10_000);
  document.addEventListener("visibilitychange", tickAll);
}
