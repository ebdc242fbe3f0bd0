/* Reports that could not be sent wait here, on the device, for their owner and the network. */

export interface Waiting {
  key: string; // the operation key: the report has its effect once, however often it is sent
  owner: string;
  url: string;
  fields: [string, string][];
  photo: File | null;
  keptAt: number;
  asks: boolean; // the server has a question, so a person has to look at it
}

const STORE = "reports";

function opened(): Promise<IDBDatabase> {
  return new Promise((done, failed) => {
    const request = indexedDB.open("changtong", 1);
    request.onupgradeneeded = () => request.result.createObjectStore(STORE, { keyPath: "key" });
    request.onsuccess = () => done(request.result);
    request.onerror = () => failed(request.error);
  });
}

async function within<T>(mode: IDBTransactionMode, act: (store: IDBObjectStore) => IDBRequest<T>): Promise<T> {
  const database = await opened();
  return new Promise((done, failed) => {
    const request = act(database.transaction(STORE, mode).objectStore(STORE));
    request.onsuccess = () => done(request.result);
    request.onerror = () => failed(request.error);
  });
}

export const keep = (one: Waiting) => within("readwrite", (store) => store.put(one));
export const drop = (key: string) => within("readwrite", (store) => store.delete(key));

/** Return what waits for this owner; what somebody else wrote on this device stays out of sight. */
export async function waitingOf(owner: string): Promise<Waiting[]> {
  const all = await within("readonly", (store) => store.getAll() as IDBRequest<Waiting[]>);
  return all.filter((one) => one.owner === owner || one.owner === "");
}

/** Send one; return where its matter is now, "asks" if somebody must look, or nothing. */
export async function send(one: Waiting): Promise<string> {
  const body = new FormData();
  for (const [name, value] of one.fields) body.append(name, value);
  if (one.photo) body.append("photo", one.photo);
  const token = /(?:^|; )csrftoken=([^;]+)/.exec(document.cookie)?.[1] ?? "";
  const answer = await fetch(one.url, { method: "POST", body, headers: { "X-CSRFToken": token, "HX-Request": "true" } });
  const led = answer.headers.get("HX-Redirect") ?? "";
  if (led.startsWith("/portal/tickets/")) return led;
  return answer.status === 409 || answer.status === 422 ? "asks" : "";
}
