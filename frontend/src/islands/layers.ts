/* Dialogs, popovers and tabs: native elements, opened without inline handlers. */

function place(popover: HTMLElement): void {
  const anchor = document.querySelector<HTMLElement>(`[popovertarget="${CSS.escape(popover.id)}"]`);
  if (!anchor || popover.hasAttribute("data-centered")) return;
  const from = anchor.getBoundingClientRect();
  const size = popover.getBoundingClientRect();
  const margin = 8;
  const fitsBelow = from.bottom + size.height + margin < innerHeight;
  const top = fitsBelow ? from.bottom + 4 : Math.max(margin, from.top - size.height - 4);
  const wanted = popover.dataset["align"] === "end" ? from.right - size.width : from.left;
  const left = Math.min(Math.max(margin, wanted), innerWidth - size.width - margin);
  popover.style.top = `${top}px`;
  popover.style.left = `${left}px`;
}

function startPopovers(): void {
  document.addEventListener(
    "toggle",
    (event) => {
      const popover = event.target as HTMLElement;
      if (!popover.matches("[popover][data-anchored]")) return;
      if ((event as ToggleEvent).newState === "open") place(popover);
    },
    true,
  );
  document.body.addEventListener("htmx:afterSettle", (event) => {
    const popover = (event.target as HTMLElement).closest<HTMLElement>("[popover][data-anchored]");
    if (popover?.matches(":popover-open")) place(popover);
  });
}

function startDialogs(): void {
  document.addEventListener("click", (event) => {
    const target = event.target as Element;
    const opener = target.closest<HTMLElement>("[data-opens]");
    if (opener) {
      const dialog = document.getElementById(opener.dataset["opens"] ?? "");
      if (dialog instanceof HTMLDialogElement && !dialog.open) dialog.showModal();
    }
    if (target.closest("[data-closes]")) target.closest("dialog")?.close();
    // A click on the backdrop arrives at the dialog itself.
    if (target instanceof HTMLDialogElement && !target.hasAttribute("data-insistent")) target.close();
  });
}

/** Arrow keys walk through a row of in-page tabs, as people expect of `role=tablist`. */
function startTabs(): void {
  const choose = (tab: HTMLElement, focus: boolean) => {
    const list = tab.closest("[role=tablist]");
    list?.querySelectorAll<HTMLElement>("[role=tab]").forEach((other) => {
      const chosen = other === tab;
      other.setAttribute("aria-selected", String(chosen));
      other.tabIndex = chosen ? 0 : -1;
      const panel = document.getElementById(other.getAttribute("aria-controls") ?? "");
      if (panel) panel.hidden = !chosen;
    });
    if (focus) tab.focus();
  };
  document.addEventListener("click", (event) => {
    const tab = (event.target as Element).closest<HTMLElement>("button[role=tab]");
    if (tab) choose(tab, false);
  });
  document.addEventListener("keydown", (event) => {
    const tab = (event.target as Element).closest<HTMLElement>("button[role=tab]");
    if (!tab) return;
    const tabs = [...(tab.closest("[role=tablist]")?.querySelectorAll<HTMLElement>("[role=tab]") ?? [])];
    const steps: Record<string, number> = { ArrowRight: 1, ArrowLeft: -1, Home: -tabs.indexOf(tab), End: tabs.length - 1 - tabs.indexOf(tab) };
    const step = steps[event.key];
    if (step === undefined) return;
    event.preventDefault();
    const next = tabs[(tabs.indexOf(tab) + step + tabs.length) % tabs.length];
    if (next) choose(next, true);
  });
}

export function startLayers(): void {
  startPopovers();
  startDialogs();
  startTabs();
}
