import { freshKey } from "./requests";
import { say } from "../words";

/*
 * Help for whoever writes on a case: drafts that are kept on the server, and lists of canned texts
 * (after `::`) and colleagues (after `@`).
 */

const pause = 1_200;
const place = /^\/console\/tickets\/([A-Z0-9-]+)\/[a-z/]+$/;
const timers = new WeakMap<HTMLFormElement, number>();
const seen = new WeakSet<HTMLFormElement>();
// What a form looked like before anybody wrote in it.
const empty = new WeakMap<HTMLFormElement, string>();

function placeOf(form: HTMLFormElement | null): string {
  if (!form?.querySelector("textarea")) return "";
  const path = new URL(form.getAttribute("action") ?? "", location.href).pathname;
  return place.test(path) && form.method === "post" ? path : "";
}

function written(form: HTMLFormElement): URLSearchParams {
  const found = new URLSearchParams();
  for (const [name, value] of new FormData(form))
    if (typeof value === "string" && name !== "csrfmiddlewaretoken" && name !== "operation_key") found.append(name, value);
  return found;
}

function tell(form: HTMLFormElement, words: string, discards = false): void {
  let line = form.querySelector<HTMLElement>("[data-draft-state]");
  if (!line) {
    line = document.createElement("p");
    line.className = "quiet text-xs";
    line.dataset["draftState"] = "";
    line.setAttribute("role", "status");
    form.querySelector(".form-actions")?.before(line);
  }
  line.textContent = words;
  if (!discards) return;
  const button = document.createElement("button");
  button.type = "button";
  button.className = "text-link";
  button.textContent = say("discard");
  button.addEventListener("click", () => void discard(form));
  line.append(" ", button);
}

function headers(): Record<string, string> {
  const given = JSON.parse(document.body.getAttribute("hx-headers") ?? "{}") as Record<string, string>;
  return { ...given, "Idempotency-Key": freshKey() };
}

async function send(form: HTMLFormElement, extra: Record<string, string> = {}): Promise<boolean> {
  const body = written(form);
  body.set("place", placeOf(form));
  for (const [name, value] of Object.entries(extra)) body.set(name, value);
  const answer = await fetch("/console/drafts", { method: "POST", headers: headers(), body, keepalive: true }).catch(() => null);
  return !!answer?.ok;
}

async function keep(form: HTMLFormElement): Promise<void> {
  timers.delete(form);
  if (!form.isConnected || form.hasAttribute("data-busy")) return;
  if (await send(form)) tell(form, say("draftKept"));
}

async function discard(form: HTMLFormElement): Promise<void> {
  await send(form, { discard: "1" });
  form.reset();
  tell(form, "");
}

/** Put back what was begun, perhaps at another computer; never over what has been written here. */
async function restore(form: HTMLFormElement): Promise<void> {
  const where = placeOf(form);
  if (!where || seen.has(form)) return;
  seen.add(form);
  empty.set(form, written(form).toString());
  const answer = await fetch(`/console/drafts?place=${encodeURIComponent(where)}`).catch(() => null);
  if (!answer?.ok) return;
  const { values, saved } = (await answer.json()) as { values: Record<string, string>; saved: string };
  if (!saved || written(form).toString() !== empty.get(form)) return;
  for (const field of form.querySelectorAll<HTMLInputElement>("[name]")) {
    const value = values[field.name];
    if (field.type === "hidden") continue;
    if (field.type === "checkbox" || field.type === "radio") field.checked = value === field.value;
    else if (value !== undefined) field.value = value;
  }
  tell(form, say("draftRestored", saved), true);
}

function restoreIn(scope: ParentNode): void {
  scope.querySelectorAll<HTMLFormElement>("form").forEach((form) => void restore(form));
}

/* The list under a text box. */

const triggers: [RegExp, string][] = [
  [/::([^\s:]{0,16})$/, "phrases"],
  [/[@＠]([^\s@＠]{0,12})$/, "colleagues"],
];
let picker: HTMLElement | null = null;
let box: HTMLTextAreaElement | null = null;
let from = 0;
let turn = 0;

function close(): void {
  picker?.remove();
  picker = null;
  box?.removeAttribute("aria-activedescendant");
  box?.removeAttribute("aria-controls");
  box = null;
  turn++;
}

function options(): HTMLElement[] {
  return [...(picker?.querySelectorAll<HTMLElement>("[role=option]") ?? [])];
}

function mark(option: HTMLElement | undefined): void {
  options().forEach((one) => one.setAttribute("aria-selected", String(one === option)));
  option?.scrollIntoView({ block: "nearest" });
  if (option) box?.setAttribute("aria-activedescendant", option.id);
}

function insert(option: HTMLElement): void {
  if (!box) return;
  const area = box;
  area.setRangeText(option.dataset["text"] ?? "", from, area.selectionStart, "end");
  close();
  area.focus();
  area.dispatchEvent(new Event("input", { bubbles: true }));
}

async function offer(area: HTMLTextAreaElement): Promise<void> {
  const number = place.exec(placeOf(area.form))?.[1];
  const before = area.value.slice(0, area.selectionStart);
  const found = triggers.map(([pattern, kind]) => ({ match: pattern.exec(before), kind })).find(({ match }) => match);
  if (!number || !found?.match) {
    close();
    return;
  }
  const asked = ++turn;
  const url = `/console/tickets/${number}/${found.kind}?q=${encodeURIComponent(found.match[1] ?? "")}`;
  const answer = await fetch(url, { headers: { "HX-Request": "true" } }).catch(() => null);
  if (!answer?.ok || asked !== turn) return;
  const words = await answer.text();
  if (asked !== turn) return;
  picker?.remove();
  picker = document.createElement("div");
  picker.className = "picker";
  picker.id = "picker";
  picker.setAttribute("role", "listbox");
  picker.innerHTML = words;
  area.after(picker);
  area.setAttribute("aria-controls", "picker");
  area.setAttribute("aria-autocomplete", "list");
  box = area;
  from = found.match.index;
  mark(options()[0]);
}

function onKey(event: KeyboardEvent): void {
  if (!picker || event.isComposing || event.keyCode === 229 || event.target !== box) return;
  const all = options();
  const here = all.findIndex((one) => one.getAttribute("aria-selected") === "true");
  if (event.key === "ArrowDown" || event.key === "ArrowUp") {
    event.preventDefault();
    mark(all[(here + (event.key === "ArrowDown" ? 1 : -1) + all.length) % all.length]);
  } else if ((event.key === "Enter" || event.key === "Tab") && all[here]) {
    event.preventDefault();
    insert(all[here]);
  } else if (event.key === "Escape") {
    event.preventDefault();
    event.stopPropagation();
    close();
  }
}

export function startWriting(): void {
  if (!document.body.dataset["keys"]) return;
  restoreIn(document);
  document.body.addEventListener("htmx:afterSettle", (event) => restoreIn(event.target as HTMLElement));
  document.addEventListener("input", (event) => {
    const field = event.target as HTMLTextAreaElement;
    const form = field.form;
    if (form && placeOf(form)) {
      clearTimeout(timers.get(form));
      timers.set(form, window.setTimeout(() => void keep(form), pause));
    }
    if (field.matches("textarea") && !(event as InputEvent).isComposing) void offer(field);
  });
  document.addEventListener("compositionend", (event) => {
    if ((event.target as Element).matches("textarea")) void offer(event.target as HTMLTextAreaElement);
  });
  document.addEventListener("submit", (event) => {
    const form = event.target as HTMLFormElement;
    clearTimeout(timers.get(form));
    timers.delete(form);
  });
  document.addEventListener("keydown", onKey, true);
  document.addEventListener("mousedown", (event) => {
    const option = (event.target as Element).closest<HTMLElement>(".picker [role=option]");
    if (!option) {
      if (picker && !(event.target as Element).closest(".picker")) close();
      return;
    }
    event.preventDefault();
    insert(option);
  });
  // A shortcut chooses for whom, and goes on in the text box.
  document.addEventListener("click", (event) => {
    const mode = (event.target as Element).closest<HTMLInputElement>("input[data-writes]");
    mode?.form?.querySelector("textarea")?.focus();
  });
}
