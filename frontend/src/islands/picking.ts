import htmx from "htmx.org";

import { say } from "../words";
import { offer } from "./shortcuts";

/* Rows that are picked for one action on all, and rows that open below themselves. */

const AT_MOST = 50;
const picked = new Set<string>();
let last: HTMLElement | null = null;

function rows(): HTMLElement[] {
  return [...document.querySelectorAll<HTMLElement>("#queue tr.ticket-row")];
}

function numberOf(row: Element): string {
  return row.id.slice(4);
}

function boxOf(row: Element): HTMLInputElement | null {
  return row.querySelector<HTMLInputElement>(".row-pick");
}

function focusedRow(): HTMLElement | null {
  return document.activeElement?.closest<HTMLElement>("#queue tr.ticket-row") ?? null;
}

/** Show what is picked, also on rows that have just come anew. */
function show(bar: HTMLElement): void {
  for (const row of rows()) {
    const box = boxOf(row);
    if (box) box.checked = picked.has(numberOf(row));
    row.toggleAttribute("data-picked", picked.has(numberOf(row)));
  }
  bar.hidden = !picked.size;
  const words = bar.querySelector("[data-words]");
  if (words) words.textContent = say("picked", picked.size);
}

function pick(row: HTMLElement, wanted: boolean): void {
  if (wanted && picked.size < AT_MOST) picked.add(numberOf(row));
  else picked.delete(numberOf(row));
}

/** From the row picked last to this one, as lists do everywhere. */
function pickUpTo(row: HTMLElement, wanted: boolean): void {
  const all = rows();
  const ends = [last ? all.indexOf(last) : -1, all.indexOf(row)];
  if (ends[0] === -1) return pick(row, wanted);
  for (const one of all.slice(Math.min(...ends), Math.max(...ends) + 1)) pick(one, wanted);
}

async function preview(row: HTMLElement): Promise<void> {
  const below = row.nextElementSibling;
  if (below?.matches("[data-preview]")) {
    below.remove();
    row.removeAttribute("aria-expanded");
    return;
  }
  document.querySelectorAll("[data-preview]").forEach((one) => one.remove());
  const shown = document.createElement("tr");
  shown.dataset["preview"] = "";
  shown.id = `preview-${numberOf(row)}`;
  const cell = shown.insertCell();
  cell.colSpan = row.children.length;
  row.after(shown);
  await htmx.ajax("get", `${row.dataset["href"]}/preview`, { target: cell, swap: "innerHTML" });
  shown.scrollIntoView({ block: "nearest" });
}

export function startPicking(): void {
  const region = document.getElementById("queue");
  const bar = document.getElementById("picked");
  if (!region || !bar) return;
  region.addEventListener("click", (event) => {
    const box = event.target as HTMLInputElement;
    const row = box.closest<HTMLElement>("tr.ticket-row");
    if (!row || !box.matches(".row-pick")) return;
    if (event.shiftKey) pickUpTo(row, box.checked);
    else pick(row, box.checked);
    last = row;
    show(bar);
  });
  bar.querySelector("[data-unpicks]")?.addEventListener("click", () => {
    picked.clear();
    show(bar);
  });
  document.body.addEventListener("htmx:configRequest", (event) => {
    const { elt, parameters } = (event as CustomEvent<{ elt: HTMLElement; parameters: Record<string, string> }>).detail;
    if (elt.closest("#picked")) parameters["numbers"] = [...picked].join(",");
  });
  document.addEventListener("live:rows", () => show(bar));
  region.addEventListener("htmx:afterSettle", () => show(bar));
  region.addEventListener("keydown", (event) => {
    const row = focusedRow();
    if (event.key !== " " || !row || (event.target as Element).matches("input, button")) return;
    event.preventDefault();
    void preview(row);
  });
  offer("queue.preview", () => {
    const row = focusedRow();
    if (row) void preview(row);
    return !!row;
  });
  offer("queue.pick", () => {
    const row = focusedRow();
    if (!row) return false;
    pick(row, !picked.has(numberOf(row)));
    last = row;
    show(bar);
    return true;
  });
  addEventListener("pageshow", () => show(bar));
}
