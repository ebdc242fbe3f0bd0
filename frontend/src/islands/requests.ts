import htmx from "htmx.org";

import { say } from "../words";
import { toast } from "./toasts";

type RequestEvent = CustomEvent<{ elt: HTMLElement; target: HTMLElement | null; xhr: XMLHttpRequest; requestConfig: { verb: string } }>;

const submitters = "button[type=submit], button:not([type]), input[type=submit]";

function setBusy(form: HTMLFormElement, busy: boolean, pressed?: HTMLElement | null): void {
  form.toggleAttribute("data-busy", busy);
  form.setAttribute("aria-busy", String(busy));
  form.querySelectorAll<HTMLElement>(submitters).forEach((button) => {
    button.setAttribute("aria-disabled", String(busy));
    button.classList.toggle("is-loading", busy && (!pressed || button === pressed));
  });
}

/** Refuse a second submission while the first is under way, for plain forms and htmx alike. */
function guardForms(): void {
  document.addEventListener(
    "submit",
    (event) => {
      const form = event.target as HTMLFormElement;
      if (form.method === "dialog") return;
      if (form.hasAttribute("data-busy")) {
        event.preventDefault();
        event.stopImmediatePropagation();
        return;
      }
      if (form.method.toLowerCase() === "get") return;
      const pressed = (event as SubmitEvent).submitter;
      // After the browser has collected the pressed button's own name and value.
      setTimeout(() => {
        if (!event.defaultPrevented || form.matches("[hx-post], [hx-put], [hx-patch], [hx-delete]"))
          setBusy(form, true, pressed);
      });
    },
    true,
  );
  // A page restored by the back button must not stay locked.
  addEventListener("pageshow", () =>
    document.querySelectorAll<HTMLFormElement>("form[data-busy]").forEach((form) => setBusy(form, false)),
  );
  document.body.addEventListener("htmx:afterRequest", (event) => {
    const form = (event as RequestEvent).detail.elt.closest("form");
    // Also after a little while, because setBusy above runs in a later task.
    if (form) setTimeout(() => setBusy(form, false), 20);
  });
}

/** Say in words why a request failed, and leave the form as it is. */
function explainFailures(): void {
  const quiet = (event: Event) => (event as RequestEvent).detail.elt.hasAttribute("data-live");
  document.body.addEventListener("htmx:sendError", (event) => {
    if (quiet(event)) return;
    const { elt, target } = (event as RequestEvent).detail;
    const dialog = target?.closest("dialog");
    // A form that could not be fetched leaves nothing to look at.
    if (dialog?.open && !dialog.contains(elt)) dialog.close();
    toast(say("network"), "error");
  });
  document.body.addEventListener("htmx:timeout", (event) => {
    if (!quiet(event)) toast(say("slow"), "error");
  });
  document.body.addEventListener("htmx:responseError", (event) => {
    const status = (event as RequestEvent).detail.xhr.status;
    if (quiet(event) || status === 409 || status === 422) return;
    if (status === 401) toast(say("session"), "error");
    else if (status === 403) toast(say("forbidden"), "error");
    else if (status === 404) toast(say("missing"), "error");
    else toast(say("server", status), "error");
  });
}

/** Refresh live regions only while somebody looks, and never under their fingers. */
function tendLiveRegions(): void {
  const inUse = (region: HTMLElement) => {
    const focused = document.activeElement;
    const typing = focused instanceof HTMLElement && region.contains(focused) && focused.matches("input, textarea, select");
    const open = region.querySelector("dialog[open], :popover-open, details[open]") !== null;
    const selection = getSelection();
    const selecting = !!selection && !selection.isCollapsed && region.contains(selection.anchorNode);
    return typing || open || selecting;
  };
  document.body.addEventListener("htmx:beforeRequest", (event) => {
    const region = (event as RequestEvent).detail.elt;
    if (region.hasAttribute("data-live") && (document.hidden || inUse(region))) event.preventDefault();
  });
  document.addEventListener("visibilitychange", () => {
    if (document.hidden) return;
    document.querySelectorAll<HTMLElement>("[data-live]").forEach((region) => htmx.trigger(region, "refresh", {}));
  });
}

/** randomUUID exists only over HTTPS; an operator's own network may serve plain HTTP. */
export function freshKey(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** Give every change an operation key; forms bring theirs as a field. */
function addKeys(): void {
  document.body.addEventListener("htmx:configRequest", (event) => {
    const { verb, parameters, headers } = (event as CustomEvent).detail as {
      verb: string;
      parameters: Record<string, unknown>;
      headers: Record<string, string>;
    };
    if (verb !== "get" && !parameters["operation_key"]) headers["Idempotency-Key"] = freshKey();
  });
}

export function startRequests(): void {
  guardForms();
  addKeys();
  explainFailures();
  tendLiveRegions();
}
