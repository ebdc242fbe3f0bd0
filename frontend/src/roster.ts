import htmx from "htmx.org";

/* Arrow keys walk the cells of the week; Delete asks what removing the first duty would do. */

const STEPS: Record<string, [number, number]> = {
  ArrowLeft: [0, -1],
  ArrowRight: [0, 1],
  ArrowUp: [-1, 0],
  ArrowDown: [1, 0],
};

function next(cell: HTMLElement, [down, across]: [number, number]): HTMLElement | null {
  const rows = [...document.querySelectorAll<HTMLTableRowElement>(".roster-table tbody tr")];
  const row = cell.closest("tr");
  const column = cell.closest("td")?.cellIndex ?? 0;
  const found = rows[rows.indexOf(row as HTMLTableRowElement) + down]?.cells[column + across];
  return found?.querySelector<HTMLElement>("[data-cell]") ?? null;
}

async function ask(cell: HTMLElement): Promise<void> {
  const dialog = document.getElementById("action");
  const address = cell.dataset["removal"];
  if (!address || !(dialog instanceof HTMLDialogElement)) return;
  dialog.showModal();
  await htmx.ajax("get", address, { target: "#action-body", swap: "innerHTML" });
}

document.addEventListener("keydown", (event) => {
  const cell = event.target instanceof Element ? event.target.closest<HTMLElement>("[data-cell]") : null;
  if (!cell || event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
  const step = STEPS[event.key];
  if (step) {
    event.preventDefault();
    next(cell, step)?.focus();
  } else if (event.key === "Delete" || event.key === "Backspace") {
    event.preventDefault();
    void ask(cell);
  }
});
