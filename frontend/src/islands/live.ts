import htmx from "htmx.org";

/*
 * Hears from the live program what changed, and tells the page by events on the document:
 *   live:changed {changed, entered}   live:anew   live:company {cases}   live:call
 * Where it cannot be heard, the same is asked of the web server every few seconds.
 */

export interface Changed {
  changed: string[];
  entered: string[];
}
export type Company = Record<string, [name: string, writes: boolean][]>;

const FIRST_PAUSE = 1_000;
const LONGEST_PAUSE = 60_000;
const ASK_EVERY = 5_000;
const HIDDEN_AT_MOST = 20_000;
const NEWS_APART = 2_500;
// Even a screen that hears everything looks by itself now and then.
const LOOK_AFTER = 60_000;

let address = "";
let source: EventSource | null = null;
let key = "";
let position = "";
let failures = 0;
let again = 0;
let hiding = 0;
let ended = false;
let asking = 0;
let asked = { position: "", etag: "" };

/** Say whether events are heard at the moment. */
export function hears(): boolean {
  return key !== "";
}

function announce(name: string, detail: unknown = {}): void {
  document.dispatchEvent(new CustomEvent(`live:${name}`, { detail }));
}

function where(): URLSearchParams {
  const about = new URLSearchParams();
  const shown = document.querySelector<HTMLElement>("[data-live-case]")?.dataset["liveCase"];
  const tab = document.querySelector<HTMLElement>("[data-live-tab]")?.dataset["liveTab"];
  if (shown) about.set("case", shown);
  if (tab) about.set("tab", tab);
  return about;
}

function connect(): void {
  clearTimeout(again);
  if (source || ended || document.hidden) return;
  const about = where();
  if (position) about.set("since", position);
  source = new EventSource(`${address}events?${about}`, { withCredentials: true });
  const heard = <T>(name: string, take: (told: T) => void) =>
    source?.addEventListener(name, (event) => {
      if (event.lastEventId) position = event.lastEventId;
      take(JSON.parse((event as MessageEvent<string>).data) as T);
    });
  heard<{ stream: string }>("hello", (told) => {
    key = told.stream;
    failures = 0;
    stopAsking();
    announce("up");
  });
  heard<Changed>("changed", (told) => announce("changed", told));
  heard("call", () => announce("call"));
  heard<{ cases: Company }>("company", (told) => announce("company", told.cases));
  // Many screens may have to read everything at once: not all in the same moment.
  heard("anew", () => setTimeout(() => announce("anew"), Math.random() * 4_000));
  heard<{ because: string }>("bye", ({ because }) => {
    ended = because === "session";
    disconnect();
    if (because === "crowded") failures = 6;
    if (!ended) retry();
  });
  source.onerror = () => {
    disconnect();
    retry();
  };
}

function disconnect(): void {
  source?.close();
  source = null;
  key = "";
  announce("company", {});
}

function retry(): void {
  const pause = Math.min(FIRST_PAUSE * 2 ** failures, LONGEST_PAUSE);
  failures += 1;
  again = setTimeout(connect, pause * (0.5 + Math.random() / 2));
  askInstead();
}

function askInstead(): void {
  if (!asking && !ended) asking = setInterval(() => void ask(), ASK_EVERY * (0.9 + Math.random() / 5));
}

function stopAsking(): void {
  clearInterval(asking);
  asking = 0;
}

async function ask(): Promise<void> {
  const url = document.querySelector<HTMLElement>("[data-changes]")?.dataset["changes"];
  if (!url || document.hidden || hears()) return;
  const about = where();
  if (asked.position) about.set("since", asked.position);
  try {
    const answer = await fetch(`${url}?${about}`, {
      headers: asked.etag ? { "If-None-Match": asked.etag } : {},
      redirect: "error",
    });
    if (!answer.ok) return;
    const told = (await answer.json()) as Partial<Changed> & { position: number; anew?: boolean };
    asked = { position: String(told.position), etag: answer.headers.get("ETag") ?? "" };
    if (told.anew) announce("anew");
    else if (told.changed?.length) announce("changed", { changed: told.changed, entered: told.entered ?? [] });
  } catch {
    // The network is away, or the session; the next request that a person makes will say so.
  }
}

/** Tell the live program something about this screen; nothing depends on it. */
export function note(words: object): void {
  if (!key) return;
  const body = JSON.stringify({ stream: key, ...words });
  // Plain text needs no preflight at another port.
  void fetch(`${address}notes`, { method: "POST", body, credentials: "include", headers: { "Content-Type": "text/plain" } }).catch(
    () => undefined,
  );
}

function restOutOfSight(): void {
  document.addEventListener("visibilitychange", () => {
    clearTimeout(hiding);
    if (document.hidden) {
      hiding = setTimeout(() => {
        clearTimeout(again);
        disconnect();
      }, HIDDEN_AT_MOST);
    } else if (!source) {
      failures = 0;
      connect();
    }
  });
  addEventListener("pagehide", disconnect);
  addEventListener("pageshow", (event) => {
    if (event.persisted) connect();
  });
}

/** Refresh the regions that show something when it changed, and hardly ever otherwise. */
function refreshRegions(on: string, ...news: string[]): void {
  const regions = () => document.querySelectorAll<HTMLElement>(`[data-live-on="${on}"]:not([data-rows])`);
  const read = new WeakMap<HTMLElement, number>();
  const started = Date.now();
  const later = new WeakMap<HTMLElement, number>();
  const refresh = () =>
    regions().forEach((region) => {
      region.dataset["stale"] = "";
      if (later.has(region)) return;
      const wait = Math.max(0, (read.get(region) ?? 0) + NEWS_APART - Date.now()) + Math.random() * 500;
      const timer = setTimeout(() => {
        later.delete(region);
        htmx.trigger(region, "refresh", {});
      }, wait);
      later.set(region, timer);
    });
  news.forEach((name) => document.addEventListener(`live:${name}`, refresh));
  document.body.addEventListener("htmx:beforeRequest", (event) => {
    const region = (event as CustomEvent<{ elt: HTMLElement }>).detail.elt;
    if (!region.matches(`[data-live-on="${on}"]`) || event.defaultPrevented) return;
    const old = Date.now() - (read.get(region) ?? started) > LOOK_AFTER;
    if (hears() && !("stale" in region.dataset) && !old) event.preventDefault();
    else {
      delete region.dataset["stale"];
      read.set(region, Date.now());
    }
  });
}

export function startLive(): void {
  const found = document.querySelector<HTMLElement>("[data-live-at]")?.dataset["liveAt"];
  if (!found || !window.EventSource) return;
  address = found;
  restOutOfSight();
  refreshRegions("tickets", "changed", "anew");
  refreshRegions("calls", "call", "anew", "up");
  connect();
  askInstead();
}
