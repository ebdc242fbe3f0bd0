import htmx from "htmx.org";

import { say } from "./words";

/*
 * The leader's board: a ticket is given to somebody by dragging it, or by picking it up and choosing
 * with the arrow keys. Both end at the same form, which first shows what would come of it.
 */

const LOOK_AT_STAMP = 5_000;
let carried = "";
let dragging = false;

function board(): HTMLElement | null {
  return document.getElementById("board");
}

function cardOf(element: EventTarget | null): HTMLElement | null {
  return element instanceof Element ? element.closest<HTMLElement>("#board [data-card]") : null;
}

/** Where the carried card may go: anywhere but to whom has it. */
function lands(): HTMLElement[] {
  const lane = document.getElementById(`card-${carried}`)?.closest(".board-lane");
  return [...document.querySelectorAll<HTMLElement>("#board [data-here]")].filter((one) => !lane?.contains(one));
}

/** Mark what is carried, also after the region has been read anew. */
function show(): void {
  board()?.toggleAttribute("data-carrying", carried !== "");
  document.querySelectorAll<HTMLElement>("#board [data-card]").forEach((card) => {
    card.toggleAttribute("data-carried", card.dataset["card"] === carried);
  });
}

function tell(words: string): void {
  const said = document.getElementById("board-says");
  if (said) said.textContent = words;
}

function pick(card: HTMLElement): void {
  carried = card.dataset["card"] ?? "";
  show();
  tell(say("carrying", carried));
}

function letGo(focus: boolean): void {
  const card = document.getElementById(`card-${carried}`);
  carried = "";
  show();
  if (focus) card?.querySelector<HTMLElement>("[data-picks]")?.focus();
}

async function give(to: string): Promise<void> {
  const card = document.getElementById(`card-${carried}`);
  const dialog = document.getElementById("action");
  // The dialog gives focus back to what had it: the card, not a button that hides.
  letGo(true);
  if (!card || !(dialog instanceof HTMLDialogElement)) return;
  dialog.showModal();
  await htmx.ajax("get", `${card.dataset["move"]}&to=${encodeURIComponent(to)}`, { target: "#action-body", swap: "innerHTML" });
}

function refresh(): void {
  const region = document.getElementById("board-live");
  if (!region) return;
  region.dataset["stale"] = "";
  htmx.trigger(region, "refresh", {});
}

function byKey(event: KeyboardEvent): void {
  if (!carried) return;
  if (event.key === "Escape") return letGo(true);
  const step = { ArrowDown: 1, ArrowRight: 1, ArrowUp: -1, ArrowLeft: -1 }[event.key];
  const all = lands();
  if (!step || !all.length) return;
  event.preventDefault();
  const here = all.indexOf(document.activeElement as HTMLElement);
  const next = all[(here + step + all.length) % all.length];
  next?.focus();
  next?.scrollIntoView({ block: "nearest" });
}

function byPointer(root: HTMLElement): void {
  const over = (event: Event) => (event.target as Element).closest<HTMLElement>("[data-drop]");
  const leave = () => root.querySelectorAll("[data-over]").forEach((one) => one.removeAttribute("data-over"));
  root.addEventListener("dragstart", (event) => {
    const card = cardOf(event.target);
    if (!card || !event.dataTransfer) return;
    dragging = true;
    event.dataTransfer.effectAllowed = "move";
    event.dataTransfer.setData("text/plain", card.dataset["card"] ?? "");
    pick(card);
  });
  root.addEventListener("dragover", (event) => {
    const place = over(event);
    if (!dragging || !place) return;
    event.preventDefault();
    if (place.hasAttribute("data-over")) return;
    leave();
    place.setAttribute("data-over", "");
  });
  root.addEventListener("drop", (event) => {
    const to = over(event)?.dataset["drop"];
    if (!dragging || !to) return;
    event.preventDefault();
    void give(to);
  });
  root.addEventListener("dragend", () => {
    dragging = false;
    leave();
    letGo(false);
  });
}

function startBoard(root: HTMLElement): void {
  byPointer(root);
  root.addEventListener("click", (event) => {
    const target = event.target as Element;
    const card = cardOf(target.closest("[data-picks]"));
    const to = target.closest<HTMLElement>("[data-here]")?.dataset["here"];
    if (card) {
      event.preventDefault();
      if (carried === card.dataset["card"]) return letGo(true);
      pick(card);
      lands()[0]?.focus();
    } else if (to && carried) void give(to);
  });
  document.addEventListener("keydown", byKey);
  root.addEventListener("htmx:afterSettle", show);
  // Nothing moves under a hand that carries something.
  root.addEventListener("htmx:beforeRequest", (event) => {
    if (carried) event.preventDefault();
  });
  document.getElementById("action")?.addEventListener("close", refresh);
  document.body.addEventListener("htmx:afterRequest", (event) => {
    const { requestConfig } = (event as CustomEvent<{ requestConfig: { verb: string; path: string } }>).detail;
    if (requestConfig.verb === "post" && !requestConfig.path.endsWith("/trial")) refresh();
  });
}

/** Say when what is on the wall is too old to be trusted; silence looks the same as calm. */
function startStamp(stamp: HTMLElement): void {
  let read = Date.now();
  const words = stamp.querySelector("[data-stamp]");
  const after = Number(stamp.dataset["staleAfter"]) * 1_000;
  const look = () => stamp.toggleAttribute("data-stale", Date.now() - read > after);
  document.getElementById("wall-live")?.addEventListener("htmx:afterSettle", () => {
    read = Date.now();
    if (words) words.textContent = new Date(read).toLocaleTimeString(document.documentElement.lang, { hour12: false });
    look();
  });
  setInterval(look, LOOK_AT_STAMP);
}

const root = board();
if (root) startBoard(root);
const stamp = document.getElementById("wall-stamp");
if (stamp) startStamp(stamp);
