/*
 * Keeps the shell of the portal on the device: scripts, styles, pictures, and the page for when there is
 * no network. Pages of people are never kept. The server writes `self.kept` above this file.
 */
interface Kept {
  version: string;
  offline: string;
  shell: string[];
}

// TypeScript's library for pages and the one for workers exclude each other; this is what is used here.
interface Waiting extends Event {
  waitUntil(work: Promise<unknown>): void;
}
interface Fetching extends Event {
  request: Request;
  respondWith(answer: Promise<Response>): void;
}

(() => {
  const worker = self as unknown as EventTarget & {
    kept: Kept;
    skipWaiting(): Promise<void>;
    clients: { claim(): Promise<void> };
  };
  const { version, offline, shell } = worker.kept;
  const name = `shell-${version}`;
  const NOT_OURS = /^\/(console|accounts|api|health|ui)\//;

  worker.addEventListener("install", (event) => {
    const kept = caches.open(name).then((cache) => cache.addAll(shell.map((url) => new Request(url, { credentials: "omit" }))));
    (event as Waiting).waitUntil(kept.then(() => worker.skipWaiting()));
  });

  worker.addEventListener("activate", (event) => {
    const tidied = caches.keys().then((names) => Promise.all(names.filter((one) => one !== name).map((one) => caches.delete(one))));
    (event as Waiting).waitUntil(tidied.then(() => worker.clients.claim()));
  });

  worker.addEventListener("fetch", (event) => {
    const { request } = event as Fetching;
    const url = new URL(request.url);
    if (request.method !== "GET" || url.origin !== location.origin || NOT_OURS.test(url.pathname)) return;
    if (request.mode === "navigate") (event as Fetching).respondWith(fetch(request).catch(() => kept(offline)));
    else if (shell.includes(url.pathname) && url.pathname !== offline)
      (event as Fetching).respondWith(kept(url.pathname).catch(() => fetch(request)));
  });

  async function kept(path: string): Promise<Response> {
    const found = await caches.match(path, { cacheName: name });
    if (!found) throw new Error(`not kept: ${path}`);
    return found;
  }
})();
