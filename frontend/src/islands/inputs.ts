import { say } from "../words";
import { toast } from "./toasts";

/* Small comforts for inputs; every one of them works without this file. */

function bytes(size: number): string {
  if (size < 1024) return `${size} B`;
  if (size < 1024 ** 2) return `${(size / 1024).toFixed(0)} KB`;
  return `${(size / 1024 ** 2).toFixed(1)} MB`;
}

function showFiles(drop: HTMLElement): void {
  const input = drop.querySelector<HTMLInputElement>("input[type=file]");
  const list = drop.querySelector<HTMLElement>("[data-files]");
  if (!input || !list) return;
  const limit = Number(drop.dataset["atMostBytes"] ?? 0);
  list.replaceChildren(
    ...[...(input.files ?? [])].map((file) => {
      const line = document.createElement("li");
      const large = limit > 0 && file.size > limit;
      line.textContent = large ? say("tooLarge", `${file.name} (${bytes(file.size)})`) : `${file.name} · ${bytes(file.size)}`;
      if (large) line.className = "field-error";
      return line;
    }),
  );
}

function startDrops(): void {
  const dropOf = (event: Event) => (event.target as Element).closest?.<HTMLElement>("[data-drop]") ?? null;
  for (const name of ["dragenter", "dragover"])
    document.addEventListener(name, (event) => {
      const drop = dropOf(event);
      if (!drop) return;
      event.preventDefault();
      drop.dataset["over"] = "";
    });
  for (const name of ["dragleave", "drop"])
    document.addEventListener(name, (event) => {
      const drop = dropOf(event);
      if (drop) delete drop.dataset["over"];
    });
  document.addEventListener("drop", (event) => {
    const drop = dropOf(event);
    const input = drop?.querySelector<HTMLInputElement>("input[type=file]");
    if (!drop || !input || !event.dataTransfer?.files.length) return;
    event.preventDefault();
    input.files = event.dataTransfer.files;
    showFiles(drop);
  });
  document.addEventListener("change", (event) => {
    const drop = dropOf(event);
    if (drop) showFiles(drop);
  });
}

/** Let a click anywhere on a row follow the row's link; selecting text and controls stay possible. */
function startRowLinks(): void {
  document.addEventListener("click", (event) => {
    const target = event.target as Element;
    const row = target.closest<HTMLElement>("tr[data-href]");
    if (!row || target.closest("a, button, input, select, label, summary, [popover]")) return;
    if (getSelection()?.toString()) return;
    const href = row.dataset["href"];
    if (!href) return;
    if (event.ctrlKey || event.metaKey) open(href, "_blank", "noopener");
    else location.assign(href);
  });
}

function startCopying(): void {
  document.addEventListener("click", async (event) => {
    const button = (event.target as Element).closest<HTMLElement>("[data-copies]");
    if (!button) return;
    await navigator.clipboard.writeText(button.dataset["copies"] ?? "");
    toast(say("copied"), "success");
  });
}

/** Move to the first wrong field, so that nobody has to look for it. */
export function focusFirstError(scope: ParentNode = document): void {
  const wrong = scope.querySelector<HTMLElement>("[aria-invalid=true]:not([type=hidden]), .form-errors");
  wrong?.focus({ preventScroll: false });
}

function startPrinting(): void {
  document.addEventListener("click", (event) => {
    if ((event.target as Element).closest("[data-prints]")) print();
  });
}

function startSubmittingOnChange(): void {
  document.addEventListener("change", (event) => {
    const control = event.target as HTMLElement;
    if (control.matches("[data-submits]")) (control as HTMLSelectElement).form?.requestSubmit();
  });
}

export function startInputs(): void {
  startDrops();
  startRowLinks();
  startCopying();
  startPrinting();
  startSubmittingOnChange();
  focusFirstError();
  document.body.addEventListener("htmx:afterSettle", (event) => {
    if (!(event.target as HTMLElement).closest("[data-live]")) focusFirstError(event.target as HTMLElement);
  });
}
