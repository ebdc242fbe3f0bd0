import { say } from "../words";

export type Level = "info" | "success" | "warning" | "error";

/** Show one message; errors stay until dismissed, others leave after some seconds. */
export function toast(text: string, level: Level = "info"): void {
  const tray = document.getElementById("toasts");
  if (!tray) return;
  // Whatever stands outside an open modal dialog is behind it, and cannot be pressed.
  const top = [...document.querySelectorAll("dialog:modal")].pop() ?? document.body;
  if (tray.parentElement !== top) top.append(tray);
  const repeated = [...tray.children].find((child) => child.textContent?.includes(text));
  repeated?.remove();
  const box = document.createElement("div");
  box.className = "toast-box";
  box.dataset["tone"] = level;
  box.setAttribute("role", level === "error" || level === "warning" ? "alert" : "status");
  const words = document.createElement("p");
  words.textContent = text;
  const close = document.createElement("button");
  close.type = "button";
  close.className = "toast-close";
  close.setAttribute("aria-label", say("close"));
  close.textContent = "×";
  box.append(words, close);
  tray.append(box);
  leaveLater(box);
}

function leaveLater(box: HTMLElement): void {
  if (box.dataset["tone"] === "error") return;
  const leave = () => (box.matches(":hover, :focus-within") ? setTimeout(leave, 2000) : box.remove());
  setTimeout(leave, 6000);
}

export function startToasts(): void {
  document.querySelectorAll<HTMLElement>("#toasts > .toast-box").forEach(leaveLater);
  document.addEventListener("click", (event) => {
    const target = event.target as Element;
    if (target.closest(".toast-close")) target.closest(".toast-box")?.remove();
  });
  // What was said in a dialog outlives it.
  document.addEventListener(
    "close",
    (event) => {
      const tray = (event.target as Element).querySelector("#toasts");
      if (tray) document.body.append(tray);
    },
    true,
  );
  // The server says `HX-Trigger: {"toast": {"text": …, "level": …}}`.
  document.body.addEventListener("toast", (event) => {
    const { text, level } = (event as CustomEvent<{ text: string; level: Level }>).detail;
    if (level === "success") document.querySelectorAll("#toasts > [data-tone=error]").forEach((old) => old.remove());
    toast(text, level);
  });
}
