/* Shows what waits on this device, sends it when the network is back, and keeps what cannot be sent. */
import { drop, keep, send, waitingOf, type Waiting } from "./outbox";
import { say } from "./words";

const REPORT = "/portal/report/fault";
const NOT_FIELDS = new Set(["csrfmiddlewaretoken", "photo"]);
const owner = () => document.body.dataset["owner"] ?? "";

function line(words: string, ...actions: HTMLElement[]): HTMLElement {
  const box = document.createElement("div");
  box.className = "kept-here";
  const text = document.createElement("p");
  text.textContent = words;
  box.append(text, ...actions);
  return box;
}

function link(words: string, href: string): HTMLElement {
  const made = document.createElement("a");
  made.className = "text-link";
  made.textContent = words;
  made.href = href;
  return made;
}

function discard(key: string): HTMLElement {
  const made = document.createElement("button");
  made.type = "button";
  made.className = "text-link";
  made.textContent = say("discard");
  made.addEventListener("click", () => void drop(key).then(() => made.closest(".kept-here")?.remove()));
  return made;
}

function shown(one: Waiting): HTMLElement {
  const words = one.url === "" ? say("note") : one.asks ? say("asks") : say("waiting");
  const open = link(say("open"), `${one.url || REPORT}#kept=${one.key}`);
  return one.asks || one.url === "" ? line(words, open, discard(one.key)) : line(words, discard(one.key));
}

/** Send what can be sent and show the rest; never twice at the same time. */
let busy = false;
async function tend(): Promise<void> {
  const list = document.getElementById("kept");
  if (!list || busy) return;
  busy = true;
  const lines: HTMLElement[] = [];
  try {
    for (const one of await waitingOf(owner())) {
      let led = "";
      if (one.url && one.owner && !one.asks && navigator.onLine) led = await send(one).catch(() => "");
      if (led.startsWith("/")) {
        await drop(one.key);
        document.getElementById("kept-instead")?.remove();
        lines.push(line(say("sent"), link(say("see"), led)));
        continue;
      }
      if (led === "asks") await keep({ ...one, asks: true });
      // Whoever has opened it to look at it again sees it in the form.
      if (location.hash !== `#kept=${one.key}`) lines.push(shown({ ...one, asks: one.asks || led === "asks" }));
    }
    list.replaceChildren(...lines);
  } catch {
    // A browser that keeps nothing, as in private mode: there is nothing to show.
  } finally {
    busy = false;
  }
}

/** Keep a report that the network did not take. */
export async function keepReport(form: HTMLFormElement): Promise<void> {
  const given = new FormData(form);
  const photo = given.get("photo");
  const fields = [...given.entries()].filter((one): one is [string, string] => !NOT_FIELDS.has(one[0]) && typeof one[1] === "string");
  await keep({
    key: String(given.get("operation_key")),
    owner: owner(),
    url: form.getAttribute("action") || location.pathname,
    fields,
    photo: photo instanceof File && photo.size ? photo : null,
    keptAt: Date.now(),
    asks: false,
  });
  const instead = line(say("kept"));
  instead.id = "kept-instead";
  form.replaceWith(instead);
  await tend();
}

/** Fill the form with what was kept, when its owner comes back to it. */
export async function fillKept(form: HTMLFormElement): Promise<void> {
  const key = /^#kept=([\w-]+)$/.exec(location.hash)?.[1];
  if (!key) return;
  const one = (await waitingOf(owner())).find((kept) => kept.key === key);
  if (!one) return;
  for (const [name, value] of one.fields)
    form.querySelectorAll<HTMLInputElement>(`[name="${name}"]`).forEach((control) => {
      if (name === "operation_key") return;
      if (control.type === "radio") control.checked = control.value === value;
      else control.value = value;
    });
  form.addEventListener("htmx:beforeOnLoad", (event) => {
    const { xhr } = (event as CustomEvent<{ xhr: XMLHttpRequest }>).detail;
    if (xhr.getResponseHeader("HX-Redirect")?.startsWith("/portal/tickets/")) void drop(key);
  });
}

function startNote(): void {
  const form = document.querySelector<HTMLFormElement>("#offline-note");
  form?.addEventListener("submit", (event) => {
    event.preventDefault();
    const key = `note-${Date.now()}`;
    const description = String(new FormData(form).get("description") ?? "");
    const fields: [string, string][] = [["title", description.slice(0, 60)], ["description", description]];
    void keep({ key, owner: "", url: "", fields, photo: null, keptAt: Date.now(), asks: true }).then(() => {
      const status = form.querySelector("[role=status]");
      if (status) status.textContent = say("noted");
      form.reset();
    });
  });
}

/** Whoever signs out leaves nothing of theirs on the device. */
function startLeaving(): void {
  document.addEventListener("submit", (event) => {
    const form = event.target as HTMLFormElement;
    if (!form.matches("[data-leaves]") || form.dataset["left"] !== undefined) return;
    event.preventDefault();
    form.dataset["left"] = "";
    void waitingOf(owner())
      .then((all) => Promise.all(all.map((one) => drop(one.key))))
      .catch(() => undefined)
      .then(() => form.submit());
  });
}

export function startKept(): void {
  startNote();
  startLeaving();
  void tend();
  addEventListener("online", () => void tend());
}
