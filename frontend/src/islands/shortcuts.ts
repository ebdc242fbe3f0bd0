/*
 * Keys for actions. The page carries this person's keys (`data-keys` of the body, from the registry
 * in Python); whatever says `data-shortcut="code"` is pressed by the keys of that code.
 */

type Registry = { keys: Record<string, string>; goes: Record<string, string> };

const textBox = "input:not([type=checkbox], [type=radio], [type=button], [type=submit]), textarea, select, [contenteditable]";
const patience = 1200;

function pressOf(event: KeyboardEvent): string {
  const modifiers = `${event.ctrlKey || event.metaKey ? "mod+" : ""}${event.altKey ? "alt+" : ""}`;
  return modifiers + event.key.toLowerCase();
}

function scope(): ParentNode {
  const open = document.querySelectorAll<HTMLDialogElement>("dialog[open]");
  return open[open.length - 1] ?? document;
}

/** Walk through the rows of a list that lead somewhere. */
function walk(step: number): boolean {
  const rows = [...document.querySelectorAll<HTMLElement>("main tr[data-href]")];
  if (!rows.length) return false;
  const here = rows.findIndex((row) => row.contains(document.activeElement));
  const row = rows[here < 0 ? (step > 0 ? 0 : rows.length - 1) : Math.min(Math.max(here + step, 0), rows.length - 1)];
  row?.querySelector<HTMLElement>("a[href]")?.focus();
  row?.scrollIntoView({ block: "nearest" });
  return true;
}

const built: Record<string, () => boolean> = {
  "search.focus": () => {
    const search = document.querySelector<HTMLInputElement>("[data-global-search]");
    search?.focus();
    search?.select();
    return !!search;
  },
  "queue.next": () => walk(1),
  "queue.previous": () => walk(-1),
  "queue.open": () => {
    const row = document.activeElement?.closest<HTMLElement>("main tr[data-href]");
    if (row?.dataset["href"]) location.assign(row.dataset["href"]);
    return !!row;
  },
};

/** Let a key do something that only this page can do. */
export function offer(code: string, run: () => boolean): void {
  built[code] = run;
}

export function perform(code: string, goes: Record<string, string>): boolean {
  const place = scope();
  const wanted = place.querySelector<HTMLElement>(`[data-shortcut="${CSS.escape(code)}"]`);
  if (wanted) {
    wanted.click();
    return true;
  }
  if (place !== document) return false;
  const url = goes[code];
  if (url) {
    location.assign(url);
    return true;
  }
  return built[code]?.() ?? false;
}

export function startShortcuts(): void {
  const carried = document.body.dataset["keys"];
  if (!carried) return;
  const { keys, goes } = JSON.parse(carried) as Registry;
  const codes = Object.keys(keys).filter((code) => keys[code]);
  let begun = "";
  let since = 0;
  document.addEventListener("keydown", (event) => {
    // Never while an input method is composing; 229 is what some of them send instead.
    if (event.defaultPrevented || event.isComposing || event.keyCode === 229) return;
    if (["Shift", "Control", "Alt", "Meta"].includes(event.key)) return;
    const press = pressOf(event);
    const typing = (event.target as Element).closest?.(textBox);
    if (typing && !press.startsWith("mod+")) return;
    const sequence = begun && event.timeStamp - since < patience ? `${begun} ${press}` : press;
    begun = "";
    const performs = (wanted: string) =>
      codes.some((code) => keys[code] === wanted && perform(code, goes));
    // Two keys in a row mean more than the second alone.
    if (performs(sequence) || (sequence !== press && performs(press))) {
      event.preventDefault();
      return;
    }
    if (codes.some((code) => keys[code]?.startsWith(`${press} `))) {
      begun = press;
      since = event.timeStamp;
    }
  });
}
