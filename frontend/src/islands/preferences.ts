import { freshKey } from "./requests";
import { say } from "../words";
import { toast } from "./toasts";

/*
 * Theme, type size and rail width, applied before paint by theme.ts. They are kept on this device; where
 * somebody is logged in, the theme of staff (`data-kept`) and the type of customers (`data-type-kept`)
 * are kept on the server and the same on every device.
 */

const root = document.documentElement;

function keep(name: string, value: string | null): void {
  try {
    if (value === null) localStorage.removeItem(`changtong.${name}`);
    else localStorage.setItem(`changtong.${name}`, value);
  } catch {
    // Storage is forbidden: the choice lasts as long as the page.
  }
}

async function tell(address: string, chosen: Record<string, string>): Promise<void> {
  const given = JSON.parse(document.body.getAttribute("hx-headers") ?? "{}") as Record<string, string>;
  const headers = { ...given, "Idempotency-Key": freshKey() };
  const answer = await fetch(address, { method: "POST", headers, body: new URLSearchParams(chosen) }).catch(() => null);
  if (!answer?.ok) toast(say("network"), "error");
}

function isDark(): boolean {
  const chosen = root.dataset["theme"];
  return chosen ? chosen === "changtong-dark" : matchMedia("(prefers-color-scheme: dark)").matches;
}

function reflect(): void {
  const pressed: Record<string, boolean> = {
    theme: isDark(),
    type: root.dataset["type"] === "large",
    rail: root.dataset["rail"] === "narrow",
  };
  document.querySelectorAll<HTMLElement>("[data-toggles]").forEach((button) => {
    const name = button.dataset["toggles"] ?? "";
    if (name === "menu") button.setAttribute("aria-expanded", String(root.dataset["menu"] === "open"));
    else button.setAttribute("aria-pressed", String(pressed[name] ?? false));
  });
}

function toggle(name: string): void {
  if (name === "theme") {
    const theme = isDark() ? "light" : "dark";
    root.dataset["theme"] = `changtong-${theme}`;
    if (root.dataset["kept"]) void tell(root.dataset["kept"], { theme });
    else keep("theme", theme);
    document.dispatchEvent(new CustomEvent("themechange"));
  } else if (name === "type") {
    const large = root.dataset["type"] !== "large";
    const type = large ? "large" : "usual";
    root.dataset["type"] = type;
    keep("type", large ? type : null);
    if (root.dataset["typeKept"]) void tell(root.dataset["typeKept"], { type });
  } else if (name === "rail") {
    const narrow = root.dataset["rail"] !== "narrow";
    if (narrow) root.dataset["rail"] = "narrow";
    else delete root.dataset["rail"];
    keep("rail", narrow ? "narrow" : null);
  } else if (name === "menu") {
    if (root.dataset["menu"] === "open") delete root.dataset["menu"];
    else root.dataset["menu"] = "open";
    if (root.dataset["menu"]) document.querySelector<HTMLElement>(".rail a, .rail button")?.focus();
  }
  reflect();
}

export function startPreferences(): void {
  reflect();
  document.addEventListener("click", (event) => {
    const target = event.target as Element;
    const button = target.closest<HTMLElement>("[data-toggles]");
    if (button) toggle(button.dataset["toggles"] ?? "");
    else if (root.dataset["menu"] === "open" && !target.closest(".rail")) toggle("menu");
  });
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && root.dataset["menu"] === "open") {
      toggle("menu");
      document.querySelector<HTMLElement>("[data-toggles=menu]")?.focus();
    }
  });
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => {
    reflect();
    document.dispatchEvent(new CustomEvent("themechange"));
  });
}
