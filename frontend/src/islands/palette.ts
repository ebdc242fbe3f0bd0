import htmx from "htmx.org";

import { say } from "../words";

/* The palette: a combobox whose list holds what the server finds and what can be done by name. */

const pause = 140;
let timer = 0;
let asked = 0;

function palette(): HTMLDialogElement | null {
  return document.querySelector<HTMLDialogElement>("dialog#palette");
}

function shown(dialog: HTMLElement): HTMLElement[] {
  return [...dialog.querySelectorAll<HTMLElement>("[role=option]")].filter((option) => !option.hidden && !option.closest("[hidden]"));
}

function choose(dialog: HTMLElement, option: HTMLElement | undefined): void {
  dialog.querySelectorAll("[role=option][aria-selected=true]").forEach((one) => one.setAttribute("aria-selected", "false"));
  const input = dialog.querySelector(".palette-input");
  if (!option) {
    input?.removeAttribute("aria-activedescendant");
    return;
  }
  option.setAttribute("aria-selected", "true");
  option.scrollIntoView({ block: "nearest" });
  input?.setAttribute("aria-activedescendant", option.id);
}

function settle(dialog: HTMLElement): void {
  dialog.querySelectorAll<HTMLElement>("[role=listbox] > [role=group]").forEach((group) => {
    group.hidden = ![...group.querySelectorAll<HTMLElement>("[role=option]")].some((option) => !option.hidden);
  });
  const options = shown(dialog);
  choose(dialog, options[0]);
  const none = dialog.querySelector<HTMLElement>("[data-none]");
  if (none) none.hidden = options.length > 0;
  const counted = dialog.querySelector<HTMLElement>("[data-counted]");
  if (counted) counted.textContent = say("results", options.length);
}

/** A name that begins with what was typed comes before one that holds it. */
function rank(words: string, typed: string): number {
  if (!typed) return 1;
  const found = words.split(" ");
  if (found.some((word) => word.startsWith(typed))) return 2;
  return words.includes(typed) ? 1 : 0;
}

function narrow(dialog: HTMLElement, typed: string): void {
  for (const group of dialog.querySelectorAll<HTMLElement>("[data-commands], [data-here]")) {
    const options = [...group.querySelectorAll<HTMLElement>("[role=option]")];
    const ranked = options.map((option, place) => ({ option, place, fits: rank(option.dataset["words"] ?? "", typed) }));
    ranked.forEach(({ option, fits }) => (option.hidden = fits === 0));
    ranked.sort((one, other) => other.fits - one.fits || one.place - other.place);
    if (typed) group.append(...ranked.map(({ option }) => option));
  }
}

async function suggest(dialog: HTMLElement, input: HTMLInputElement): Promise<void> {
  const answers = dialog.querySelector<HTMLElement>("[data-answers]");
  const typed = input.value.trim();
  const turn = ++asked;
  if (!answers) return;
  if (typed.length < 2) {
    answers.replaceChildren();
    settle(dialog);
    return;
  }
  const answer = await fetch(`${input.dataset["suggests"]}?q=${encodeURIComponent(typed)}`, {
    headers: { "HX-Request": "true" },
  }).catch(() => null);
  // A later question has been asked in the meantime.
  if (turn !== asked || !answer?.ok) return;
  answers.innerHTML = await answer.text();
  answers.querySelectorAll<HTMLElement>("[role=option]").forEach((option, place) => {
    option.id ||= `answer-${place}`;
    option.classList.add("palette-option");
  });
  settle(dialog);
}

function changed(input: HTMLInputElement): void {
  const dialog = palette();
  if (!dialog) return;
  narrow(dialog, input.value.trim().toLowerCase());
  settle(dialog);
  clearTimeout(timer);
  timer = window.setTimeout(() => void suggest(dialog, input), pause);
}

function take(option: HTMLElement, apart: boolean): void {
  const href = option.dataset["href"] ?? option.querySelector<HTMLAnchorElement>("a[href]")?.href;
  const does = option.dataset["does"] ?? "";
  if (href && apart) {
    open(href, "_blank", "noopener");
    return;
  }
  palette()?.close();
  if (href) location.assign(href);
  else if (does.startsWith("toggle.")) document.querySelector<HTMLElement>(`[data-toggles="${does.slice(7)}"]`)?.click();
  else if (does) document.querySelector<HTMLElement>(`[data-shortcut="${does}"]`)?.click();
  else pressed.get(option)?.click();
}

const pressed = new WeakMap<HTMLElement, HTMLElement>();

/** Offer what can be done on this page: whatever says `data-command="its name"`. */
function offerHere(dialog: HTMLElement): void {
  const group = dialog.querySelector<HTMLElement>("[data-here]");
  if (!group) return;
  group.querySelectorAll("[role=option]").forEach((option) => option.remove());
  document.querySelectorAll<HTMLElement>("main [data-command]").forEach((source, place) => {
    const option = document.createElement("div");
    option.className = "palette-option";
    option.id = `here-${place}`;
    option.setAttribute("role", "option");
    option.setAttribute("aria-selected", "false");
    const picture = source.querySelector(".icon")?.cloneNode(true);
    const words = document.createElement("span");
    words.textContent = source.dataset["command"] ?? "";
    option.dataset["words"] = `${source.dataset["command"]} ${source.dataset["words"] ?? ""}`.toLowerCase();
    option.append(...(picture ? [picture, words] : [words]));
    pressed.set(option, source);
    group.append(option);
  });
}

const fetching = new WeakSet<HTMLElement>();

async function opened(dialog: HTMLDialogElement): Promise<void> {
  // The box is there from the start, so that the first keys are not lost while the list is fetched.
  const input = dialog.querySelector<HTMLInputElement>(".palette-input");
  input?.focus();
  input?.select();
  const url = dialog.dataset["fetches"];
  const fetched = () => dialog.querySelector("[data-fetched]");
  if (url && !fetched() && !fetching.has(dialog)) {
    fetching.add(dialog);
    await htmx.ajax("get", url, { target: dialog, swap: "beforeend" });
    fetching.delete(dialog);
  }
  if (!input || !fetched()) return;
  offerHere(dialog);
  changed(input);
}

function onKey(event: KeyboardEvent): void {
  const input = (event.target as Element).closest?.<HTMLInputElement>(".palette-input");
  const dialog = palette();
  // While an input method composes, its own list has the arrows and Enter.
  if (!input || !dialog || event.isComposing || event.keyCode === 229) return;
  const options = shown(dialog);
  const here = options.findIndex((option) => option.getAttribute("aria-selected") === "true");
  const steps: Record<string, number> = { ArrowDown: 1, ArrowUp: -1, PageDown: 8, PageUp: -8 };
  const step = steps[event.key];
  if (step !== undefined) {
    event.preventDefault();
    const wanted = Math.abs(step) > 1 ? Math.min(Math.max(here + step, 0), options.length - 1) : (here + step + options.length) % options.length;
    choose(dialog, options[wanted]);
  } else if (event.key === "Enter") {
    event.preventDefault();
    const option = options[here];
    if (option) take(option, event.ctrlKey || event.metaKey);
  }
}

export function startPalette(): void {
  document.addEventListener("click", (event) => {
    const target = event.target as Element;
    const opener = target.closest<HTMLElement>("[data-opens]");
    const dialog = document.getElementById(opener?.dataset["opens"] ?? "");
    if (dialog instanceof HTMLDialogElement && dialog.dataset["fetches"]) void opened(dialog);
    const option = target.closest<HTMLElement>("#palette [role=option]");
    if (option) take(option, (event as MouseEvent).ctrlKey || (event as MouseEvent).metaKey);
  });
  document.addEventListener("keydown", onKey);
  document.addEventListener("input", (event) => {
    const input = event.target as HTMLElement;
    if (input.matches(".palette-input") && !(event as InputEvent).isComposing) changed(input as HTMLInputElement);
  });
  document.addEventListener("compositionend", (event) => {
    const input = event.target as HTMLElement;
    if (input.matches(".palette-input")) changed(input as HTMLInputElement);
  });
}
