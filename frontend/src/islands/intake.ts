/*
 * The intake desk without a mouse: arrows and Enter choose a line; then the cursor stands where the
 * applicant's words go. Everything works with Tab as well, without this file.
 */

let chooses = "";

const found = () => [...document.querySelectorAll<HTMLButtonElement>("#found button")];
const words = () => document.querySelector<HTMLInputElement>("#id_title");

function walk(from: HTMLElement, step: number): void {
  const rows = found();
  const there = rows.indexOf(from as HTMLButtonElement) + step;
  if (there < 0) document.querySelector<HTMLElement>("[data-intake-find]")?.focus();
  else rows[Math.min(there, rows.length - 1)]?.focus();
}

function press(event: KeyboardEvent): void {
  // While an input method composes, its own list has the arrows and Enter.
  if (event.isComposing || event.keyCode === 229 || event.defaultPrevented) return;
  const here = event.target as HTMLElement;
  const finding = here instanceof HTMLInputElement && here.matches("[data-intake-find]");
  if (!finding && !here.closest("#found")) return;
  if (event.key === "ArrowDown") walk(here, 1);
  else if (event.key === "ArrowUp") walk(here, -1);
  else if (event.key === "Enter" && finding) {
    // What stands there may still be the answer to fewer letters.
    if (here.dataset["answered"] === here.value.trim()) found()[0]?.click();
    else chooses = here.value.trim();
  } else return;
  event.preventDefault();
}

function settle(event: Event): void {
  const target = event.target as HTMLElement;
  const box = document.querySelector<HTMLInputElement>("[data-intake-find]");
  if (!box) return;
  if (target.id === "found" && document.activeElement === box) {
    box.dataset["answered"] = box.value.trim();
    if (chooses && chooses === box.value.trim()) found()[0]?.click();
    chooses = "";
  } else if (target.id === "caller") words()?.focus();
}

export function startIntake(): void {
  const box = document.querySelector<HTMLInputElement>("[data-intake-find]");
  if (!box) return;
  document.addEventListener("keydown", press);
  document.body.addEventListener("htmx:afterSettle", settle);
  const offered = document.querySelector<HTMLElement>("[name=same_as]");
  if (offered) offered.focus();
  else if (found().length) found()[0]?.focus();
  else if (document.querySelector(".intake-line") && !document.querySelector("[aria-invalid=true]")) words()?.focus();
}
