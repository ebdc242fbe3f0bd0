import htmx from "htmx.org";
// @ts-expect-error the package ships types only for its script build
import { Idiomorph } from "idiomorph/dist/idiomorph.esm.js";

import { say } from "../words";
import type { Changed } from "./live";

/* A case that stays true while it is open; never under the fingers of whoever writes in it. */

const APART = 1_500;
const SELECTOR = "[data-live-part]";

function inUse(part: HTMLElement): boolean {
  const focused = document.activeElement;
  const writes = focused instanceof HTMLElement && part.contains(focused) && focused.matches("input, textarea, select");
  const written = [...part.querySelectorAll<HTMLTextAreaElement | HTMLInputElement>("textarea, input[type=text]")].some(
    (field) => field.value !== field.defaultValue,
  );
  const selection = getSelection();
  const selects = !!selection && !selection.isCollapsed && part.contains(selection.anchorNode);
  return writes || written || selects || part.querySelector("dialog[open], :popover-open") !== null;
}

/** Put what the server shows now into the parts of the page that nobody is using. */
function bringIn(fresh: Document): boolean {
  let held = false;
  document.querySelectorAll<HTMLElement>(SELECTOR).forEach((part) => {
    const now = fresh.getElementById(part.id);
    if (!now || now.innerHTML === part.innerHTML) return;
    if (inUse(part)) {
      held = true;
      return;
    }
    Idiomorph.morph(part, now.innerHTML, { morphStyle: "innerHTML", restoreFocus: true });
    htmx.process(part);
  });
  return held;
}

function latest(fresh: Document): string {
  const head = fresh.querySelector(".stream > :first-child .entry-head");
  const words = head?.querySelectorAll(":scope > strong, :scope > span:not([class])") ?? [];
  return [...words].map((one) => one.textContent?.trim()).filter(Boolean).join(" ");
}

/** Above an open form: somebody changed the case meanwhile, so that nobody decides on what was. */
function warnWriter(fresh: Document): void {
  const form = document.querySelector<HTMLElement>("dialog[open]#action #action-body");
  if (!form) return;
  form.querySelector("[data-overtaken]")?.remove();
  const banner = document.createElement("p");
  banner.className = "overtaken";
  banner.dataset["overtaken"] = "";
  banner.setAttribute("role", "status");
  const what = latest(fresh);
  banner.textContent = what ? say("overtakenBy", what) : say("overtaken");
  form.prepend(banner);
}

export function startCase(): void {
  const number = document.querySelector<HTMLElement>("[data-live-case]")?.dataset["liveCase"];
  const bar = document.getElementById("case-news");
  if (!number || !bar) return;
  let timer = 0;
  let readAt = 0;
  let held: Document | null = null;
  const read = async () => {
    timer = 0;
    readAt = Date.now();
    const answer = await fetch(location.href, { redirect: "error" }).catch(() => null);
    if (!answer?.ok) return;
    const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
    warnWriter(fresh);
    held = bringIn(fresh) ? fresh : null;
    bar.hidden = !held;
  };
  const later = () => {
    timer ||= setTimeout(() => void read(), Math.max(0, readAt + APART - Date.now()) + Math.random() * 200);
  };
  document.addEventListener("live:changed", (event) => {
    if ((event as CustomEvent<Changed>).detail.changed.includes(number)) later();
  });
  document.addEventListener("live:anew", later);
  bar.addEventListener("click", () => {
    (document.activeElement as HTMLElement | null)?.blur();
    getSelection()?.removeAllRanges();
    if (held && bringIn(held)) location.reload();
    bar.hidden = true;
  });
}
